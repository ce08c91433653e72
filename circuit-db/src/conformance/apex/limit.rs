//! The limits as data, and the warnings before one is passed.

use std::time::Duration;

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{Circuit, DmlRequest, Execution, Limit, Limits, Outcome, Result};

use super::name_behaviours;
use super::stage::{Stage, add_tasks, many, named, on, partial, refuse};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A12":
    Documented the_synchronous_limits_of_apex_are_a_profile,
    Documented the_asynchronous_limits_of_apex_are_a_profile,
    Chosen circuit_has_a_profile_of_its_own,
    Chosen an_execution_has_the_limits_of_its_session,
    Chosen an_engine_has_limits_for_all_its_executions,
    Documented handlers_read_what_is_used_and_what_may_be,
    Chosen eighty_percent_of_a_limit_raise_a_warning,
    Chosen ninety_percent_of_a_limit_raise_a_second_warning,
    Chosen less_than_eighty_percent_raise_no_warning,
    Chosen a_warning_names_the_handler_that_crossed_the_line,
    Chosen each_warning_is_raised_once,
    Chosen a_jump_over_both_lines_raises_both_warnings,
    Chosen a_warning_is_in_the_log_of_its_handler,
    Chosen each_limit_warns_for_itself,
    Chosen an_attempt_that_is_run_again_does_not_warn_twice,
}

async fn the_synchronous_limits_of_apex_are_a_profile(_: Stage) -> Shown {
    let limits = Limits::apex_v67();
    same!((limits.limit_queries(), limits.limit_query_rows()), (100, 50_000));
    same!((limits.limit_dml_statements(), limits.limit_dml_rows()), (150, 10_000));
    same!((limits.limit_callouts(), limits.limit_callout_time()), (100, 120_000));
    same!((limits.limit_queueable_jobs(), limits.limit_depth()), (50, 16));
    same!(limits.limit_wall_clock(), 600_000);
    Ok(())
}

async fn the_asynchronous_limits_of_apex_are_a_profile(_: Stage) -> Shown {
    let limits = Limits::apex_v67_async();
    same!((limits.limit_queries(), limits.limit_query_rows()), (200, 50_000));
    same!((limits.limit_dml_statements(), limits.limit_dml_rows()), (150, 10_000));
    same!((limits.limit_queueable_jobs(), limits.limit_depth()), (1, 16));
    Ok(())
}

async fn circuit_has_a_profile_of_its_own(_: Stage) -> Shown {
    let limits = Limits::circuit();
    same!((limits.limit_wall_clock(), limits.limit_callouts()), (30_000, 50));
    same!((limits.limit_queries(), limits.limit_dml_statements()), (100, 150));
    Ok(())
}

/// Returns the most DML rows that an execution may use, as the execution itself sees it.
async fn most_rows(execution: Execution) -> Result<u64> {
    Ok(execution.governor().limit_dml_rows())
}

async fn an_execution_has_the_limits_of_its_session(stage: Stage) -> Shown {
    let session = stage.circuit([])?.session();
    let session = session.with_limits(Limits::circuit().with_limit_dml_rows(7));
    same!(session.run(most_rows).await?.value, 7);
    Ok(())
}

async fn an_engine_has_limits_for_all_its_executions(stage: Stage) -> Shown {
    let circuit = stage.builder([]).limits(Limits::circuit().with_limit_dml_rows(7)).build()?;
    same!(circuit.run(most_rows).await?.value, 7);
    Ok(())
}

async fn handlers_read_what_is_used_and_what_may_be(stage: Stage) -> Shown {
    let tell = on(&stage, "Contact", BeforeInsert, "tell", |stage, ctx| {
        let governor = ctx.governor();
        stage.note(format!("{} of {}", governor.dml_rows(), governor.limit_dml_rows()));
        stage.note(format!("{} of {}", governor.queries(), governor.limit_queries()));
        Ok(())
    });
    stage.circuit([tell])?.insert(many("Contact", "LastName", 2)).await?;
    same!(stage.notes(), ["2 of 10000", "0 of 100"]);
    Ok(())
}

/// Inserts some contacts where ten DML rows may be used.
async fn insert_of_ten(circuit: &Circuit, count: usize) -> Result<Outcome> {
    let limits = Limits::circuit().with_limit_dml_rows(10);
    circuit.session().with_limits(limits).insert(many("Contact", "LastName", count)).await
}

/// The warnings of an outcome: percent, amount and handler.
fn warnings<T>(outcome: &Outcome<T>) -> Vec<String> {
    let line = |warning: &circuit_core::LimitWarning| {
        format!("{} {} {}", warning.percent, warning.used, warning.handler)
    };
    outcome.warnings().iter().map(line).collect()
}

async fn eighty_percent_of_a_limit_raise_a_warning(stage: Stage) -> Shown {
    let outcome = insert_of_ten(&stage.circuit([])?, 8).await?;
    same!(warnings(&outcome), ["80 8 host"]);
    same!(outcome.warnings()[0].limit, Limit::DmlRows);
    Ok(())
}

async fn ninety_percent_of_a_limit_raise_a_second_warning(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(many("Contact", "LastName", 8)).await?;
        execution.insert(named("Contact", "a")).await
    };
    let limits = Limits::circuit().with_limit_dml_rows(10);
    let outcome = stage.circuit([])?.session().with_limits(limits).run(code).await?;
    same!(warnings(&outcome), ["80 8 host", "90 9 host"]);
    Ok(())
}

async fn less_than_eighty_percent_raise_no_warning(stage: Stage) -> Shown {
    same!(insert_of_ten(&stage.circuit([])?, 7).await?.warnings().len(), 0);
    Ok(())
}

async fn a_warning_names_the_handler_that_crossed_the_line(stage: Stage) -> Shown {
    let circuit = stage.circuit([add_tasks(&stage, "Contact")])?;
    same!(warnings(&insert_of_ten(&circuit, 4).await?), ["80 8 add_tasks"]);
    Ok(())
}

async fn each_warning_is_raised_once(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(many("Contact", "LastName", 16)).await?;
        execution.insert(named("Contact", "a")).await
    };
    let limits = Limits::circuit().with_limit_dml_rows(20);
    let outcome = stage.circuit([])?.session().with_limits(limits).run(code).await?;
    same!(warnings(&outcome), ["80 16 host"]);
    Ok(())
}

async fn a_jump_over_both_lines_raises_both_warnings(stage: Stage) -> Shown {
    let outcome = insert_of_ten(&stage.circuit([])?, 10).await?;
    same!(warnings(&outcome), ["80 10 host", "90 10 host"]);
    Ok(())
}

async fn a_warning_is_in_the_log_of_its_handler(stage: Stage) -> Shown {
    let circuit = stage.circuit([add_tasks(&stage, "Contact")])?;
    let outcome = insert_of_ten(&circuit, 4).await?;
    let [entry] = outcome.log() else {
        return Err(crate::conformance::Broken(format!("{:?}", outcome.log())));
    };
    same!(entry.level, circuit_core::Level::Warn);
    same!(entry.handler, "add_tasks");
    Ok(())
}

async fn each_limit_warns_for_itself(stage: Stage) -> Shown {
    let sleep = on(&stage, "Contact", AfterInsert, "sleep", |stage, _| {
        stage.clock().advance(Duration::from_secs(25));
        Ok(())
    });
    let outcome = insert_of_ten(&stage.circuit([sleep])?, 8).await?;
    let limits: Vec<Limit> = outcome.warnings().iter().map(|warning| warning.limit).collect();
    same!(limits, [Limit::DmlRows, Limit::WallClock]);
    Ok(())
}

async fn an_attempt_that_is_run_again_does_not_warn_twice(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["0"]);
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), bad])?;
    let limits = Limits::circuit().with_limit_dml_rows(10);
    let request = partial(DmlRequest::insert(many("Contact", "LastName", 4)));
    let outcome = circuit.session().with_limits(limits).dml(request).await?;
    same!(warnings(&outcome), ["80 8 add_tasks"]);
    same!(outcome.usage().dml_rows(), 7);
    Ok(())
}
