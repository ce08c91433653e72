//! Work after the commit, as Apex enqueues jobs.

use circuit_core::TriggerEvent::AfterInsert;
use circuit_core::{
    Callout, Committed, DmlRequest, ErrorKind, Execution, HandlerError, Limits, Query, Record,
    Result, Text, TriggerRegistration,
};

use super::name_behaviours;
use super::stage::{Stage, all_named, error_of, many, named, names, partial, refuse, wait};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A13":
    Documented a_job_runs_after_the_commit,
    Documented a_job_does_not_run_if_the_transaction_rolls_back,
    Documented a_job_has_an_execution_and_a_budget_of_its_own,
    Documented a_job_may_queue_another_job,
    Documented a_job_may_call_out,
    Documented a_job_that_fails_does_not_undo_what_was_committed,
    Documented fifty_jobs_can_be_queued_and_the_next_passes_a_limit,
    Documented an_asynchronous_execution_queues_one_job,
    Inferred a_job_runs_for_the_user_who_queued_it,
    Inferred a_job_of_an_attempt_that_is_given_up_is_not_counted,
    Chosen jobs_run_in_the_order_in_which_they_were_queued,
    Chosen a_job_that_fails_does_not_stop_the_others,
    Chosen a_job_that_panics_is_a_job_that_fails,
    Chosen the_outcome_tells_which_jobs_failed,
    Chosen a_clean_outcome_is_asked_for_and_an_unclean_one_is_an_error,
    Chosen a_handler_queues_a_job_of_a_name_once,
    Chosen jobs_of_the_engine_run_after_those_of_handlers,
    Chosen a_job_knows_the_execution_that_queued_it,
}

/// Queues a job that notes its name, and fails if the name says so.
async fn queue(execution: &Execution, stage: &Stage, name: &'static str) -> Result<bool> {
    let stage = stage.clone();
    let work = move |_| async move {
        stage.note(name);
        if name == "bad" { Err(HandlerError::msg("no luck")) } else { Ok(()) }
    };
    execution.after_commit(name, work).await
}

/// Registers a handler that queues a job which notes how many contacts are stored.
fn queuing(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Contact", AfterInsert, "queuing", |stage, ctx| {
        Box::pin(async move {
            let work = move |_| async move {
                stage.note(stage.stored("Contact").await?.len());
                Ok(())
            };
            ctx.after_commit("count", work).await?;
            Ok(())
        })
    })
}

async fn a_job_runs_after_the_commit(stage: Stage) -> Shown {
    stage.circuit([queuing(&stage)])?.insert(named("Contact", "a")).await?;
    same!(stage.notes(), ["1"]);
    Ok(())
}

async fn a_handler_queues_a_job_of_a_name_once(stage: Stage) -> Shown {
    let circuit = stage.circuit([queuing(&stage)])?;
    let outcome = circuit.insert(many("Contact", "LastName", 401)).await?;
    same!(stage.notes(), ["401"]);
    same!(outcome.usage().queueable_jobs(), 1);
    Ok(())
}

async fn a_job_does_not_run_if_the_transaction_rolls_back(stage: Stage) -> Shown {
    let circuit = stage.circuit([queuing(&stage), refuse("Contact", AfterInsert, &["bad"])])?;
    error_of(circuit.insert(named("Contact", "bad")).await)?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

/// Runs an execution that queues one job.
async fn with_job<F, Fut>(stage: &Stage, work: F) -> Result<circuit_core::Outcome<()>>
where
    F: Fn(Stage, Committed) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let work = &work;
    let code = |execution: Execution| async move {
        let (stage, work) = (stage.clone(), work.clone());
        execution.insert(named("Contact", "a")).await?;
        execution.after_commit("job", move |given| work(stage, given)).await.map(drop)
    };
    let session = stage.circuit([])?.session().with_user("ada");
    session.with_limits(Limits::circuit().with_limit_dml_statements(1)).run(code).await
}

async fn a_job_has_an_execution_and_a_budget_of_its_own(stage: Stage) -> Shown {
    let outcome = with_job(&stage, |stage, given| async move {
        let outcome = given.session.insert(named("Task", "of the job")).await?;
        stage.note(outcome.execution_id() == given.execution_id);
        Ok(())
    });
    same!(outcome.await?.post_commit_failures().len(), 0);
    same!(stage.notes(), ["false"]);
    same!(names(&stage, "Task").await?, ["of the job"]);
    Ok(())
}

async fn a_job_knows_the_execution_that_queued_it(stage: Stage) -> Shown {
    let outcome = with_job(&stage, |stage, given| async move {
        stage.note(given.execution_id);
        Ok(())
    });
    same!(outcome.await?.execution_id().to_string(), stage.notes().concat());
    Ok(())
}

async fn a_job_runs_for_the_user_who_queued_it(stage: Stage) -> Shown {
    let user = |execution: Execution| async move { Ok(execution.user().clone()) };
    let outcome = with_job(&stage, move |stage, given| async move {
        stage.note(given.session.run(user).await?.value);
        Ok(())
    });
    outcome.await?;
    same!(stage.notes(), ["ada"]);
    Ok(())
}

async fn a_job_may_queue_another_job(stage: Stage) -> Shown {
    let outcome = with_job(&stage, |stage, given| async move {
        let stage = &stage;
        let code = |execution: Execution| async move { queue(&execution, stage, "next").await };
        given.session.run(code).await?;
        Ok(())
    });
    outcome.await?;
    same!(stage.notes(), ["next"]);
    Ok(())
}

async fn a_job_may_call_out(stage: Stage) -> Shown {
    let outcome = with_job(&stage, |stage, given| async move {
        let call = |execution: Execution| async move {
            execution.callout(Callout::to("census"), async { 7 }).await
        };
        stage.note(given.session.run(call).await?.value);
        Ok(())
    });
    outcome.await?;
    same!(stage.notes(), ["7"]);
    Ok(())
}

/// Runs an execution that inserts a contact and queues jobs.
async fn queue_all(
    stage: &Stage,
    jobs: &'static [&'static str],
) -> Result<circuit_core::Outcome<()>> {
    let code = |execution: Execution| async move {
        execution.insert(named("Contact", "a")).await?;
        for name in jobs {
            queue(&execution, stage, name).await?;
        }
        Ok(())
    };
    stage.circuit([])?.run(code).await
}

async fn a_job_that_fails_does_not_undo_what_was_committed(stage: Stage) -> Shown {
    queue_all(&stage, &["bad"]).await?;
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn jobs_run_in_the_order_in_which_they_were_queued(stage: Stage) -> Shown {
    queue_all(&stage, &["one", "two", "three"]).await?;
    same!(stage.notes(), ["one", "two", "three"]);
    Ok(())
}

async fn a_job_that_fails_does_not_stop_the_others(stage: Stage) -> Shown {
    queue_all(&stage, &["one", "bad", "three"]).await?;
    same!(stage.notes(), ["one", "bad", "three"]);
    Ok(())
}

async fn the_outcome_tells_which_jobs_failed(stage: Stage) -> Shown {
    let outcome = queue_all(&stage, &["one", "bad"]).await?;
    let failures = outcome.post_commit_failures().iter();
    same!(failures.map(|failure| failure.hook.clone()).collect::<Vec<_>>(), ["bad"]);
    same!(outcome.post_commit_failures()[0].handler, "host");
    Ok(())
}

async fn a_clean_outcome_is_asked_for_and_an_unclean_one_is_an_error(stage: Stage) -> Shown {
    queue_all(&stage, &["one"]).await?.into_clean()?;
    let error = error_of(queue_all(&stage, &["one", "bad"]).await?.into_clean())?;
    same!(error.kind(), ErrorKind::PostCommit);
    same!(error.context("hook"), Some("bad"));
    Ok(())
}

async fn a_job_that_panics_is_a_job_that_fails(stage: Stage) -> Shown {
    let outcome = with_job(&stage, |_, _| async {
        std::panic::resume_unwind(Box::new("fell"));
    });
    let outcome = outcome.await?;
    same!(outcome.post_commit_failures()[0].error.kind(), ErrorKind::HandlerPanicked);
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

/// Queues some jobs with names of their own.
async fn queue_many(execution: Execution, count: usize) -> Result<()> {
    for number in 0..count {
        let name = Text::from(format!("{number}"));
        execution.after_commit(name, |_| async { Ok(()) }).await?;
    }
    Ok(())
}

async fn fifty_jobs_can_be_queued_and_the_next_passes_a_limit(stage: Stage) -> Shown {
    let circuit = stage.circuit([])?;
    let outcome = circuit.run(|execution| queue_many(execution, 50)).await?;
    same!(outcome.usage().queueable_jobs(), 50);
    let error = error_of(circuit.run(|execution| queue_many(execution, 51)).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn an_asynchronous_execution_queues_one_job(stage: Stage) -> Shown {
    let session = stage.circuit([])?.session().with_limits(Limits::apex_v67_async());
    session.run(|execution| queue_many(execution, 1)).await?;
    let error = error_of(session.run(|execution| queue_many(execution, 2)).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn a_job_of_an_attempt_that_is_given_up_is_not_counted(stage: Stage) -> Shown {
    let circuit = stage.circuit([queuing(&stage), refuse("Contact", AfterInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(outcome.usage().queueable_jobs(), 1);
    same!(stage.notes(), ["1"]);
    Ok(())
}

async fn jobs_of_the_engine_run_after_those_of_handlers(stage: Stage) -> Shown {
    let notes = stage.clone();
    let engine = move |given: Committed| {
        let notes = notes.clone();
        async move {
            let contacts = given.session.query::<Record>(Query::of("Contact")).await?;
            notes.note(format!("engine {}", contacts.len()));
            Ok(())
        }
    };
    // The engine's own hook starts an execution, after which it would run again without end.
    let once = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let engine = move |given| {
        let again = once.swap(true, std::sync::atomic::Ordering::Relaxed);
        let running = (!again).then(|| engine(given));
        async move {
            match running {
                Some(running) => running.await,
                None => Ok(()),
            }
        }
    };
    let circuit = stage.builder([queuing(&stage)]).after_commit("engine", engine).build()?;
    circuit.insert(named("Contact", "a")).await?;
    same!(stage.notes(), ["1", "engine 1"]);
    Ok(())
}
