//! Several stores on one database, as several processes would have them.

use std::collections::BTreeSet;
use std::sync::Arc;

use circuit_core::{
    CircuitDB, CommitOutcome, CommitPlan, FetchRequest, FieldSchema, FieldType, Filter,
    ObjectSchema, Query, Record, RecordId, StatusCode, Write, WriteKind,
};
use circuit_db::Postgres;

use crate::postgres;

fn member() -> ObjectSchema {
    ObjectSchema::new("Member")
        .with_field(FieldSchema::new("Email", FieldType::Text).unique())
        .with_field(FieldSchema::new("Visits", FieldType::Integer))
}

async fn open(namespace: &str) -> Arc<Postgres> {
    let builder = Postgres::builder().schema(member()).namespace(namespace);
    Arc::new(builder.connect(&postgres::url()).await.unwrap())
}

fn record(key: &str, email: &str) -> Record {
    Record::new("Member").with_id(key.parse().unwrap()).with("Email", email)
}

fn insert(record: Record) -> Write {
    Write::new(WriteKind::Insert, record.id().unwrap().clone(), record)
}

async fn update(store: &Postgres, key: &str, field: &str, value: i64) -> Write {
    let request = FetchRequest::by_id("Member", [key.parse::<RecordId>().unwrap()]);
    let old = store.fetch(&request).await.unwrap().remove(0).unwrap();
    let new = old.record.clone().with(field, value);
    Write::new(WriteKind::Update, key.parse().unwrap(), new).with_base(old.record, old.version)
}

fn is_stored(outcome: &CommitOutcome) -> bool {
    matches!(outcome, CommitOutcome::Committed { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_all_succeed() {
    let namespace = postgres::namespace();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let namespace = namespace.clone();
            tokio::spawn(async move { open(&namespace).await })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        let store = task.await.unwrap();
        let plan = CommitPlan::new(vec![insert(record(&format!("m{n}"), &format!("{n}@b.c")))]);
        assert!(is_stored(&store.commit(plan).await.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_stores_that_claim_one_value_at_once_one_wins_and_the_others_are_told() {
    let namespace = postgres::namespace();
    let stores = [open(&namespace).await, open(&namespace).await, open(&namespace).await];
    for round in 0..20 {
        let tasks: Vec<_> = (0..stores.len())
            .map(|n| {
                let store = Arc::clone(&stores[n]);
                let free = insert(record(&format!("f{round}_{n}"), &format!("f{round}_{n}@b.c")));
                let claimed = insert(record(&format!("m{round}_{n}"), &format!("{round}@B.c")));
                let plan = CommitPlan::new(vec![free, claimed]);
                tokio::spawn(async move { store.commit(plan).await.unwrap() })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                CommitOutcome::Committed { .. } => won += 1,
                CommitOutcome::Refused(problems) => {
                    assert_eq!(problems.len(), 1, "{problems:?}");
                    assert_eq!(
                        (problems[0].write, problems[0].field.as_deref()),
                        (1, Some("Email"))
                    );
                    assert_eq!(problems[0].status, StatusCode::DuplicateValue);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    }
    let all = stores[0].query(&Query::of("Member").count()).await.unwrap();
    assert_eq!(all.count, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_that_claim_values_crosswise_end_without_an_error() {
    let namespace = postgres::namespace();
    let stores = [open(&namespace).await, open(&namespace).await];
    // Keys sort one way, unique values the other: each waits for the value that the other has.
    for round in 0..3 {
        let plan = |first: &str, second: &str, own: &str| {
            let of = |key: String, value: &str| insert(record(&key, &format!("{value}{round}")));
            let writes = [(0, first), (1, second)];
            CommitPlan::new(writes.map(|(n, v)| of(format!("{own}{round}{n}"), v)).to_vec())
        };
        let plans = [plan("x", "y", "a"), plan("y", "x", "b")];
        let tasks: Vec<_> = plans
            .into_iter()
            .zip(&stores)
            .map(|(plan, store)| {
                let store = Arc::clone(store);
                tokio::spawn(async move { store.commit(plan).await.unwrap() })
            })
            .collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        assert_eq!(outcomes.iter().filter(|outcome| is_stored(outcome)).count(), 1);
        assert!(outcomes.iter().any(|outcome| matches!(outcome, CommitOutcome::Refused(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_over_the_same_records_in_other_orders_are_stored_or_in_conflict() {
    let namespace = postgres::namespace();
    let stores = [open(&namespace).await, open(&namespace).await];
    let keys: Vec<String> = (0..30).map(|n| format!("r{n:02}")).collect();
    let all = keys.iter().map(|key| insert(record(key, &format!("{key}@b.c")))).collect();
    assert!(is_stored(&stores[0].commit(CommitPlan::new(all)).await.unwrap()));
    let run = |store: Arc<Postgres>, keys: Vec<String>| async move {
        let mut whole = 0;
        for n in 0..20 {
            let mut writes = Vec::new();
            for key in &keys {
                writes.push(update(&store, key, "Visits", n).await);
            }
            match store.commit(CommitPlan::new(writes)).await.unwrap() {
                CommitOutcome::Committed { .. } => whole += 1,
                CommitOutcome::Conflict { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        whole
    };
    let backwards = keys.iter().rev().cloned().collect();
    let one = tokio::spawn(run(Arc::clone(&stores[0]), keys));
    let two = tokio::spawn(run(Arc::clone(&stores[1]), backwards));
    assert!(one.await.unwrap() + two.await.unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_object_that_another_store_made_is_found() {
    let namespace = postgres::namespace();
    let (one, two) = (open(&namespace).await, open(&namespace).await);
    let note = Record::new("Note").with_id("n1".parse().unwrap()).with("Text", "hi");
    assert_eq!(two.query(&Query::of("Note").count()).await.unwrap().count, 0);
    assert!(is_stored(&one.commit(CommitPlan::new(vec![insert(note)])).await.unwrap()));
    let found = Query::of("note").filter(Filter::eq("text", "HI"));
    assert_eq!(two.query(&found).await.unwrap().count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_make_an_open_object_at_once_share_it() {
    let namespace = postgres::namespace();
    let stores = [open(&namespace).await, open(&namespace).await, open(&namespace).await];
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let store = Arc::clone(&stores[n % 3]);
            let id: RecordId = format!("n{n}").parse().unwrap();
            let note = Record::new(format!("Note{}", n / 3).as_str()).with_id(id);
            tokio::spawn(async move { store.commit(CommitPlan::new(vec![insert(note)])).await })
        })
        .collect();
    for task in tasks {
        assert!(is_stored(&task.await.unwrap().unwrap()));
    }
    for n in 0..4 {
        let query = Query::of(format!("Note{n}")).count();
        assert_eq!(stores[0].query(&query).await.unwrap().count, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_future_was_dropped_is_stored_whole_or_not_at_all() {
    let store = open(&postgres::namespace()).await;
    for number in 0..50 {
        let plan = ["a", "b"].map(|half| insert(record(&format!("{half}{number}"), "")));
        let limit = std::time::Duration::from_micros(number * 40);
        drop(tokio::time::timeout(limit, store.commit(CommitPlan::new(plan.to_vec()))).await);
    }
    // The pool hands its sessions out again only when the dropped commits are done with them.
    let all = loop {
        let all = store.query(&Query::of("Member")).await.unwrap().records;
        if all.iter().any(|stored| stored.record.id().unwrap().as_str() == "a49") {
            break all;
        }
        tokio::task::yield_now().await;
    };
    let keys: BTreeSet<&str> = all.iter().map(|one| one.record.id().unwrap().as_str()).collect();
    for number in 0..50 {
        let halves = ["a", "b"].map(|half| keys.contains(format!("{half}{number}").as_str()));
        assert_eq!(halves[0], halves[1], "plan {number} is stored by halves");
    }
}
