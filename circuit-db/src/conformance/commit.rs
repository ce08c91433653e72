//! Claims about commits: whole or not at all.

use circuit_core::{CommitOutcome, Query, Record, Value, WriteKind};

use super::db::Db;
use super::support::{
    all, change, count, delete, fill, get, insert, keep, present, record, same, store, version,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "commits",
    |capability| capability.atomic_commit.is_yes(),
    an_empty_plan_is_stored,
    an_update_replaces_the_record_and_its_version,
    an_update_that_changes_nothing_has_a_new_version,
    an_update_with_null_takes_the_value_away,
    a_deleted_record_is_found_no_more,
    records_of_several_objects_are_stored_together,
    writes_of_all_kinds_are_stored_together,
    a_thousand_writes_are_stored_whole,
);

async fn an_empty_plan_is_stored(db: Db) -> Shown {
    match db.commit(Vec::new()).await? {
        CommitOutcome::Committed { ids } if ids.is_empty() => Ok(()),
        other => Err(Broken(format!("not stored, or ids for nobody: {other:?}"))),
    }
}

async fn an_update_replaces_the_record_and_its_version(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1").with("Name", "a").with("Whole", 1)]).await?;
        let old = present(&db, object, "1").await?;
        let new = old.record.clone().with("Name", "b");
        store(&db, vec![change(WriteKind::Update, &old, new)]).await?;
        let found = present(&db, object, "1").await?;
        same!(found.record.get("Name"), Some(&Value::from("b")));
        same!(found.record.get("Whole"), Some(&Value::Integer(1)));
        same!(found.version == old.version, false);
    }
    Ok(())
}

async fn an_update_that_changes_nothing_has_a_new_version(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1")]).await?;
        let old = present(&db, object, "1").await?;
        store(&db, vec![keep(WriteKind::Update, &old)]).await?;
        same!(version(&db, object, "1").await? == old.version, false);
    }
    Ok(())
}

async fn an_update_with_null_takes_the_value_away(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1").with("Name", "a")]).await?;
        let old = present(&db, object, "1").await?;
        let new = old.record.clone().with("Name", Value::Null);
        store(&db, vec![change(WriteKind::Update, &old, new)]).await?;
        same!(present(&db, object, "1").await?.record.get("Name"), Some(&Value::Null));
    }
    Ok(())
}

async fn a_deleted_record_is_found_no_more(db: Db) -> Shown {
    for &object in db.homes() {
        fill(&db, [record(object, "1"), record(object, "2")]).await?;
        delete(&db, object, "1").await?;
        same!(get(&db, object, "1").await?.is_some(), false);
        same!(all(&db, object).await?, ["2"]);
        same!(count(&db, Query::of(object)).await?, 1);
    }
    Ok(())
}

async fn records_of_several_objects_are_stored_together(db: Db) -> Shown {
    let home = db.home();
    fill(&db, [record(home, "1"), record("Member", "1"), record(home, "2")]).await?;
    same!(all(&db, home).await?, ["1", "2"]);
    same!(all(&db, "Member").await?, ["1"]);
    Ok(())
}

async fn writes_of_all_kinds_are_stored_together(db: Db) -> Shown {
    let home = db.home();
    fill(&db, ["a", "b", "c"].map(|name| record(home, name).with("Whole", 1))).await?;
    let (a, b) = (present(&db, home, "a").await?, present(&db, home, "b").await?);
    let update = change(WriteKind::Update, &b, b.record.clone().with("Whole", 2));
    let writes = vec![keep(WriteKind::Delete, &a), update, insert(record(home, "d"))];
    store(&db, writes).await?;
    same!(all(&db, home).await?, ["b", "c", "d"]);
    same!(present(&db, home, "b").await?.record.get("Whole"), Some(&Value::Integer(2)));
    Ok(())
}

fn thousand() -> impl Iterator<Item = Record> {
    (0..1_000).map(|n| record("Typed", &format!("r{n:04}")).with("Whole", n))
}

async fn a_thousand_writes_are_stored_whole(db: Db) -> Shown {
    if db.capability().max_writes.is_some_and(|most| most < 1_000) {
        return Ok(());
    }
    fill(&db, thousand()).await?;
    same!(count(&db, Query::of("Typed")).await?, 1_000);
    Ok(())
}
