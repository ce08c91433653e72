//! The rules, without a database and without a network.

use circuit_core::{Circuit, Query};
use circuit_db::Memory;
use circuit_testkit::{CountingIds, ManualClock};
use my_triggers::{Contact, Task};

fn circuit() -> Circuit {
    Circuit::builder()
        .backend(Memory::new())
        .ids(CountingIds::default())
        .clock(ManualClock::default())
        .expect_crates(["my-triggers"])
        .build()
        .unwrap()
}

fn contact(email: &str) -> Contact {
    Contact {
        last_name: Some("Lovelace".to_owned()),
        email: Some(email.to_owned()),
        ..Contact::default()
    }
}

#[tokio::test]
async fn emails_are_stored_in_lower_case() {
    let circuit = circuit();
    circuit.insert(contact(" Ada@Example.com")).await.unwrap();
    let stored: Vec<Contact> = circuit.query(Query::of("Contact")).await.unwrap();
    assert_eq!(stored[0].email.as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn each_new_contact_gets_a_task_in_one_insert() {
    let circuit = circuit();
    let outcome = circuit.insert([contact("a@b.c"), contact("d@e.f")]).await.unwrap();
    let tasks: Vec<Task> = circuit.query(Query::of("Task")).await.unwrap();
    assert_eq!(tasks.len(), 2);
    assert_eq!(tasks[0].who_id.as_ref(), outcome.results()[0].id());
    assert_eq!(outcome.usage().dml_statements(), 2);
}
