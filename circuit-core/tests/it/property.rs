//! Random triggers over random operations: what never breaks, whatever they do.

use std::collections::{BTreeMap, BTreeSet};

use circuit_core::{
    Circuit, DmlRequest, Error, HandlerError, Limit, LogEntry, Outcome, Query, Record, RecordId,
    Result, SaveMode, SaveResult, TriggerContext, TriggerEvent, TriggerRegistration, Used,
};
use circuit_testkit::Recorder;
use proptest::prelude::*;

use crate::support::circuit;

/// All of an entry but what is measured: no two runs take the same processor time.
fn shown(entry: &LogEntry) -> String {
    let counted = Limit::ALL
        .iter()
        .filter(|limit| !matches!(limit, Limit::CpuTime | Limit::WallClock | Limit::HeapSize));
    let used: Vec<u64> = counted.map(|limit| entry.used.of(*limit)).collect();
    let mut entry = entry.clone();
    entry.used = Used::default();
    format!("{entry:?} {used:?}")
}

/// What a trigger does with the rows whose number it likes.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Sets a field, before the save.
    Mutate,
    /// Refuses every third row.
    Refuse,
    /// Inserts a child for each row, and goes on if that fails.
    Nested,
    /// Returns an error.
    Fail,
    /// Panics.
    Panic,
}

/// A trigger: its event, what it does, and for which calls: one in so many.
#[derive(Debug, Clone, Copy)]
struct Trigger {
    event: TriggerEvent,
    act: Act,
    one_in: usize,
}

/// An operation of the host on `Parent` records.
#[derive(Debug, Clone, Copy)]
enum Operation {
    Insert(usize),
    Update(usize),
    Delete(usize),
}

fn triggers() -> impl Strategy<Value = Vec<Trigger>> {
    let act = prop_oneof![
        4 => Just(Act::Mutate),
        4 => Just(Act::Refuse),
        4 => Just(Act::Nested),
        1 => Just(Act::Fail),
        1 => Just(Act::Panic),
    ];
    let event = prop::sample::select(TriggerEvent::ALL.to_vec());
    let trigger =
        (event, act, 1..4_usize).prop_map(|(event, act, one_in)| Trigger { event, act, one_in });
    prop::collection::vec(trigger, 0..5)
}

fn operations() -> impl Strategy<Value = Vec<(Operation, SaveMode)>> {
    let operation = prop_oneof![
        (1..450_usize).prop_map(Operation::Insert),
        (1..250_usize).prop_map(Operation::Update),
        (1..40_usize).prop_map(Operation::Delete),
    ];
    let mode =
        prop::sample::select(vec![SaveMode::AllOrNone, SaveMode::Partial, SaveMode::Isolate]);
    prop::collection::vec((operation, mode), 1..5)
}

/// Notes what a handler sees, then does what its trigger says.
async fn act(
    ctx: &mut TriggerContext<'_, Record>,
    trigger: Trigger,
    notes: &Recorder,
) -> std::result::Result<(), HandlerError> {
    let rows: Vec<(usize, Option<RecordId>)> = {
        let rows = ctx.try_new_records().or_else(|_| ctx.try_old_records())?;
        rows.iter().map(|row| (row.index(), row.id().cloned())).collect()
    };
    for (index, _) in &rows {
        notes.note(format!("saw {} {} {} {index}", ctx.handler(), ctx.event(), ctx.attempt()));
    }
    ctx.log().info("ran").with("rows", rows.len());
    if !ctx.chunk().number.is_multiple_of(trigger.one_in) {
        return Ok(());
    }
    match trigger.act {
        Act::Mutate => {
            if let Ok(rows) = ctx.try_new_records_mut() {
                for row in rows {
                    row.set("Touched", true);
                }
            }
        }
        Act::Refuse => {
            let rows = ctx.try_new_records().or_else(|_| ctx.try_old_records())?;
            rows.iter().filter(|row| row.index() % 3 == 1).for_each(|row| row.add_error("no"));
        }
        Act::Nested => {
            let children: Vec<Record> = rows
                .iter()
                .map(|(index, id)| {
                    Record::new("Child").with("Of", id.clone()).with("Bad", index % 50 == 7)
                })
                .collect();
            notes.note(format!("nested {} {}", ctx.attempt(), children.len()));
            let mode =
                if rows.len().is_multiple_of(2) { SaveMode::AllOrNone } else { SaveMode::Isolate };
            let results = ctx.dml(DmlRequest::insert(children).with_mode(mode)).await;
            let saved = results.map_or(0, |all| all.iter().filter(|r| r.is_success()).count());
            notes.note(format!("saved {} {saved}", ctx.attempt()));
        }
        Act::Fail => return Err(HandlerError::msg("failed")),
        Act::Panic => std::panic::resume_unwind(Box::new("panicked")),
    }
    Ok(())
}

fn engine(triggers: &[Trigger], notes: &Recorder) -> Circuit {
    let mut registrations: Vec<TriggerRegistration> = Vec::new();
    for (i, trigger) in triggers.iter().copied().enumerate() {
        let notes = notes.clone();
        let name = format!("trigger {i}");
        registrations.push(TriggerRegistration::new("Parent", [trigger.event], name, move |ctx| {
            let notes = notes.clone();
            Box::pin(async move { act(ctx, trigger, &notes).await })
        }));
    }
    registrations.push(TriggerRegistration::sync(
        "Child",
        [TriggerEvent::BeforeInsert],
        "child",
        |ctx| {
            for row in ctx.try_new_records()? {
                if row.read::<bool>("Bad")? {
                    row.add_error("a bad child");
                }
            }
            Ok(())
        },
    ));
    circuit(registrations)
}

async fn everything(circuit: &Circuit) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for object in ["Parent", "Child"] {
        for record in circuit.query::<Record>(Query::of(object)).await.unwrap() {
            found.insert(record.id().unwrap().to_string(), format!("{record:?}"));
        }
    }
    found
}

async fn run(circuit: &Circuit, operation: Operation, mode: SaveMode) -> (usize, Result<Outcome>) {
    let ids: Vec<RecordId> = {
        let parents: Vec<Record> = circuit.query(Query::of("Parent")).await.unwrap();
        parents.iter().filter_map(|record| record.id().cloned()).collect()
    };
    let named = |count: usize| -> Vec<Record> {
        ids.iter()
            .take(count)
            .map(|id| Record::new("Parent").with_id(id.clone()).with("N", 1))
            .collect()
    };
    let request = match operation {
        Operation::Insert(count) => {
            DmlRequest::insert(vec![Record::new("Parent").with("N", 0); count])
        }
        Operation::Update(count) => DmlRequest::update(named(count)),
        Operation::Delete(count) => DmlRequest::delete(named(count)),
    };
    let rows = match operation {
        Operation::Insert(count) => count,
        Operation::Update(count) | Operation::Delete(count) => count.min(ids.len()),
    };
    (rows, circuit.dml(request.with_mode(mode)).await)
}

fn results_align(rows: usize, results: &[SaveResult]) {
    assert_eq!(results.len(), rows);
    for (i, result) in results.iter().enumerate() {
        assert!(result.errors().iter().all(|failure| failure.index == i), "{result:?} at {i}");
        assert_eq!(result.is_success(), result.errors().is_empty());
    }
}

fn failures_align(rows: usize, error: &Error) {
    assert!(error.failures().iter().all(|failure| failure.index < rows), "{error:?}");
}

/// The numbers that were noted in an attempt.
fn of_attempt(notes: &[String], lead: &str, attempt: u32) -> Vec<u64> {
    let number = |note: &String| {
        let (own, number) = note.strip_prefix(lead)?.split_once(' ')?;
        (own.parse() == Ok(attempt)).then(|| number.parse().unwrap())
    };
    notes.iter().filter_map(number).collect()
}

/// The last attempt that handlers were told of.
fn last_attempt(notes: &[String]) -> u32 {
    let attempt = |note: &String| note.rsplit(' ').nth(1).unwrap().parse().unwrap();
    notes.iter().filter(|note| note.starts_with("saw")).map(attempt).max().unwrap_or(1)
}

/// What handlers did beside the rows is there as often as they were told that it was saved.
fn effects_fit(notes: &[String], mode: SaveMode, results: &[SaveResult], new: usize) {
    let is_kept = match mode {
        SaveMode::AllOrNone => true,
        SaveMode::Partial => results.iter().any(SaveResult::is_success),
        SaveMode::Isolate => !results.iter().any(|result| {
            let status = circuit_core::StatusCode::CannotInsertUpdateActivateEntity;
            result.errors().iter().any(|failure| failure.status == status)
        }),
    };
    let saved: u64 = of_attempt(notes, "saved ", last_attempt(notes)).iter().sum();
    assert_eq!(new as u64, if is_kept { saved } else { 0 }, "{mode:?}");
}

/// Each handler sees each row once per attempt and event; the counts are those of the last attempt.
fn notes_fit(notes: &[String], rows: usize, statements: u64, dml_rows: u64) {
    let seen: Vec<&String> = notes.iter().filter(|note| note.starts_with("saw")).collect();
    let once: BTreeSet<&&String> = seen.iter().collect();
    assert_eq!(seen.len(), once.len(), "a handler saw a row twice");
    let last = last_attempt(notes);
    let nested = of_attempt(notes, "nested ", last);
    let own = u64::from(rows > 0);
    assert_eq!(statements, own + nested.len() as u64);
    assert_eq!(dml_rows, rows as u64 + nested.iter().sum::<u64>());
}

/// Runs all operations; answers everything that was noted and logged.
async fn scenario(triggers: &[Trigger], operations: &[(Operation, SaveMode)]) -> Vec<String> {
    let notes = Recorder::default();
    let circuit = engine(triggers, &notes);
    let mut all = Vec::new();
    for (operation, mode) in operations {
        let before = everything(&circuit).await;
        let (rows, ended) = run(&circuit, *operation, *mode).await;
        let told = notes.take();
        match &ended {
            Ok(outcome) => {
                results_align(rows, outcome.results());
                notes_fit(
                    &told,
                    rows,
                    outcome.usage().dml_statements(),
                    outcome.usage().dml_rows(),
                );
                let children = |records: &BTreeMap<String, String>| {
                    records.values().filter(|record| record.starts_with("Child")).count()
                };
                let new = children(&everything(&circuit).await) - children(&before);
                effects_fit(&told, *mode, outcome.results(), new);
                all.extend(outcome.log().iter().map(|entry| shown(entry)));
            }
            Err(error) => {
                failures_align(rows, error);
                let usage = error.usage().expect("the execution has ended");
                notes_fit(&told, rows, usage.dml_statements(), usage.dml_rows());
                assert_eq!(everything(&circuit).await, before, "a failed call left a trace");
            }
        }
        let children = circuit.query::<Record>(Query::of("Child")).await.unwrap();
        assert!(children.iter().all(|child| !child.read::<bool>("Bad").unwrap()));
        all.extend(told);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_triggers_break_no_promise(triggers in triggers(), operations in operations()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first = runtime.block_on(scenario(&triggers, &operations));
        let second = runtime.block_on(scenario(&triggers, &operations));
        prop_assert_eq!(first, second, "the same triggers and operations gave another log");
    }
}
