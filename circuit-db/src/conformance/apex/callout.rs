//! Callouts: when they are allowed.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{Callout, ErrorKind, Execution, Query, Record, Result};

use super::name_behaviours;
use super::stage::{Stage, error_of, named, names, of, wait};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A9":
    Documented a_callout_before_dml_is_allowed,
    Documented dml_after_a_callout_is_allowed,
    Inferred a_query_before_a_callout_is_allowed,
    Documented a_callout_after_dml_is_refused,
    Documented a_callout_after_dml_of_a_record_that_is_gone_again_is_refused,
    Documented a_callout_while_a_job_is_queued_is_refused,
    Documented a_callout_with_an_active_savepoint_is_refused,
    Documented a_rollback_alone_does_not_make_callouts_possible_again,
    Documented rolling_back_and_releasing_makes_callouts_possible_again,
    Documented a_record_trigger_cannot_call_out,
    Inferred a_refused_callout_is_neither_made_nor_counted,
    Inferred a_refused_callout_does_not_end_the_execution,
    Chosen with_the_switch_a_callout_after_dml_is_allowed,
    Chosen with_the_switch_a_record_trigger_can_call_out,
    Chosen an_execution_that_called_out_is_not_run_again_after_a_conflict,
}

/// Calls a service that answers at once.
async fn call(execution: &Execution) -> Result<u32> {
    execution.callout(Callout::to("census"), async { 7 }).await
}

async fn a_callout_before_dml_is_allowed(stage: Stage) -> Shown {
    let code = |execution: Execution| async move { call(&execution).await };
    same!(stage.circuit([])?.run(code).await?.value, 7);
    Ok(())
}

async fn dml_after_a_callout_is_allowed(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        call(&execution).await?;
        execution.insert(named("Contact", "a")).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn a_query_before_a_callout_is_allowed(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.query::<Record>(Query::of("Contact")).await?;
        call(&execution).await
    };
    same!(stage.circuit([])?.run(code).await?.value, 7);
    Ok(())
}

async fn a_callout_after_dml_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        call(&execution).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Callout);
    same!(error.message().starts_with("you have uncommitted work pending"), true);
    same!(error.context("service"), Some("census"));
    Ok(())
}

async fn a_callout_after_dml_of_a_record_that_is_gone_again_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let results = execution.insert(named("Contact", "a")).await?;
        let ids = results.iter().filter_map(|result| result.id());
        execution.delete(ids.map(|id| of("Contact", id)).collect::<Vec<_>>()).await?;
        call(&execution).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Callout);
    Ok(())
}

async fn a_callout_while_a_job_is_queued_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.after_commit("job", |_| async { Ok(()) }).await?;
        call(&execution).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Callout);
    same!(error.message().starts_with("you have uncommitted work pending"), true);
    Ok(())
}

async fn a_callout_with_an_active_savepoint_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let _savepoint = execution.set_savepoint().await?;
        call(&execution).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Callout);
    same!(error.message(), "all active savepoints must be released before making callouts");
    Ok(())
}

async fn a_rollback_alone_does_not_make_callouts_possible_again(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "a")).await?;
        execution.rollback(&savepoint).await?;
        call(&execution).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.message(), "all active savepoints must be released before making callouts");
    Ok(())
}

async fn rolling_back_and_releasing_makes_callouts_possible_again(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "a")).await?;
        execution.after_commit("job", |_| async { Ok(()) }).await?;
        execution.rollback(&savepoint).await?;
        execution.release_savepoint(savepoint).await?;
        call(&execution).await
    };
    same!(stage.circuit([])?.run(code).await?.value, 7);
    Ok(())
}

/// Registers a handler that calls out and notes the answer or the kind of the error.
fn caller(stage: &Stage, event: circuit_core::TriggerEvent) -> circuit_core::TriggerRegistration {
    wait(stage, "Contact", event, "caller", |stage, ctx| {
        Box::pin(async move {
            match ctx.callout(Callout::to("census"), async { 7 }).await {
                Ok(answer) => stage.note(answer),
                Err(error) => stage.note(format!("{:?}", error.kind())),
            }
            Ok(())
        })
    })
}

async fn a_record_trigger_cannot_call_out(stage: Stage) -> Shown {
    for event in [BeforeInsert, AfterInsert] {
        stage.circuit([caller(&stage, event)])?.insert(named("Contact", "a")).await?;
    }
    same!(stage.notes(), ["Callout", "Callout"]);
    Ok(())
}

async fn a_refused_callout_is_neither_made_nor_counted(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        let made = async { inside.note("made") };
        let _ = execution.callout(Callout::to("census"), made).await;
        Ok(())
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!(stage.notes(), Vec::<String>::new());
    same!(outcome.usage().callouts(), 0);
    Ok(())
}

async fn a_refused_callout_does_not_end_the_execution(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        Ok(call(&execution).await.is_err())
    };
    same!(stage.circuit([])?.run(code).await?.value, true);
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn with_the_switch_a_callout_after_dml_is_allowed(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let _savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "a")).await?;
        call(&execution).await
    };
    let session = stage.circuit([])?.session().with_callouts_at_any_time();
    same!(session.run(code).await?.value, 7);
    Ok(())
}

async fn with_the_switch_a_record_trigger_can_call_out(stage: Stage) -> Shown {
    let circuit = stage.circuit([caller(&stage, AfterInsert)])?;
    circuit.session().with_callouts_at_any_time().insert(named("Contact", "a")).await?;
    same!(stage.notes(), ["7"]);
    Ok(())
}

async fn an_execution_that_called_out_is_not_run_again_after_a_conflict(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let other = stage.circuit([])?;
    let (inside, other, id) = (&stage, &other, &ids[0]);
    let code = |execution: Execution| async move {
        inside.note("run");
        call(&execution).await?;
        execution.query::<Record>(Query::of("Contact")).await?;
        other.update(of("Contact", id).with("Status", "other")).await?;
        execution.update(of("Contact", id).with("Status", "own")).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Conflict);
    same!(stage.notes(), ["run"]);
    Ok(())
}
