//! Dry runs: everything runs, and nothing is kept.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert, BeforeUpdate};
use circuit_core::{
    Circuit, DmlRequest, DryRun, ErrorKind, Execution, Limit, Limits, Record, Result, Usage,
    WriteKind,
};

use super::name_behaviours;
use super::stage::{
    Stage, add_tasks, all_named, error_of, many, name_of, named, names, of, on, partial, refuse,
    saved, text, wait, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A15":
    Chosen nothing_of_a_dry_run_is_kept,
    Chosen handlers_run_in_a_dry_run,
    Chosen a_dry_run_answers_the_results_that_the_call_would_have,
    Chosen a_dry_run_answers_the_error_that_the_call_would_have,
    Chosen a_dry_run_tells_every_change_with_the_record_before_it,
    Chosen a_dry_run_tells_what_handlers_would_have_changed,
    Chosen a_dry_run_that_fails_tells_no_changes_and_no_hooks,
    Chosen a_dry_run_tells_the_hooks_of_handlers_that_would_have_run,
    Chosen a_dry_run_runs_hooks_before_the_commit_and_none_after_it,
    Chosen a_dry_run_uses_as_much_as_the_call_would,
    Chosen a_dry_run_has_the_warnings_and_the_log_of_the_call,
    Chosen a_limit_passed_in_a_dry_run_is_its_answer,
    Chosen a_partial_save_can_be_tried_without_keeping_it,
    Chosen several_calls_can_be_one_dry_run,
    Chosen a_dry_run_does_not_run_after_rollback_hooks,
    Chosen an_id_of_a_dry_run_names_no_record_afterwards,
}

type Dry = DryRun<Vec<circuit_core::SaveResult>>;

async fn insert(circuit: &Circuit, names: &[&str]) -> Result<Dry> {
    circuit.session().dry_run(DmlRequest::insert(all_named("Contact", names))).await
}

/// What would change: kind and name.
fn changes<T>(dry: &DryRun<T>) -> Vec<String> {
    let line = |write: &circuit_core::Write| format!("{:?} {}", write.kind, name_of(&write.record));
    dry.changes.iter().map(line).collect()
}

async fn nothing_of_a_dry_run_is_kept(stage: Stage) -> Shown {
    insert(&stage.circuit([add_tasks(&stage, "Contact")])?, &["a"]).await?.answer?;
    same!(stage.stored("Contact").await?.len(), 0);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn handlers_run_in_a_dry_run(stage: Stage) -> Shown {
    let circuit = stage.circuit([watch(&stage, "Contact", [BeforeInsert, AfterInsert])])?;
    insert(&circuit, &["a"]).await?.answer?;
    same!(stage.notes(), ["beforeInsert 1", "afterInsert 1"]);
    Ok(())
}

async fn a_dry_run_answers_the_results_that_the_call_would_have(stage: Stage) -> Shown {
    let results = insert(&stage.circuit([])?, &["a", "b"]).await?.answer?;
    same!(saved(&results), [true, true]);
    same!(results[0].is_created(), true);
    Ok(())
}

async fn a_dry_run_answers_the_error_that_the_call_would_have(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["b"])])?;
    let error = error_of(insert(&circuit, &["a", "b"]).await?.answer)?;
    same!(error.kind(), ErrorKind::Dml);
    same!(error.failures()[0].index, 1);
    Ok(())
}

async fn a_dry_run_tells_every_change_with_the_record_before_it(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "old")]).await?;
    let request = DmlRequest::update(of("Contact", &ids[0]).with("LastName", "new"));
    let dry = stage.circuit([])?.session().dry_run(request).await?;
    same!(changes(&dry), ["Update new"]);
    same!(dry.changes[0].kind, WriteKind::Update);
    same!(dry.changes[0].before.as_ref().map(name_of).as_deref(), Some("old"));
    same!(&dry.changes[0].id, &ids[0]);
    Ok(())
}

async fn a_dry_run_tells_what_handlers_would_have_changed(stage: Stage) -> Shown {
    let set = on(&stage, "Contact", BeforeInsert, "set", |_, ctx| {
        ctx.try_new_records_mut()?.iter_mut().for_each(|row| row.set("Status", "set"));
        Ok(())
    });
    let circuit = stage.circuit([set, add_tasks(&stage, "Contact")])?;
    let dry = insert(&circuit, &["a"]).await?;
    same!(changes(&dry), ["Insert a", "Insert a"]);
    same!(text(&dry.changes[0].record, "Status"), "set");
    same!(dry.changes[1].record.object(), "Task");
    Ok(())
}

async fn a_dry_run_that_fails_tells_no_changes_and_no_hooks(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.after_commit("job", |_| async { Ok(()) }).await?;
        execution.insert(named("Contact", "good")).await?;
        execution.insert(named("Contact", "bad")).await
    };
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["bad"])])?;
    let dry = circuit.session().dry_run_with(code).await?;
    same!(dry.answer.is_err(), true);
    same!((dry.changes.len(), dry.hooks.len()), (0, 0));
    Ok(())
}

/// An engine with a handler that registers a hook before and one after the commit.
fn hooking(stage: &Stage) -> Result<Circuit> {
    let register = wait(stage, "Contact", AfterInsert, "register", |stage, ctx| {
        Box::pin(async move {
            let early = stage.clone();
            let work = move |_| async move {
                early.note("before commit");
                Ok(())
            };
            ctx.before_commit("early", work).await?;
            let work = move |_| async move {
                stage.note("after commit");
                Ok(())
            };
            ctx.after_commit("late", work).await?;
            Ok(())
        })
    });
    stage.circuit([register])
}

async fn a_dry_run_tells_the_hooks_of_handlers_that_would_have_run(stage: Stage) -> Shown {
    let dry = insert(&hooking(&stage)?, &["a"]).await?;
    let line = |hook: &circuit_core::PlannedHook| {
        format!("{}: {} of {}", hook.when, hook.name, hook.handler)
    };
    let expected = ["before commit: early of register", "after commit: late of register"];
    same!(dry.hooks.iter().map(line).collect::<Vec<_>>(), expected);
    Ok(())
}

async fn a_dry_run_runs_hooks_before_the_commit_and_none_after_it(stage: Stage) -> Shown {
    insert(&hooking(&stage)?, &["a"]).await?.answer?;
    same!(stage.notes(), ["before commit"]);
    Ok(())
}

async fn a_dry_run_uses_as_much_as_the_call_would(stage: Stage) -> Shown {
    let circuit = stage.circuit([add_tasks(&stage, "Contact")])?;
    let dry = insert(&circuit, &["a", "b"]).await?;
    let outcome = circuit.insert(all_named("Contact", &["a", "b"])).await?;
    same!(counts(&dry.usage), counts(outcome.usage()));
    same!(dry.usage.dml_rows(), 4);
    Ok(())
}

/// What is counted, but for what every run takes another amount of.
fn counts(usage: &Usage) -> Vec<(Limit, u64, u64)> {
    let measured = [Limit::CpuTime, Limit::HeapSize, Limit::WallClock];
    let counted = Limit::ALL.iter().filter(|limit| !measured.contains(limit));
    counted.map(|l| (*l, usage.of(*l), usage.by_handler("host", *l))).collect()
}

async fn a_dry_run_has_the_warnings_and_the_log_of_the_call(stage: Stage) -> Shown {
    let limits = Limits::circuit().with_limit_dml_rows(10);
    let request = DmlRequest::insert(many("Contact", "LastName", 8));
    let dry = stage.circuit([])?.session().with_limits(limits).dry_run(request).await?;
    same!((dry.warnings.len(), dry.log.len()), (1, 1));
    same!(dry.warnings[0].percent, 80);
    Ok(())
}

async fn a_limit_passed_in_a_dry_run_is_its_answer(stage: Stage) -> Shown {
    let limits = Limits::circuit().with_limit_dml_rows(1);
    let request = DmlRequest::insert(many("Contact", "LastName", 2));
    let dry = stage.circuit([])?.session().with_limits(limits).dry_run(request).await?;
    same!(error_of(dry.answer)?.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn a_partial_save_can_be_tried_without_keeping_it(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["b"])])?;
    let request = partial(DmlRequest::insert(all_named("Contact", &["a", "b"])));
    let dry = circuit.session().dry_run(request).await?;
    same!(changes(&dry), ["Insert a"]);
    same!(saved(&dry.answer?), [true, false]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn several_calls_can_be_one_dry_run(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let results = execution.insert(named("Contact", "a")).await?;
        let ids = results.iter().filter_map(|result| result.id());
        let rows: Vec<Record> = ids.map(|id| of("Contact", id).with("LastName", "b")).collect();
        execution.update(rows).await
    };
    let circuit = stage.circuit([watch(&stage, "Contact", [BeforeUpdate])])?;
    let dry = circuit.session().dry_run_with(code).await?;
    same!(changes(&dry), ["Insert b"]);
    same!(stage.notes(), ["beforeUpdate 1"]);
    Ok(())
}

async fn a_dry_run_does_not_run_after_rollback_hooks(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        let stage = inside.clone();
        let work = move |_| async move {
            stage.note("rolled back");
            Ok(())
        };
        execution.after_rollback("note", work).await
    };
    stage.circuit([])?.session().dry_run_with(code).await?.answer?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn an_id_of_a_dry_run_names_no_record_afterwards(stage: Stage) -> Shown {
    let circuit = stage.circuit([])?;
    let results = insert(&circuit, &["a"]).await?.answer?;
    let rows: Vec<Record> =
        results.iter().filter_map(|row| row.id()).map(|id| of("Contact", id)).collect();
    error_of(circuit.update(rows).await)?;
    same!(names(&stage, "Contact").await?, Vec::<String>::new());
    Ok(())
}
