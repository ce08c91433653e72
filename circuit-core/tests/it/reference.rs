//! References: checked on save, settled on delete.

use circuit_core::{
    Circuit, FieldSchema, FieldType, ObjectSchema, OnDelete, Query, Record, StatusCode, Value,
};
use circuit_db::Memory;

use crate::support::{builder, by_id};

/// Accounts, contacts that refer to them, and tasks that belong to contacts.
fn crm(contact: OnDelete) -> Circuit {
    let field = |name, object, on_delete| {
        FieldSchema::new(name, FieldType::Id).with_reference(object, on_delete)
    };
    let store = Memory::builder()
        .schema(ObjectSchema::new("Account").with_field(field(
            "ParentId",
            "Account",
            OnDelete::Clear,
        )))
        .schema(ObjectSchema::new("Contact").with_field(field("AccountId", "Account", contact)))
        .schema(ObjectSchema::new("Task").with_field(field("WhoId", "Contact", OnDelete::Cascade)))
        .build()
        .unwrap();
    builder([]).backend(store).build().unwrap()
}

async fn filled(contact: OnDelete) -> Circuit {
    let circuit = crm(contact);
    let of = |object, id: &str| Record::new(object).with_id(id.parse().unwrap());
    circuit.insert(of("Account", "a1")).await.unwrap();
    circuit.insert(of("Contact", "c1").with("AccountId", "a1")).await.unwrap();
    circuit.insert(of("Task", "t1").with("WhoId", "c1")).await.unwrap();
    circuit
}

async fn count(circuit: &Circuit, object: &str) -> usize {
    circuit.query::<Record>(Query::from(object)).await.unwrap().len()
}

#[tokio::test]
async fn a_reference_to_nothing_is_refused() {
    let contact = Record::new("Contact").with("AccountId", "nobody");
    let error = crm(OnDelete::Clear).insert(contact).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::InvalidCrossReferenceKey);
    assert_eq!(error.failures()[0].fields, ["AccountId"]);
}

#[tokio::test]
async fn a_record_cannot_refer_to_itself() {
    let circuit = filled(OnDelete::Clear).await;
    let id = "a1".parse().unwrap();
    let error = circuit.update(by_id("Account", &id).with("ParentId", "a1")).await.unwrap_err();
    assert!(error.failures()[0].message.contains("itself"));
}

#[tokio::test]
async fn a_reference_to_a_record_staged_in_the_same_execution_holds() {
    let circuit = crm(OnDelete::Clear);
    let run = circuit.run(|execution| async move {
        let account = execution.insert(Record::new("Account")).await?[0].id.clone();
        execution.insert(Record::new("Contact").with("AccountId", account)).await
    });
    run.await.unwrap();
    assert_eq!(count(&circuit, "Contact").await, 1);
}

#[tokio::test]
async fn restrict_refuses_the_delete() {
    let circuit = filled(OnDelete::Restrict).await;
    let error = circuit.delete(by_id("Account", &"a1".parse().unwrap())).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::DeleteFailed);
    assert_eq!(count(&circuit, "Account").await, 1);
}

#[tokio::test]
async fn clear_leaves_the_referrer_without_a_reference() {
    let circuit = filled(OnDelete::Clear).await;
    circuit.delete(by_id("Account", &"a1".parse().unwrap())).await.unwrap();
    let contacts: Vec<Record> = circuit.query(Query::from("Contact")).await.unwrap();
    assert_eq!(contacts[0].get("AccountId"), Some(&Value::Null));
}

#[tokio::test]
async fn cascade_deletes_down_to_the_last_level() {
    let circuit = filled(OnDelete::Cascade).await;
    circuit.delete(by_id("Account", &"a1".parse().unwrap())).await.unwrap();
    assert_eq!(count(&circuit, "Contact").await, 0);
    assert_eq!(count(&circuit, "Task").await, 0);
}
