//! The recycle bin.

use circuit_core::{Query, Record, StatusCode};

use crate::support::{by_id, circuit, contacts};

#[tokio::test]
async fn a_deleted_record_comes_back_with_its_values() {
    let circuit = circuit([]);
    let id = circuit.insert(contacts(1)).await.unwrap().value[0].id().cloned().unwrap();
    circuit.delete(by_id("Contact", &id)).await.unwrap();
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
    circuit.undelete(by_id("Contact", &id)).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
    assert_eq!(stored[0].read::<String>("LastName").unwrap(), "L0");
}

#[tokio::test]
async fn delete_and_undelete_in_one_execution_leave_the_record_as_it_was() {
    let circuit = circuit([]);
    let id = circuit.insert(contacts(1)).await.unwrap().value[0].id().cloned().unwrap();
    let run = circuit.run(|execution| {
        let record = by_id("Contact", &id);
        async move {
            execution.delete(record.clone()).await?;
            execution.undelete(record).await
        }
    });
    run.await.unwrap();
    assert_eq!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn undelete_of_a_live_record_is_refused() {
    let circuit = circuit([]);
    let id = circuit.insert(contacts(1)).await.unwrap().value[0].id().cloned().unwrap();
    let error = circuit.undelete(by_id("Contact", &id)).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::UndeleteFailed);
}
