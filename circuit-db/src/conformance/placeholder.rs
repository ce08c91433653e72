//! Claims about ids that the store gives: what stands for them until then.

use circuit_core::{
    Circuit, CommitOutcome, Filter, IdPolicy, Query, Record, RecordId, Registry, Value, Write,
    WriteKind,
};

use super::db::Db;
use super::support::{
    all, change, conflicts, count, fill, in_bin, insert, keep, kept, present, record, same, stale,
    store,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "ids of the store",
    |capability| capability.ids == IdPolicy::Store,
    placeholders_become_final_ids_in_records_and_references,
    a_placeholder_in_an_update_becomes_the_final_id,
    records_that_refer_to_each_other_are_stored,
    a_record_that_refers_to_itself_is_stored,
    text_that_looks_like_a_placeholder_stays,
    every_new_record_has_an_id_of_its_own,
    a_plan_that_is_not_stored_leaves_no_record_behind,
    a_record_deleted_with_one_that_never_was_is_in_the_recycle_bin,
);

/// An insert with a placeholder.
fn new(object: &str, placeholder: &RecordId) -> Write {
    let record = Record::new(object).with_id(placeholder.clone());
    Write::new(WriteKind::Insert, placeholder.clone(), record)
}

fn with(mut write: Write, field: &str, value: impl Into<Value>) -> Write {
    write.record.set(field, value);
    write
}

/// Commits writes and returns the final id of each placeholder.
async fn given(
    db: &Db,
    writes: Vec<Write>,
    placeholders: &[&RecordId],
) -> Result<Vec<RecordId>, Broken> {
    let CommitOutcome::Committed { ids } = db.commit(writes).await? else {
        return Err(Broken("the plan was not stored".to_owned()));
    };
    let of = |placeholder: &&RecordId| ids.get(*placeholder).cloned();
    let found: Option<Vec<RecordId>> = placeholders.iter().map(of).collect();
    let found = found.ok_or_else(|| Broken("a placeholder has no final id".to_owned()))?;
    same!(found.iter().any(RecordId::is_placeholder), false);
    Ok(found)
}

/// Returns the reference of a record that must be there.
async fn parent(db: &Db, object: &str, id: &RecordId) -> Result<Option<Value>, Broken> {
    Ok(present(db, object, id.as_str()).await?.record.get("Parent").cloned())
}

async fn placeholders_become_final_ids_in_records_and_references(db: Db) -> Shown {
    let home = db.home();
    let engine = Circuit::builder().backend(db.store()).registry(Registry::default()).build()?;
    let outcome = engine
        .run(|execution| async move {
            let parent = execution.insert(Record::new(home)).await?[0].id().cloned();
            let child = Record::new(home).with("Parent", parent.clone());
            execution.insert(child).await?;
            Ok(parent)
        })
        .await?;
    let Some(placeholder) = &outcome.value else {
        return Err(Broken("the parent has no id".to_owned()));
    };
    let parent: &RecordId = outcome.final_id(placeholder);
    same!(parent.is_placeholder(), false);
    same!(kept(&db, home, Filter::eq("Parent", parent)).await?.len(), 1);
    Ok(())
}

async fn a_placeholder_in_an_update_becomes_the_final_id(db: Db) -> Shown {
    for &home in db.homes() {
        fill(&db, [record(home, "old")]).await?;
        let (old, new_id) = (present(&db, home, "old").await?, db.placeholder());
        let update = change(WriteKind::Update, &old, old.record.clone().with("Parent", &new_id));
        // The order of the plan does not matter to the reference.
        let ids = given(&db, vec![update, new(home, &new_id)], &[&new_id]).await?;
        let found = present(&db, home, "old").await?.record;
        same!(found.get("Parent"), Some(&Value::Id(ids[0].clone())));
    }
    Ok(())
}

async fn records_that_refer_to_each_other_are_stored(db: Db) -> Shown {
    for &home in db.homes() {
        let (a, b) = (db.placeholder(), db.placeholder());
        let writes = vec![with(new(home, &a), "Parent", &b), with(new(home, &b), "Parent", &a)];
        let ids = given(&db, writes, &[&a, &b]).await?;
        same!(parent(&db, home, &ids[0]).await?, Some(Value::Id(ids[1].clone())));
        same!(parent(&db, home, &ids[1]).await?, Some(Value::Id(ids[0].clone())));
    }
    Ok(())
}

async fn a_record_that_refers_to_itself_is_stored(db: Db) -> Shown {
    let (home, own) = (db.home(), db.placeholder());
    let ids = given(&db, vec![with(new(home, &own), "Parent", &own)], &[&own]).await?;
    same!(parent(&db, home, &ids[0]).await?, Some(Value::Id(ids[0].clone())));
    Ok(())
}

async fn text_that_looks_like_a_placeholder_stays(db: Db) -> Shown {
    for &home in db.homes() {
        let own = db.placeholder();
        let ids = given(&db, vec![with(new(home, &own), "Name", own.as_str())], &[&own]).await?;
        let found = present(&db, home, ids[0].as_str()).await?.record;
        same!(found.get("Name"), Some(&Value::from(own.as_str())));
    }
    Ok(())
}

async fn every_new_record_has_an_id_of_its_own(db: Db) -> Shown {
    let home = db.home();
    let placeholders: Vec<RecordId> = (0..300).map(|_| db.placeholder()).collect();
    let writes = placeholders.iter().map(|placeholder| new(home, placeholder)).collect();
    let mut ids = given(&db, writes, &placeholders.iter().collect::<Vec<_>>()).await?;
    ids.sort();
    ids.dedup();
    same!(ids.len(), 300);
    same!(all(&db, home).await?.len(), 300);
    Ok(())
}

async fn a_plan_that_is_not_stored_leaves_no_record_behind(db: Db) -> Shown {
    if !(db.capability().atomic_commit.is_yes() && db.capability().versions.is_yes()) {
        return Ok(());
    }
    let (home, own) = (db.home(), db.placeholder());
    let old = stale(&db, home, "1").await?;
    conflicts(&db, vec![new(home, &own), insert(record(home, "2")), old], 2).await?;
    same!(all(&db, home).await?, ["1"]);
    Ok(())
}

async fn a_record_deleted_with_one_that_never_was_is_in_the_recycle_bin(db: Db) -> Shown {
    if !db.capability().undelete.is_yes() {
        return Ok(());
    }
    // One execution made the root and deleted it again, so its placeholder never got an id.
    let (home, root) = (db.home(), db.placeholder());
    fill(&db, [record(home, "1")]).await?;
    let mut write = keep(WriteKind::Delete, &present(&db, home, "1").await?);
    write.deleted_with = Some(Box::new(root.clone()));
    store(&db, vec![write]).await?;
    same!(in_bin(&db, home, "1").await?.is_some(), true);
    let along = Query::of(home).deleted_with(&root);
    same!(count(&db, along).await?, 0);
    Ok(())
}
