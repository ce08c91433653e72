//! Claims about the recycle bin: what is deleted waits there, comes back or is purged.

use circuit_core::{Filter, OrderBy, Query, RecordId, Value, Write, WriteKind};

use super::db::Db;
use super::support::{
    all, by_key, change, conflicts, count, deleted, fill, get, id, in_bin, keep, kept, names_of,
    present, record, same, store,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "recycle bin",
    |capability| capability.undelete.is_yes(),
    a_deleted_record_is_found_in_the_recycle_bin_only,
    a_delete_keeps_the_values_of_its_write,
    an_undeleted_record_is_back_with_a_new_version,
    an_undelete_stores_the_values_of_its_write,
    an_undelete_of_a_live_record_is_a_conflict,
    an_undelete_on_an_old_version_is_a_conflict,
    a_record_is_purged_from_the_recycle_bin,
    a_live_record_is_purged,
    a_purge_from_the_recycle_bin_on_an_old_version_is_a_conflict,
    what_was_purged_does_not_come_back,
    what_a_delete_took_along_is_found_by_its_root_and_by_nothing_else,
    a_query_over_what_was_taken_along_filters_sorts_and_counts,
    an_undelete_clears_the_mark_of_what_was_taken_along,
    a_purge_clears_the_mark_of_what_was_taken_along,
    both_forms_of_a_root_find_what_it_took_along,
);

async fn a_deleted_record_is_found_in_the_recycle_bin_only(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1").with("Whole", 1)]).await?;
        same!(in_bin(&db, home, "1").await?.is_some(), false);
        let found = deleted(&db, home, "1").await?;
        same!(found.record.get("Whole"), Some(&Value::Integer(1)));
        same!(get(&db, home, "1").await?.is_some(), false);
        same!(all(&db, home).await?.len(), 0);
    }
    Ok(())
}

async fn a_delete_keeps_the_values_of_its_write(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1").with("Name", "a").with("Whole", 1)]).await?;
        let old = present(&db, home, "1").await?;
        let last = old.record.clone().with("Name", "b");
        store(&db, vec![change(WriteKind::Delete, &old, last)]).await?;
        let Some(bin) = in_bin(&db, home, "1").await? else {
            return Err(Broken("the record is not in the recycle bin".to_owned()));
        };
        same!(bin.record.get("Name"), Some(&Value::from("b")));
        store(&db, vec![keep(WriteKind::Undelete, &bin)]).await?;
        let back = present(&db, home, "1").await?.record;
        same!((back.get("Name"), back.get("Whole")), (Some(&"b".into()), Some(&1.into())));
    }
    Ok(())
}

async fn an_undeleted_record_is_back_with_a_new_version(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1").with("Whole", 1)]).await?;
        let live = present(&db, home, "1").await?;
        let bin = deleted(&db, home, "1").await?;
        store(&db, vec![keep(WriteKind::Undelete, &bin)]).await?;
        let found = present(&db, home, "1").await?;
        same!(found.record.get("Whole"), Some(&Value::Integer(1)));
        same!(found.version == bin.version || found.version == live.version, false);
        same!(in_bin(&db, home, "1").await?.is_some(), false);
    }
    Ok(())
}

async fn an_undelete_stores_the_values_of_its_write(db: Db) -> Shown {
    fill(&db, [record("Member", "1").with("Email", "a@b.c")]).await?;
    let bin = deleted(&db, "Member", "1").await?;
    let new = bin.record.clone().with("Email", "new@b.c");
    store(&db, vec![change(WriteKind::Undelete, &bin, new)]).await?;
    same!(by_key(&db, "Email", "new@b.c".into()).await?.is_some(), true);
    same!(by_key(&db, "Email", "a@b.c".into()).await?.is_some(), false);
    Ok(())
}

async fn an_undelete_of_a_live_record_is_a_conflict(db: Db) -> Shown {
    fill(&db, [record(db.home(), "1")]).await?;
    let live = present(&db, db.home(), "1").await?;
    conflicts(&db, vec![keep(WriteKind::Undelete, &live)], 0).await
}

async fn an_undelete_on_an_old_version_is_a_conflict(db: Db) -> Shown {
    if !db.capability().versions.is_yes() {
        return Ok(());
    }
    fill(&db, [record(db.home(), "1")]).await?;
    let first = deleted(&db, db.home(), "1").await?;
    store(&db, vec![keep(WriteKind::Undelete, &first)]).await?;
    deleted(&db, db.home(), "1").await?;
    conflicts(&db, vec![keep(WriteKind::Undelete, &first)], 0).await
}

async fn a_record_is_purged_from_the_recycle_bin(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1"), record(home, "2")]).await?;
        let bin = deleted(&db, home, "1").await?;
        store(&db, vec![keep(WriteKind::Purge, &bin)]).await?;
        same!(in_bin(&db, home, "1").await?.is_some(), false);
        same!(get(&db, home, "1").await?.is_some(), false);
        same!(all(&db, home).await?, ["2"]);
    }
    Ok(())
}

async fn a_live_record_is_purged(db: Db) -> Shown {
    let member = |name: &str| record("Member", name).with("Email", "a@b.c");
    fill(&db, [member("1")]).await?;
    let live = present(&db, "Member", "1").await?;
    store(&db, vec![keep(WriteKind::Purge, &live)]).await?;
    same!(in_bin(&db, "Member", "1").await?.is_some(), false);
    same!(all(&db, "Member").await?.len(), 0);
    // Its unique value is free with it.
    fill(&db, [member("2")]).await
}

async fn a_purge_from_the_recycle_bin_on_an_old_version_is_a_conflict(db: Db) -> Shown {
    if !db.capability().versions.is_yes() {
        return Ok(());
    }
    for &home in db.homes() {
        fill(&db, [record(home, "1")]).await?;
        let live = present(&db, home, "1").await?;
        deleted(&db, home, "1").await?;
        conflicts(&db, vec![keep(WriteKind::Purge, &live)], 0).await?;
        same!(in_bin(&db, home, "1").await?.is_some(), true);
    }
    Ok(())
}

async fn what_was_purged_does_not_come_back(db: Db) -> Shown {
    fill(&db, [record(db.home(), "1")]).await?;
    let bin = deleted(&db, db.home(), "1").await?;
    store(&db, vec![keep(WriteKind::Purge, &bin)]).await?;
    conflicts(&db, vec![keep(WriteKind::Undelete, &bin)], 0).await?;
    conflicts(&db, vec![keep(WriteKind::Purge, &bin)], 0).await
}

/// Returns a delete of a live record along with another one.
async fn along(db: &Db, object: &str, name: &str, root: &RecordId) -> Result<Write, Broken> {
    let mut write = keep(WriteKind::Delete, &present(db, object, name).await?);
    write.deleted_with = Some(Box::new(root.clone()));
    Ok(write)
}

/// Stores a root and children, and deletes the root with all but the last child.
async fn family(db: &Db, object: &str) -> Result<RecordId, Broken> {
    let child = |name: &str, whole: i64| record(object, name).with("Whole", whole);
    fill(db, [record(object, "root"), child("a", 1), child("b", 2), child("c", 3)]).await?;
    let root = db.id(object, "root");
    let own = keep(WriteKind::Delete, &present(db, object, "root").await?);
    let plan =
        vec![own, along(db, object, "a", &root).await?, along(db, object, "b", &root).await?];
    store(db, plan).await?;
    Ok(root)
}

async fn what_a_delete_took_along_is_found_by_its_root_and_by_nothing_else(db: Db) -> Shown {
    for &home in db.homes() {
        let root = family(&db, home).await?;
        // One that was deleted by itself, and one along with another root.
        fill(&db, ["x", "y"].map(|name| record(home, name))).await?;
        deleted(&db, home, "x").await?;
        let other = db.id(home, "c");
        store(&db, vec![along(&db, home, "y", &other).await?]).await?;
        let mut found = names_of(&db, Query::of(home).deleted_with(&root)).await?;
        found.sort();
        same!(found, ["a", "b"]);
        same!(names_of(&db, Query::of(home).deleted_with(&other)).await?, ["y"]);
        same!(count(&db, Query::of(home).deleted_with(&db.id(home, "a"))).await?, 0);
        same!(count(&db, Query::of("Member").deleted_with(&root)).await?, 0);
        same!(all(&db, home).await?, ["c"]);
        same!(in_bin(&db, home, "a").await?.is_some(), true);
    }
    Ok(())
}

async fn a_query_over_what_was_taken_along_filters_sorts_and_counts(db: Db) -> Shown {
    for &home in db.homes() {
        let root = family(&db, home).await?;
        let of = || Query::of(home).deleted_with(&root);
        same!(names_of(&db, of().filter(Filter::greater("Whole", 1))).await?, ["b"]);
        let b = db.id(home, "b");
        same!(names_of(&db, of().filter(Filter::is_in("Id", [b]))).await?, ["b"]);
        let last = OrderBy::descending("Whole");
        same!(names_of(&db, of().order_by(last.clone()).limit(1)).await?, ["b"]);
        same!(names_of(&db, of().order_by(last).offset(1)).await?, ["a"]);
        same!(count(&db, of()).await?, 2);
        same!(count(&db, of().limit(1)).await?, 1);
    }
    Ok(())
}

async fn an_undelete_clears_the_mark_of_what_was_taken_along(db: Db) -> Shown {
    for &home in db.homes() {
        let root = family(&db, home).await?;
        let Some(bin) = in_bin(&db, home, "a").await? else {
            return Err(Broken("the record is not in the recycle bin".to_owned()));
        };
        store(&db, vec![keep(WriteKind::Undelete, &bin)]).await?;
        same!(names_of(&db, Query::of(home).deleted_with(&root)).await?, ["b"]);
        same!(kept(&db, home, Filter::eq("Whole", 1)).await?, ["a"]);
        // Deleted by itself now, it waits for nobody.
        deleted(&db, home, "a").await?;
        same!(names_of(&db, Query::of(home).deleted_with(&root)).await?, ["b"]);
    }
    Ok(())
}

async fn a_purge_clears_the_mark_of_what_was_taken_along(db: Db) -> Shown {
    for &home in db.homes() {
        let root = family(&db, home).await?;
        let Some(bin) = in_bin(&db, home, "a").await? else {
            return Err(Broken("the record is not in the recycle bin".to_owned()));
        };
        store(&db, vec![keep(WriteKind::Purge, &bin)]).await?;
        same!(names_of(&db, Query::of(home).deleted_with(&root)).await?, ["b"]);
    }
    Ok(())
}

async fn both_forms_of_a_root_find_what_it_took_along(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "1")]).await?;
        let long = id("001D000000IRFmaIAH");
        store(&db, vec![along(&db, home, "1", &long).await?]).await?;
        let short = Query::of(home).deleted_with(&id("001D000000IRFma"));
        same!(names_of(&db, short).await?, ["1"]);
    }
    Ok(())
}
