//! Claims about references: who refers to a record is found, whatever happened before.

use circuit_core::{CommitOutcome, Filter, Value, WriteKind};

use super::db::Db;
use super::support::{
    change, delete, fill, id, in_bin, insert, keep, kept, present, record, same, store,
};
use super::{Broken, Shown, name_claims};

name_claims!(
    "references",
    |capability| capability.query.is_yes() && capability.atomic_commit.is_yes(),
    who_refers_to_a_record_is_found_by_either_form_of_an_id,
    an_updated_reference_is_found_at_its_new_value_only,
    a_deleted_record_refers_to_nobody_until_it_is_back,
    a_plan_that_is_refused_changes_no_reference,
);

/// Returns who refers to a member.
async fn team(db: &Db, boss: &str) -> Result<Vec<String>, Broken> {
    kept(db, "Member", Filter::eq("BossId", db.id("Member", boss))).await
}

/// Stores two bosses, and `one` and `two` under the first.
async fn company(db: &Db) -> Shown {
    fill(db, ["b1", "b2"].map(|name| record("Member", name))).await?;
    let boss = db.id("Member", "b1");
    fill(db, ["one", "two"].map(|name| record("Member", name).with("BossId", &boss))).await?;
    same!(team(db, "b1").await?, ["one", "two"]);
    Ok(())
}

async fn who_refers_to_a_record_is_found_by_either_form_of_an_id(db: Db) -> Shown {
    let (long, short) = ("001D000000IRFmaIAH", "001D000000IRFma");
    fill(&db, [record("Member", "1").with("BossId", id(long))]).await?;
    for boss in [long, short] {
        same!(kept(&db, "Member", Filter::eq("BossId", id(boss))).await?, ["1"]);
        same!(kept(&db, "Member", Filter::is_in("bossid", [boss, "none"])).await?, ["1"]);
    }
    same!(kept(&db, "Member", Filter::eq("BossId", Value::Null)).await?.len(), 0);
    Ok(())
}

async fn an_updated_reference_is_found_at_its_new_value_only(db: Db) -> Shown {
    company(&db).await?;
    let one = present(&db, "Member", "one").await?;
    let moved = one.record.clone().with("BossId", db.id("Member", "b2"));
    store(&db, vec![change(WriteKind::Update, &one, moved)]).await?;
    same!(
        (team(&db, "b1").await?, team(&db, "b2").await?),
        (vec!["two".into()], vec!["one".into()])
    );
    let one = present(&db, "Member", "one").await?;
    let freed = one.record.clone().with("BossId", Value::Null);
    store(&db, vec![change(WriteKind::Update, &one, freed)]).await?;
    same!(team(&db, "b2").await?.len(), 0);
    same!(kept(&db, "Member", Filter::eq("BossId", Value::Null)).await?, ["b1", "b2", "one"]);
    Ok(())
}

async fn a_deleted_record_refers_to_nobody_until_it_is_back(db: Db) -> Shown {
    company(&db).await?;
    delete(&db, "Member", "one").await?;
    same!(team(&db, "b1").await?, ["two"]);
    if db.capability().undelete.is_yes()
        && let Some(bin) = in_bin(&db, "Member", "one").await?
    {
        store(&db, vec![keep(WriteKind::Undelete, &bin)]).await?;
        same!(team(&db, "b1").await?, ["one", "two"]);
        let live = present(&db, "Member", "one").await?;
        store(&db, vec![keep(WriteKind::Purge, &live)]).await?;
        same!(team(&db, "b1").await?, ["two"]);
    }
    Ok(())
}

async fn a_plan_that_is_refused_changes_no_reference(db: Db) -> Shown {
    company(&db).await?;
    fill(&db, [record("Member", "x").with("Number", 7)]).await?;
    let boss = db.id("Member", "b2");
    let one = present(&db, "Member", "one").await?;
    let moved = change(WriteKind::Update, &one, one.record.clone().with("BossId", &boss));
    let gone = keep(WriteKind::Delete, &present(&db, "Member", "two").await?);
    let taken = insert(record("Member", "y").with("Number", 7).with("BossId", &boss));
    match db.commit(vec![moved, gone, taken]).await? {
        CommitOutcome::Refused(_) => {}
        other => return Err(Broken(format!("not refused: {other:?}"))),
    }
    same!(team(&db, "b1").await?, ["one", "two"]);
    same!(team(&db, "b2").await?.len(), 0);
    Ok(())
}
