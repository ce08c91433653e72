//! The one report that every execution leaves, however it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use circuit_core::{
    ChangeEvent, ChangeKind, Circuit, CircuitBuilder, DmlRequest, ExecutionEnd, ExecutionReport,
    HandlerError, MemorySink, Query, Record, RecordKey, RetryableError, SaveMode, Step, StepKind,
    TriggerEvent, TriggerRegistration,
};
use circuit_db::Memory;
use circuit_testkit::{Fault, FaultyDB, ManualClock};

use crate::support::{builder, circuit, contacts, on};

/// Keeps all reports that it is given.
#[derive(Debug, Clone, Default)]
struct Kept(MemorySink);

impl Kept {
    fn take(&self) -> Vec<Arc<ExecutionReport>> {
        let reports = self.0.reports();
        self.0.clear();
        reports
    }

    #[track_caller]
    fn one(&self) -> Arc<ExecutionReport> {
        let mut reports = self.take();
        assert_eq!(reports.len(), 1, "{reports:#?}");
        reports.remove(0)
    }
}

fn kept(registrations: impl IntoIterator<Item = TriggerRegistration>) -> (CircuitBuilder, Kept) {
    let kept = Kept::default();
    (builder(registrations).log_sink(kept.0.clone()), kept)
}

fn over_memory(builder: CircuitBuilder) -> Circuit {
    builder.backend(Memory::new()).build().unwrap()
}

/// Does nothing.
fn idle(object: &str, event: TriggerEvent, name: &str) -> TriggerRegistration {
    on(object, event, name, |_| Ok(()))
}

fn failing(name: &str) -> TriggerRegistration {
    on("Contact", TriggerEvent::BeforeInsert, name, |_| Err(HandlerError::msg("no grade")))
}

fn waiting() -> TriggerRegistration {
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "wait", |_| {
        Box::pin(std::future::pending::<Result<(), HandlerError>>())
    })
}

/// Writes a task for each contact that is inserted.
fn follow_up() -> TriggerRegistration {
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "follow_up", |ctx| {
        Box::pin(async move {
            let tasks: Vec<Record> = ctx.ids().iter().map(|_| Record::new("Task")).collect();
            ctx.count(Query::of("Task")).await?;
            ctx.insert(tasks).await?;
            Ok(())
        })
    })
}

/// The steps as `kind name object rows`, indented by what they are part of.
fn tree(steps: &[Step]) -> Vec<String> {
    let depth = |step: &Step| {
        let parent = |step: &Step| step.parent.map(|at| &steps[at as usize]);
        std::iter::successors(parent(step), |step| parent(step)).count()
    };
    let line = |step: &Step| {
        let Step { kind, name, object, rows, .. } = step;
        format!("{}{kind:?} {name} {object} {rows}", "  ".repeat(depth(step)))
    };
    steps.iter().map(line).collect()
}

#[tokio::test]
async fn a_commit_leaves_one_report_with_what_the_outcome_tells() {
    let (builder, kept) = kept([]);
    let builder = builder.host("machine-1").build_version("1.2.3");
    let outcome = over_memory(builder).insert(contacts(3)).await.unwrap();
    let report = kept.one();
    assert!(Arc::ptr_eq(&report, outcome.report()));
    assert_eq!((report.outcome, report.id), (ExecutionEnd::Committed, outcome.execution_id()));
    assert_eq!((&*report.object, report.records), ("Contact", 3));
    assert_eq!((&*report.host, &*report.build), ("machine-1", "1.2.3"));
    assert_eq!((report.error.as_ref(), report.usage.dml_rows()), (None, 3));
}

#[tokio::test]
async fn steps_are_nested_as_the_work_was() {
    let insert = idle("Task", TriggerEvent::BeforeInsert, "check_task");
    let (builder, kept) = kept([follow_up(), insert]);
    let circuit = over_memory(builder.after_commit("tell", |_| async { Ok(()) }));
    circuit.insert(contacts(201)).await.unwrap();
    assert_eq!(
        tree(&kept.one().steps),
        [
            "Dml insert Contact 201",
            "  Handler follow_up Contact 200",
            "    Query count Task 1",
            "    Dml insert Task 200",
            "      Handler check_task Task 200",
            "  Handler follow_up Contact 1",
            "    Query count Task 1",
            "    Dml insert Task 1",
            "      Handler check_task Task 1",
            "Commit commit  402",
            "Hook tell  0",
        ]
    );
}

#[tokio::test]
async fn a_step_tells_chunk_event_and_time() {
    let clock = ManualClock::default();
    let time = clock.clone();
    let slow = on("Contact", TriggerEvent::BeforeInsert, "slow", move |ctx| {
        time.advance(Duration::from_secs(u64::try_from(ctx.size()).unwrap()));
        Ok(())
    });
    let (builder, kept) = kept([slow]);
    over_memory(builder.clock(clock)).insert(contacts(203)).await.unwrap_err();
    let report = kept.one();
    let step = &report.steps[1];
    assert_eq!((step.chunk, step.event), (Some((1, 2)), Some(TriggerEvent::BeforeInsert)));
    assert_eq!((step.start, step.duration), (Duration::ZERO, Duration::from_secs(200)));
    assert_eq!(report.duration, Duration::from_secs(200), "the wall clock's limit ends it");
    assert_eq!((report.end - report.start).num_seconds(), 200);
}

#[tokio::test]
async fn a_failure_leaves_one_report_and_names_the_handler_and_what_was_behind_it() {
    let (builder, kept) = kept([failing("score")]);
    let error = over_memory(builder).insert(contacts(1)).await.unwrap_err();
    let report = kept.one();
    assert!(Arc::ptr_eq(&report, error.report().unwrap()));
    let failure = report.error.as_ref().unwrap();
    assert_eq!(report.outcome, ExecutionEnd::RolledBack);
    assert_eq!((&*failure.handler, &*failure.code), ("score", error.code()));
    assert_eq!(failure.causes, ["no grade"]);
    let step = &report.steps[1];
    assert_eq!((&*step.name, step.error.as_deref()), ("score", Some(failure)));
}

#[tokio::test]
async fn rows_that_were_refused_are_in_the_failure() {
    let veto = on("Contact", TriggerEvent::BeforeInsert, "veto", |ctx| {
        ctx.try_new_records_mut()?[1].add_error("too young");
        Ok(())
    });
    let (builder, kept) = kept([veto]);
    over_memory(builder).insert(contacts(2)).await.unwrap_err();
    let rows = kept.one().error.clone().unwrap().rows;
    assert!(rows.len() == 1 && rows[0].contains("too young"), "{rows:?}");
}

#[tokio::test]
async fn the_report_of_a_failure_has_what_its_hooks_logged() {
    let (builder, kept) = kept([failing("score")]);
    let hook = |_| async { Err(HandlerError::msg("unreachable")) };
    over_memory(builder.after_rollback("tell", hook)).insert(contacts(1)).await.unwrap_err();
    let report = kept.one();
    assert_eq!(report.log[0].message, "an after-rollback hook failed");
    let hook = report.steps.last().unwrap();
    assert_eq!((hook.kind, &*hook.name), (StepKind::Hook, "tell"));
    assert!(hook.error.is_some());
}

#[tokio::test]
async fn a_dry_run_leaves_one_report() {
    let (builder, kept) = kept([]);
    let session = over_memory(builder).session();
    session.dry_run(DmlRequest::insert(contacts(2))).await.unwrap();
    let report = kept.one();
    assert_eq!((report.outcome, report.steps.len()), (ExecutionEnd::DryRun, 1));
}

#[tokio::test]
async fn an_execution_that_the_host_drops_leaves_one_report() {
    let (builder, kept) = kept([waiting()]);
    let circuit = over_memory(builder);
    let call = tokio::time::timeout(Duration::from_millis(1), circuit.insert(contacts(1)));
    assert!(call.await.is_err());
    let report = kept.one();
    assert_eq!(report.outcome, ExecutionEnd::Dropped);
    assert_eq!(tree(&report.steps), ["Dml insert Contact 1", "  Handler wait Contact 1"]);
}

#[tokio::test]
async fn an_execution_that_is_dropped_after_its_commit_was_committed() {
    let (builder, kept) = kept([]);
    let circuit = over_memory(builder.after_commit("hang", |_| std::future::pending()));
    let call = tokio::time::timeout(Duration::from_millis(1), circuit.insert(contacts(1)));
    assert!(call.await.is_err());
    assert_eq!(kept.one().outcome, ExecutionEnd::Committed);
}

#[tokio::test]
async fn an_execution_that_is_dropped_on_its_way_to_the_store_ends_with_the_commit() {
    let (builder, kept) = kept([]);
    let store = FaultyDB::new(Memory::new());
    store.queue(Fault::Hang);
    let circuit = builder.backend(store).build().unwrap();
    let call = tokio::time::timeout(Duration::from_millis(1), circuit.insert(contacts(1)));
    assert!(call.await.is_err());
    let report = kept.one();
    assert_eq!(report.outcome, ExecutionEnd::Dropped);
    assert_eq!(report.steps.last().unwrap().kind, StepKind::Commit);
}

#[tokio::test]
async fn reruns_leave_one_report_that_names_the_runs_before() {
    let (builder, kept) = kept([]);
    let store = FaultyDB::new(Memory::new());
    store.queue(Fault::Conflict);
    store.queue(Fault::Conflict);
    let circuit = builder.backend(store).build().unwrap();
    circuit.insert(contacts(1)).await.unwrap();
    let report = kept.one();
    assert_eq!((report.reruns, report.earlier.len()), (2, 2));
    assert!(!report.earlier.contains(&report.id));
}

#[tokio::test]
async fn executions_that_a_hook_starts_name_their_parent() {
    let (builder, kept) = kept([]);
    let done = Arc::new(AtomicBool::new(false));
    let circuit = over_memory(builder.after_commit("audit", move |given| {
        let done = Arc::clone(&done);
        async move {
            if !done.swap(true, Ordering::Relaxed) {
                given.session.insert(Record::new("Audit")).await?;
            }
            Ok(())
        }
    }));
    let root = circuit.insert(contacts(1)).await.unwrap().execution_id();
    let reports = kept.take();
    let told: Vec<_> = reports.iter().map(|report| (&*report.object, report.parent)).collect();
    assert_eq!(told, [("Audit", Some(root)), ("Contact", None)]);
}

fn created(email: &str) -> ChangeEvent {
    let fields = Record::new("Contact").with("Email", email);
    ChangeEvent::new(ChangeKind::Create, fields).with_ids(["003-1".parse().unwrap()])
}

#[tokio::test]
async fn each_delivery_of_an_event_leaves_a_report() {
    let (builder, kept) = kept([
        idle("Contact", TriggerEvent::AfterInsert, "one"),
        idle("Contact", TriggerEvent::AfterInsert, "two"),
    ]);
    let circuit = over_memory(builder.index_field("Contact", "Email"));
    circuit.dispatch([created("Ada@b.c")]).await.unwrap();
    let reports = kept.take();
    assert_eq!(reports.len(), 2);
    let report = &reports[0];
    assert_eq!((report.event, report.records), (Some(TriggerEvent::AfterInsert), 1));
    assert_eq!(tree(&report.steps), ["Handler one Contact 1"]);
    let id = RecordKey::of_id("Contact", &"003-1".parse().unwrap());
    assert_eq!(report.keys, [id, RecordKey::of_value("Contact", "Email", "ada@b.c")]);
}

#[tokio::test]
async fn each_run_that_asks_for_another_leaves_a_report() {
    let retry = on("Contact", TriggerEvent::AfterInsert, "flaky", |ctx| match ctx.retries() {
        0 => Err(RetryableError::new("not yet").into()),
        _ => Ok(()),
    });
    let (builder, kept) = kept([retry]);
    over_memory(builder).dispatch([created("a@b.c")]).await.unwrap();
    let ends: Vec<_> = kept.take().iter().map(|report| report.outcome).collect();
    assert_eq!(ends, [ExecutionEnd::RolledBack, ExecutionEnd::Committed]);
}

#[tokio::test]
async fn a_delivery_that_is_kept_up_to_its_checkpoint_tells_why_it_went_no_further() {
    let event = TriggerEvent::AfterInsert;
    let careful = TriggerRegistration::new("Contact", [event], "careful", |ctx| {
        Box::pin(async move {
            ctx.insert(Record::new("Task")).await?;
            let last = ctx.try_new_records()?.last().unwrap().change().unwrap().replay_id.clone();
            ctx.set_resume_checkpoint(last).await?;
            Err(HandlerError::msg("late"))
        })
    });
    let (builder, kept) = kept([careful]);
    let event = created("a@b.c").with_replay_id("1");
    over_memory(builder).dispatch([event]).await.unwrap();
    let report = kept.one();
    assert_eq!(report.outcome, ExecutionEnd::Committed);
    assert_eq!(report.error.as_ref().unwrap().causes, ["late"]);
    assert!(report.keys.iter().any(|key| key.object == "Task"), "{:?}", report.keys);
}

#[tokio::test]
async fn records_that_were_written_or_refused_are_keys() {
    let veto = on("Contact", TriggerEvent::BeforeInsert, "veto", |ctx| {
        ctx.try_new_records_mut()?[0].add_error("no");
        Ok(())
    });
    let (builder, kept) = kept([veto]);
    let circuit = over_memory(builder.index_field("contact", "Email"));
    let rows = ["Bad@b.c", "good@b.c"].map(|email| Record::new("Contact").with("Email", email));
    let request = DmlRequest::insert(rows.to_vec()).with_mode(SaveMode::Isolate);
    let outcome = circuit.dml(request).await.unwrap();
    let stored = RecordKey::of_id("Contact", outcome.results()[1].id().unwrap());
    let email = |email| RecordKey::of_value("Contact", "Email", email);
    assert_eq!(kept.one().keys, [email("bad@b.c"), email("good@b.c"), stored]);
}

#[tokio::test]
async fn no_value_of_a_field_is_in_a_report_unless_it_is_indexed() {
    let (builder, kept) = kept([]);
    let secret = Record::new("Contact").with("Email", "secret@b.c");
    over_memory(builder).insert(secret).await.unwrap();
    let json = serde_json::to_string(&*kept.one()).unwrap();
    assert!(!json.contains("secret"), "{json}");
}

#[tokio::test]
async fn a_report_reads_back_as_it_was_written() {
    let (builder, kept) = kept([follow_up(), failing("score")]);
    let circuit = over_memory(builder.index_field("Contact", "LastName"));
    circuit.insert(contacts(3)).await.unwrap_err();
    let report = kept.one();
    let json = serde_json::to_string(&*report).unwrap();
    assert_eq!(serde_json::from_str::<ExecutionReport>(&json).unwrap(), *report);
}

#[tokio::test]
async fn secrets_are_taken_out_of_failures_too() {
    let leaks = on("Contact", TriggerEvent::BeforeInsert, "leaks", |_| {
        Err(HandlerError::msg("refused: Bearer abcdefghijklmnopqrstuvwxyz012345"))
    });
    let error = circuit([leaks]).insert(contacts(1)).await.unwrap_err();
    let report = serde_json::to_string(error.report().unwrap()).unwrap();
    assert!(report.contains("refused: "), "{report}");
    assert!(!report.contains("abcdefghijkl"), "{report}");
}

#[tokio::test]
async fn the_log_of_a_run_that_a_conflict_ended_is_kept() {
    let store = Memory::new();
    let (builder, kept) = kept([]);
    let circuit = builder.backend(store).build().unwrap();
    let id = circuit.insert(contacts(1)).await.unwrap().ids().next().unwrap().clone();
    kept.take();
    let runs = AtomicU32::new(0);
    let outcome = circuit
        .run(|execution| {
            let (id, circuit) = (id.clone(), circuit.clone());
            let run = runs.fetch_add(1, Ordering::SeqCst);
            async move {
                execution.log().info(format!("run {run}"));
                execution.query::<Record>(Query::of("Contact")).await?;
                if run == 0 {
                    let other =
                        Record::new("Contact").with_id(id.clone()).with("LastName", "Other");
                    circuit.update(vec![other]).await?;
                }
                let own = Record::new("Contact").with_id(id).with("LastName", "Own");
                execution.update(vec![own]).await
            }
        })
        .await
        .unwrap();
    assert_eq!(outcome.reruns(), 1);
    let told: Vec<&str> = outcome.log().iter().map(|entry| entry.message.as_str()).collect();
    assert_eq!(told, ["run 0", "run 1"]);
    assert_ne!(outcome.log()[0].execution, outcome.log()[1].execution);
}

#[tokio::test]
async fn a_hook_has_its_processor_time() {
    let (builder, kept) = kept([]);
    let busy = |_| async {
        let began = std::time::Instant::now();
        while began.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        Ok(())
    };
    over_memory(builder.after_commit("busy", busy)).insert(contacts(1)).await.unwrap();
    let report = kept.one();
    let hook = report.steps.iter().find(|step| step.kind == StepKind::Hook).unwrap();
    assert!(hook.cpu > Duration::ZERO, "{hook:?}");
}
