//! PostgreSQL: neither passwords nor values of fields get into errors and debug output.

use circuit_core::{
    CircuitDB, CommitPlan, ErrorKind, FieldSchema, FieldType, Filter, ObjectSchema, Query, Record,
    Write, WriteKind,
};
use circuit_db::Postgres;

use crate::postgres;
use crate::server::Server;

const SECRET: &str = "hunter2";

#[track_caller]
fn is_clean(shown: &str) {
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn a_url_that_cannot_be_used_keeps_its_password() {
    for (url, word) in [
        (format!("u:{SECRET}@localhost/x"), "begin with"),
        (format!("postgres://u:{SECRET}@localhost:port/x"), "cannot be read"),
        (format!("postgres://u:{SECRET}@localhost/x?sslmode=verify"), "cannot be read"),
        (format!("postgres://u:{SECRET}@localhost/x?nonsense=1"), "cannot be read"),
    ] {
        let error = Postgres::connect(&url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains(word), "{error:?}");
        is_clean(&format!("{error:?}"));
    }
}

#[tokio::test]
async fn a_wrong_password_or_database_is_no_reason_to_try_again() {
    let config: tokio_postgres::Config = postgres::url().parse().unwrap();
    let password = std::str::from_utf8(config.get_password().unwrap()).unwrap().to_owned();
    let wrong = postgres::url().replace(&password, SECRET);
    let error = Postgres::connect(&wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(!error.is_retryable());
    is_clean(&format!("{error:?}"));
    let url = postgres::server();
    let (server, _) = url.rsplit_once('/').unwrap();
    let nowhere = format!("{server}/no_such_database?sslmode=disable");
    let error = Postgres::connect(&nowhere).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(!format!("{error:?}").contains(&password), "{error:?}");
}

#[tokio::test]
async fn a_store_does_not_show_where_it_is_connected_to() {
    let store = postgres::open(Vec::new()).await;
    let config: tokio_postgres::Config = postgres::url().parse().unwrap();
    let password = std::str::from_utf8(config.get_password().unwrap()).unwrap();
    assert!(!format!("{store:?}").contains(password));
    assert!(format!("{store:?}").contains(store.namespace()));
}

#[tokio::test]
async fn a_plan_of_a_query_shows_no_values() {
    let schema = ObjectSchema::new("Note").with_field(FieldSchema::new("Text", FieldType::Text));
    let store = postgres::open(vec![schema]).await;
    let of_text = Filter::eq("Text", SECRET).or(Filter::is_in("Text", [SECRET]));
    let finished = Filter::eq("Text", SECRET).and(Filter::eq("Text", "a\0b"));
    for (query, whole) in [
        (Query::of("Note").filter(of_text).limit(3), true),
        (Query::of("Note").filter(finished), false),
        (Query::of("Note").count(), true),
        (Query::of("Nothing").filter(Filter::eq("Text", SECRET)), true),
    ] {
        for _ in 0..2 {
            let plan = store.explain(&query).await.unwrap();
            assert_eq!(plan.is_whole(), whole, "{plan}");
            is_clean(&plan.to_string());
        }
    }
}

#[tokio::test]
async fn what_the_server_says_about_a_record_stays_out_of_the_error() {
    let schema = ObjectSchema::new("Note").with_field(FieldSchema::new("Text", FieldType::Text));
    let store = postgres::open(vec![schema]).await;
    let server = Server::connect().await;
    let table = format!(r#""{}".o_note"#, store.namespace());
    server.run(&format!("ALTER TABLE {table} ADD CHECK (f_text <> '{SECRET}')")).await;
    let id: circuit_core::RecordId = "n1".parse().unwrap();
    let note = Record::new("Note").with_id(id.clone()).with("Text", SECRET);
    let plan = CommitPlan::new(vec![Write::new(WriteKind::Insert, id, note)]);
    let error = store.commit(plan).await.unwrap_err();
    is_clean(&format!("{error:?}"));
    assert!(format!("{error:?}").contains("23514"), "{error:?}");
    // The session that had the error is as good as before.
    assert_eq!(store.query(&Query::of("Note").count()).await.unwrap().count, 0);
}
