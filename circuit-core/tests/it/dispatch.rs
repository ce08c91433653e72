//! Event triggers: changes that others made, retries, checkpoints, snapshots.

use circuit_core::{
    ChangeEvent, ChangeKind, Circuit, Condition, DeliveryEnd, ErrorKind, EventSource, Filter,
    Literal, Query, Record, RecordId, RetryableError, TriggerEvent, TriggerRegistration, Value,
};
use circuit_db::Memory;
use circuit_testkit::{ManualClock, Recorder};

use crate::support::{builder, circuit, on};

const EMAIL: Condition = Condition::Changed("Email");
const PHONE: Condition = Condition::Changed("Phone");
const WAS: Condition = Condition::Was("Email", Literal::Null);

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

fn event(kind: ChangeKind, record: &str, replay: u32) -> ChangeEvent {
    let fields = Record::new("Contact").with("Email", format!("{replay}@b.c"));
    ChangeEvent::new(kind, fields).with_ids([id(record)]).with_replay_id(replay.to_string())
}

/// Notes the event, the ids and the replay ids that a handler gets.
fn noting(seen: &Recorder, event: TriggerEvent, name: &str) -> TriggerRegistration {
    let log = seen.clone();
    on("Contact", event, name, move |ctx| {
        let rows = ctx.try_new_records().or_else(|_| ctx.try_old_records())?;
        let replays: Vec<String> =
            rows.iter().filter_map(|row| row.change()).map(|c| c.replay_id.to_string()).collect();
        log.note(format!("{} {} {}", ctx.handler(), ctx.event(), replays.join(",")));
        Ok(())
    })
}

/// Inserts a `Task` per event and asks for another run until the given one.
fn flaky(seen: &Recorder, succeeds_at: u32) -> TriggerRegistration {
    let log = seen.clone();
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "flaky", move |ctx| {
        let log = log.clone();
        Box::pin(async move {
            let tasks: Vec<Record> = ctx.ids().iter().map(|_| Record::new("Task")).collect();
            ctx.insert(tasks).await?;
            log.note(format!("{} {:?}", ctx.retries(), ctx.last_error()));
            if ctx.retries() < succeeds_at {
                return Err(RetryableError::new("not yet").into());
            }
            Ok(())
        })
    })
}

async fn count(circuit: &Circuit, object: &str) -> usize {
    circuit.query::<Record>(Query::of(object)).await.unwrap().len()
}

#[tokio::test]
async fn only_after_handlers_run_for_changes_of_others() {
    let seen = Recorder::default();
    let circuit = circuit([
        noting(&seen, TriggerEvent::BeforeInsert, "before"),
        noting(&seen, TriggerEvent::AfterInsert, "after"),
        noting(&seen, TriggerEvent::AfterDelete, "gone"),
    ]);
    let events = [event(ChangeKind::Create, "1", 1), event(ChangeKind::Delete, "1", 2)];
    assert!(circuit.dispatch(events).await.unwrap().is_done());
    assert_eq!(seen.take(), ["after afterInsert 1", "gone afterDelete 2"]);
    assert_eq!(count(&circuit, "Contact").await, 0, "the change itself is not written again");
}

#[tokio::test]
async fn events_keep_their_order_and_run_in_batches_of_2_000() {
    let seen = Recorder::default();
    let log = seen.clone();
    let handler = on("Contact", TriggerEvent::AfterInsert, "sizes", move |ctx| {
        let first = ctx.try_new_records()?[0].change().unwrap().replay_id.to_string();
        log.note(format!("{first} {}", ctx.size()));
        Ok(())
    });
    let circuit = circuit([handler]);
    let events = (0..2_001).map(|n| event(ChangeKind::Create, &n.to_string(), n));
    circuit.dispatch(events.collect::<Vec<_>>()).await.unwrap();
    assert_eq!(seen.take(), ["0 2000", "2000 1"]);
}

#[tokio::test]
async fn a_retry_gets_the_whole_batch_and_the_failed_run_is_undone() {
    let seen = Recorder::default();
    let circuit = circuit([flaky(&seen, 2)]);
    let events = [event(ChangeKind::Create, "1", 1), event(ChangeKind::Create, "2", 2)];
    let dispatched = circuit.dispatch(events).await.unwrap();
    assert_eq!(dispatched.deliveries[0].runs, 3);
    assert_eq!(seen.take(), ["0 None", "1 Some(\"not yet\")", "2 Some(\"not yet\")"]);
    assert_eq!(count(&circuit, "Task").await, 2);
}

#[tokio::test]
async fn after_nine_retries_the_handler_is_stopped_until_it_is_resumed() {
    let seen = Recorder::default();
    let clock = ManualClock::default();
    let circuit =
        builder([flaky(&seen, 99)]).backend(Memory::new()).clock(clock.clone()).build().unwrap();
    let mut dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 7)]).await.unwrap();
    let delivered = dispatched.deliveries.remove(0);
    assert_eq!(delivered.runs, 10);
    let DeliveryEnd::GaveUp(error) = delivered.end else { panic!("{:?}", delivered.end) };
    assert_eq!(error.kind(), ErrorKind::GaveUp);
    assert_eq!(error.context("replay id"), Some("7"));
    assert_eq!(error.context("handler"), Some("flaky"));
    assert_eq!(circuit.stopped_handlers()[0].replay_id, "7");
    assert!(circuit_core::Clock::elapsed(&clock).as_secs() > 500, "the delays grow");

    let dispatched = circuit.dispatch([event(ChangeKind::Create, "2", 8)]).await.unwrap();
    assert!(matches!(dispatched.deliveries[0].end, DeliveryEnd::Stopped));
    assert!(circuit.resume("contact", "flaky"));
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "2", 8)]).await.unwrap();
    assert!(dispatched.deliveries[0].runs > 0);
}

#[tokio::test]
async fn another_error_ends_the_run_and_leaves_other_handlers_alone() {
    let seen = Recorder::default();
    let bad = on("Contact", TriggerEvent::AfterInsert, "bad", |_| {
        Err(circuit_core::HandlerError::msg("broken"))
    });
    let circuit = circuit([bad, noting(&seen, TriggerEvent::AfterInsert, "good")]);
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert_eq!(seen.take(), ["good afterInsert 1"]);
    let error = dispatched.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handler);
    assert_eq!(error.context("replay id"), Some("1"));
    assert!(error.context("cause").unwrap().contains("event 1"), "{error}");
}

#[tokio::test]
async fn a_run_that_fails_goes_on_after_its_checkpoint() {
    let seen = Recorder::default();
    let log = seen.clone();
    let handler =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "careful", move |ctx| {
            let log = log.clone();
            Box::pin(async move {
                for row in ctx.try_new_records()? {
                    let replay = row.change().unwrap().replay_id.clone();
                    if replay == "3" && !log.take().contains(&"again".to_owned()) {
                        ctx.insert(Record::new("Task").with("Lost", true)).await?;
                        log.note("again");
                        return Err(circuit_core::HandlerError::msg("out of breath"));
                    }
                    ctx.insert(Record::new("Task").with("Event", replay.as_str())).await?;
                    ctx.set_resume_checkpoint(replay).await?;
                    log.note("again");
                }
                Ok(())
            })
        });
    let circuit = circuit([handler]);
    let events: Vec<_> = (1..=4).map(|n| event(ChangeKind::Create, &n.to_string(), n)).collect();
    let dispatched = circuit.dispatch(events).await.unwrap();
    assert_eq!(count(&circuit, "Task").await, 4, "{dispatched:?}");
    let lost = Query::of("Task").filter(Filter::eq("Lost", true));
    assert!(circuit.query::<Record>(lost).await.unwrap().is_empty());
}

#[tokio::test]
async fn without_snapshots_old_values_are_absent_and_the_event_tells_what_changed() {
    let seen = Recorder::default();
    let log = seen.clone();
    let changed = on("Contact", TriggerEvent::AfterUpdate, "changed", move |ctx| {
        let old = &ctx.try_old_records()?[0];
        log.note(format!("{:?} {:?}", old.get("Email"), ctx.try_new_records()?[0].get("Phone")));
        Ok(())
    });
    let never = on("Contact", TriggerEvent::AfterUpdate, "never", |_| panic!("not changed"));
    let circuit = circuit([changed.with_when(&EMAIL), never.with_when(&PHONE)]);
    let dispatched = circuit.dispatch([event(ChangeKind::Update, "1", 1)]).await.unwrap();
    assert!(dispatched.is_done(), "{dispatched:?}");
    assert_eq!(seen.take(), ["None None"]);
}

#[tokio::test]
async fn with_snapshots_handlers_see_what_was_before() {
    let seen = Recorder::default();
    let log = seen.clone();
    let changed = on("Contact", TriggerEvent::AfterUpdate, "changed", move |ctx| {
        let rows = ctx.try_new_records()?.iter().zip(ctx.try_old_records()?);
        for (new, old) in rows {
            log.note(format!("{:?} -> {:?}", old.get("Email"), new.get("Email")));
            assert_eq!(new.get("Phone"), Some(&Value::from("1843")));
        }
        Ok(())
    });
    let circuit =
        builder([changed]).backend(Memory::new()).snapshots(Memory::new()).build().unwrap();
    let mut first = event(ChangeKind::Create, "1", 1);
    first.fields.set("Phone", "1843");
    circuit.dispatch([first, event(ChangeKind::Update, "1", 2)]).await.unwrap();
    circuit.dispatch([event(ChangeKind::Update, "1", 3)]).await.unwrap();
    let text = |n: u32| format!("Some(Text({:?}))", format!("{n}@b.c"));
    let expected = [(1, 2), (2, 3)].map(|(a, b)| format!("{} -> {}", text(a), text(b)));
    assert_eq!(seen.take(), expected);
}

#[tokio::test]
async fn after_a_gap_the_record_is_read_again() {
    let seen = Recorder::default();
    let log = seen.clone();
    let handler = on("Contact", TriggerEvent::AfterUpdate, "gap", move |ctx| {
        log.note(format!("{:?}", ctx.try_new_records()?[0].get("Email")));
        Ok(())
    });
    let circuit = circuit([handler]);
    let contact = Record::new("Contact").with_id(id("1")).with("Email", "now@b.c");
    circuit.insert(contact).await.unwrap();
    let gap = ChangeEvent::new(ChangeKind::Gap, Record::new("Contact")).with_ids([id("1")]);
    circuit.dispatch([gap]).await.unwrap();
    assert_eq!(seen.take(), ["Some(Text(\"now@b.c\"))"]);
}

#[tokio::test]
async fn a_veto_comes_too_late() {
    let veto = on("Contact", TriggerEvent::AfterInsert, "veto", |ctx| {
        ctx.try_new_records()?[0].add_error("no");
        Ok(())
    });
    let dispatched = circuit([veto]).dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    let error = dispatched.into_result().unwrap_err();
    assert!(error.message().contains("already made"), "{error}");
    assert_eq!(error.failures()[0].message, "no");
}

#[test]
fn a_source_for_which_nothing_can_fire_is_refused() {
    let seen = Recorder::default();
    let before = noting(&seen, TriggerEvent::BeforeUpdate, "tidy");
    let source = EventSource::new("webhooks", ["Contact"]);
    let error = builder([before.clone()])
        .backend(Memory::new())
        .source(source.clone())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.context("source"), Some("webhooks"));
    assert_eq!(error.context("handler"), Some("tidy"));

    let after = noting(&seen, TriggerEvent::AfterUpdate, "react").with_when(&WAS);
    let circuit = builder([before, after]).backend(Memory::new()).source(source).build().unwrap();
    assert_eq!(circuit.warnings().len(), 2, "{:?}", circuit.warnings());
}

#[tokio::test]
async fn a_delivery_may_call_out_before_its_dml_only() {
    let handler =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "calls", |ctx| {
            Box::pin(async move {
                let to = circuit_core::Callout::to("maps");
                let answer = ctx.callout(to.clone(), async { 42 }).await?;
                ctx.insert(Record::new("Task").with("N", answer)).await?;
                assert_eq!(ctx.callout(to, async {}).await.unwrap_err().kind(), ErrorKind::Callout);
                Ok(())
            })
        });
    let circuit = circuit([handler]);
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert!(dispatched.is_done(), "{dispatched:?}");
    assert_eq!(count(&circuit, "Task").await, 1);
}

/// Writes a task, sets a checkpoint after the last event, and returns what it is told to.
fn checkpointed(fails: bool) -> TriggerRegistration {
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "careful", move |ctx| {
        Box::pin(async move {
            ctx.insert(Record::new("Task")).await?;
            let last = ctx.try_new_records()?.last().unwrap().change().unwrap().replay_id.clone();
            ctx.set_resume_checkpoint(last).await?;
            if fails { Err(circuit_core::HandlerError::msg("late")) } else { Ok(()) }
        })
    })
}

#[tokio::test]
async fn a_checkpoint_is_not_kept_when_the_store_refuses_the_commit() {
    let store = circuit_testkit::FaultyDB::new(Memory::new());
    store.queue(circuit_testkit::Fault::Unavailable);
    let circuit = builder([checkpointed(false)]).backend(store).build().unwrap();
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert!(matches!(dispatched.deliveries[0].end, DeliveryEnd::Failed(_)), "{dispatched:?}");
    assert_eq!(count(&circuit, "Task").await, 0);
}

#[tokio::test]
async fn what_is_kept_at_a_checkpoint_has_its_before_commit_hooks_and_its_error() {
    let circuit = builder([checkpointed(true)])
        .backend(Memory::new())
        .before_commit("audit", |execution| async move {
            if execution.quiddity() == circuit_core::Quiddity::Event {
                execution.insert(Record::new("Audit")).await?;
            }
            Ok(())
        })
        .build()
        .unwrap();
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert_eq!((count(&circuit, "Task").await, count(&circuit, "Audit").await), (1, 1));
    assert_eq!(dispatched.deliveries[0].errors[0].kind(), ErrorKind::Handler);
}

#[tokio::test]
async fn what_a_savepoint_undoes_is_not_kept_by_an_earlier_checkpoint() {
    let handler = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "h", |ctx| {
        Box::pin(async move {
            let savepoint = ctx.set_savepoint().await?;
            ctx.insert(Record::new("Task").with("N", "a")).await?;
            ctx.set_resume_checkpoint("1").await?;
            ctx.rollback(&savepoint).await?;
            ctx.insert(Record::new("Task").with("N", "b")).await?;
            Err(circuit_core::HandlerError::msg("late"))
        })
    });
    let circuit = circuit([handler]);
    circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert_eq!(count(&circuit, "Task").await, 0);
}

#[tokio::test]
async fn a_checkpoint_needs_a_replay_id() {
    let handler = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "h", |ctx| {
        Box::pin(async move {
            let error = ctx.set_resume_checkpoint("").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            Ok(())
        })
    });
    let unnamed = event(ChangeKind::Create, "1", 1).with_replay_id("");
    assert!(circuit([handler]).dispatch([unnamed]).await.unwrap().is_done());
}

#[tokio::test]
async fn a_handler_that_fails_keeps_no_other_from_its_snapshots() {
    let seen = Recorder::default();
    let log = seen.clone();
    let good = on("Contact", TriggerEvent::AfterUpdate, "good", move |ctx| {
        log.note(ctx.try_old_records()?[0].get("Email").is_some());
        Ok(())
    });
    let bad = on("Contact", TriggerEvent::AfterUpdate, "bad", |_| {
        Err(circuit_core::HandlerError::msg("broken"))
    });
    let circuit =
        builder([bad, good]).backend(Memory::new()).snapshots(Memory::new()).build().unwrap();
    for replay in 1..=2 {
        circuit.dispatch([event(ChangeKind::Update, "1", replay)]).await.unwrap();
    }
    assert_eq!(seen.take(), ["false", "true"]);
}

#[tokio::test]
async fn after_a_gap_a_record_that_is_gone_counts_as_deleted() {
    let seen = Recorder::default();
    let circuit = circuit([
        noting(&seen, TriggerEvent::AfterUpdate, "changed"),
        noting(&seen, TriggerEvent::AfterDelete, "gone"),
    ]);
    let gap = ChangeEvent::new(ChangeKind::Gap, Record::new("Contact")).with_ids([id("1")]);
    circuit.dispatch([gap.with_replay_id("9")]).await.unwrap();
    assert_eq!(seen.take(), ["gone afterDelete 9"]);
}

#[tokio::test]
async fn contention_is_a_reason_to_try_again_later() {
    let store = circuit_testkit::FaultyDB::new(Memory::new());
    (0..5).for_each(|_| store.queue(circuit_testkit::Fault::Conflict));
    let circuit = builder([checkpointed(false)]).backend(store).build().unwrap();
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert!(dispatched.is_done(), "{dispatched:?}");
    assert_eq!(count(&circuit, "Task").await, 1);
}

#[tokio::test]
async fn the_work_after_a_delivery_is_none_itself() {
    let calls = TriggerRegistration::new("Note", [TriggerEvent::BeforeInsert], "calls", |ctx| {
        Box::pin(async move {
            ctx.callout(circuit_core::Callout::to("maps"), async {}).await.unwrap_err();
            Ok(())
        })
    });
    let handler = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "h", |ctx| {
        Box::pin(async move {
            let later = |committed: circuit_core::Committed| async move {
                committed.session.insert(Record::new("Note")).await?;
                Ok(())
            };
            ctx.after_commit("note", later).await?;
            Ok(())
        })
    });
    let circuit = circuit([calls, handler]);
    let dispatched = circuit.dispatch([event(ChangeKind::Create, "1", 1)]).await.unwrap();
    assert!(dispatched.deliveries[0].outcomes[0].post_commit_failures().is_empty());
    assert_eq!(count(&circuit, "Note").await, 1);
}
