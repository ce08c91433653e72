//! Queries inside an execution.

use std::sync::Arc;

use circuit_core::{
    ErrorKind, Filter, Groups, Operand, OrderBy, Query, Record, RecordId, Stored, Value, Version,
    eval,
};

use crate::support::{by_id, circuit};

#[tokio::test]
async fn order_limit_and_offset_hold_over_staged_and_stored_records() {
    let circuit = circuit([]);
    let of = |n: i64| Record::new("Task").with_id(format!("t{n}").parse().unwrap()).with("N", n);
    circuit.insert([of(1), of(2), of(3), of(4)]).await.unwrap();
    let run = circuit.run(|execution| async move {
        execution.insert(of(0)).await?;
        execution.delete(by_id("Task", &"t2".parse()?)).await?;
        execution.update(by_id("Task", &"t1".parse()?).with("N", 9)).await?;
        let query = Query::of("Task").order_by(OrderBy::ascending("N")).offset(1).limit(2);
        let page: Vec<Record> = execution.query(query).await?;
        let numbers: Vec<i64> = page.iter().map(|task| task.read("N")).collect::<Result<_, _>>()?;
        let rest = execution.count(Query::of("Task").filter(Filter::less("N", 9))).await?;
        Ok((numbers, rest))
    });
    assert_eq!(run.await.unwrap().value, (vec![3, 4], 3));
}

#[tokio::test]
async fn a_record_that_changed_between_two_reads_is_a_conflict() {
    let circuit = circuit([]);
    circuit.insert(Record::new("Task").with_id("t1".parse().unwrap()).with("N", 1)).await.unwrap();
    let other = circuit.clone();
    let run = circuit.run(|execution| {
        let other = other.clone();
        async move {
            execution.query::<Record>(Query::of("Task")).await?;
            other.update(by_id("Task", &"t1".parse()?).with("N", 2)).await?;
            execution.update(by_id("Task", &"t1".parse()?).with("N", 3)).await
        }
    });
    assert_eq!(run.await.unwrap_err().kind(), ErrorKind::Conflict);
}

/// Reads the first task with or without a lock, lets somebody else change it, and writes another.
async fn write_beside(locked: bool) -> circuit_core::Result<circuit_core::Outcome<()>> {
    let circuit = circuit([]);
    let of = |name: &str| Record::new("Task").with_id(name.parse().unwrap()).with("N", 1);
    circuit.insert([of("t1"), of("t2")]).await.unwrap();
    let other = circuit.clone();
    let run = circuit.run(|execution| {
        let other = other.clone();
        async move {
            let mut query = Query::of("Task").filter(Filter::eq("Id", "t1"));
            query.lock = locked;
            execution.query::<Record>(query).await?;
            other.update(by_id("Task", &"t1".parse()?).with("N", 2)).await?;
            execution.update(by_id("Task", &"t2".parse()?).with("N", 3)).await?;
            Ok(())
        }
    });
    run.await
}

#[tokio::test]
async fn for_update_guards_what_is_only_read() {
    assert!(write_beside(false).await.is_ok());
    let error = write_beside(true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.context("object"), Some("Task"));
}

#[tokio::test]
async fn what_a_query_found_beside_a_record_is_not_written() {
    let circuit = circuit([]);
    let parent = Record::new("Account").with("Name", "Acme");
    let task =
        Record::new("Task").with("N", 1).with("Parent", circuit_core::Value::Record(parent.into()));
    circuit.insert(task).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Task")).await.unwrap();
    assert_eq!(stored[0].get("Parent"), None);
}

#[tokio::test]
async fn explain_says_who_finishes_a_query() {
    let circuit = circuit([]);
    let run = circuit.run(|execution| async move {
        let query = Query::of("Task").filter(Filter::eq("Id", "t1"));
        let before = execution.explain(query.clone()).await?;
        execution.insert(Record::new("Task").with("N", 1)).await?;
        Ok((before, execution.explain(query).await?))
    });
    let (before, after) = run.await.unwrap().value;
    assert!(before.is_whole(), "{before}");
    assert!(!after.is_whole(), "{after}");
    assert!(after.to_string().contains("circuit: puts the staged writes of task over"), "{after}");
}

/// JSON has no order, and still a query answers alike each time.
#[test]
fn groups_of_json_come_in_one_order() {
    let json = |n: u32| Value::Json(Arc::new(serde_json::json!({ "n": n })));
    let stored = |n: u32| {
        let id: RecordId = format!("x{n}").parse().unwrap();
        let record = Record::new("X").with_id(id).with("Any", json(n % 9));
        Stored { record, version: Version(1) }
    };
    let any = || Operand::field("Any");
    let query = Query::of("X").groups(Groups {
        keys: vec![any()],
        columns: vec![(any(), "any".into())],
        ..Groups::default()
    });
    let answer = |reverse: bool| -> Vec<Option<Value>> {
        let mut records: Vec<Stored> = (0..40).map(stored).collect();
        if reverse {
            records.reverse();
        }
        let found = eval::finish(&query, records).unwrap().records;
        found.iter().map(|row| row.record.get("any").cloned()).collect()
    };
    let first = answer(false);
    assert_eq!(first.len(), 9);
    assert!((0..20).all(|round| answer(round % 2 == 0) == first));
}
