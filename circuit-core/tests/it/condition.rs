//! `when`: which records a handler is shown.

use circuit_core::{Condition, Literal, Record, TriggerEvent, TriggerRegistration};
use circuit_testkit::Recorder;

use crate::support::{by_id, circuit};

const CHANGED: Condition = Condition::Changed("Stage");
const WON: Condition = Condition::ChangedTo("Stage", Literal::Text("Won"));
const LEFT_OPEN: Condition = Condition::Was("Stage", Literal::Text("Open"));
const STAYS_OPEN: Condition =
    Condition::And(&[Condition::Not(&CHANGED), Condition::Is("Stage", Literal::Text("open"))]);
const EITHER: Condition = Condition::Or(&[WON, STAYS_OPEN]);

/// Updates deals from the first to the second stage; answers which the handler was shown.
async fn shown(when: &'static Condition, stages: &[(&str, &str)]) -> Vec<String> {
    let seen = Recorder::default();
    let log = seen.clone();
    let events = [TriggerEvent::AfterUpdate];
    let handler = TriggerRegistration::sync("Deal", events, "when", move |ctx| {
        for (new, old) in ctx.try_new_records()?.iter().zip(ctx.try_old_records()?) {
            log.note(format!("{}>{}", old.read::<String>("Stage")?, new.read::<String>("Stage")?));
        }
        Ok(())
    });
    let circuit = circuit([handler.with_when(when)]);
    let deals: Vec<_> =
        stages.iter().map(|(from, _)| Record::new("Deal").with("Stage", *from)).collect();
    let saved = circuit.insert(deals).await.unwrap();
    let changes: Vec<_> = saved
        .results()
        .iter()
        .zip(stages)
        .map(|(result, (_, to))| by_id("Deal", result.id().unwrap()).with("Stage", *to))
        .collect();
    circuit.update(changes).await.unwrap();
    seen.take()
}

const STAGES: &[(&str, &str)] =
    &[("Open", "Won"), ("Open", "Open"), ("Lost", "Won"), ("Won", "Won")];

#[tokio::test]
async fn changed_shows_records_with_another_value_and_keeps_old_and_new_aligned() {
    assert_eq!(shown(&CHANGED, STAGES).await, ["Open>Won", "Lost>Won"]);
}

#[tokio::test]
async fn changed_to_wants_a_change() {
    assert_eq!(shown(&WON, STAGES).await, ["Open>Won", "Lost>Won"]);
}

#[tokio::test]
async fn was_looks_at_the_old_value() {
    assert_eq!(shown(&LEFT_OPEN, STAGES).await, ["Open>Won", "Open>Open"]);
}

#[tokio::test]
async fn conditions_combine() {
    assert_eq!(shown(&EITHER, STAGES).await, ["Open>Won", "Open>Open", "Lost>Won"]);
}

#[tokio::test]
async fn a_handler_without_records_to_see_is_not_called() {
    assert!(shown(&CHANGED, &[("Open", "Open")]).await.is_empty());
}

#[tokio::test]
async fn on_insert_a_field_with_a_value_counts_as_changed() {
    let seen = Recorder::default();
    let log = seen.clone();
    let handler =
        TriggerRegistration::sync("Deal", [TriggerEvent::AfterInsert], "new", move |ctx| {
            log.note(ctx.size());
            Ok(())
        });
    let circuit = circuit([handler.with_when(&CHANGED)]);
    circuit.insert([Record::new("Deal").with("Stage", "Open"), Record::new("Deal")]).await.unwrap();
    assert_eq!(seen.take(), ["1"]);
}
