//! Depth, statics, and handlers that are not shown what they brought about themselves.

use circuit_core::TriggerEvent::{AfterInsert, AfterUpdate, BeforeInsert, BeforeUpdate};
use circuit_core::{
    DmlRequest, Execution, Limits, Query, Record, SaveMode, TriggerEvent, TriggerRegistration,
};

use super::name_behaviours;
use super::stage::{Stage, column, contact, error_of, many, of, on, refuses, tells, wait, watches};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A5":
    Chosen sixteen_levels_of_triggers_run,
    Chosen the_seventeenth_level_is_refused_and_nothing_stays,
    Inferred a_chain_over_two_objects_counts_every_level,
    Chosen the_depth_limit_cannot_be_caught,
    Documented calls_one_after_the_other_do_not_add_depth,
    Documented every_level_is_an_invocation_of_its_own,
    Chosen the_outcome_tells_the_deepest_level,
    Chosen the_depth_limit_is_set_per_execution,
    Documented statics_are_shared_by_all_handlers_of_an_execution,
    Documented statics_are_not_shared_by_executions,
    Documented statics_keep_their_values_over_the_attempts_of_a_partial_save,
    Documented statics_keep_their_values_over_a_rollback_to_a_savepoint,
    Inferred statics_keep_their_values_over_a_failed_call,
    Inferred a_static_flag_takes_the_second_chunk_for_recursion,
    Chosen once_per_record_shows_every_chunk,
    Chosen once_per_record_shows_a_record_again_in_the_next_attempt,
    Chosen once_per_record_shows_a_record_again_in_an_independent_call,
    Chosen once_per_record_leaves_out_what_the_handler_updates_itself,
    Chosen once_per_record_leaves_out_what_it_updates_by_way_of_another_object,
    Chosen once_per_record_shows_other_records_that_the_handler_updates,
    Chosen once_per_record_holds_for_each_event_by_itself,
    Chosen once_per_record_leaves_other_handlers_alone,
    Chosen a_handler_is_told_the_attempt,
    Chosen update_handlers_run_once_in_an_update_and_never_in_an_insert,
}

/// Each `Node` inserts the next one, to a level.
fn chain(stage: &Stage, levels: i64) -> TriggerRegistration {
    wait(stage, "Node", AfterInsert, "chain", move |stage, ctx| {
        Box::pin(async move {
            let level: i64 = ctx.try_new_records()?[0].read("Level")?;
            stage.note(ctx.depth());
            if level < levels {
                ctx.insert(node(level + 1)).await?;
            }
            Ok(())
        })
    })
}

fn node(level: i64) -> Record {
    Record::new("Node").with("Level", level)
}

async fn sixteen_levels_of_triggers_run(stage: Stage) -> Shown {
    stage.circuit([chain(&stage, 16)])?.insert(node(1)).await?;
    same!(stage.stored("Node").await?.len(), 16);
    Ok(())
}

async fn the_seventeenth_level_is_refused_and_nothing_stays(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([chain(&stage, 17)])?.insert(node(1)).await)?;
    same!((error.context("used"), error.context("limit")), (Some("17"), Some("16")));
    same!(stage.notes().len(), 16);
    same!(stage.stored("Node").await?.len(), 0);
    Ok(())
}

/// Each record of one object inserts one of the other.
fn bounces(stage: &Stage, from: &str, to: &'static str) -> TriggerRegistration {
    wait(stage, from, AfterInsert, "bounces", move |_, ctx| {
        Box::pin(async move {
            ctx.insert(Record::new(to)).await?;
            Ok(())
        })
    })
}

async fn a_chain_over_two_objects_counts_every_level(stage: Stage) -> Shown {
    let circuit =
        stage.circuit([bounces(&stage, "Ping", "Pong"), bounces(&stage, "Pong", "Ping")])?;
    let error = error_of(circuit.insert(Record::new("Ping")).await)?;
    same!(error.context("used"), Some("17"));
    Ok(())
}

async fn the_depth_limit_cannot_be_caught(stage: Stage) -> Shown {
    let catches = wait(&stage, "Node", AfterInsert, "catches", |_, ctx| {
        Box::pin(async move {
            drop(ctx.insert(node(0)).await);
            Ok(())
        })
    });
    let error = error_of(stage.circuit([catches])?.insert(node(1)).await)?;
    same!(error.is_limit_exceeded(), true);
    same!(stage.stored("Node").await?.len(), 0);
    Ok(())
}

async fn calls_one_after_the_other_do_not_add_depth(stage: Stage) -> Shown {
    let inserts = wait(&stage, "Contact", AfterInsert, "inserts", |_, ctx| {
        Box::pin(async move {
            for level in 0..20 {
                ctx.insert(node(level)).await?;
            }
            Ok(())
        })
    });
    let circuit = stage.circuit([inserts, chain(&stage, 0)])?;
    let outcome = circuit.insert(contact("Ada")).await?;
    same!(outcome.usage().depth(), 2);
    Ok(())
}

async fn every_level_is_an_invocation_of_its_own(stage: Stage) -> Shown {
    stage.circuit([chain(&stage, 3)])?.insert(node(1)).await?;
    same!(stage.notes(), ["1", "2", "3"]);
    Ok(())
}

async fn the_outcome_tells_the_deepest_level(stage: Stage) -> Shown {
    let outcome = stage.circuit([chain(&stage, 5)])?.insert(node(1)).await?;
    same!(outcome.usage().depth(), 5);
    Ok(())
}

async fn the_depth_limit_is_set_per_execution(stage: Stage) -> Shown {
    let session = stage.circuit([chain(&stage, 4)])?.session();
    let shallow = session.clone().with_limits(Limits::circuit().with_limit_depth(3));
    same!(error_of(shallow.insert(node(1)).await)?.is_limit_exceeded(), true);
    session.insert(node(1)).await?;
    Ok(())
}

#[derive(Default)]
struct Runs(usize);

/// Counts the runs in a static, and notes the count.
fn counts(stage: &Stage, name: &str) -> TriggerRegistration {
    on(stage, "Contact", BeforeInsert, name, |stage, ctx| {
        stage.note(ctx.statics(|runs: &mut Runs| {
            runs.0 += 1;
            runs.0
        }));
        Ok(())
    })
}

async fn statics_are_shared_by_all_handlers_of_an_execution(stage: Stage) -> Shown {
    stage.circuit([counts(&stage, "a"), counts(&stage, "b")])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["1", "2"]);
    Ok(())
}

async fn statics_are_not_shared_by_executions(stage: Stage) -> Shown {
    let circuit = stage.circuit([counts(&stage, "counts")])?;
    circuit.insert(contact("Ada")).await?;
    circuit.insert(contact("Eva")).await?;
    same!(stage.notes(), ["1", "1"]);
    Ok(())
}

fn partial(records: impl circuit_core::IntoRecords) -> DmlRequest {
    DmlRequest::insert(records).with_mode(SaveMode::Partial)
}

async fn statics_keep_their_values_over_the_attempts_of_a_partial_save(stage: Stage) -> Shown {
    let circuit = stage.circuit([counts(&stage, "counts"), refuses(&stage, BeforeInsert)])?;
    circuit.dml(partial([contact("Ada"), contact("bad")])).await?;
    same!(stage.notes(), ["1", "2"]);
    Ok(())
}

async fn statics_keep_their_values_over_a_rollback_to_a_savepoint(stage: Stage) -> Shown {
    let circuit = stage.circuit([counts(&stage, "counts")])?;
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(contact("Ada")).await?;
        execution.rollback(&savepoint).await?;
        execution.insert(contact("Eva")).await
    };
    circuit.run(code).await?;
    same!(stage.notes(), ["1", "2"]);
    same!(column(&stage, "Contact", "LastName").await?, ["Eva"]);
    Ok(())
}

async fn statics_keep_their_values_over_a_failed_call(stage: Stage) -> Shown {
    let circuit = stage.circuit([counts(&stage, "counts"), refuses(&stage, BeforeInsert)])?;
    let code = |execution: Execution| async move {
        drop(execution.insert(contact("bad")).await);
        execution.insert(contact("Ada")).await
    };
    circuit.run(code).await?;
    same!(stage.notes(), ["1", "2"]);
    Ok(())
}

async fn a_static_flag_takes_the_second_chunk_for_recursion(stage: Stage) -> Shown {
    let guarded = on(&stage, "Contact", AfterInsert, "guarded", |stage, ctx| {
        if ctx.statics(|runs: &mut Runs| std::mem::replace(&mut runs.0, 1)) == 0 {
            stage.note(ctx.size());
        }
        Ok(())
    });
    stage.circuit([guarded])?.insert(many("Contact", "LastName", 250)).await?;
    same!(stage.notes(), ["200"]);
    Ok(())
}

/// Notes what it is shown.
fn once(stage: &Stage, event: TriggerEvent) -> TriggerRegistration {
    let once = on(stage, "Contact", event, "once", |stage, ctx| {
        stage.note(format!("{} of attempt {}", ctx.size(), ctx.attempt()));
        Ok(())
    });
    once.once_per_record()
}

async fn once_per_record_shows_every_chunk(stage: Stage) -> Shown {
    let circuit = stage.circuit([once(&stage, AfterInsert)])?;
    circuit.insert(many("Contact", "LastName", 250)).await?;
    same!(stage.notes(), ["200 of attempt 1", "50 of attempt 1"]);
    Ok(())
}

async fn once_per_record_shows_a_record_again_in_the_next_attempt(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada"), contact("bad")]).await?;
    let circuit = stage.circuit([once(&stage, BeforeUpdate), refuses(&stage, AfterUpdate)])?;
    let changes: Vec<Record> = ids.iter().map(|id| of("Contact", id).with("Score", 1)).collect();
    circuit.dml(DmlRequest::update(changes).with_mode(SaveMode::Partial)).await?;
    same!(stage.notes(), ["2 of attempt 1", "1 of attempt 2"]);
    Ok(())
}

async fn once_per_record_shows_a_record_again_in_an_independent_call(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let change = &of("Contact", &ids[0]);
    let circuit = stage.circuit([once(&stage, AfterUpdate)])?;
    let code = |execution: Execution| async move {
        execution.update(change.clone()).await?;
        execution.update(change.clone()).await
    };
    circuit.run(code).await?;
    same!(stage.notes(), ["1 of attempt 1", "1 of attempt 1"]);
    Ok(())
}

/// Adds one to the score of its records, by DML; notes how many it was shown.
fn scores(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Contact", AfterUpdate, "scores", |stage, ctx| {
        Box::pin(async move {
            stage.note(format!("scores {}", ctx.size()));
            let changes: Vec<Record> =
                ctx.ids().iter().map(|id| of("Contact", id).with("Score", 1)).collect();
            ctx.update(changes).await?;
            Ok(())
        })
    })
}

async fn once_per_record_leaves_out_what_the_handler_updates_itself(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([scores(&stage).once_per_record()])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), ["scores 1"]);
    same!(column(&stage, "Contact", "Score").await?, ["1"]);
    Ok(())
}

/// After an update of contacts a task is inserted, and after that all contacts are updated.
fn by_way_of_a_task(stage: &Stage) -> [TriggerRegistration; 2] {
    let outer = wait(stage, "Contact", AfterUpdate, "outer", |stage, ctx| {
        Box::pin(async move {
            stage.note(format!("outer {}", ctx.size()));
            ctx.insert(Record::new("Task")).await?;
            Ok(())
        })
    });
    let inner = wait(stage, "Task", AfterInsert, "inner", |_, ctx| {
        Box::pin(async move {
            let contacts: Vec<Record> = ctx.query(Query::of("Contact")).await?;
            if ctx.depth() < 4 {
                ctx.update(contacts).await?;
            }
            Ok(())
        })
    });
    [outer.once_per_record(), inner]
}

async fn once_per_record_leaves_out_what_it_updates_by_way_of_another_object(
    stage: Stage,
) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    stage.circuit(by_way_of_a_task(&stage))?.update(of("Contact", &ids[0])).await?;
    same!(stage.notes(), ["outer 1"]);
    Ok(())
}

async fn once_per_record_shows_other_records_that_the_handler_updates(stage: Stage) -> Shown {
    let ids = stage.fill(many("Contact", "LastName", 3)).await?;
    stage.circuit(by_way_of_a_task(&stage))?.update(of("Contact", &ids[0])).await?;
    same!(stage.notes(), ["outer 1", "outer 2"]);
    Ok(())
}

async fn once_per_record_holds_for_each_event_by_itself(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let both = watches(&stage, "Contact", [BeforeUpdate, AfterUpdate], "both", |stage, ctx| {
        stage.note(ctx.event());
        Ok(())
    });
    stage.circuit([both.once_per_record()])?.update(of("Contact", &ids[0])).await?;
    same!(stage.notes(), ["beforeUpdate", "afterUpdate"]);
    Ok(())
}

async fn once_per_record_leaves_other_handlers_alone(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let other = on(&stage, "Contact", AfterUpdate, "other", |stage, ctx| {
        stage.note(format!("other at {}", ctx.depth()));
        Ok(())
    });
    let circuit = stage.circuit([scores(&stage).once_per_record(), other])?;
    circuit.update(of("Contact", &ids[0])).await?;
    same!(stage.notes(), ["other at 1", "scores 1", "other at 2"]);
    Ok(())
}

async fn a_handler_is_told_the_attempt(stage: Stage) -> Shown {
    let attempts = on(&stage, "Contact", BeforeInsert, "attempts", |stage, ctx| {
        stage.note(format!("{} in {}", ctx.size(), ctx.attempt()));
        Ok(())
    });
    let circuit = stage.circuit([attempts, refuses(&stage, BeforeInsert)])?;
    circuit.dml(partial([contact("Ada"), contact("bad"), contact("Eva")])).await?;
    same!(stage.notes(), ["3 in 1", "2 in 2"]);
    Ok(())
}

async fn update_handlers_run_once_in_an_update_and_never_in_an_insert(stage: Stage) -> Shown {
    let circuit = stage.circuit([tells(&stage, "Contact", [BeforeUpdate, AfterUpdate])])?;
    let outcome = circuit.insert(contact("Ada")).await?;
    same!(stage.notes(), [""; 0]);
    circuit.update(outcome.ids().map(|id| of("Contact", id)).collect::<Vec<_>>()).await?;
    same!(stage.notes(), ["Contact beforeUpdate 1", "Contact afterUpdate 1"]);
    Ok(())
}
