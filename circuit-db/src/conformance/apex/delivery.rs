//! Event triggers: changes that others made (A14).

use circuit_core::{
    Callout, ChangeEvent, ChangeKind, Circuit, Condition, DeliveryEnd, ErrorKind, EventSource,
    HandlerError, Literal, Quiddity, Record, RetryableError, TriggerEvent, TriggerRegistration,
};

use super::stage::{Stage, on};
use super::{name_behaviours, shown};
use crate::conformance::Shown;
use crate::conformance::support::{id, same};

name_behaviours! { "A14":
    Documented only_after_handlers_run_for_events,
    Documented events_keep_their_order_within_a_batch,
    Documented a_batch_has_up_to_2_000_events,
    Documented a_retry_delivers_the_whole_batch_in_its_order,
    Documented the_dml_of_a_run_that_is_retried_is_undone,
    Documented retries_and_last_error_are_told_in_a_retry,
    Documented after_one_run_and_nine_retries_the_handler_is_stopped,
    Chosen delays_between_retries_double_from_one_second,
    Documented a_stopped_handler_gets_events_again_after_resume,
    Documented giving_up_names_the_event,
    Inferred another_error_ends_the_run_and_the_batch_is_not_delivered_again,
    Documented dml_until_a_checkpoint_is_kept_when_the_run_fails,
    Documented the_next_run_begins_after_the_checkpoint,
    Documented a_limit_after_a_checkpoint_ends_only_the_run,
    Chosen each_handler_is_a_subscriber_of_its_own,
    Documented an_update_event_has_only_the_changed_fields,
    Documented absent_and_null_differ_in_an_event,
    Documented without_snapshots_there_are_no_old_values,
    Chosen with_snapshots_there_are_old_values,
    Documented one_event_may_name_several_records,
    Documented after_a_gap_the_record_is_read_again,
    Chosen a_veto_comes_too_late,
    Documented a_run_is_a_transaction_of_its_own,
    Chosen the_cause_names_the_event,
    Chosen a_source_for_which_nothing_can_fire_is_refused,
    Inferred a_delivery_may_call_out_before_its_dml,
}

const EMAIL: Condition = Condition::Changed("Email");
const WAS: Condition = Condition::Was("Email", Literal::Null);

fn event(kind: ChangeKind, record: &str, replay: u32) -> ChangeEvent {
    let fields = Record::new("Contact").with("Email", format!("{replay}@b.c"));
    ChangeEvent::new(kind, fields).with_ids([id(record)]).with_replay_id(replay.to_string())
}

fn created(replays: std::ops::RangeInclusive<u32>) -> Vec<ChangeEvent> {
    replays.map(|replay| event(ChangeKind::Create, &replay.to_string(), replay)).collect()
}

/// Notes the event and the replay ids that it is handed.
fn noting(stage: &Stage, event: TriggerEvent) -> TriggerRegistration {
    on(stage, "Contact", event, event.name(), |stage, ctx| {
        let rows = ctx.try_new_records().or_else(|_| ctx.try_old_records())?;
        let replays: Vec<&str> =
            rows.iter().filter_map(|row| Some(row.change()?.replay_id.as_str())).collect();
        stage.note(format!("{} {}", ctx.event(), replays.join(",")));
        Ok(())
    })
}

/// Writes a task for each event, then asks for another run until there were enough.
fn flaky(stage: &Stage, succeeds_at: u32) -> TriggerRegistration {
    let stage = stage.clone();
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "flaky", move |ctx| {
        let stage = stage.clone();
        Box::pin(async move {
            let rows = ctx.try_new_records()?;
            let replays: Vec<&str> =
                rows.iter().filter_map(|row| Some(row.change()?.replay_id.as_str())).collect();
            let last = ctx.last_error().unwrap_or("none");
            stage.note(format!("{} {} {last}", replays.join(","), ctx.retries()));
            ctx.insert(vec![Record::new("Task"); rows.len()]).await?;
            if ctx.retries() < succeeds_at {
                return Err(RetryableError::new("not yet").into());
            }
            Ok(())
        })
    })
}

/// Writes a task for each event with a checkpoint after it; fails once, at the third.
fn careful(stage: &Stage, fails_by: fn(u64) -> Result<(), HandlerError>) -> TriggerRegistration {
    let stage = stage.clone();
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "careful", move |ctx| {
        let stage = stage.clone();
        Box::pin(async move {
            for row in ctx.try_new_records()? {
                let Some(change) = row.change() else { continue };
                ctx.insert(Record::new("Task").with("Event", change.replay_id.as_str())).await?;
                stage.note(&change.replay_id);
                if change.replay_id == "3" && !stage.seen("failed") {
                    stage.note("failed");
                    let left = ctx.governor().limit_dml_statements();
                    fails_by(left)?;
                    for _ in 0..left {
                        ctx.insert(Record::new("Task")).await?;
                    }
                }
                ctx.set_resume_checkpoint(change.replay_id.clone()).await?;
            }
            Ok(())
        })
    })
}

async fn tasks(stage: &Stage) -> circuit_core::Result<usize> {
    Ok(stage.stored("Task").await?.len())
}

async fn only_after_handlers_run_for_events(stage: Stage) -> Shown {
    let circuit = stage.circuit(TriggerEvent::ALL.map(|event| noting(&stage, event)))?;
    let kinds = [ChangeKind::Create, ChangeKind::Update, ChangeKind::Delete, ChangeKind::Undelete];
    circuit
        .dispatch((1..).zip(kinds).map(|(n, kind)| event(kind, "1", n)).collect::<Vec<_>>())
        .await?;
    let mut notes = stage.notes();
    notes.sort();
    same!(notes, ["afterDelete 3", "afterInsert 1", "afterUndelete 4", "afterUpdate 2"]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn events_keep_their_order_within_a_batch(stage: Stage) -> Shown {
    stage.circuit([noting(&stage, TriggerEvent::AfterInsert)])?.dispatch(created(1..=3)).await?;
    same!(stage.notes(), ["afterInsert 1,2,3"]);
    Ok(())
}

async fn a_batch_has_up_to_2_000_events(stage: Stage) -> Shown {
    let sizes = on(&stage, "Contact", TriggerEvent::AfterInsert, "sizes", |stage, ctx| {
        stage.note(ctx.size());
        Ok(())
    });
    stage.circuit([sizes])?.dispatch(created(1..=2_001)).await?;
    same!(stage.notes(), ["2000", "1"]);
    Ok(())
}

async fn a_retry_delivers_the_whole_batch_in_its_order(stage: Stage) -> Shown {
    stage.circuit([flaky(&stage, 1)])?.dispatch(created(1..=3)).await?;
    same!(stage.notes(), ["1,2,3 0 none", "1,2,3 1 not yet"]);
    Ok(())
}

async fn the_dml_of_a_run_that_is_retried_is_undone(stage: Stage) -> Shown {
    stage.circuit([flaky(&stage, 3)])?.dispatch(created(1..=2)).await?;
    same!(tasks(&stage).await?, 2);
    Ok(())
}

async fn retries_and_last_error_are_told_in_a_retry(stage: Stage) -> Shown {
    stage.circuit([flaky(&stage, 2)])?.dispatch(created(1..=1)).await?;
    same!(stage.notes(), ["1 0 none", "1 1 not yet", "1 2 not yet"]);
    Ok(())
}

async fn after_one_run_and_nine_retries_the_handler_is_stopped(stage: Stage) -> Shown {
    let circuit = stage.circuit([flaky(&stage, 99)])?;
    let dispatched = circuit.dispatch(created(1..=1)).await?;
    same!(dispatched.deliveries[0].runs, 10);
    let dispatched = circuit.dispatch(created(2..=2)).await?;
    same!(matches!(dispatched.deliveries[0].end, DeliveryEnd::Stopped), true);
    same!(tasks(&stage).await?, 0);
    Ok(())
}

async fn delays_between_retries_double_from_one_second(stage: Stage) -> Shown {
    let circuit = stage.circuit([flaky(&stage, 4)])?;
    circuit.dispatch(created(1..=1)).await?;
    let waited = circuit_core::Clock::elapsed(stage.clock()).as_secs();
    same!(waited, 1 + 2 + 4 + 8);
    Ok(())
}

async fn a_stopped_handler_gets_events_again_after_resume(stage: Stage) -> Shown {
    let circuit = stage.circuit([flaky(&stage, 99)])?;
    circuit.dispatch(created(1..=1)).await?;
    same!(circuit.resume("Contact", "flaky"), true);
    let dispatched = circuit.dispatch(created(2..=2)).await?;
    same!(dispatched.deliveries[0].runs, 10);
    Ok(())
}

async fn giving_up_names_the_event(stage: Stage) -> Shown {
    let circuit = stage.circuit([flaky(&stage, 99)])?;
    let error = circuit.dispatch(created(7..=8)).await?.into_result().err();
    let named = error.as_ref().map(|error| (error.kind(), error.context("replay id")));
    same!(named, Some((ErrorKind::GaveUp, Some("7"))));
    same!(circuit.stopped_handlers()[0].replay_id, "7");
    Ok(())
}

async fn another_error_ends_the_run_and_the_batch_is_not_delivered_again(stage: Stage) -> Shown {
    let bad = on(&stage, "Contact", TriggerEvent::AfterInsert, "bad", |stage, _| {
        stage.note("ran");
        Err(HandlerError::msg("broken"))
    });
    let circuit = stage.circuit([bad])?;
    let dispatched = circuit.dispatch(created(1..=1)).await?;
    same!(matches!(dispatched.deliveries[0].end, DeliveryEnd::Failed(_)), true);
    circuit.dispatch(created(2..=2)).await?;
    same!(stage.notes(), ["ran", "ran"]);
    Ok(())
}

async fn dml_until_a_checkpoint_is_kept_when_the_run_fails(stage: Stage) -> Shown {
    let circuit = stage.circuit([careful(&stage, |_| Err(HandlerError::msg("tired")))])?;
    circuit.dispatch(created(1..=4)).await?;
    same!(tasks(&stage).await?, 4);
    Ok(())
}

async fn the_next_run_begins_after_the_checkpoint(stage: Stage) -> Shown {
    let circuit = stage.circuit([careful(&stage, |_| Err(HandlerError::msg("tired")))])?;
    circuit.dispatch(created(1..=4)).await?;
    same!(stage.notes(), ["1", "2", "3", "failed", "3", "4"]);
    Ok(())
}

async fn a_limit_after_a_checkpoint_ends_only_the_run(stage: Stage) -> Shown {
    let circuit = stage.circuit([careful(&stage, |_| Ok(()))])?;
    let dispatched = circuit.dispatch(created(1..=4)).await?;
    same!(dispatched.is_done(), true);
    same!(tasks(&stage).await?, 4);
    Ok(())
}

async fn each_handler_is_a_subscriber_of_its_own(stage: Stage) -> Shown {
    let circuit = stage.circuit([flaky(&stage, 99), noting(&stage, TriggerEvent::AfterInsert)])?;
    circuit.dispatch(created(1..=1)).await?;
    let notes = stage.notes();
    shown(notes.contains(&"afterInsert 1".to_owned()), notes)
}

async fn an_update_event_has_only_the_changed_fields(stage: Stage) -> Shown {
    let look = on(&stage, "Contact", TriggerEvent::AfterUpdate, "look", |stage, ctx| {
        let row = &ctx.try_new_records()?[0];
        stage.note(format!("{:?} {:?}", row.get("Email").is_some(), row.get("LastName")));
        Ok(())
    });
    stage.circuit([look])?.dispatch([event(ChangeKind::Update, "1", 1)]).await?;
    same!(stage.notes(), ["true None"]);
    Ok(())
}

async fn absent_and_null_differ_in_an_event(stage: Stage) -> Shown {
    let changed = on(&stage, "Contact", TriggerEvent::AfterUpdate, "changed", |stage, ctx| {
        stage.note(ctx.size());
        Ok(())
    });
    let circuit = stage.circuit([changed.with_when(&EMAIL)])?;
    let fields = |name: &str| Record::new("Contact").with(name, circuit_core::Value::Null);
    let update =
        |name: &str| ChangeEvent::new(ChangeKind::Update, fields(name)).with_ids([id("1")]);
    circuit.dispatch([update("Email")]).await?;
    circuit.dispatch([update("LastName")]).await?;
    same!(stage.notes(), ["1"]);
    Ok(())
}

/// Notes the old and the new address.
fn addresses(stage: &Stage) -> TriggerRegistration {
    on(stage, "Contact", TriggerEvent::AfterUpdate, "addresses", |stage, ctx| {
        let text = |row: &Record| row.get("Email").and_then(|v| v.as_str()).map(ToOwned::to_owned);
        let old = text(&ctx.try_old_records()?[0]);
        stage.note(format!("{old:?} {:?}", text(&ctx.try_new_records()?[0])));
        Ok(())
    })
}

async fn without_snapshots_there_are_no_old_values(stage: Stage) -> Shown {
    let circuit = stage.circuit([addresses(&stage)])?;
    circuit
        .dispatch([event(ChangeKind::Create, "1", 1), event(ChangeKind::Update, "1", 2)])
        .await?;
    circuit.dispatch([event(ChangeKind::Update, "1", 3)]).await?;
    let notes = stage.notes();
    shown(notes.last().is_some_and(|note| note == "None Some(\"3@b.c\")"), notes)
}

async fn with_snapshots_there_are_old_values(stage: Stage) -> Shown {
    let circuit = stage.builder([addresses(&stage)]).snapshots(stage.store()).build()?;
    circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await?;
    circuit.dispatch([event(ChangeKind::Update, "1", 2)]).await?;
    same!(stage.notes(), ["Some(\"1@b.c\") Some(\"2@b.c\")"]);
    Ok(())
}

async fn one_event_may_name_several_records(stage: Stage) -> Shown {
    let ids = on(&stage, "Contact", TriggerEvent::AfterUpdate, "ids", |stage, ctx| {
        ctx.ids().iter().for_each(|id| stage.note(id));
        Ok(())
    });
    let merged = event(ChangeKind::Update, "1", 1).with_ids([id("1"), id("2")]);
    stage.circuit([ids])?.dispatch([merged]).await?;
    same!(stage.notes(), ["1", "2"]);
    Ok(())
}

async fn after_a_gap_the_record_is_read_again(stage: Stage) -> Shown {
    stage.fill([Record::new("Contact").with_id(id("1")).with("Email", "now@b.c")]).await?;
    let circuit = stage.circuit([addresses(&stage).with_when(&EMAIL)])?;
    let gap = ChangeEvent::new(ChangeKind::Gap, Record::new("Contact")).with_ids([id("1")]);
    circuit.dispatch([gap]).await?;
    same!(stage.notes(), ["None Some(\"now@b.c\")"]);
    Ok(())
}

async fn a_veto_comes_too_late(stage: Stage) -> Shown {
    let veto = on(&stage, "Contact", TriggerEvent::AfterInsert, "veto", |_, ctx| {
        ctx.try_new_records()?[0].add_error("no");
        Ok(())
    });
    let error = stage.circuit([veto])?.dispatch(created(1..=1)).await?.into_result().err();
    let message = error.as_ref().map(|error| error.message().contains("already made"));
    same!(message, Some(true));
    Ok(())
}

async fn a_run_is_a_transaction_of_its_own(stage: Stage) -> Shown {
    let quiddity = on(&stage, "Contact", TriggerEvent::AfterInsert, "quiddity", |stage, ctx| {
        stage.note(ctx.quiddity() == Quiddity::Event && ctx.governor().dml_statements() == 0);
        Ok(())
    });
    let circuit: Circuit = stage.circuit([quiddity])?;
    circuit.dispatch(created(1..=1)).await?;
    circuit.dispatch(created(2..=2)).await?;
    same!(stage.notes(), ["true", "true"]);
    Ok(())
}

async fn the_cause_names_the_event(stage: Stage) -> Shown {
    let cause = on(&stage, "Contact", TriggerEvent::AfterInsert, "cause", |stage, ctx| {
        stage.note(ctx.cause());
        Ok(())
    });
    stage.circuit([cause])?.dispatch(created(42..=42)).await?;
    same!(stage.notes(), ["Contact inserted by outside, fired by event 42"]);
    Ok(())
}

async fn a_source_for_which_nothing_can_fire_is_refused(stage: Stage) -> Shown {
    let source = EventSource::new("webhooks", ["Contact"]);
    let before = noting(&stage, TriggerEvent::BeforeUpdate);
    let refused = stage.builder([before.clone()]).source(source.clone()).build().err();
    same!(refused.map(|error| error.kind()), Some(ErrorKind::Configuration));
    let after = noting(&stage, TriggerEvent::AfterUpdate).with_when(&WAS);
    let circuit = stage.builder([before, after]).source(source).build()?;
    same!(circuit.warnings().len(), 2);
    Ok(())
}

async fn a_delivery_may_call_out_before_its_dml(stage: Stage) -> Shown {
    let calls = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "calls", |ctx| {
        Box::pin(async move {
            let height = ctx.callout(Callout::to("maps"), async { 42 }).await?;
            ctx.insert(Record::new("Task").with("Height", height)).await?;
            match ctx.callout(Callout::to("maps"), async {}).await {
                Err(error) if error.kind() == ErrorKind::Callout => Ok(()),
                other => Err(HandlerError::msg(format!("{other:?}"))),
            }
        })
    });
    let dispatched = stage.circuit([calls])?.dispatch(created(1..=1)).await?;
    same!(dispatched.is_done(), true);
    same!(tasks(&stage).await?, 1);
    Ok(())
}
