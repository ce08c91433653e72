//! Claims about commits: whole or not at all, against the version each write was based on.

use std::sync::Arc;

use circuit_core::{
    CommitOutcome, FetchRequest, IdPolicy, Query, Record, RecordId, StatusCode, Value, WriteKind,
};

use super::support::{
    Db, change, commit, fill, get, id, ids, insert, present, record, same, store, version,
};
use super::{Broken, Claim, Shown, name_claims};

name_claims!(
    "commits",
    |capability| capability.atomic_commit.is_yes() && capability.ids == IdPolicy::Caller,
    an_empty_plan_is_stored,
    an_update_replaces_the_record_and_its_version,
    an_update_that_changes_nothing_has_a_new_version,
    a_write_on_an_old_version_is_a_conflict_and_stores_nothing,
    an_update_of_a_missing_record_is_a_conflict,
    an_update_of_a_deleted_record_is_a_conflict,
    an_id_that_is_taken_is_refused_and_nothing_is_stored,
    an_id_in_the_recycle_bin_is_taken,
    a_deleted_record_is_found_in_the_recycle_bin_only,
    an_undeleted_record_is_back_with_a_new_version,
    an_undelete_of_a_live_record_is_a_conflict,
    records_of_several_objects_are_stored_together,
    a_thousand_writes_are_stored_whole,
    a_thousand_writes_with_one_conflict_store_nothing,
    commits_at_once_lose_no_update,
    a_refused_plan_leaves_no_new_object_behind,
);

async fn an_empty_plan_is_stored(db: Db) -> Shown {
    store(&db, Vec::new()).await
}

async fn an_update_replaces_the_record_and_its_version(db: Db) -> Shown {
    for object in ["Typed", "Open"] {
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
    fill(&db, [record("Open", "1")]).await?;
    let old = present(&db, "Open", "1").await?;
    store(&db, vec![change(WriteKind::Update, &old, old.record.clone())]).await?;
    same!(version(&db, "Open", "1").await? == old.version, false);
    Ok(())
}

/// Checks that a plan is a conflict at a write.
async fn conflicts(db: &Db, writes: Vec<circuit_core::Write>, at: usize) -> Shown {
    match commit(db, writes).await? {
        CommitOutcome::Conflict { write } if write == at => Ok(()),
        other => Err(Broken(format!("no conflict at write {at}: {other:?}"))),
    }
}

/// Checks that a plan is refused because a value is taken.
async fn refused(db: &Db, writes: Vec<circuit_core::Write>, at: usize) -> Shown {
    match commit(db, writes).await? {
        CommitOutcome::Refused(problems) => {
            let seen: Vec<_> =
                problems.iter().map(|problem| (problem.write, problem.status)).collect();
            same!(seen, [(at, StatusCode::DuplicateValue)]);
            Ok(())
        }
        other => Err(Broken(format!("not refused: {other:?}"))),
    }
}

async fn a_write_on_an_old_version_is_a_conflict_and_stores_nothing(db: Db) -> Shown {
    fill(&db, [record("Open", "1").with("N", 1)]).await?;
    let old = present(&db, "Open", "1").await?;
    let set = |n: i64| change(WriteKind::Update, &old, old.record.clone().with("N", n));
    store(&db, vec![set(2)]).await?;
    conflicts(&db, vec![insert(record("Open", "2")), set(3)], 1).await?;
    conflicts(&db, vec![change(WriteKind::Delete, &old, old.record.clone())], 0).await?;
    same!(present(&db, "Open", "1").await?.record.get("N"), Some(&Value::Integer(2)));
    same!(get(&db, "Open", "2").await?.is_some(), false);
    Ok(())
}

async fn an_update_of_a_missing_record_is_a_conflict(db: Db) -> Shown {
    fill(&db, [record("Open", "1")]).await?;
    let mut stored = present(&db, "Open", "1").await?;
    stored.record = record("Open", "gone");
    conflicts(&db, vec![change(WriteKind::Update, &stored, stored.record.clone())], 0).await
}

async fn deleted(db: &Db, object: &str, key: &str) -> Result<circuit_core::Stored, Broken> {
    let old = present(db, object, key).await?;
    store(db, vec![change(WriteKind::Delete, &old, old.record.clone())]).await?;
    let bin = FetchRequest::by_id(object, [id(key)]).in_recycle_bin();
    let found = db.fetch(&bin).await?.pop().flatten();
    found.ok_or_else(|| Broken(format!("{object} {key} is not in the recycle bin")))
}

async fn an_update_of_a_deleted_record_is_a_conflict(db: Db) -> Shown {
    fill(&db, [record("Open", "1")]).await?;
    let bin = deleted(&db, "Open", "1").await?;
    conflicts(&db, vec![change(WriteKind::Update, &bin, bin.record.clone())], 0).await
}

async fn an_id_that_is_taken_is_refused_and_nothing_is_stored(db: Db) -> Shown {
    fill(&db, [record("Open", "1").with("N", 1)]).await?;
    let writes = vec![insert(record("Open", "2")), insert(record("Open", "1").with("N", 2))];
    refused(&db, writes, 1).await?;
    same!(get(&db, "Open", "2").await?.is_some(), false);
    same!(present(&db, "Open", "1").await?.record.get("N"), Some(&Value::Integer(1)));
    Ok(())
}

async fn an_id_in_the_recycle_bin_is_taken(db: Db) -> Shown {
    if db.capability().undelete.is_yes() {
        fill(&db, [record("Open", "1")]).await?;
        deleted(&db, "Open", "1").await?;
        refused(&db, vec![insert(record("Open", "1"))], 0).await?;
    }
    Ok(())
}

async fn a_deleted_record_is_found_in_the_recycle_bin_only(db: Db) -> Shown {
    fill(&db, [record("Open", "1").with("N", 1)]).await?;
    let bin = FetchRequest::by_id("Open", [id("1")]).in_recycle_bin();
    same!(db.fetch(&bin).await?[0].is_some(), false);
    let found = deleted(&db, "Open", "1").await?;
    same!(found.record.get("N"), Some(&Value::Integer(1)));
    same!(get(&db, "Open", "1").await?.is_some(), false);
    same!(ids(&db, Query::from("Open")).await?.len(), 0);
    Ok(())
}

async fn an_undeleted_record_is_back_with_a_new_version(db: Db) -> Shown {
    fill(&db, [record("Open", "1").with("N", 1)]).await?;
    let bin = deleted(&db, "Open", "1").await?;
    store(&db, vec![change(WriteKind::Undelete, &bin, bin.record.clone())]).await?;
    let found = present(&db, "Open", "1").await?;
    same!(found.record.get("N"), Some(&Value::Integer(1)));
    same!(found.version == bin.version, false);
    Ok(())
}

async fn an_undelete_of_a_live_record_is_a_conflict(db: Db) -> Shown {
    fill(&db, [record("Open", "1")]).await?;
    let live = present(&db, "Open", "1").await?;
    conflicts(&db, vec![change(WriteKind::Undelete, &live, live.record.clone())], 0).await
}

async fn records_of_several_objects_are_stored_together(db: Db) -> Shown {
    fill(&db, [record("Open", "1"), record("Typed", "1"), record("Open", "2")]).await?;
    same!(ids(&db, Query::from("Open")).await?, ["1", "2"]);
    same!(ids(&db, Query::from("Typed")).await?, ["1"]);
    Ok(())
}

fn thousand() -> impl Iterator<Item = Record> {
    (0..1_000).map(|n| record("Typed", &format!("r{n:04}")).with("Whole", n))
}

async fn a_thousand_writes_are_stored_whole(db: Db) -> Shown {
    fill(&db, thousand()).await?;
    same!(db.query(&Query::from("Typed").count()).await?.count, 1_000);
    Ok(())
}

async fn a_thousand_writes_with_one_conflict_store_nothing(db: Db) -> Shown {
    fill(&db, [record("Typed", "r0999")]).await?;
    refused(&db, thousand().map(insert).collect(), 999).await?;
    same!(db.query(&Query::from("Typed").count()).await?.count, 1);
    Ok(())
}

/// Adds one to a counter until it was stored.
async fn add_one(db: Db) -> Shown {
    loop {
        let old = present(&db, "Open", "counter").await?;
        let n: i64 = old.record.read("N")?;
        let new = old.record.clone().with("N", n + 1);
        match commit(&db, vec![change(WriteKind::Update, &old, new)]).await? {
            CommitOutcome::Committed { .. } => return Ok(()),
            CommitOutcome::Conflict { .. } => {}
            other => return Err(Broken(format!("{other:?}"))),
        }
    }
}

async fn commits_at_once_lose_no_update(db: Db) -> Shown {
    const THREADS: i64 = 8;
    const TIMES: i64 = 25;
    fill(&db, [record("Open", "counter").with("N", 0)]).await?;
    let runtime = tokio::runtime::Handle::current();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (db, runtime) = (Arc::clone(&db), runtime.clone());
            std::thread::spawn(move || {
                (0..TIMES).try_for_each(|_| runtime.block_on(add_one(Arc::clone(&db))))
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| Broken("a thread panicked".to_owned()))??;
    }
    same!(present(&db, "Open", "counter").await?.record.read::<i64>("N")?, THREADS * TIMES);
    Ok(())
}

async fn a_refused_plan_leaves_no_new_object_behind(db: Db) -> Shown {
    fill(&db, [record("Open", "1")]).await?;
    refused(&db, vec![insert(record("Fresh", "1")), insert(record("Open", "1"))], 1).await?;
    same!(ids(&db, Query::from("Fresh")).await?.len(), 0);
    fill(&db, [record("Fresh", "1")]).await?;
    same!(ids(&db, Query::from("Fresh")).await?, ["1"]);
    Ok(())
}

/// Claims about stores that assign ids.
pub(super) const IDS: &[Claim] = &[Claim {
    name: "placeholders_become_final_ids_in_records_and_references",
    section: "ids",
    needs: |capability| capability.ids == IdPolicy::Store,
    run: |db| Box::pin(placeholders_become_final_ids(db)),
}];

async fn placeholders_become_final_ids(db: Db) -> Shown {
    let engine = circuit_core::Circuit::builder()
        .backend(Arc::clone(&db))
        .registry(circuit_core::Registry::default())
        .build()?;
    let outcome = engine
        .run(|execution| async move {
            let parent = execution.insert(Record::new("Open")).await?[0].id.clone();
            let child = Record::new("Open").with("Parent", &parent);
            execution.insert(child).await?;
            Ok(parent)
        })
        .await?;
    let parent: &RecordId = outcome.final_id(&outcome.value);
    same!(parent.is_placeholder(), false);
    let children = Query::from("Open").filter(circuit_core::Filter::eq("Parent", parent));
    same!(ids(&db, children).await?.len(), 1);
    Ok(())
}
