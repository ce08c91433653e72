//! Claims about ids that the caller chooses: their forms, and which are taken.

use circuit_core::{IdPolicy, Value, WriteKind};

use super::db::Db;
use super::support::{
    conflicts, deleted, fill, get, insert, keep, present, record, refused, same, store,
};
use super::{Shown, name_claims};

name_claims!(
    "ids of the caller",
    |capability| capability.ids == IdPolicy::Caller,
    both_forms_of_a_salesforce_id_find_the_record,
    an_id_keeps_the_form_in_which_it_was_given,
    ids_of_other_services_differ_in_case,
    an_id_that_is_taken_is_refused_and_nothing_is_stored,
    an_id_in_the_recycle_bin_is_taken,
    an_id_that_was_purged_is_free_again_for_another_version,
);

async fn both_forms_of_a_salesforce_id_find_the_record(db: Db) -> Shown {
    fill(&db, [record(db.home(), "001D000000IRFma"), record("Member", "001D000000IRFmaIAH")])
        .await?;
    same!(get(&db, db.home(), "001D000000IRFmaIAH").await?.is_some(), true);
    same!(get(&db, "Member", "001D000000IRFma").await?.is_some(), true);
    Ok(())
}

async fn an_id_keeps_the_form_in_which_it_was_given(db: Db) -> Shown {
    for (object, text) in [(db.home(), "001D000000IRFma"), ("Member", "001D000000IRFmaIAH")] {
        fill(&db, [record(object, text)]).await?;
        let found = present(&db, object, text).await?.record;
        same!(found.id().map(ToString::to_string), Some(text.to_owned()));
    }
    Ok(())
}

async fn ids_of_other_services_differ_in_case(db: Db) -> Shown {
    fill(&db, [record(db.home(), "abc"), record(db.home(), "ABC")]).await?;
    same!(get(&db, db.home(), "aBC").await?.is_some(), false);
    Ok(())
}

async fn an_id_that_is_taken_is_refused_and_nothing_is_stored(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1").with("Whole", 1)]).await?;
        let taken = insert(record(object, "1").with("Whole", 2));
        refused(&db, vec![insert(record(object, "2")), taken], 1, "Id").await?;
        same!(get(&db, object, "2").await?.is_some(), false);
        same!(present(&db, object, "1").await?.record.get("Whole"), Some(&Value::Integer(1)));
    }
    Ok(())
}

async fn an_id_in_the_recycle_bin_is_taken(db: Db) -> Shown {
    if db.capability().undelete.is_yes() {
        fill(&db, [record(db.home(), "1")]).await?;
        deleted(&db, db.home(), "1").await?;
        refused(&db, vec![insert(record(db.home(), "1"))], 0, "Id").await?;
    }
    Ok(())
}

async fn an_id_that_was_purged_is_free_again_for_another_version(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1").with("Name", "first")]).await?;
        let first = present(&db, object, "1").await?;
        store(&db, vec![keep(WriteKind::Purge, &first)]).await?;
        fill(&db, [record(object, "1").with("Name", "second")]).await?;
        let second = present(&db, object, "1").await?;
        same!(second.record.get("Name"), Some(&Value::from("second")));
        same!(second.version == first.version, false);
        if db.capability().versions.is_yes() {
            conflicts(&db, vec![keep(WriteKind::Update, &first)], 0).await?;
        }
    }
    Ok(())
}
