//! Savepoints: what they cost, what they undo and how long they last.

use std::sync::{Arc, Mutex, PoisonError};

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{ErrorKind, Execution, Record, Result, Savepoint, TriggerRegistration};

use super::name_behaviours;
use super::stage::{Stage, add_tasks, error_of, many, named, names, of, on, rows, wait};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A8":
    Documented a_rollback_undoes_what_came_after_the_savepoint,
    Documented a_rollback_undoes_what_the_dml_set_off,
    Documented setting_a_savepoint_costs_a_statement_and_no_rows,
    Documented rolling_back_costs_a_statement_and_no_rows,
    Documented statics_are_not_rolled_back,
    Documented rolling_back_makes_later_savepoints_invalid,
    Documented releasing_a_savepoint_keeps_the_work,
    Documented a_released_savepoint_cannot_be_rolled_back_to,
    Documented releasing_a_savepoint_releases_later_ones,
    Documented a_savepoint_of_the_host_means_nothing_in_a_handler,
    Documented a_savepoint_does_not_last_into_the_next_invocation,
    Documented an_update_of_a_record_whose_insert_was_rolled_back_is_refused,
    Inferred a_savepoint_can_be_rolled_back_to_twice,
    Inferred what_was_used_is_not_rolled_back,
    Inferred a_rolled_back_delete_leaves_the_record_in_place,
    Inferred a_unique_value_is_free_after_the_rollback,
    Inferred an_invalid_savepoint_is_an_error_that_can_be_caught,
    Inferred a_handler_rolls_back_its_own_dml_and_not_its_caller_s,
    Chosen releasing_a_savepoint_costs_nothing,
    Chosen a_failed_use_of_a_savepoint_costs_its_statement,
}

async fn a_rollback_undoes_what_came_after_the_savepoint(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "before")).await?;
        let savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "gone")).await?;
        execution.rollback(&savepoint).await?;
        execution.insert(named("Contact", "after")).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["after", "before"]);
    Ok(())
}

async fn a_rollback_undoes_what_the_dml_set_off(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "gone")).await?;
        execution.rollback(&savepoint).await
    };
    stage.circuit([add_tasks(&stage, "Contact")])?.run(code).await?;
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn setting_a_savepoint_costs_a_statement_and_no_rows(stage: Stage) -> Shown {
    let code = |execution: Execution| async move { execution.set_savepoint().await.map(drop) };
    let outcome = stage.circuit([])?.run(code).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 0));
    Ok(())
}

async fn rolling_back_costs_a_statement_and_no_rows(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        let before = execution.governor().dml_statements();
        execution.rollback(&savepoint).await?;
        Ok(execution.governor().dml_statements() - before)
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!((outcome.value, outcome.usage().dml_rows()), (1, 0));
    Ok(())
}

async fn releasing_a_savepoint_costs_nothing(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.release_savepoint(savepoint).await
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!(outcome.usage().dml_statements(), 1);
    Ok(())
}

async fn a_failed_use_of_a_savepoint_costs_its_statement(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let early = execution.set_savepoint().await?;
        let late = execution.set_savepoint().await?;
        execution.rollback(&early).await?;
        Ok(execution.rollback(&late).await.is_err())
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!((outcome.value, outcome.usage().dml_statements()), (true, 4));
    Ok(())
}

#[derive(Default)]
struct Calls(u32);

async fn statics_are_not_rolled_back(stage: Stage) -> Shown {
    let count = on(&stage, "Contact", BeforeInsert, "count", |_, ctx| {
        ctx.statics(|calls: &mut Calls| calls.0 += 1);
        Ok(())
    });
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "gone")).await?;
        execution.rollback(&savepoint).await?;
        Ok(execution.statics(|calls: &mut Calls| calls.0))
    };
    same!(stage.circuit([count])?.run(code).await?.value, 1);
    Ok(())
}

async fn rolling_back_makes_later_savepoints_invalid(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let early = execution.set_savepoint().await?;
        let late = execution.set_savepoint().await?;
        execution.rollback(&early).await?;
        execution.rollback(&late).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::InvalidSavepoint);
    Ok(())
}

async fn releasing_a_savepoint_keeps_the_work(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(named("Contact", "kept")).await?;
        execution.release_savepoint(savepoint).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["kept"]);
    Ok(())
}

async fn a_released_savepoint_cannot_be_rolled_back_to(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let early = execution.set_savepoint().await?;
        let late = execution.set_savepoint().await?;
        execution.release_savepoint(early).await?;
        execution.rollback(&late).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::InvalidSavepoint);
    Ok(())
}

async fn releasing_a_savepoint_releases_later_ones(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let early = execution.set_savepoint().await?;
        let late = execution.set_savepoint().await?;
        execution.release_savepoint(early).await?;
        Ok(execution.release_savepoint(late).await.is_err())
    };
    same!(stage.circuit([])?.run(code).await?.value, true);
    Ok(())
}

/// A place where one piece of code leaves a savepoint for another.
type Left = Arc<Mutex<Option<Savepoint>>>;

fn take(left: &Left) -> Option<Savepoint> {
    left.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn leave(left: &Left, savepoint: Savepoint) {
    *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(savepoint);
}

/// Registers a handler that rolls back to a savepoint that was left, or leaves one.
fn leaver(stage: &Stage, left: &Left) -> TriggerRegistration {
    let left = Arc::clone(left);
    wait(stage, "Contact", AfterInsert, "leaver", move |stage, ctx| {
        let left = Arc::clone(&left);
        Box::pin(async move {
            match take(&left) {
                Some(savepoint) => {
                    let error = ctx.rollback(&savepoint).await.err().map(|error| error.kind());
                    stage.note(format!("{error:?}"));
                }
                None => leave(&left, ctx.set_savepoint().await?),
            }
            Ok(())
        })
    })
}

async fn a_savepoint_of_the_host_means_nothing_in_a_handler(stage: Stage) -> Shown {
    let left = Left::default();
    let given = &left;
    let code = |execution: Execution| async move {
        leave(given, execution.set_savepoint().await?);
        execution.insert(named("Contact", "a")).await
    };
    stage.circuit([leaver(&stage, &left)])?.run(code).await?;
    same!(stage.notes(), ["Some(InvalidSavepoint)"]);
    Ok(())
}

async fn a_savepoint_does_not_last_into_the_next_invocation(stage: Stage) -> Shown {
    let circuit = stage.circuit([leaver(&stage, &Left::default())])?;
    circuit.insert(many("Contact", "LastName", 201)).await?;
    same!(stage.notes(), ["Some(InvalidSavepoint)"]);
    Ok(())
}

async fn an_update_of_a_record_whose_insert_was_rolled_back_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        let results = execution.insert(named("Contact", "gone")).await?;
        execution.rollback(&savepoint).await?;
        let ids = results.iter().filter_map(|result| result.id());
        execution.update(ids.map(|id| of("Contact", id)).collect::<Vec<Record>>()).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.failures()[0].status, circuit_core::StatusCode::EntityIsDeleted);
    Ok(())
}

/// Inserts a contact after a savepoint and rolls back to it.
async fn insert_and_go_back(execution: &Execution, savepoint: &Savepoint) -> Result<()> {
    execution.insert(named("Contact", "gone").with("Email", "a@b.c")).await?;
    execution.rollback(savepoint).await
}

async fn a_savepoint_can_be_rolled_back_to_twice(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        insert_and_go_back(&execution, &savepoint).await?;
        insert_and_go_back(&execution, &savepoint).await
    };
    stage.circuit([])?.run(code).await?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn what_was_used_is_not_rolled_back(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        insert_and_go_back(&execution, &savepoint).await
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (3, 1));
    Ok(())
}

async fn a_rolled_back_delete_leaves_the_record_in_place(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let contact = &of("Contact", &ids[0]);
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.delete(contact.clone()).await?;
        execution.rollback(&savepoint).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn a_unique_value_is_free_after_the_rollback(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        insert_and_go_back(&execution, &savepoint).await?;
        execution.insert(named("Contact", "new").with("Email", "a@b.c")).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["new"]);
    Ok(())
}

async fn an_invalid_savepoint_is_an_error_that_can_be_caught(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let early = execution.set_savepoint().await?;
        let late = execution.set_savepoint().await?;
        execution.rollback(&early).await?;
        let _ = execution.rollback(&late).await;
        execution.insert(named("Contact", "a")).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn a_handler_rolls_back_its_own_dml_and_not_its_caller_s(stage: Stage) -> Shown {
    let attempt = wait(&stage, "Contact", AfterInsert, "attempt", |_, ctx| {
        Box::pin(async move {
            let savepoint = ctx.set_savepoint().await?;
            let tasks: Vec<Record> = rows(ctx)?.iter().map(|_| named("Task", "t")).collect();
            ctx.insert(tasks).await?;
            ctx.rollback(&savepoint).await?;
            Ok(())
        })
    });
    stage.circuit([attempt])?.insert(named("Contact", "a")).await?;
    same!(names(&stage, "Contact").await?, ["a"]);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}
