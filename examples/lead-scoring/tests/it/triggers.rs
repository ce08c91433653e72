//! The triggers without the host: typed records over the memory store, in milliseconds.

use circuit_core::{Circuit, Filter, Query, RecordId};
use circuit_db::Memory;
use lead_scoring::lead::{Contact, Task};

fn circuit() -> Circuit {
    let store = Memory::builder().schema(Contact::schema()).schema(Task::schema());
    let store = store.build().expect("the schemas are sound");
    Circuit::builder().backend(store).build().expect("the triggers are sound")
}

/// A contact with 75 points: 19 fit, 40 intent, 16 timing.
fn hot() -> Contact {
    Contact {
        first_name: Some("Imogen".to_owned()),
        seniority: Some("C".to_owned()),
        company_size: Some(200),
        source: Some("Referral".to_owned()),
        page_views: Some(10),
        email_opens: Some(6),
        email_clicks: Some(4),
        form_submits: Some(2),
        demo_requested: Some(true),
        timeline_days: Some(7),
        last_activity_hours: Some(0),
        ..Contact::default()
    }
}

async fn stored(circuit: &Circuit, id: &RecordId) -> Contact {
    let query = Query::of(Contact::OBJECT_NAME).filter(Filter::eq(Contact::ID, id));
    let mut found: Vec<Contact> = circuit.query(query).await.expect("the store answers");
    found.pop().expect("the contact is stored")
}

async fn tasks(circuit: &Circuit) -> Vec<Task> {
    circuit.query(Query::of(Task::OBJECT_NAME)).await.expect("the store answers")
}

async fn insert(circuit: &Circuit, contact: Contact) -> RecordId {
    let outcome = circuit.insert(contact).await.expect("the contact is sound");
    outcome.results()[0].id().cloned().expect("it was saved")
}

#[tokio::test]
async fn a_new_contact_is_stored_normalised_and_scored() {
    let circuit = circuit();
    let email = Some("\t Ada@Example.COM\r\n".to_owned());
    let id = insert(&circuit, Contact { email, ..hot() }).await;
    let contact = stored(&circuit, &id).await;
    assert_eq!(contact.email.as_deref(), Some("ada@example.com"));
    assert_eq!(contact.source.as_deref(), Some("referral"));
    assert_eq!(contact.country.as_deref(), Some("US"));
    assert_eq!((contact.fit, contact.intent, contact.timing), (Some(19), Some(40), Some(16)));
    assert_eq!((contact.score, contact.grade.as_deref()), (Some(75), Some("B")));
}

#[tokio::test]
async fn seventy_five_points_make_a_task_that_is_due_in_a_day() {
    let circuit = circuit();
    let before = chrono::Utc::now();
    let id = insert(&circuit, hot()).await;
    let tasks = tasks(&circuit).await;
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].contact_id, Some(id));
    assert_eq!(tasks[0].subject.as_deref(), Some("Immediate follow-up: Imogen "));
    let due = tasks[0].due.map(|due| (due - before).num_hours());
    assert_eq!(due, Some(24));
}

#[tokio::test]
async fn seventy_four_points_make_none() {
    let circuit = circuit();
    insert(&circuit, Contact { last_activity_hours: Some(24), ..hot() }).await;
    assert!(tasks(&circuit).await.is_empty());
}

#[tokio::test]
async fn a_changed_signal_scores_again_and_a_changed_name_does_not() {
    let circuit = circuit();
    let id = insert(&circuit, Contact::default()).await;
    let change = Contact { id: Some(id.clone()), ..hot() };
    circuit.update(change).await.unwrap();
    assert_eq!(stored(&circuit, &id).await.score, Some(75));

    let name = Some("Zoë".to_owned());
    let change = Contact { id: Some(id), first_name: name, ..Contact::default() };
    let outcome = circuit.update(change).await.unwrap();
    assert_eq!(outcome.usage().dml_statements(), 1);
}

#[tokio::test]
async fn a_closed_task_does_not_stand_in_for_a_new_call() {
    let circuit = circuit();
    let id = insert(&circuit, hot()).await;
    let closed = Task {
        id: tasks(&circuit).await[0].id.clone(),
        status: Some("DONE".to_owned()),
        ..Task::default()
    };
    circuit.update(closed).await.unwrap();
    let budget = Contact { id: Some(id), budget: Some(10_000), ..Contact::default() };
    circuit.update(budget).await.unwrap();
    assert_eq!(tasks(&circuit).await.len(), 2);
}

#[tokio::test]
async fn tasks_go_with_their_contact() {
    let circuit = circuit();
    let id = insert(&circuit, hot()).await;
    circuit.delete(Contact { id: Some(id), ..Contact::default() }).await.unwrap();
    assert!(tasks(&circuit).await.is_empty());
}
