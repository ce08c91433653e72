//! Callouts: how many there may be and how long they may take.

use std::time::Duration;

use circuit_core::{Callout, ErrorKind, Execution, Limits, Result, Session};

use super::name_behaviours;
use super::stage::{Stage, StillClock, error_of};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A9":
    Documented each_callout_is_counted,
    Documented a_callout_more_than_the_limit_ends_the_execution,
    Documented a_callout_waits_ten_seconds_if_nothing_else_is_said,
    Documented a_callout_waits_at_least_a_millisecond_and_at_most_two_minutes,
    Documented a_callout_that_takes_too_long_is_an_error,
    Inferred a_callout_that_took_too_long_can_be_caught,
    Documented the_time_of_callouts_adds_up,
    Documented the_time_of_all_callouts_together_is_limited,
    Inferred a_callout_that_passes_the_time_of_all_ends_the_execution,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Calls a service that takes some time.
async fn call(execution: &Execution, clock: &StillClock, takes: Duration) -> Result<()> {
    let service = Callout::to("census").with_timeout(seconds(120));
    execution.callout(service, async { clock.advance(takes) }).await
}

/// Calls a service that never answers.
async fn call_in_vain(execution: &Execution) -> Result<()> {
    execution.callout(Callout::to("census"), std::future::pending()).await
}

fn session(stage: &Stage, limits: Limits) -> Result<Session> {
    let limits = limits.with_limit_wall_clock(1_000_000);
    Ok(stage.circuit([])?.session().with_limits(limits))
}

async fn each_callout_is_counted(stage: Stage) -> Shown {
    let clock = stage.clock();
    let code = |execution: Execution| async move {
        call(&execution, clock, Duration::ZERO).await?;
        call(&execution, clock, Duration::ZERO).await
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!(outcome.usage().callouts(), 2);
    Ok(())
}

async fn a_callout_more_than_the_limit_ends_the_execution(stage: Stage) -> Shown {
    let clock = stage.clock();
    let code = |execution: Execution| async move {
        call(&execution, clock, Duration::ZERO).await?;
        let _ = call(&execution, clock, Duration::ZERO).await;
        Ok(())
    };
    let session = session(&stage, Limits::circuit().with_limit_callouts(1))?;
    let error = error_of(session.run(code).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    same!((error.context("used"), error.context("limit")), (Some("2"), Some("1")));
    Ok(())
}

async fn a_callout_waits_ten_seconds_if_nothing_else_is_said(stage: Stage) -> Shown {
    same!(Callout::to("census").timeout(), seconds(10));
    let code = |execution: Execution| async move {
        let _ = call_in_vain(&execution).await;
        Ok(execution.governor().callout_time())
    };
    same!(session(&stage, Limits::circuit())?.run(code).await?.value, 10_000);
    Ok(())
}

async fn a_callout_waits_at_least_a_millisecond_and_at_most_two_minutes(_: Stage) -> Shown {
    let timeout = |asked| Callout::to("census").with_timeout(asked).timeout();
    same!(timeout(Duration::ZERO), Duration::from_millis(1));
    same!(timeout(seconds(500)), seconds(120));
    Ok(())
}

async fn a_callout_that_takes_too_long_is_an_error(stage: Stage) -> Shown {
    let code = |execution: Execution| async move { call_in_vain(&execution).await };
    let error = error_of(session(&stage, Limits::circuit())?.run(code).await)?;
    same!(error.kind(), ErrorKind::Callout);
    same!(error.context("milliseconds"), Some("10000"));
    Ok(())
}

async fn a_callout_that_took_too_long_can_be_caught(stage: Stage) -> Shown {
    let clock = stage.clock();
    let code = |execution: Execution| async move {
        let first = call_in_vain(&execution).await;
        call(&execution, clock, seconds(1)).await?;
        Ok(first.is_err())
    };
    same!(session(&stage, Limits::circuit())?.run(code).await?.value, true);
    Ok(())
}

async fn the_time_of_callouts_adds_up(stage: Stage) -> Shown {
    let clock = stage.clock();
    let code = |execution: Execution| async move {
        call(&execution, clock, seconds(2)).await?;
        call(&execution, clock, seconds(3)).await
    };
    let outcome = session(&stage, Limits::circuit())?.run(code).await?;
    same!(outcome.usage().callout_time(), 5_000);
    Ok(())
}

async fn the_time_of_all_callouts_together_is_limited(stage: Stage) -> Shown {
    let clock = stage.clock();
    let code = |execution: Execution| async move {
        call(&execution, clock, seconds(115)).await?;
        let error = call_in_vain(&execution).await.err();
        Ok(error.and_then(|error| error.context("milliseconds").map(str::to_owned)))
    };
    let outcome = session(&stage, Limits::apex_v67())?.run(code).await?;
    same!(outcome.value.as_deref(), Some("5000"));
    same!(outcome.usage().callout_time(), 120_000);
    Ok(())
}

async fn a_callout_that_passes_the_time_of_all_ends_the_execution(stage: Stage) -> Shown {
    let clock = stage.clock();
    let code = |execution: Execution| async move {
        let _ = call(&execution, clock, seconds(121)).await;
        Ok(())
    };
    let error = error_of(session(&stage, Limits::apex_v67())?.run(code).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}
