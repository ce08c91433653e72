//! Claims about versions: no write on an old one, and no update is lost.

use std::sync::Arc;

use circuit_core::{CommitOutcome, Query, Record, Value, WriteKind};

use super::db::Db;
use super::support::{
    all, change, conflicts, count, delete, fill, get, id, in_bin, insert, keep, present, record,
    same, stale, store,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "versions",
    |capability| capability.atomic_commit.is_yes() && capability.versions.is_yes(),
    a_write_on_an_old_version_is_a_conflict_and_stores_nothing,
    a_delete_on_an_old_version_is_a_conflict,
    a_purge_on_an_old_version_is_a_conflict,
    a_check_on_an_old_version_is_a_conflict_and_stores_nothing,
    a_check_changes_nothing,
    the_first_write_in_conflict_is_named,
    an_update_of_a_missing_record_is_a_conflict,
    an_update_of_a_deleted_record_is_a_conflict,
    a_second_delete_is_a_conflict,
    a_plan_of_hundreds_with_one_conflict_stores_nothing,
    commits_at_once_lose_no_update,
    of_two_commits_at_once_on_one_version_one_is_a_conflict,
);

async fn a_write_on_an_old_version_is_a_conflict_and_stores_nothing(db: Db) -> Shown {
    for &home in db.homes() {
        let old = stale(&db, home, "1").await?;
        conflicts(&db, vec![insert(record(home, "2")), old], 1).await?;
        same!(present(&db, home, "1").await?.record.get("Whole"), Some(&Value::Integer(2)));
        same!(all(&db, home).await?, ["1"]);
    }
    Ok(())
}

async fn a_delete_on_an_old_version_is_a_conflict(db: Db) -> Shown {
    for &home in db.homes() {
        let mut old = stale(&db, home, "1").await?;
        old.kind = WriteKind::Delete;
        conflicts(&db, vec![old], 0).await?;
        same!(get(&db, home, "1").await?.is_some(), true);
    }
    Ok(())
}

async fn a_purge_on_an_old_version_is_a_conflict(db: Db) -> Shown {
    for &home in db.homes() {
        let mut old = stale(&db, home, "1").await?;
        old.kind = WriteKind::Purge;
        conflicts(&db, vec![old], 0).await?;
        same!(get(&db, home, "1").await?.is_some(), true);
    }
    Ok(())
}

async fn a_check_on_an_old_version_is_a_conflict_and_stores_nothing(db: Db) -> Shown {
    for &home in db.homes() {
        let mut old = stale(&db, home, "1").await?;
        old.kind = WriteKind::Check;
        conflicts(&db, vec![insert(record(home, "2")), old], 1).await?;
        same!(all(&db, home).await?, ["1"]);
        let gone = keep(WriteKind::Check, &present(&db, home, "1").await?);
        delete(&db, home, "1").await?;
        conflicts(&db, vec![insert(record(home, "2")), gone], 1).await?;
    }
    Ok(())
}

async fn a_check_changes_nothing(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1").with("Whole", 1)]).await?;
        let old = present(&db, home, "1").await?;
        let mut check = keep(WriteKind::Check, &old);
        check.record = Record::new(home);
        store(&db, vec![insert(record(home, "2")), check]).await?;
        let now = present(&db, home, "1").await?;
        same!((now.version, now.record), (old.version, old.record));
    }
    Ok(())
}

async fn the_first_write_in_conflict_is_named(db: Db) -> Shown {
    let home = db.home();
    let (one, two) = (stale(&db, home, "1").await?, stale(&db, home, "2").await?);
    conflicts(&db, vec![insert(record(home, "3")), two, one], 1).await
}

async fn an_update_of_a_missing_record_is_a_conflict(db: Db) -> Shown {
    let home = db.home();
    fill(&db, [record(home, "1")]).await?;
    for kind in [WriteKind::Update, WriteKind::Delete, WriteKind::Purge] {
        let mut write = keep(kind, &present(&db, home, "1").await?);
        write.id = id("gone");
        write.record.set("Id", id("gone"));
        conflicts(&db, vec![write], 0).await?;
    }
    Ok(())
}

async fn an_update_of_a_deleted_record_is_a_conflict(db: Db) -> Shown {
    let home = db.home();
    fill(&db, [record(home, "1")]).await?;
    let old = present(&db, home, "1").await?;
    delete(&db, home, "1").await?;
    conflicts(&db, vec![keep(WriteKind::Update, &old)], 0).await?;
    if db.capability().undelete.is_yes()
        && let Some(bin) = in_bin(&db, home, "1").await?
    {
        conflicts(&db, vec![keep(WriteKind::Update, &bin)], 0).await?;
    }
    Ok(())
}

async fn a_second_delete_is_a_conflict(db: Db) -> Shown {
    let home = db.home();
    fill(&db, [record(home, "1")]).await?;
    let old = present(&db, home, "1").await?;
    delete(&db, home, "1").await?;
    conflicts(&db, vec![keep(WriteKind::Delete, &old)], 0).await
}

async fn a_plan_of_hundreds_with_one_conflict_stores_nothing(db: Db) -> Shown {
    let old = stale(&db, "Typed", "old").await?;
    let new = (0..400).map(|n| insert(record("Typed", &format!("r{n}"))));
    conflicts(&db, new.chain([old]).collect(), 400).await?;
    same!(count(&db, Query::of("Typed")).await?, 1);
    Ok(())
}

/// Adds one to a counter until it was stored.
async fn add_one(db: Db) -> Shown {
    loop {
        let old = present(&db, db.home(), "counter").await?;
        let n: i64 = old.record.read("Whole")?;
        let new = old.record.clone().with("Whole", n + 1);
        match db.commit(vec![change(WriteKind::Update, &old, new)]).await? {
            CommitOutcome::Committed { .. } => return Ok(()),
            CommitOutcome::Conflict { .. } => {}
            other => return Err(Broken(format!("{other:?}"))),
        }
    }
}

async fn commits_at_once_lose_no_update(db: Db) -> Shown {
    const THREADS: i64 = 8;
    const TIMES: i64 = 25;
    let home = db.home();
    fill(&db, [record(home, "counter").with("Whole", 0)]).await?;
    let runtime = tokio::runtime::Handle::current();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (db, runtime) = (db.clone(), runtime.clone());
            std::thread::spawn(move || {
                (0..TIMES).try_for_each(|_| runtime.block_on(add_one(db.clone())))
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| Broken("a thread panicked".to_owned()))??;
    }
    same!(present(&db, home, "counter").await?.record.read::<i64>("Whole")?, THREADS * TIMES);
    Ok(())
}

async fn of_two_commits_at_once_on_one_version_one_is_a_conflict(db: Db) -> Shown {
    let home = db.home();
    fill(&db, [record(home, "1")]).await?;
    for _ in 0..20 {
        let old = Arc::new(present(&db, home, "1").await?);
        let runtime = tokio::runtime::Handle::current();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (db, old, runtime) = (db.clone(), Arc::clone(&old), runtime.clone());
                let plan = vec![keep(WriteKind::Update, &old)];
                std::thread::spawn(move || runtime.block_on(db.commit(plan)))
            })
            .collect();
        let mut stored = 0;
        for thread in threads {
            let answer = thread.join().map_err(|_| Broken("a thread panicked".to_owned()))??;
            stored += usize::from(matches!(answer, CommitOutcome::Committed { .. }));
        }
        same!(stored, 1);
    }
    store(&db, vec![keep(WriteKind::Update, &present(&db, home, "1").await?)]).await
}
