//! Claims about objects without a schema.

use circuit_core::{Query, Value};

use super::db::Db;
use super::record::survive;
use super::support::{all, conflicts, count, fill, get, insert, present, record, same, stale};
use super::{Shown, name_claims};

name_claims!(
    "open objects",
    |capability| capability.open_objects.is_yes(),
    a_value_of_each_type_survives_in_an_undeclared_field,
    null_and_absent_differ_in_an_undeclared_field,
    a_query_on_an_unknown_object_finds_nothing,
    a_plan_that_is_not_stored_leaves_no_new_object_behind,
);

async fn a_value_of_each_type_survives_in_an_undeclared_field(db: Db) -> Shown {
    survive(db, "Open").await
}

async fn null_and_absent_differ_in_an_undeclared_field(db: Db) -> Shown {
    fill(&db, [record("Open", "r1").with("Here", Value::Null)]).await?;
    let found = present(&db, "Open", "r1").await?.record;
    same!(found.get("Here"), Some(&Value::Null));
    same!(found.get("There"), None);
    Ok(())
}

async fn a_query_on_an_unknown_object_finds_nothing(db: Db) -> Shown {
    same!(all(&db, "Nobody").await?.len(), 0);
    same!(count(&db, Query::of("Nobody")).await?, 0);
    same!(get(&db, "Nobody", "1").await?.is_some(), false);
    Ok(())
}

async fn a_plan_that_is_not_stored_leaves_no_new_object_behind(db: Db) -> Shown {
    if !(db.capability().atomic_commit.is_yes() && db.capability().versions.is_yes()) {
        return Ok(());
    }
    let old = stale(&db, "Open", "1").await?;
    conflicts(&db, vec![insert(record("Fresh", "1")), old], 1).await?;
    same!(all(&db, "Fresh").await?.len(), 0);
    fill(&db, [record("Fresh", "1")]).await?;
    same!(all(&db, "Fresh").await?, ["1"]);
    Ok(())
}
