//! Transactions: what belongs together, and what an error undoes.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{Error, ErrorKind, Execution, HandlerError, Query, Record};

use super::name_behaviours;
use super::stage::{
    Stage, add_tasks, all_named, error_of, many, named, names, on, refuse, rows, wait,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A8":
    Documented all_dml_of_an_execution_is_committed_together,
    Documented an_error_that_leaves_the_entry_point_undoes_everything,
    Documented a_refused_row_undoes_the_whole_call,
    Documented a_failed_call_that_the_host_catches_undoes_only_itself,
    Documented a_failed_call_that_a_handler_catches_undoes_only_itself_and_what_it_set_off,
    Documented an_error_that_leaves_a_handler_undoes_the_call_that_fired_it,
    Documented an_error_in_a_later_chunk_undoes_the_earlier_ones,
    Documented a_panic_of_a_handler_undoes_the_call_that_fired_it,
    Documented dml_of_handlers_is_in_the_transaction_of_the_call,
    Documented statics_live_as_long_as_the_transaction,
    Inferred statics_are_kept_when_a_call_is_undone,
    Inferred queries_see_what_the_transaction_wrote,
    Inferred what_an_undone_call_used_stays_counted,
    Inferred a_query_does_not_see_what_an_undone_call_wrote,
}

fn stop() -> Error {
    Error::new(ErrorKind::InvalidInput, "stop here")
}

async fn all_dml_of_an_execution_is_committed_together(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        execution.insert(named("Account", "a")).await?;
        inside.note(inside.stored("Account").await?.len());
        execution.insert(named("Contact", "b")).await
    };
    stage.circuit([])?.run(code).await?;
    same!(stage.notes(), ["0"]);
    same!(names(&stage, "Account").await?, ["a"]);
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn an_error_that_leaves_the_entry_point_undoes_everything(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        Err::<(), _>(stop())
    };
    let error = error_of(stage.circuit([add_tasks(&stage, "Contact")])?.run(code).await)?;
    same!(error.message(), "stop here");
    same!(stage.stored("Contact").await?.len(), 0);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn a_refused_row_undoes_the_whole_call(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), bad])?;
    let error = error_of(circuit.insert(all_named("Contact", &["good", "bad"])).await)?;
    same!(error.failures().iter().map(|failure| failure.index).collect::<Vec<_>>(), [1]);
    same!(stage.stored("Contact").await?.len(), 0);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn a_failed_call_that_the_host_catches_undoes_only_itself(stage: Stage) -> Shown {
    let bad = refuse("Contact", BeforeInsert, &["bad"]);
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "before")).await?;
        let caught = execution.insert(all_named("Contact", &["good", "bad"])).await;
        execution.insert(named("Contact", "after")).await?;
        Ok(caught.is_err())
    };
    same!(stage.circuit([bad])?.run(code).await?.value, true);
    same!(names(&stage, "Contact").await?, ["after", "before"]);
    Ok(())
}

async fn a_failed_call_that_a_handler_catches_undoes_only_itself_and_what_it_set_off(
    stage: Stage,
) -> Shown {
    let open = wait(&stage, "Account", AfterInsert, "open", |stage, ctx| {
        Box::pin(async move {
            ctx.insert(named("Asset", "kept")).await?;
            stage.note(ctx.insert(all_named("Contact", &["good", "bad"])).await.is_err());
            Ok(())
        })
    });
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([open, add_tasks(&stage, "Contact"), bad])?;
    circuit.insert(named("Account", "a")).await?;
    same!(stage.notes(), ["true"]);
    same!(names(&stage, "Account").await?, ["a"]);
    same!(names(&stage, "Asset").await?, ["kept"]);
    same!(stage.stored("Contact").await?.len(), 0);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn an_error_that_leaves_a_handler_undoes_the_call_that_fired_it(stage: Stage) -> Shown {
    let fail =
        on(&stage, "Contact", AfterInsert, "fail", |_, _| Err(HandlerError::msg("out of order")));
    let code = |execution: Execution| async move {
        execution.insert(named("Account", "kept")).await?;
        Ok(execution.insert(named("Contact", "a")).await.is_err())
    };
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), fail])?;
    same!(circuit.run(code).await?.value, true);
    same!(names(&stage, "Account").await?, ["kept"]);
    same!(stage.stored("Contact").await?.len(), 0);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn an_error_in_a_later_chunk_undoes_the_earlier_ones(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["230"]);
    let circuit = stage.circuit([bad])?;
    error_of(circuit.insert(many("Contact", "LastName", 250)).await)?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn a_panic_of_a_handler_undoes_the_call_that_fired_it(stage: Stage) -> Shown {
    let fall = on(&stage, "Contact", AfterInsert, "fall", |_, _| {
        std::panic::resume_unwind(Box::new("fell"))
    });
    let error = error_of(stage.circuit([fall])?.insert(named("Contact", "a")).await)?;
    same!(error.kind(), ErrorKind::HandlerPanicked);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn dml_of_handlers_is_in_the_transaction_of_the_call(stage: Stage) -> Shown {
    let note = on(&stage, "Task", AfterInsert, "note", |stage, ctx| {
        stage.note(ctx.execution_id());
        Ok(())
    });
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), note])?;
    let outcome = circuit.insert(named("Contact", "a")).await?;
    same!(stage.notes(), [outcome.execution_id().to_string()]);
    Ok(())
}

#[derive(Default)]
struct Visits(usize);

/// Registers a handler that notes how many records it saw in this execution.
fn visits(stage: &Stage) -> circuit_core::TriggerRegistration {
    on(stage, "Contact", BeforeInsert, "visits", |stage, ctx| {
        let size = rows(ctx)?.len();
        stage.note(ctx.statics(|visits: &mut Visits| {
            visits.0 += size;
            visits.0
        }));
        Ok(())
    })
}

async fn statics_live_as_long_as_the_transaction(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(many("Contact", "LastName", 201)).await?;
        execution.insert(named("Contact", "a")).await
    };
    let circuit = stage.circuit([visits(&stage)])?;
    circuit.run(code).await?;
    circuit.insert(named("Contact", "b")).await?;
    same!(stage.notes(), ["200", "201", "202", "1"]);
    Ok(())
}

async fn statics_are_kept_when_a_call_is_undone(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let _ = execution.insert(named("Contact", "bad")).await;
        execution.insert(named("Contact", "good")).await
    };
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    stage.circuit([visits(&stage), bad])?.run(code).await?;
    same!(stage.notes(), ["1", "2"]);
    Ok(())
}

async fn queries_see_what_the_transaction_wrote(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        execution.query::<Record>(Query::of("Contact")).await
    };
    same!(stage.circuit([])?.run(code).await?.value.len(), 1);
    Ok(())
}

async fn a_query_does_not_see_what_an_undone_call_wrote(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let _ = execution.insert(all_named("Contact", &["good", "bad"])).await;
        execution.query::<Record>(Query::of("Contact")).await
    };
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["bad"])])?;
    same!(circuit.run(code).await?.value.len(), 0);
    Ok(())
}

async fn what_an_undone_call_used_stays_counted(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let _ = execution.insert(all_named("Contact", &["good", "bad"])).await;
        Ok(())
    };
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["bad"])])?;
    let outcome = circuit.run(code).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 2));
    Ok(())
}
