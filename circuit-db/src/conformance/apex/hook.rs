//! Hooks before the commit and after a rollback, and hooks of work that is undone.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{
    DmlRequest, ErrorKind, Execution, HandlerError, Limit, Result, TriggerRegistration,
};

use super::name_behaviours;
use super::stage::{Stage, all_named, error_of, many, named, names, partial, refuse, wait, watch};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A8":
    Chosen a_before_commit_hook_runs_once_after_all_handlers,
    Chosen before_commit_hooks_run_in_the_order_of_their_registration,
    Chosen dml_of_a_before_commit_hook_is_in_the_transaction,
    Chosen dml_of_a_before_commit_hook_counts_for_its_handler,
    Chosen an_error_of_a_before_commit_hook_undoes_everything,
    Chosen a_hook_that_a_before_commit_hook_registers_runs_too,
    Chosen a_handler_registers_a_name_once_in_an_execution,
    Chosen two_handlers_can_register_the_same_name,
    Chosen hooks_of_the_engine_run_once_after_those_of_handlers,
    Chosen a_hook_of_an_attempt_that_is_given_up_never_runs,
    Chosen a_hook_behind_a_savepoint_that_was_rolled_back_to_never_runs,
    Chosen a_hook_of_a_failed_inner_call_never_runs,
    Chosen a_hook_of_an_undone_call_can_be_registered_again,
    Chosen an_after_rollback_hook_runs_when_the_execution_failed,
    Chosen an_after_rollback_hook_does_not_run_after_a_commit,
    Chosen an_after_rollback_hook_is_given_the_error,
    Chosen an_after_rollback_hook_of_an_attempt_that_is_given_up_never_runs,
    Chosen an_after_rollback_hook_of_a_handler_whose_call_failed_runs_if_all_fails,
    Chosen an_after_rollback_hook_of_a_failed_call_does_not_run_if_the_rest_is_committed,
    Chosen an_after_rollback_hook_that_fails_does_not_hide_the_error,
}

/// Registers a handler that registers a hook which notes the handler's name.
fn hooking(stage: &Stage, name: &'static str) -> TriggerRegistration {
    wait(stage, "Contact", AfterInsert, name, move |stage, ctx| {
        Box::pin(async move {
            let work = move |_: Execution| async move {
                stage.note(name);
                Ok(())
            };
            ctx.before_commit("note", work).await?;
            Ok(())
        })
    })
}

/// Registers a hook at the host's place that notes its name.
async fn note_before_commit(
    execution: &Execution,
    stage: &Stage,
    name: &'static str,
) -> Result<()> {
    let stage = stage.clone();
    let work = move |_| async move {
        stage.note(name);
        Ok(())
    };
    execution.before_commit(name, work).await.map(drop)
}

/// The same for after a rollback.
async fn note_after_rollback(execution: &Execution, stage: &Stage) -> Result<()> {
    let stage = stage.clone();
    let work = move |rolled_back: circuit_core::RolledBack| async move {
        stage.note(rolled_back.error.message());
        Ok(())
    };
    execution.after_rollback("note", work).await.map(drop)
}

async fn a_before_commit_hook_runs_once_after_all_handlers(stage: Stage) -> Shown {
    let last = watch(&stage, "Contact", [AfterInsert]).with_order(9);
    let circuit = stage.circuit([hooking(&stage, "hook"), last])?;
    circuit.insert(many("Contact", "LastName", 201)).await?;
    same!(stage.notes(), ["afterInsert 200", "afterInsert 1", "hook"]);
    Ok(())
}

async fn before_commit_hooks_run_in_the_order_of_their_registration(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        for word in ["one", "two", "three"] {
            note_before_commit(&execution, inside, word).await?;
        }
        Ok(())
    };
    stage.circuit([])?.run(code).await?;
    same!(stage.notes(), ["one", "two", "three"]);
    Ok(())
}

/// Registers a handler whose hook inserts a task before the commit.
fn task_at_the_end(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Contact", AfterInsert, "task_at_the_end", |_, ctx| {
        Box::pin(async move {
            let work = |execution: Execution| async move {
                execution.insert(named("Task", "late")).await?;
                Ok(())
            };
            ctx.before_commit("task", work).await?;
            Ok(())
        })
    })
}

async fn dml_of_a_before_commit_hook_is_in_the_transaction(stage: Stage) -> Shown {
    let circuit =
        stage.circuit([task_at_the_end(&stage), watch(&stage, "Task", [BeforeInsert])])?;
    circuit.insert(named("Contact", "a")).await?;
    same!(names(&stage, "Task").await?, ["late"]);
    same!(stage.notes(), ["beforeInsert 1"]);
    Ok(())
}

async fn dml_of_a_before_commit_hook_counts_for_its_handler(stage: Stage) -> Shown {
    let circuit = stage.circuit([task_at_the_end(&stage)])?;
    let outcome = circuit.insert(named("Contact", "a")).await?;
    same!(outcome.usage().by_handler("task_at_the_end", Limit::DmlRows), 1);
    Ok(())
}

async fn an_error_of_a_before_commit_hook_undoes_everything(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let work = |_| async { Err(HandlerError::msg("not like this")) };
        execution.before_commit("guard", work).await?;
        execution.insert(named("Contact", "a")).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Handler);
    same!(error.context("hook"), Some("guard"));
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn a_hook_that_a_before_commit_hook_registers_runs_too(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        let stage = inside.clone();
        let work = move |execution: Execution| async move {
            note_before_commit(&execution, &stage, "second").await?;
            Ok(())
        };
        execution.before_commit("first", work).await
    };
    stage.circuit([])?.run(code).await?;
    same!(stage.notes(), ["second"]);
    Ok(())
}

async fn a_handler_registers_a_name_once_in_an_execution(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let first = execution.before_commit("note", |_| async { Ok(()) }).await?;
        let second = execution.before_commit("note", |_| async { Ok(()) }).await?;
        Ok((first, second))
    };
    same!(stage.circuit([])?.run(code).await?.value, (true, false));
    Ok(())
}

async fn two_handlers_can_register_the_same_name(stage: Stage) -> Shown {
    let circuit = stage.circuit([hooking(&stage, "a"), hooking(&stage, "b")])?;
    circuit.insert(named("Contact", "x")).await?;
    same!(stage.notes(), ["a", "b"]);
    Ok(())
}

async fn hooks_of_the_engine_run_once_after_those_of_handlers(stage: Stage) -> Shown {
    let notes = stage.clone();
    let engine = move |_| {
        let notes = notes.clone();
        async move {
            notes.note("engine");
            Ok(())
        }
    };
    let builder = stage.builder([hooking(&stage, "handler")]);
    let circuit = builder.before_commit("engine", engine).build()?;
    circuit.insert(many("Contact", "LastName", 201)).await?;
    same!(stage.notes(), ["handler", "engine"]);
    Ok(())
}

async fn a_hook_of_an_attempt_that_is_given_up_never_runs(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([hooking(&stage, "hook"), bad])?;
    circuit.dml(partial(DmlRequest::insert(all_named("Contact", &["good", "bad"])))).await?;
    same!(stage.notes(), ["hook"]);
    circuit.dml(partial(DmlRequest::insert(named("Contact", "bad")))).await?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn a_hook_behind_a_savepoint_that_was_rolled_back_to_never_runs(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        note_before_commit(&execution, inside, "kept").await?;
        let savepoint = execution.set_savepoint().await?;
        note_before_commit(&execution, inside, "gone").await?;
        execution.rollback(&savepoint).await
    };
    stage.circuit([])?.run(code).await?;
    same!(stage.notes(), ["kept"]);
    Ok(())
}

async fn a_hook_of_a_failed_inner_call_never_runs(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let code = |execution: Execution| async move {
        Ok(execution.insert(named("Contact", "bad")).await.is_err())
    };
    same!(stage.circuit([hooking(&stage, "hook"), bad])?.run(code).await?.value, true);
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn a_hook_of_an_undone_call_can_be_registered_again(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let code = |execution: Execution| async move {
        let _ = execution.insert(named("Contact", "bad")).await;
        execution.insert(named("Contact", "good")).await
    };
    stage.circuit([hooking(&stage, "hook"), bad])?.run(code).await?;
    same!(stage.notes(), ["hook"]);
    Ok(())
}

/// An execution that registers an after-rollback hook and then fails.
async fn fail(stage: &Stage) -> Result<circuit_core::Error, crate::conformance::Broken> {
    let code = |execution: Execution| async move {
        note_after_rollback(&execution, stage).await?;
        execution.insert(named("Contact", "bad")).await
    };
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["bad"])])?;
    error_of(circuit.run(code).await)
}

async fn an_after_rollback_hook_runs_when_the_execution_failed(stage: Stage) -> Shown {
    fail(&stage).await?;
    same!(stage.notes().len(), 1);
    Ok(())
}

async fn an_after_rollback_hook_is_given_the_error(stage: Stage) -> Shown {
    let error = fail(&stage).await?;
    same!(error.kind(), ErrorKind::Dml);
    same!(stage.notes(), [error.message()]);
    Ok(())
}

async fn an_after_rollback_hook_does_not_run_after_a_commit(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move { note_after_rollback(&execution, inside).await };
    stage.circuit([])?.run(code).await?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

/// Registers a handler that registers an after-rollback hook.
fn register(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Contact", BeforeInsert, "register", |stage, ctx| {
        Box::pin(async move {
            note_after_rollback(ctx.execution(), &stage).await?;
            Ok(())
        })
    })
}

async fn an_after_rollback_hook_of_an_attempt_that_is_given_up_never_runs(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.dml(partial(DmlRequest::insert(named("Contact", "bad")))).await?;
        Err::<(), _>(circuit_core::Error::new(ErrorKind::InvalidInput, "stop here"))
    };
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    error_of(stage.circuit([register(&stage), bad])?.run(code).await)?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn an_after_rollback_hook_of_a_handler_whose_call_failed_runs_if_all_fails(
    stage: Stage,
) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    error_of(stage.circuit([register(&stage), bad])?.insert(named("Contact", "bad")).await)?;
    same!(stage.notes().len(), 1);
    Ok(())
}

async fn an_after_rollback_hook_of_a_failed_call_does_not_run_if_the_rest_is_committed(
    stage: Stage,
) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let code = |execution: Execution| async move {
        Ok(execution.insert(named("Contact", "bad")).await.is_err())
    };
    same!(stage.circuit([register(&stage), bad])?.run(code).await?.value, true);
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn an_after_rollback_hook_that_fails_does_not_hide_the_error(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let work = |_| async { Err(HandlerError::msg("worse")) };
        execution.after_rollback("worse", work).await?;
        Err::<(), _>(circuit_core::Error::new(ErrorKind::InvalidInput, "stop here"))
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.message(), "stop here");
    Ok(())
}
