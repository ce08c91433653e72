//! Claims about unique fields.

use circuit_core::{ErrorKind, FetchKey, FetchRequest, Record, Stored, Value, WriteKind};

use super::db::Db;
use super::support::{
    by_key, change, delete, deleted, fill, get, insert, keep, present, record, refused, same, store,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "unique fields",
    |capability| capability.fetch_by_unique.is_yes() && capability.atomic_commit.is_yes(),
    a_record_is_found_by_a_unique_value_without_regard_to_case,
    a_record_is_found_by_an_external_id,
    a_fetch_by_a_field_that_is_not_unique_is_an_error,
    null_and_empty_text_are_never_taken,
    a_value_of_another_record_is_refused_with_its_field,
    a_value_twice_in_one_plan_is_refused,
    a_value_is_free_after_a_delete,
    a_value_is_free_after_an_update_in_the_same_plan,
    a_value_is_free_after_a_delete_in_the_same_plan,
    two_records_swap_their_values_in_one_plan,
    an_update_to_the_value_of_another_record_is_refused,
    an_update_may_keep_its_own_value,
    a_record_that_is_only_checked_keeps_its_value,
    an_undelete_is_refused_if_its_value_was_taken_since,
    a_deleted_record_is_not_found_by_its_value,
);

fn member(key: &str, email: &str) -> Record {
    record("Member", key).with("Email", email)
}

async fn a_record_is_found_by_a_unique_value_without_regard_to_case(db: Db) -> Shown {
    fill(&db, [member("1", "Ada@Example.com")]).await?;
    same!(by_key(&db, "email", "ada@example.com".into()).await?.is_some(), true);
    same!(holder(&db, "ADA@example.COM").await?.as_deref(), Some("1"));
    same!(by_key(&db, "Email", "bob@example.com".into()).await?.is_some(), false);
    Ok(())
}

async fn a_record_is_found_by_an_external_id(db: Db) -> Shown {
    fill(&db, [record("Member", "1").with("Number", 7)]).await?;
    same!(by_key(&db, "Number", 7.into()).await?.is_some(), true);
    same!(by_key(&db, "Number", 8.into()).await?.is_some(), false);
    Ok(())
}

async fn a_fetch_by_a_field_that_is_not_unique_is_an_error(db: Db) -> Shown {
    for object in ["Member", db.home()] {
        let key = FetchKey::Unique { field: "Name".into(), value: "x".into() };
        let error = db.fetch(&FetchRequest::by_keys(object, vec![key])).await.err();
        same!(error.map(|error| error.kind()), Some(ErrorKind::InvalidQuery));
    }
    Ok(())
}

async fn null_and_empty_text_are_never_taken(db: Db) -> Shown {
    let null = |key: &str| record("Member", key).with("Email", Value::Null);
    fill(&db, [null("1"), null("2"), member("3", ""), member("4", ""), record("Member", "5")]).await
}

/// Returns the name of the member that holds an e-mail address.
async fn holder(db: &Db, email: &str) -> Result<Option<String>, Broken> {
    let found = by_key(db, "Email", email.into()).await?;
    Ok(found.and_then(|stored| Some(db.name("Member", stored.record.id()?))))
}

async fn a_value_of_another_record_is_refused_with_its_field(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    refused(&db, vec![insert(member("2", "x@y.z")), insert(member("3", "A@B.C"))], 1, "Email")
        .await?;
    same!(get(&db, "Member", "2").await?.is_some(), false);
    let number = |key: &str| insert(record("Member", key).with("Number", 1));
    store(&db, vec![number("4")]).await?;
    refused(&db, vec![number("5")], 0, "Number").await
}

async fn a_value_twice_in_one_plan_is_refused(db: Db) -> Shown {
    refused(&db, vec![insert(member("1", "a@b.c")), insert(member("2", "A@b.c"))], 1, "Email").await
}

async fn a_value_is_free_after_a_delete(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    delete(&db, "Member", "1").await?;
    fill(&db, [member("2", "a@b.c")]).await
}

async fn a_value_is_free_after_an_update_in_the_same_plan(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    let old = present(&db, "Member", "1").await?;
    let new = old.record.clone().with("Email", "new@b.c");
    store(&db, vec![insert(member("2", "a@b.c")), change(WriteKind::Update, &old, new)]).await?;
    same!(holder(&db, "a@b.c").await?.as_deref(), Some("2"));
    Ok(())
}

async fn a_value_is_free_after_a_delete_in_the_same_plan(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    let old = present(&db, "Member", "1").await?;
    let gone = keep(WriteKind::Delete, &old);
    store(&db, vec![insert(member("2", "a@b.c")), gone]).await?;
    same!(holder(&db, "a@b.c").await?.as_deref(), Some("2"));
    Ok(())
}

async fn two_records_swap_their_values_in_one_plan(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c"), member("2", "x@y.z")]).await?;
    let (one, two) = (present(&db, "Member", "1").await?, present(&db, "Member", "2").await?);
    let set = |stored, email: &str| {
        let stored: &Stored = stored;
        change(WriteKind::Update, stored, stored.record.clone().with("Email", email))
    };
    store(&db, vec![set(&one, "x@y.z"), set(&two, "a@b.c")]).await?;
    same!(holder(&db, "a@b.c").await?.as_deref(), Some("2"));
    Ok(())
}

async fn an_update_to_the_value_of_another_record_is_refused(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c"), member("2", "x@y.z")]).await?;
    let two = present(&db, "Member", "2").await?;
    let taken = two.record.clone().with("Email", "A@B.c").with("Name", "new");
    refused(&db, vec![change(WriteKind::Update, &two, taken)], 0, "Email").await?;
    let found = present(&db, "Member", "2").await?.record;
    same!((found.get("Email"), found.get("Name")), (Some(&"x@y.z".into()), Some(&Value::Null)));
    same!(holder(&db, "a@b.c").await?.as_deref(), Some("1"));
    same!(holder(&db, "x@y.z").await?.as_deref(), Some("2"));
    Ok(())
}

async fn an_update_may_keep_its_own_value(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    let one = present(&db, "Member", "1").await?;
    let louder = one.record.clone().with("Email", "A@B.C");
    store(&db, vec![change(WriteKind::Update, &one, louder)]).await?;
    same!(holder(&db, "a@b.c").await?.as_deref(), Some("1"));
    Ok(())
}

async fn a_record_that_is_only_checked_keeps_its_value(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    let check = keep(WriteKind::Check, &present(&db, "Member", "1").await?);
    refused(&db, vec![check, insert(member("2", "A@b.c"))], 1, "Email").await?;
    same!(holder(&db, "a@b.c").await?.as_deref(), Some("1"));
    Ok(())
}

async fn an_undelete_is_refused_if_its_value_was_taken_since(db: Db) -> Shown {
    if !db.capability().undelete.is_yes() {
        return Ok(());
    }
    fill(&db, [member("1", "a@b.c")]).await?;
    let old = deleted(&db, "Member", "1").await?;
    fill(&db, [member("2", "a@b.c")]).await?;
    refused(&db, vec![keep(WriteKind::Undelete, &old)], 0, "Email").await
}

async fn a_deleted_record_is_not_found_by_its_value(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    delete(&db, "Member", "1").await?;
    same!(by_key(&db, "Email", "a@b.c".into()).await?.is_some(), false);
    Ok(())
}
