//! Claims about unique fields.

use circuit_core::{
    CommitOutcome, ErrorKind, FetchKey, FetchRequest, IdPolicy, Record, Value, WriteKind,
};

use super::support::{
    Db, by_key, change, commit, fill, get, id, insert, present, record, same, store,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "unique fields",
    |capability| capability.fetch_by_unique.is_yes() && capability.ids == IdPolicy::Caller,
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
    an_undelete_is_refused_if_its_value_was_taken_since,
    a_deleted_record_is_not_found_by_its_value,
);

fn member(key: &str, email: &str) -> Record {
    record("Member", key).with("Email", email)
}

async fn a_record_is_found_by_a_unique_value_without_regard_to_case(db: Db) -> Shown {
    fill(&db, [member("1", "Ada@Example.com")]).await?;
    let found = by_key(&db, "email", "ADA@example.COM".into()).await?;
    same!(found.and_then(|stored| stored.record.id().cloned()), Some(id("1")));
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
    for object in ["Member", "Open"] {
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

/// Checks that a plan is refused because of a field.
async fn refused(db: &Db, writes: Vec<circuit_core::Write>, at: usize, field: &str) -> Shown {
    match commit(db, writes).await? {
        CommitOutcome::Refused(problems) => {
            let seen: Vec<_> = problems.iter().map(|p| (p.write, p.field.as_deref())).collect();
            same!(seen, [(at, Some(field))]);
            Ok(())
        }
        other => Err(Broken(format!("not refused: {other:?}"))),
    }
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

async fn delete(db: &Db, key: &str) -> Shown {
    let old = present(db, "Member", key).await?;
    store(db, vec![change(WriteKind::Delete, &old, old.record.clone())]).await
}

async fn a_value_is_free_after_a_delete(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    delete(&db, "1").await?;
    fill(&db, [member("2", "a@b.c")]).await
}

async fn a_value_is_free_after_an_update_in_the_same_plan(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    let old = present(&db, "Member", "1").await?;
    let new = old.record.clone().with("Email", "new@b.c");
    store(&db, vec![insert(member("2", "a@b.c")), change(WriteKind::Update, &old, new)]).await?;
    let found = by_key(&db, "Email", "a@b.c".into()).await?;
    same!(found.and_then(|stored| stored.record.id().cloned()), Some(id("2")));
    Ok(())
}

async fn a_value_is_free_after_a_delete_in_the_same_plan(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    let old = present(&db, "Member", "1").await?;
    let gone = change(WriteKind::Delete, &old, old.record.clone());
    store(&db, vec![insert(member("2", "a@b.c")), gone]).await
}

async fn two_records_swap_their_values_in_one_plan(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c"), member("2", "x@y.z")]).await?;
    let (one, two) = (present(&db, "Member", "1").await?, present(&db, "Member", "2").await?);
    let set = |stored, email: &str| {
        let stored: &circuit_core::Stored = stored;
        change(WriteKind::Update, stored, stored.record.clone().with("Email", email))
    };
    store(&db, vec![set(&one, "x@y.z"), set(&two, "a@b.c")]).await?;
    let found = by_key(&db, "Email", "a@b.c".into()).await?;
    same!(found.and_then(|stored| stored.record.id().cloned()), Some(id("2")));
    Ok(())
}

async fn an_undelete_is_refused_if_its_value_was_taken_since(db: Db) -> Shown {
    if !db.capability().undelete.is_yes() {
        return Ok(());
    }
    fill(&db, [member("1", "a@b.c")]).await?;
    delete(&db, "1").await?;
    fill(&db, [member("2", "a@b.c")]).await?;
    let bin = FetchRequest::by_id("Member", [id("1")]).in_recycle_bin();
    let Some(old) = db.fetch(&bin).await?.pop().flatten() else {
        return Err(Broken("the record is not in the recycle bin".to_owned()));
    };
    refused(&db, vec![change(WriteKind::Undelete, &old, old.record.clone())], 0, "Email").await
}

async fn a_deleted_record_is_not_found_by_its_value(db: Db) -> Shown {
    fill(&db, [member("1", "a@b.c")]).await?;
    delete(&db, "1").await?;
    same!(by_key(&db, "Email", "a@b.c".into()).await?.is_some(), false);
    Ok(())
}
