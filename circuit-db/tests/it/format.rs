//! Files of older formats are brought up to date; others are left alone.

use std::path::Path;

use circuit_core::{
    CircuitDB, CommitOutcome, CommitPlan, ErrorKind, FetchRequest, FieldSchema, FieldType,
    ObjectSchema, Query, RecordId, Stored, Value, Write, WriteKind,
};
use circuit_db::Sqlite;
use rusqlite::Connection;

/// A file as format 1 had it: an object with a schema and an open one, a record of each in the bin.
const FORMAT_1: &str = r#"
    PRAGMA journal_mode = WAL;
    PRAGMA user_version = 1;
    CREATE TABLE _circuit_objects (object TEXT PRIMARY KEY, schema TEXT NOT NULL);
    INSERT INTO _circuit_objects VALUES
        ('contact', '{"object":"Contact","fields":[{"name":"Email","type":"text","unique":true}]}'),
        ('o''dd "x', '{"object":"O''dd \"x","fields":[]}');
    CREATE TABLE "o_contact" (
        _key TEXT PRIMARY KEY, _id TEXT NOT NULL, _version INTEGER NOT NULL,
        _deleted INTEGER NOT NULL DEFAULT 0, _rest TEXT
    ) WITHOUT ROWID;
    ALTER TABLE "o_contact" ADD COLUMN "f_email" TEXT;
    ALTER TABLE "o_contact" ADD COLUMN "u_email" TEXT;
    CREATE UNIQUE INDEX "u_contact email" ON "o_contact" ("u_email") WHERE _deleted = 0;
    INSERT INTO "o_contact" VALUES ('c1', 'c1', 3, 0, '{"Fax":"1"}', 'Ada@b.c', 'ada@b.c');
    INSERT INTO "o_contact" VALUES ('c2', 'c2', 7, 1, NULL, 'bob@b.c', NULL);
    CREATE TABLE "o_o'dd ""x" (
        _key TEXT PRIMARY KEY, _id TEXT NOT NULL, _version INTEGER NOT NULL,
        _deleted INTEGER NOT NULL DEFAULT 0, _rest TEXT
    ) WITHOUT ROWID;
    INSERT INTO "o_o'dd ""x" VALUES ('x1', 'x1', 1, 0, '{"N":1}');
    INSERT INTO "o_o'dd ""x" VALUES ('x2', 'x2', 1, 1, '{"N":2}');
"#;

const OPEN: &str = "O'dd \"x";

fn write_file(file: &Path, version: i64) {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch(FORMAT_1).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
}

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

async fn fetch(store: &Sqlite, object: &str, key: &str, deleted: bool) -> Option<Stored> {
    let mut request = FetchRequest::by_id(object, [id(key)]);
    if deleted {
        request = request.in_recycle_bin();
    }
    store.fetch(&request).await.unwrap().pop().flatten()
}

async fn commit(store: &Sqlite, kind: WriteKind, old: &Stored, root: Option<&str>) {
    let own = old.record.id().unwrap().clone();
    let mut write =
        Write::new(kind, own, old.record.clone()).with_base(old.record.clone(), old.version);
    write.deleted_with = root.map(|root| Box::new(id(root)));
    let outcome = store.commit(CommitPlan::new(vec![write])).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_file_of_format_1_keeps_its_records_and_versions() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    write_file(&file, 1);
    let email = FieldSchema::new("Email", FieldType::Text).unique();
    let schema = ObjectSchema::new("Contact").with_field(email);
    let store = Sqlite::builder().schema(schema).open(&file).await.unwrap();
    let ada = fetch(&store, "Contact", "c1", false).await.unwrap();
    assert_eq!((ada.record.get("Fax"), ada.version.0), (Some(&Value::from("1")), 3));
    let bob = fetch(&store, "Contact", "c2", true).await.unwrap();
    assert_eq!(bob.record.get("Email"), Some(&Value::from("bob@b.c")));
    assert!(fetch(&store, OPEN, "x1", false).await.is_some());
    assert!(fetch(&store, OPEN, "x2", true).await.is_some());
}

#[tokio::test]
async fn a_file_of_format_1_can_do_what_format_2_can_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    write_file(&file, 1);
    let store = Sqlite::open(&file).await.unwrap();
    for (object, live, gone) in [("Contact", "c1", "c2"), (OPEN, "x1", "x2")] {
        let old = fetch(&store, object, live, false).await.unwrap();
        commit(&store, WriteKind::Delete, &old, Some("root")).await;
        let along = store.query(&Query::of(object).deleted_with(&id("root"))).await.unwrap();
        assert_eq!(along.records[0].record.id(), Some(&id(live)));
        let bin = fetch(&store, object, gone, true).await.unwrap();
        commit(&store, WriteKind::Purge, &bin, None).await;
        assert!(fetch(&store, object, gone, true).await.is_none());
    }
    drop(store);
    let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let connection = Connection::open(&file).unwrap();
    assert_eq!(connection.query_row("PRAGMA user_version", [], number).unwrap(), 2);
    drop(connection);
    assert!(fetch(&Sqlite::open(&file).await.unwrap(), OPEN, "x1", true).await.is_some());
}

#[tokio::test]
async fn a_file_of_an_unknown_format_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    for version in [0, 3] {
        write_file(&file, version);
        let before = std::fs::read(&file).unwrap();
        let error = Sqlite::open(&file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(error.context("format"), Some(version.to_string().as_str()));
        assert_eq!(std::fs::read(&file).unwrap(), before);
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn what_a_delete_took_along_is_found_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    write_file(&file, 1);
    drop(Sqlite::builder().schema(ObjectSchema::new("Fresh")).open(&file).await.unwrap());
    let connection = Connection::open(&file).unwrap();
    for table in ["o_contact", "o_fresh"] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT _id FROM {table} WHERE _deleted = 1 AND _deleted_with = ?"
        );
        let text = |row: &rusqlite::Row<'_>| row.get::<_, String>(3);
        let plan = connection.query_row(&sql, ["root"], text).unwrap();
        assert!(plan.contains("USING INDEX d_"), "{plan}");
    }
}
