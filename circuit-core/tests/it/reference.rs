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
    circuit.query::<Record>(Query::of(object)).await.unwrap().len()
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
        let account = execution.insert(Record::new("Account")).await?[0].id().cloned().unwrap();
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
    let contacts: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
    assert_eq!(contacts[0].get("AccountId"), Some(&Value::Null));
}

#[tokio::test]
async fn cascade_deletes_down_to_the_last_level() {
    let circuit = filled(OnDelete::Cascade).await;
    circuit.delete(by_id("Account", &"a1".parse().unwrap())).await.unwrap();
    assert_eq!(count(&circuit, "Contact").await, 0);
    assert_eq!(count(&circuit, "Task").await, 0);
}

/// Deals that refer to two accounts: to the first as said, to the second with `Clear`.
fn deals(first: OnDelete) -> Circuit {
    let field = |name, on_delete| {
        FieldSchema::new(name, FieldType::Id).with_reference("Account", on_delete)
    };
    let store = Memory::builder()
        .schema(ObjectSchema::new("Account"))
        .schema(
            ObjectSchema::new("Deal")
                .with_field(field("BuyerId", first))
                .with_field(field("PartnerId", OnDelete::Clear)),
        )
        .build()
        .unwrap();
    builder([]).backend(store).build().unwrap()
}

async fn with_deal(first: OnDelete, buyer: &str, partner: &str) -> Circuit {
    let circuit = deals(first);
    for account in ["a1", "a2"] {
        circuit.insert(by_id("Account", &account.parse().unwrap())).await.unwrap();
    }
    let deal = Record::new("Deal").with("BuyerId", buyer).with("PartnerId", partner);
    circuit.insert(deal).await.unwrap();
    circuit
}

#[tokio::test]
async fn two_references_to_one_deleted_record_are_both_cleared() {
    let circuit = with_deal(OnDelete::Clear, "a1", "a1").await;
    circuit.delete(by_id("Account", &"a1".parse().unwrap())).await.unwrap();
    let deals: Vec<Record> = circuit.query(Query::of("Deal")).await.unwrap();
    assert_eq!(deals[0].get("BuyerId"), Some(&Value::Null));
    assert_eq!(deals[0].get("PartnerId"), Some(&Value::Null));
}

#[tokio::test]
async fn a_record_that_one_delete_takes_along_and_another_clears_is_deleted() {
    let circuit = with_deal(OnDelete::Cascade, "a1", "a2").await;
    let accounts = ["a1", "a2"].map(|id| by_id("Account", &id.parse().unwrap()));
    circuit.delete(accounts).await.unwrap();
    assert_eq!(count(&circuit, "Deal").await, 0);
}

#[tokio::test]
async fn a_record_that_goes_in_the_same_call_holds_nothing_back() {
    let circuit = filled(OnDelete::Restrict).await;
    let (account, contact) = ("a1".parse().unwrap(), "c1".parse().unwrap());
    let error = circuit.delete(by_id("Account", &account)).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::DeleteFailed);
    circuit.delete([by_id("Contact", &contact), by_id("Account", &account)]).await.unwrap();
    assert_eq!(count(&circuit, "Account").await, 0);
}

#[test]
fn a_required_reference_cannot_be_cleared() {
    let field = FieldSchema::new("AccountId", FieldType::Id)
        .with_reference("Account", OnDelete::Clear)
        .required();
    let error = ObjectSchema::new("Contact").with_field(field).check().unwrap_err();
    assert!(error.message().contains("cascade or restrict"), "{error}");
}

#[tokio::test]
async fn a_parent_that_changes_meanwhile_is_no_conflict() {
    let circuit = filled(OnDelete::Clear).await;
    let other = circuit.clone();
    let outcome = circuit
        .run(|execution| {
            let other = other.clone();
            async move {
                let contact = || Record::new("Contact").with("AccountId", "a1");
                execution.insert(contact()).await?;
                let touch = by_id("Account", &"a1".parse()?).with("ParentId", Value::Null);
                other.update(touch).await?;
                execution.insert(contact()).await
            }
        })
        .await
        .unwrap();
    assert_eq!(outcome.reruns(), 0);
}
