//! Opening files: wrong ones, taken ones, and again.

use circuit_core::{CircuitDB, CommitPlan, ErrorKind, Query, Record, Write, WriteKind};
use circuit_db::Sqlite;

fn insert(text: &str) -> CommitPlan {
    let id: circuit_core::RecordId = text.parse().unwrap();
    let record = Record::new("Contact").with_id(id.clone()).with("Name", text);
    CommitPlan::new(vec![Write::new(WriteKind::Insert, id, record)])
}

#[tokio::test]
async fn records_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let store = Sqlite::open(&file).await.unwrap();
    store.commit(insert("c1")).await.unwrap();
    drop(store);
    let store = Sqlite::open(&file).await.unwrap();
    assert_eq!(store.query(&Query::of("Contact").count()).await.unwrap().count, 1);
}

#[tokio::test]
async fn a_file_that_is_open_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let first = Sqlite::open(&file).await.unwrap();
    let error = Sqlite::open(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("close the other one"), "{error}");
    drop(first);
    Sqlite::open(&file).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_name_of_an_open_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let first = Sqlite::open(path("crm.db")).await.unwrap();
    first.commit(insert("c1")).await.unwrap();
    std::os::unix::fs::symlink(path("crm.db"), path("soft.db")).unwrap();
    std::os::unix::fs::symlink(folder.path(), path("again")).unwrap();
    std::fs::hard_link(path("crm.db"), path("hard.db")).unwrap();
    for name in ["soft.db", "again/crm.db", "again/soft.db", "./crm.db", "hard.db"] {
        let error = Sqlite::open(path(name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{name}");
    }
    std::fs::rename(path("hard.db"), path("moved.db")).unwrap();
    std::fs::remove_file(path("crm.db")).unwrap();
    let error = Sqlite::open(path("moved.db")).await.unwrap_err();
    assert!(error.message().contains("close the other one"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_with_two_names_is_refused_because_its_log_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    drop(Sqlite::open(path("crm.db")).await.unwrap());
    std::fs::hard_link(path("crm.db"), path("hard.db")).unwrap();
    let error = Sqlite::open(path("hard.db")).await.unwrap_err();
    assert!(error.message().contains("hard link"), "{error}");
    std::fs::remove_file(path("hard.db")).unwrap();
    Sqlite::open(path("crm.db")).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_opens_the_file_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The link is there before the file.
    std::os::unix::fs::symlink("crm.db", path("soft.db")).unwrap();
    let store = Sqlite::open(path("soft.db")).await.unwrap();
    store.commit(insert("c1")).await.unwrap();
    assert_eq!(store.path(), path("soft.db"));
    drop(store);
    let store = Sqlite::open(path("crm.db")).await.unwrap();
    assert_eq!(store.query(&Query::of("Contact").count()).await.unwrap().count, 1);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    let text = "these are notes, not a database\n".repeat(40);
    std::fs::write(&file, &text).unwrap();
    let error = Sqlite::open(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.context("file").unwrap().contains("notes.txt"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let error = Sqlite::open(&file).await.unwrap_err();
    assert!(error.message().contains("a file of its own"), "{error}");
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Sqlite::open(folder.path().join("no/crm.db")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("folder"), "{error}");
}

#[tokio::test]
async fn a_commit_whose_future_was_dropped_is_stored_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("crm.db")).await.unwrap();
    for number in 0..50 {
        let mut plan = insert(&format!("a{number}"));
        plan.writes.extend(insert(&format!("b{number}")).writes);
        let limit = std::time::Duration::from_micros(number * 20);
        drop(tokio::time::timeout(limit, store.commit(plan)).await);
    }
    // One more commit waits behind the dropped ones.
    store.commit(insert("last")).await.unwrap();
    let all = store.query(&Query::of("Contact")).await.unwrap();
    let names: std::collections::BTreeSet<String> =
        all.records.iter().map(|stored| stored.record.read("Name").unwrap()).collect();
    for number in 0..50 {
        let halves = ["a", "b"].map(|half| names.contains(&format!("{half}{number}")));
        assert_eq!(halves[0], halves[1], "plan {number} is stored by halves");
    }
}
