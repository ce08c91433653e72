//! Scopes in which handlers do not run.

use circuit_core::{Bypass, Circuit, Record, TriggerEvent, TriggerRegistration};
use circuit_testkit::Recorder;

use crate::support::{circuit, contacts, on};

fn noted(seen: &Recorder) -> TriggerRegistration {
    let seen = seen.clone();
    on("Task", TriggerEvent::BeforeInsert, "noted", move |_| {
        seen.note("ran");
        Ok(())
    })
    .with_disabled_by("IMPORT")
}

async fn runs_under(bypass: Bypass) -> bool {
    let seen = Recorder::default();
    let circuit = circuit([noted(&seen)]);
    let session = circuit.session().with_user("ada").with_permission("Loader").with_bypass(bypass);
    session.insert(Record::new("Task")).await.unwrap();
    !seen.take().is_empty()
}

#[tokio::test]
async fn a_scope_leaves_out_what_fits_all_its_parts() {
    assert!(!runs_under(Bypass::object("TASK")).await);
    assert!(!runs_under(Bypass::handler("noted")).await);
    assert!(!runs_under(Bypass::event(TriggerEvent::BeforeInsert)).await);
    assert!(!runs_under(Bypass::named("IMPORT")).await);
    assert!(!runs_under(Bypass::user("ada")).await);
    assert!(!runs_under(Bypass::permission("Loader")).await);
    assert!(!runs_under(Bypass::object("Task").and_user("ada")).await);
}

#[tokio::test]
async fn a_scope_of_which_one_part_does_not_fit_leaves_nothing_out() {
    assert!(runs_under(Bypass::object("Contact")).await);
    assert!(runs_under(Bypass::event(TriggerEvent::AfterInsert)).await);
    assert!(runs_under(Bypass::named("OTHER")).await);
    assert!(runs_under(Bypass::user("bob")).await);
    assert!(runs_under(Bypass::permission("Admin")).await);
    assert!(runs_under(Bypass::object("Task").and_user("bob")).await);
    assert!(runs_under(Bypass::default()).await);
}

#[tokio::test]
async fn an_inner_scope_never_ends_an_outer_one() {
    let seen = Recorder::default();
    let outer = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "outer", |ctx| {
        Box::pin(async move {
            let outer = ctx.bypass(Bypass::object("Task"));
            let inner = ctx.bypass(Bypass::object("Task"));
            drop(inner);
            ctx.insert(Record::new("Task")).await?;
            drop(outer);
            ctx.insert(Record::new("Task")).await?;
            Ok(())
        })
    });
    let circuit: Circuit = circuit([outer, noted(&seen)]);
    circuit.insert(contacts(1)).await.unwrap();
    assert_eq!(seen.take(), ["ran"]);
}
