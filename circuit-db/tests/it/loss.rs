//! Connections that are lost in the middle: typed errors, nothing by halves, and a pool that lives.

use std::time::Duration;

use circuit_core::{
    Circuit, CircuitDB, CommitOutcome, CommitPlan, Error, ErrorKind, FetchRequest, FieldSchema,
    FieldType, Filter, ObjectSchema, Query, Record, RecordId, Registry, Write, WriteKind,
};
use circuit_db::{Postgres, PostgresBuilder};

use tokio_postgres::config::Host;

use crate::postgres;
use crate::proxy::{Cut, Proxy};
use crate::server::{Server, url_of};

const SESSIONS: usize = 4;
const WAIT: Duration = Duration::from_secs(10);

fn schemas() -> [ObjectSchema; 2] {
    let email = FieldSchema::new("Email", FieldType::Text).unique();
    let name = FieldSchema::new("Name", FieldType::Text);
    [ObjectSchema::new("Contact").with_field(email), ObjectSchema::new("Task").with_field(name)]
}

async fn open(url: &str, wait: Duration) -> Postgres {
    let builder = schemas().into_iter().fold(Postgres::builder(), PostgresBuilder::schema);
    let builder = builder.namespace(postgres::namespace()).pool_size(SESSIONS).wait(wait);
    builder.connect(url).await.unwrap()
}

fn contact(key: &str) -> Record {
    let id: RecordId = key.parse().unwrap();
    Record::new("Contact").with_id(id).with("Email", format!("{key}@b.c"))
}

fn task(key: &str) -> Record {
    Record::new("Task").with_id(key.parse().unwrap()).with("Name", key)
}

fn insert(record: Record) -> Write {
    Write::new(WriteKind::Insert, record.id().unwrap().clone(), record)
}

/// Two contacts and a task.
fn plan(round: usize) -> CommitPlan {
    let (one, two) = (contact(&format!("a{round}")), contact(&format!("b{round}")));
    CommitPlan::new([one, two, task(&format!("t{round}"))].map(insert).to_vec())
}

/// Returns how many records of a round's plan are stored: what counts is that it is 0 or 3.
async fn stored(store: &Postgres, round: usize) -> usize {
    let keys = [format!("a{round}"), format!("b{round}")].map(|key| key.parse().unwrap());
    let contacts = store.fetch(&FetchRequest::by_id("Contact", keys)).await.unwrap();
    let task = [format!("t{round}").parse().unwrap()];
    let tasks = store.fetch(&FetchRequest::by_id("Task", task)).await.unwrap();
    contacts.iter().chain(&tasks).flatten().count()
}

/// Returns the number of tasks. A session that died a moment ago may cost a call, but each only one.
async fn recovered(store: &Postgres) -> usize {
    for _ in 0..SESSIONS {
        match store.query(&Query::of("Task").count()).await {
            Ok(answer) => return answer.count,
            Err(error) => is_retryable(&error),
        }
    }
    store.query(&Query::of("Task").count()).await.unwrap().count
}

#[track_caller]
fn is_retryable(error: &Error) {
    assert!(error.is_retryable() && error.kind() == ErrorKind::Unavailable, "{error:?}");
    assert_eq!(error.context("outcome"), None, "{error:?}");
}

/// A query waits for a lock when its session is killed.
async fn during_a_query(store: &Postgres, server: &Server, name: &str) {
    server.run(&format!(r#"BEGIN; LOCK TABLE "{}".o_contact"#, store.namespace())).await;
    let query = Query::of("Contact").filter(Filter::eq("Email", "x"));
    let (answer, ()) = tokio::join!(store.query(&query), async {
        server.wait_until_blocked(name).await;
        server.kill(name).await;
        server.run("ROLLBACK").await;
    });
    is_retryable(&answer.unwrap_err());
}

/// A commit waits for a record that another session holds when its session is killed.
async fn while_a_commit_locks(store: &Postgres, server: &Server, name: &str, round: usize) {
    let request = FetchRequest::by_id("Task", ["seed".parse().unwrap()]);
    let old = store.fetch(&request).await.unwrap().remove(0).unwrap();
    server
        .run(&format!(
            r#"BEGIN; SELECT FROM "{}".o_task WHERE _key = 'seed' FOR UPDATE"#,
            store.namespace()
        ))
        .await;
    let mut plan = plan(round);
    let id = old.record.id().unwrap().clone();
    let update = Write::new(WriteKind::Update, id, old.record.clone().with("Name", "changed"));
    plan.writes.push(update.with_base(old.record, old.version));
    let (answer, ()) = tokio::join!(store.commit(plan), async {
        server.wait_until_blocked(name).await;
        server.kill(name).await;
        server.run("ROLLBACK").await;
    });
    is_retryable(&answer.unwrap_err());
    recovered(store).await;
    assert_eq!(stored(store, round).await, 0);
}

/// A commit has written the task and waits for a unique value when its session is killed.
async fn while_a_commit_writes(store: &Postgres, server: &Server, name: &str, round: usize) {
    server
        .run(&format!(
            r#"BEGIN; INSERT INTO "{}".o_contact (_key, _id, _version, u_email)
               VALUES ('other', 'other', 1, 'b{round}@b.c')"#,
            store.namespace()
        ))
        .await;
    let (answer, ()) = tokio::join!(store.commit(plan(round)), async {
        server.wait_until_blocked(name).await;
        server.kill(name).await;
        server.run("ROLLBACK").await;
    });
    is_retryable(&answer.unwrap_err());
    recovered(store).await;
    assert_eq!(stored(store, round).await, 0);
}

/// All sessions are killed between two calls of one execution.
async fn between_calls(circuit: &Circuit, server: &Server, name: &str, round: usize) -> bool {
    let ran = circuit.run(async |execution| {
        execution.insert(contact(&format!("a{round}"))).await?;
        server.kill(name).await;
        execution.query::<Record>(Query::of("Task")).await?;
        execution.insert(contact(&format!("b{round}"))).await?;
        execution.insert(task(&format!("t{round}"))).await
    });
    let ran = ran.await;
    if let Err(error) = &ran {
        is_retryable(error);
    }
    ran.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_killed_sessions_leave_nothing_by_halves_and_the_pool_recovers() {
    let name = "circuit_loss";
    let store = open(&url_of(name), WAIT).await;
    let server = Server::connect().await;
    store.commit(CommitPlan::new(vec![insert(task("seed"))])).await.unwrap();
    let circuit = Circuit::builder().backend(store.clone()).registry(Registry::default());
    let circuit = circuit.build().unwrap();
    let mut whole = 0;
    for round in 0..50 {
        match round % 4 {
            0 => during_a_query(&store, &server, name).await,
            1 => while_a_commit_locks(&store, &server, name, round).await,
            2 => while_a_commit_writes(&store, &server, name, round).await,
            _ => {
                let is_stored = between_calls(&circuit, &server, name, round).await;
                recovered(&store).await;
                assert_eq!(stored(&store, round).await, if is_stored { 3 } else { 0 });
                whole += usize::from(is_stored);
            }
        }
        assert_eq!(recovered(&store).await, 1 + whole, "round {round}");
    }
    let after = store.commit(plan(50)).await.unwrap();
    assert!(matches!(after, CommitOutcome::Committed { .. }));
    assert_eq!(stored(&store, 50).await, 3);
}

/// A store whose connections can be cut.
async fn relayed(wait: Duration) -> (Postgres, Proxy) {
    let config: tokio_postgres::Config = postgres::url().parse().unwrap();
    let server = match &config.get_hosts()[0] {
        Host::Tcp(host) => format!("{host}:{}", config.get_ports()[0]),
        other @ Host::Unix(_) => panic!("{other:?} is not on the network"),
    };
    let proxy = Proxy::start(server.clone()).await;
    let url = postgres::url().replace(&server, &format!("127.0.0.1:{}", proxy.port()));
    (open(&url, wait).await, proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_tells_what_became_of_it() {
    let (store, proxy) = relayed(WAIT).await;
    for round in 0..30 {
        let cut = [Cut::Before, Cut::Between, Cut::After][round % 3];
        proxy.cut_next(cut);
        let answer = store.commit(plan(round)).await;
        assert!(proxy.has_cut());
        if cut == Cut::After {
            let outcome = answer.unwrap();
            assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
            assert_eq!(stored(&store, round).await, 3, "{cut:?}");
        } else {
            is_retryable(&answer.unwrap_err());
            assert_eq!(stored(&store, round).await, 0, "{cut:?}");
            let again = store.commit(plan(round)).await.unwrap();
            assert!(matches!(again, CommitOutcome::Committed { .. }), "{again:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_server_cannot_be_asked_the_error_says_that_the_outcome_is_unknown() {
    let (store, proxy) = relayed(Duration::from_secs(1)).await;
    for (round, cut, count) in [(0, Cut::Between, 0), (1, Cut::After, 3)] {
        proxy.cut_next(cut);
        proxy.close(true);
        let error = store.commit(plan(round)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.context("outcome"), Some("unknown"), "{error:?}");
        proxy.close(false);
        recovered(&store).await;
        assert_eq!(stored(&store, round).await, count, "{cut:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_a_retryable_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = Postgres::connect(&format!("postgres://u:pw@127.0.0.1:{port}/x")).await;
    let error = error.unwrap_err();
    is_retryable(&error);
    assert_eq!(error.message(), "PostgreSQL cannot be reached");
}
