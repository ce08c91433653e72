//! The governor's counts, and what happens when a limit is passed.

use std::time::Duration;

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{
    DmlRequest, ErrorKind, Execution, Limit, Limits, Query, Record, Result, Session,
    TriggerRegistration,
};

use super::name_behaviours;
use super::stage::{
    Stage, add_tasks, all_named, error_of, many, named, names, of, on, wait, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A12":
    Documented every_dml_call_is_one_statement,
    Documented a_dml_call_costs_a_row_for_each_record,
    Documented a_query_counts_once_with_a_row_for_each_record,
    Inferred a_count_query_costs_one_row,
    Documented dml_of_handlers_counts_in_the_budget_of_the_call,
    Documented all_chunks_of_a_call_share_one_budget,
    Documented values_set_in_a_before_handler_cost_nothing,
    Chosen an_empty_list_costs_nothing,
    Documented a_dml_statement_more_than_the_limit_is_refused,
    Documented a_dml_call_of_more_rows_than_the_limit_is_refused,
    Documented a_query_more_than_the_limit_is_refused,
    Documented a_query_that_finds_more_rows_than_the_limit_is_refused,
    Chosen sixteen_levels_of_triggers_run_and_the_seventeenth_is_refused,
    Documented an_execution_that_takes_too_long_is_ended,
    Documented passing_a_limit_is_final_even_if_a_handler_swallows_the_error,
    Documented after_a_limit_is_passed_nothing_more_runs,
    Inferred an_error_of_a_limit_says_what_was_used_and_what_may_be,
    Documented each_execution_begins_with_a_full_budget,
    Chosen usage_is_told_per_handler,
    Chosen a_failed_execution_tells_what_it_used,
}

fn session(stage: &Stage, limits: Limits) -> Result<Session> {
    Ok(stage.circuit([])?.session().with_limits(limits))
}

async fn every_dml_call_is_one_statement(stage: Stage) -> Shown {
    let ids = stage.fill(all_named("Account", &["m", "a", "b"])).await?;
    let [master, a, b] = [0, 1, 2].map(|at| of("Account", &ids[at]));
    let (master, a, b) = (&master, &a, &b);
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "x")).await?;
        execution.update(a.clone()).await?;
        execution.upsert(a.clone()).await?;
        execution.merge(master.clone(), a.clone()).await?;
        execution.delete(b.clone()).await?;
        execution.undelete(b.clone()).await?;
        execution.delete(b.clone()).await?;
        execution.empty_recycle_bin(b.clone()).await?;
        let savepoint = execution.set_savepoint().await?;
        execution.rollback(&savepoint).await
    };
    same!(stage.circuit([])?.run(code).await?.usage().dml_statements(), 10);
    Ok(())
}

async fn a_dml_call_costs_a_row_for_each_record(stage: Stage) -> Shown {
    let outcome = stage.circuit([])?.insert(many("Contact", "LastName", 3)).await?;
    same!(outcome.usage().dml_rows(), 3);
    Ok(())
}

/// Runs a query of contacts, or counts them.
async fn ask(execution: Execution) -> Result<usize> {
    Ok(execution.query::<Record>(Query::of("Contact")).await?.len())
}

async fn a_query_counts_once_with_a_row_for_each_record(stage: Stage) -> Shown {
    stage.fill(many("Contact", "LastName", 3)).await?;
    let outcome = stage.circuit([])?.run(ask).await?;
    same!((outcome.usage().queries(), outcome.usage().query_rows()), (1, 3));
    Ok(())
}

async fn a_count_query_costs_one_row(stage: Stage) -> Shown {
    stage.fill(many("Contact", "LastName", 3)).await?;
    let code = |execution: Execution| async move { execution.count(Query::of("Contact")).await };
    let outcome = stage.circuit([])?.run(code).await?;
    same!(outcome.value, 3);
    same!((outcome.usage().queries(), outcome.usage().query_rows()), (1, 1));
    Ok(())
}

async fn dml_of_handlers_counts_in_the_budget_of_the_call(stage: Stage) -> Shown {
    let circuit = stage.circuit([add_tasks(&stage, "Contact")])?;
    let outcome = circuit.insert(many("Contact", "LastName", 3)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (2, 6));
    Ok(())
}

async fn all_chunks_of_a_call_share_one_budget(stage: Stage) -> Shown {
    let ask = wait(&stage, "Contact", BeforeInsert, "ask", |_, ctx| {
        Box::pin(async move {
            ctx.count(Query::of("Account")).await?;
            Ok(())
        })
    });
    let outcome = stage.circuit([ask])?.insert(many("Contact", "LastName", 401)).await?;
    same!(outcome.usage().queries(), 3);
    Ok(())
}

async fn values_set_in_a_before_handler_cost_nothing(stage: Stage) -> Shown {
    let set = on(&stage, "Contact", BeforeInsert, "set", |_, ctx| {
        ctx.try_new_records_mut()?.iter_mut().for_each(|row| row.set("Status", "set"));
        Ok(())
    });
    let outcome = stage.circuit([set])?.insert(named("Contact", "a")).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 1));
    Ok(())
}

async fn an_empty_list_costs_nothing(stage: Stage) -> Shown {
    let outcome = stage.circuit([])?.insert(Vec::<Record>::new()).await?;
    same!(outcome.results().len(), 0);
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (0, 0));
    Ok(())
}

async fn a_dml_statement_more_than_the_limit_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        execution.insert(named("Contact", "b")).await
    };
    let limits = Limits::circuit();
    session(&stage, limits.clone().with_limit_dml_statements(2))?.run(code).await?;
    let error = error_of(session(&stage, limits.with_limit_dml_statements(1))?.run(code).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn a_dml_call_of_more_rows_than_the_limit_is_refused(stage: Stage) -> Shown {
    let circuit = stage.circuit([watch(&stage, "Contact", [BeforeInsert])])?;
    let error = error_of(circuit.insert(many("Contact", "LastName", 10_001)).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn a_query_more_than_the_limit_is_refused(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        ask(execution.clone()).await?;
        ask(execution).await
    };
    let session = session(&stage, Limits::circuit().with_limit_queries(1))?;
    let error = error_of(session.run(code).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn a_query_that_finds_more_rows_than_the_limit_is_refused(stage: Stage) -> Shown {
    stage.fill(many("Contact", "LastName", 3)).await?;
    let limits = Limits::circuit();
    session(&stage, limits.clone().with_limit_query_rows(3))?.run(ask).await?;
    let error = error_of(session(&stage, limits.with_limit_query_rows(2))?.run(ask).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

/// Registers a handler that inserts a task, down to a depth.
fn descend(stage: &Stage, levels: u32) -> TriggerRegistration {
    wait(stage, "Task", AfterInsert, "descend", move |_, ctx| {
        Box::pin(async move {
            if ctx.depth() < levels {
                ctx.insert(named("Task", "deeper")).await?;
            }
            Ok(())
        })
    })
}

async fn sixteen_levels_of_triggers_run_and_the_seventeenth_is_refused(stage: Stage) -> Shown {
    let outcome = stage.circuit([descend(&stage, 16)])?.insert(named("Task", "first")).await?;
    same!(outcome.usage().depth(), 16);
    let circuit = stage.circuit([descend(&stage, 17)])?;
    let error = error_of(circuit.insert(named("Task", "first")).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn an_execution_that_takes_too_long_is_ended(stage: Stage) -> Shown {
    let sleep = on(&stage, "Contact", BeforeInsert, "sleep", |stage, _| {
        stage.clock().advance(Duration::from_secs(31));
        Ok(())
    });
    let error = error_of(stage.circuit([sleep])?.insert(named("Contact", "a")).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    same!(error.context("handler"), Some("sleep"));
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

/// Registers a handler that swallows whatever becomes of its insert.
fn swallow(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Contact", AfterInsert, "swallow", |stage, ctx| {
        Box::pin(async move {
            for _ in 0..2 {
                let error = ctx.insert(named("Task", "t")).await.err();
                stage.note(format!("{:?}", error.map(|error| error.kind())));
            }
            Ok(())
        })
    })
}

async fn passing_a_limit_is_final_even_if_a_handler_swallows_the_error(stage: Stage) -> Shown {
    let limits = Limits::circuit().with_limit_dml_statements(1);
    let session = stage.circuit([swallow(&stage)])?.session().with_limits(limits);
    let error = error_of(session.insert(named("Contact", "a")).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn after_a_limit_is_passed_nothing_more_runs(stage: Stage) -> Shown {
    let last = watch(&stage, "Contact", [AfterInsert]).with_order(1);
    let limits = Limits::circuit().with_limit_dml_statements(1);
    let session = stage.circuit([swallow(&stage), last])?.session().with_limits(limits);
    error_of(session.insert(named("Contact", "a")).await)?;
    same!(stage.notes(), ["Some(LimitExceeded)", "Some(LimitExceeded)"]);
    Ok(())
}

async fn an_error_of_a_limit_says_what_was_used_and_what_may_be(stage: Stage) -> Shown {
    let limits = Limits::circuit().with_limit_dml_rows(3);
    let circuit = stage.circuit([add_tasks(&stage, "Contact")])?;
    let session = circuit.session().with_limits(limits);
    let error = error_of(session.insert(many("Contact", "LastName", 2)).await)?;
    same!((error.context("used"), error.context("limit")), (Some("4"), Some("3")));
    same!(error.context("handler"), Some("add_tasks"));
    Ok(())
}

async fn each_execution_begins_with_a_full_budget(stage: Stage) -> Shown {
    let session = session(&stage, Limits::circuit().with_limit_dml_statements(1))?;
    session.insert(named("Contact", "a")).await?;
    session.insert(named("Contact", "b")).await?;
    same!(names(&stage, "Contact").await?, ["a", "b"]);
    Ok(())
}

async fn usage_is_told_per_handler(stage: Stage) -> Shown {
    let circuit = stage.circuit([add_tasks(&stage, "Contact")])?;
    let outcome = circuit.dml(DmlRequest::insert(many("Contact", "LastName", 3))).await?;
    let usage = outcome.usage();
    same!(usage.handlers().map(ToString::to_string).collect::<Vec<_>>(), ["host", "add_tasks"]);
    same!(usage.by_handler("host", Limit::DmlRows), 3);
    same!(usage.by_handler("add_tasks", Limit::DmlStatements), 1);
    Ok(())
}

async fn a_failed_execution_tells_what_it_used(stage: Stage) -> Shown {
    let bad = super::stage::refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), bad])?;
    let error = error_of(circuit.insert(named("Contact", "bad")).await)?;
    same!(error.usage().map(circuit_core::Usage::dml_statements), Some(2));
    Ok(())
}
