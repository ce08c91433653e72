//! Executions to look at.

use std::sync::Arc;
use std::time::Duration;

use circuit_core::{
    Circuit, CircuitBuilder, ExecutionReport, HandlerError, Query, Record, Registry,
    TriggerContext, TriggerEvent, TriggerRegistration,
};
use circuit_db::Memory;
use circuit_testkit::{CountingIds, ManualClock};
use serde_json::{Value, json};

/// An engine with ids that count up, over an empty store.
pub(crate) fn builder(
    clock: &ManualClock,
    registrations: impl IntoIterator<Item = TriggerRegistration>,
) -> CircuitBuilder {
    let registry = registrations
        .into_iter()
        .fold(Registry::builder(), circuit_core::RegistryBuilder::register);
    Circuit::builder()
        .registry(registry.build())
        .ids(CountingIds::default())
        .clock(clock.clone())
        .backend(Memory::new())
        .log_filter("debug".parse().unwrap())
        .host("machine-1")
        .build_version("1.2.3")
}

pub(crate) fn contacts(count: usize) -> Vec<Record> {
    (0..count).map(|i| Record::new("Contact").with("Email", format!("{i}@b.c"))).collect()
}

fn handler<F>(clock: &ManualClock, event: TriggerEvent, name: &str, run: F) -> TriggerRegistration
where
    F: for<'c, 'i> Fn(
            &'c ManualClock,
            &'c mut TriggerContext<'i, Record>,
        ) -> Result<(), HandlerError>
        + Send
        + Sync
        + 'static,
{
    let clock = clock.clone();
    TriggerRegistration::sync("Contact", [event], name, move |ctx| run(&clock, ctx))
}

/// Cleans e-mail addresses, fast.
pub(crate) fn clean_email(clock: &ManualClock) -> TriggerRegistration {
    handler(clock, TriggerEvent::BeforeInsert, "clean_email", |clock, ctx| {
        clock.advance(Duration::from_micros(800));
        ctx.log().info("cleaned").with("rows", ctx.size());
        Ok(())
    })
}

/// Asks the store once for each record, and writes a task for each, which is checked.
pub(crate) fn follow_up(clock: &ManualClock) -> TriggerRegistration {
    let clock = clock.clone();
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "follow_up", move |ctx| {
        let clock = clock.clone();
        Box::pin(async move {
            let mut tasks = Vec::new();
            for _ in ctx.ids().iter().take(20) {
                clock.advance(Duration::from_millis(3));
                ctx.count(Query::of("Task")).await?;
                tasks.push(Record::new("Task"));
            }
            ctx.log().warn("one query per record is slow");
            ctx.insert(tasks).await?;
            Ok(())
        })
    })
}

/// Fails at the third task.
pub(crate) fn check_task(clock: &ManualClock, fails: bool) -> TriggerRegistration {
    let clock = clock.clone();
    TriggerRegistration::sync("Task", [TriggerEvent::BeforeInsert], "check_task", move |ctx| {
        clock.advance(Duration::from_millis(4));
        ctx.log().debug("checking");
        if fails { Err(HandlerError::msg("task 3 has no owner")) } else { Ok(()) }
    })
}

/// The report of an insert of 300 contacts, with a slow handler, and a failing one inside if asked.
pub(crate) async fn report(fails: bool) -> Arc<ExecutionReport> {
    let clock = ManualClock::default();
    let handlers = [clean_email(&clock), follow_up(&clock), check_task(&clock, fails)];
    let circuit = builder(&clock, handlers).build().unwrap();
    let session = circuit
        .session()
        .with_user("loader")
        .with_origin(circuit_core::Quiddity::Webhook, "webhook 42");
    match session.insert(contacts(300)).await {
        Ok(outcome) => steady(outcome.report()),
        Err(error) => steady(error.report().unwrap()),
    }
}

/// A report with processor times and memory that are the same in each run.
pub(crate) fn steady(report: &ExecutionReport) -> Arc<ExecutionReport> {
    let mut json = serde_json::to_value(report).unwrap();
    settle(&mut json);
    Arc::new(serde_json::from_value(json).unwrap())
}

fn settle(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            fields.remove("cpu_time");
            fields.remove("heap_size");
            let nanos = if fields.get("kind") == Some(&json!("handler")) { 1_500_000 } else { 0 };
            if let Some(cpu) = fields.get_mut("cpu") {
                *cpu = json!({ "secs": 0, "nanos": nanos });
            }
            if let Some(peak) = fields.get_mut("peak") {
                *peak = json!(nanos / 2);
            }
            fields.values_mut().for_each(settle);
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}
