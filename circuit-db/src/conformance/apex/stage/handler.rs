//! Handlers of behaviours: closures that are handed the stage, and handlers that many need.

use std::future::Future;
use std::pin::Pin;

use circuit_core::{
    HandlerError, Record, Result, TriggerContext, TriggerEvent, TriggerRegistration, TriggerRow,
    Value,
};

use super::Stage;
use super::record::{name_of, named};
use super::result::show;

/// What a handler does that waits for something.
pub(in crate::conformance::apex) type Work<'a> =
    Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>;

/// Registers a closure that waits for nothing, and hands it the stage.
pub(in crate::conformance::apex) fn on<F>(
    stage: &Stage,
    object: &str,
    event: TriggerEvent,
    name: &str,
    handler: F,
) -> TriggerRegistration
where
    F: for<'c, 'i> Fn(&Stage, &'c mut TriggerContext<'i, Record>) -> Result<(), HandlerError>
        + Send
        + Sync
        + 'static,
{
    let stage = stage.clone();
    TriggerRegistration::sync(object, [event], name.to_owned(), move |ctx| handler(&stage, ctx))
}

/// Registers a closure that waits for something, and hands it the stage.
pub(in crate::conformance::apex) fn wait<F>(
    stage: &Stage,
    object: &str,
    event: TriggerEvent,
    name: &str,
    handler: F,
) -> TriggerRegistration
where
    F: for<'c, 'i> Fn(Stage, &'c mut TriggerContext<'i, Record>) -> Work<'c>
        + Send
        + Sync
        + 'static,
{
    let stage = stage.clone();
    TriggerRegistration::new(object, [event], name.to_owned(), move |ctx| {
        handler(stage.clone(), ctx)
    })
}

/// Registers a closure for several events, and hands it the stage.
pub(in crate::conformance::apex) fn watches<const N: usize, F>(
    stage: &Stage,
    object: &str,
    events: [TriggerEvent; N],
    name: &str,
    handler: F,
) -> TriggerRegistration
where
    F: for<'c, 'i> Fn(&Stage, &'c mut TriggerContext<'i, Record>) -> Result<(), HandlerError>
        + Send
        + Sync
        + 'static,
{
    let stage = stage.clone();
    TriggerRegistration::sync(object, events, name.to_owned(), move |ctx| handler(&stage, ctx))
}

/// Notes object, event and size each time one of the events runs.
pub(in crate::conformance::apex) fn tells<const N: usize>(
    stage: &Stage,
    object: &str,
    events: [TriggerEvent; N],
) -> TriggerRegistration {
    watches(stage, object, events, "tells", |stage, ctx| {
        stage.note(format!("{} {} {}", ctx.object(), ctx.event(), ctx.size()));
        Ok(())
    })
}

/// Notes a field of each new record.
pub(in crate::conformance::apex) fn reads(
    stage: &Stage,
    object: &str,
    event: TriggerEvent,
    field: &'static str,
) -> TriggerRegistration {
    watches(stage, object, [event], "reads", move |stage, ctx| {
        for row in ctx.try_new_records()? {
            stage.note(show(row.get(field)));
        }
        Ok(())
    })
}

/// Sets a field of each new record before the save.
pub(in crate::conformance::apex) fn sets(
    stage: &Stage,
    object: &str,
    event: TriggerEvent,
    field: &'static str,
    value: impl Into<Value>,
) -> TriggerRegistration {
    let value = value.into();
    watches(stage, object, [event], "sets", move |_, ctx| {
        for row in ctx.try_new_records_mut()? {
            row.set(field, value.clone());
        }
        Ok(())
    })
}

/// Registers a handler that notes each event with its number of records: `afterInsert 2`.
pub(in crate::conformance::apex) fn watch(
    stage: &Stage,
    object: &str,
    events: impl IntoIterator<Item = TriggerEvent>,
) -> TriggerRegistration {
    let stage = stage.clone();
    TriggerRegistration::sync(object, events, "watch", move |ctx| {
        stage.note(format!("{} {}", ctx.event().name(), ctx.size()));
        Ok(())
    })
}

/// Registers a handler that refuses the records of these names.
pub(in crate::conformance::apex) fn refuse(
    object: &str,
    event: TriggerEvent,
    which: &'static [&'static str],
) -> TriggerRegistration {
    TriggerRegistration::sync(object, [event], "refuse", move |ctx| {
        for row in rows(ctx)?.iter().filter(|row| which.contains(&name_of(row).as_str())) {
            row.add_error("not this one");
        }
        Ok(())
    })
}

/// Refuses each record whose `LastName` is `bad`.
pub(in crate::conformance::apex) fn refuses(
    stage: &Stage,
    event: TriggerEvent,
) -> TriggerRegistration {
    watches(stage, "Contact", [event], "refuses", |_, ctx| {
        let rows = ctx.try_new_records().or_else(|_| ctx.try_old_records())?;
        for row in rows.iter().filter(|row| row.get("LastName") == Some(&Value::from("bad"))) {
            row.add_error("it is bad");
        }
        Ok(())
    })
}

/// Registers an after-insert handler that inserts a `Task` for each record, of the same name.
pub(in crate::conformance::apex) fn add_tasks(stage: &Stage, object: &str) -> TriggerRegistration {
    wait(stage, object, TriggerEvent::AfterInsert, "add_tasks", |_, ctx| {
        Box::pin(async move {
            let tasks: Vec<Record> =
                rows(ctx)?.iter().map(|row| named("Task", &name_of(row))).collect();
            ctx.insert(tasks).await?;
            Ok(())
        })
    })
}

/// Returns the records that a handler is shown, the old ones in a delete.
pub(in crate::conformance::apex) fn rows<'a>(
    ctx: &'a TriggerContext<'_, Record>,
) -> Result<&'a [TriggerRow<Record>]> {
    if ctx.is_delete() { ctx.try_old_records() } else { ctx.try_new_records() }
}
