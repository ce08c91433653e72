//! The commit in front of a store that others write to as well.

use circuit_core::TriggerEvent::{BeforeInsert, BeforeUpdate};
use circuit_core::{Circuit, ErrorKind, Execution, Outcome, Query, Record, RecordId, Result};

use super::name_behaviours;
use super::stage::{
    Stage, error_of, name_of, named, names, of, on, refuse, stored, text, wait, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A16":
    Chosen nothing_is_in_the_store_before_the_commit,
    Chosen a_record_is_written_once_with_its_last_values,
    Chosen a_record_that_came_and_went_is_not_stored,
    Inferred the_old_image_is_the_one_in_the_store,
    Inferred a_record_trigger_can_veto,
    Chosen after_a_conflict_the_execution_is_run_again,
    Chosen an_execution_is_run_again_three_times_at_most,
    Chosen a_record_that_was_only_read_is_no_conflict,
    Chosen a_run_after_a_conflict_begins_with_new_statics_and_a_full_budget,
    Chosen jobs_of_a_run_that_met_a_conflict_never_run,
    Chosen hooks_after_a_rollback_do_not_run_for_a_run_that_is_run_again,
    Chosen a_conflict_that_a_handler_hides_is_found_all_the_same,
}

async fn nothing_is_in_the_store_before_the_commit(stage: Stage) -> Shown {
    let look =
        wait(&stage, "Contact", circuit_core::TriggerEvent::AfterInsert, "look", |stage, _| {
            Box::pin(async move {
                stage.note(stage.stored("Contact").await?.len());
                Ok(())
            })
        });
    stage.circuit([look])?.insert(named("Contact", "a")).await?;
    same!(stage.notes(), ["0"]);
    same!(stage.stored("Contact").await?.len(), 1);
    Ok(())
}

async fn a_record_is_written_once_with_its_last_values(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let results = execution.insert(named("Contact", "first")).await?;
        for name in ["second", "third"] {
            let rows = results.iter().filter_map(|row| row.id());
            let rows: Vec<Record> =
                rows.map(|id| of("Contact", id).with("LastName", name)).collect();
            execution.update(rows).await?;
        }
        Ok(())
    };
    let dry = stage.circuit([])?.session().dry_run_with(code).await?;
    same!(dry.changes.iter().map(|write| name_of(&write.record)).collect::<Vec<_>>(), ["third"]);
    Ok(())
}

async fn a_record_that_came_and_went_is_not_stored(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        let results = execution.insert(named("Contact", "a")).await?;
        let rows = results.iter().filter_map(|row| row.id());
        execution.delete(rows.map(|id| of("Contact", id)).collect::<Vec<_>>()).await
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!(stage.stored("Contact").await?.len(), 0);
    let id = outcome.value[0].id().map(|id| of("Contact", id));
    error_of(stage.circuit([])?.undelete(id.into_iter().collect::<Vec<_>>()).await)?;
    Ok(())
}

async fn the_old_image_is_the_one_in_the_store(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "stored").with("Status", "kept")]).await?;
    let tell = on(&stage, "Contact", BeforeUpdate, "tell", |stage, ctx| {
        let old = &ctx.try_old_records()?[0];
        stage.note(format!("{} {}", name_of(old), text(old, "Status")));
        Ok(())
    });
    stage.circuit([tell])?.update(of("Contact", &ids[0]).with("LastName", "new")).await?;
    same!(stage.notes(), ["stored kept"]);
    Ok(())
}

async fn a_record_trigger_can_veto(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["a"])])?;
    error_of(circuit.insert(named("Contact", "a")).await)?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

#[derive(Default)]
struct Runs(u32);

/// Reads a contact, lets somebody else change it in the first runs, and changes it.
async fn contend(stage: &Stage, circuit: &Circuit, meddle: usize) -> Result<Outcome<u64>> {
    let id = &stage.fill([named("Contact", "a")]).await?[0];
    let other = &stage.circuit([])?;
    let runs = &std::sync::atomic::AtomicUsize::new(0);
    let code = |execution: Execution| async move {
        let run = runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        stage.note(format!(
            "run {}",
            execution.statics(|runs: &mut Runs| {
                runs.0 += 1;
                runs.0
            })
        ));
        register(&execution, stage).await?;
        execution.query::<Record>(Query::of("Contact")).await?;
        if run < meddle {
            other.update(of("Contact", id).with("Status", format!("other {run}"))).await?;
        }
        execution.update(of("Contact", id).with("LastName", "own")).await?;
        Ok(execution.governor().dml_statements())
    };
    circuit.run(code).await
}

/// Registers a job and a hook after a rollback, which note that they run.
async fn register(execution: &Execution, stage: &Stage) -> Result<()> {
    let (job, undone) = (stage.clone(), stage.clone());
    let work = move |_| async move {
        job.note("job");
        Ok(())
    };
    execution.after_commit("job", work).await?;
    let work = move |_| async move {
        undone.note("undone");
        Ok(())
    };
    execution.after_rollback("undone", work).await.map(drop)
}

async fn after_a_conflict_the_execution_is_run_again(stage: Stage) -> Shown {
    let outcome = contend(&stage, &stage.circuit([])?, 1).await?;
    same!(outcome.reruns(), 1);
    let contact = stored(&stage, "Contact", "own").await?;
    same!(text(&contact, "Status"), "other 0");
    Ok(())
}

async fn an_execution_is_run_again_three_times_at_most(stage: Stage) -> Shown {
    let error = error_of(contend(&stage, &stage.circuit([])?, 9).await)?;
    same!(error.kind(), ErrorKind::Conflict);
    same!(error.context("reruns"), Some("3"));
    same!(names(&stage, "Contact").await?, ["a"]);
    same!(stage.notes(), ["run 1", "run 1", "run 1", "run 1", "undone"]);
    Ok(())
}

async fn a_run_after_a_conflict_begins_with_new_statics_and_a_full_budget(stage: Stage) -> Shown {
    let outcome = contend(&stage, &stage.circuit([])?, 1).await?;
    same!(outcome.value, 1);
    same!(stage.notes()[..2], ["run 1", "run 1"]);
    Ok(())
}

async fn jobs_of_a_run_that_met_a_conflict_never_run(stage: Stage) -> Shown {
    contend(&stage, &stage.circuit([])?, 2).await?;
    let notes = stage.notes();
    same!(notes.iter().filter(|note| *note == "job").count(), 1);
    Ok(())
}

async fn hooks_after_a_rollback_do_not_run_for_a_run_that_is_run_again(stage: Stage) -> Shown {
    contend(&stage, &stage.circuit([])?, 2).await?;
    same!(stage.notes().iter().any(|note| note == "undone"), false);
    Ok(())
}

async fn a_record_that_was_only_read_is_no_conflict(stage: Stage) -> Shown {
    let id: &RecordId = &stage.fill([named("Account", "a")]).await?[0];
    let other = &stage.circuit([])?;
    let code = |execution: Execution| async move {
        execution.query::<Record>(Query::of("Account")).await?;
        other.update(of("Account", id).with("Rating", "Hot")).await?;
        execution.insert(named("Contact", "b")).await
    };
    same!(stage.circuit([])?.run(code).await?.reruns(), 0);
    Ok(())
}

async fn a_conflict_that_a_handler_hides_is_found_all_the_same(stage: Stage) -> Shown {
    let id = &stage.fill([named("Contact", "a")]).await?[0];
    let other = &stage.circuit([watch(&stage, "Contact", [BeforeUpdate])])?;
    let code = |execution: Execution| async move {
        execution.query::<Record>(Query::of("Contact")).await?;
        other.update(of("Contact", id).with("Status", "other")).await?;
        let _ = execution.update(of("Contact", id).with("Status", "own")).await;
        execution.insert(named("Account", "b")).await
    };
    let error = error_of(stage.circuit([])?.run(code).await)?;
    same!(error.kind(), ErrorKind::Conflict);
    same!(stage.notes().len(), 4);
    same!(stage.stored("Account").await?.len(), 0);
    Ok(())
}
