//! The attempts of a partial save: what runs again, what goes back and what is kept.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert, BeforeUpdate};
use circuit_core::{DmlRequest, Query, Record, TriggerRegistration};

use super::name_behaviours;
use super::stage::{
    Stage, add_tasks, all_named, many, name_of, named, names, of, on, partial, refuse, rows, saved,
    stored, wait, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A7":
    Documented without_an_error_triggers_fire_once,
    Documented triggers_fire_again_on_the_rows_that_had_no_error,
    Documented an_error_in_the_second_attempt_still_saves_the_rest,
    Documented an_error_in_the_third_attempt_fails_every_row,
    Inferred three_rows_that_fail_one_by_one_are_visited_six_times_before_and_three_times_after,
    Inferred an_error_of_the_last_row_in_the_second_attempt_is_only_its_own,
    Inferred records_are_as_given_at_the_start_of_each_attempt,
    Inferred dml_of_an_attempt_that_is_given_up_is_undone,
    Inferred a_partial_save_costs_one_statement_and_each_row_once,
    Documented counters_go_back_between_attempts,
    Documented statics_do_not_go_back_between_attempts,
    Chosen a_handler_is_told_which_attempt_it_is_in,
    Chosen the_size_of_the_call_is_the_same_in_every_attempt,
    Chosen a_once_per_record_handler_is_shown_the_rows_of_every_attempt,
    Inferred survivors_get_new_ids_in_each_attempt,
    Inferred clean_rows_fill_the_chunks_of_the_next_attempt,
    Inferred a_partial_save_in_a_handler_does_not_fire_the_outer_trigger_again,
    Inferred an_update_starts_each_attempt_from_the_stored_record,
}

/// Registers a handler that refuses a, b and c, one per attempt.
fn one_per_attempt(stage: &Stage) -> TriggerRegistration {
    on(stage, "Contact", BeforeInsert, "one_per_attempt", |stage, ctx| {
        let bad = ["", "a", "b", "c"][ctx.attempt() as usize];
        for row in rows(ctx)? {
            stage.note(format!("before {}", name_of(row)));
            if name_of(row) == bad {
                row.add_error("its turn");
            }
        }
        Ok(())
    })
}

async fn without_an_error_triggers_fire_once(stage: Stage) -> Shown {
    let circuit = stage.circuit([watch(&stage, "Contact", [BeforeInsert, AfterInsert])])?;
    let rows = all_named("Contact", &["a", "b"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(stage.notes(), ["beforeInsert 2", "afterInsert 2"]);
    Ok(())
}

async fn triggers_fire_again_on_the_rows_that_had_no_error(stage: Stage) -> Shown {
    let watch = watch(&stage, "Contact", [BeforeInsert, AfterInsert]);
    let circuit = stage.circuit([watch, refuse("Contact", BeforeInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    let expected = ["beforeInsert 2", "afterInsert 1", "beforeInsert 1", "afterInsert 1"];
    same!(stage.notes(), expected);
    Ok(())
}

async fn an_error_in_the_second_attempt_still_saves_the_rest(stage: Stage) -> Shown {
    let circuit = stage.circuit([one_per_attempt(&stage)])?;
    let rows = all_named("Contact", &["a", "b", "d"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [false, false, true]);
    same!(names(&stage, "Contact").await?, ["d"]);
    Ok(())
}

async fn an_error_in_the_third_attempt_fails_every_row(stage: Stage) -> Shown {
    let circuit = stage.circuit([one_per_attempt(&stage)])?;
    let rows = all_named("Contact", &["a", "b", "c", "d"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [false; 4]);
    let message = "Too many batch retries in the presence of Apex triggers and partial failures.";
    for result in outcome.results() {
        same!(result.errors().iter().any(|error| error.message == message), true);
    }
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn three_rows_that_fail_one_by_one_are_visited_six_times_before_and_three_times_after(
    stage: Stage,
) -> Shown {
    let after = on(&stage, "Contact", AfterInsert, "after", |stage, ctx| {
        rows(ctx)?.iter().for_each(|row| stage.note(format!("after {}", name_of(row))));
        Ok(())
    });
    let circuit = stage.circuit([one_per_attempt(&stage), after])?;
    let rows = all_named("Contact", &["a", "b", "c"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    let notes = stage.notes();
    let count = |word: &str| notes.iter().filter(|note| note.starts_with(word)).count();
    same!((count("before"), count("after")), (6, 3));
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn an_error_of_the_last_row_in_the_second_attempt_is_only_its_own(stage: Stage) -> Shown {
    let circuit = stage.circuit([one_per_attempt(&stage)])?;
    let rows = all_named("Contact", &["a", "b"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    for result in outcome.results() {
        same!(result.errors().len(), 1);
        same!(result.errors()[0].message, "its turn");
    }
    Ok(())
}

/// Registers a handler that adds one to the score before the save.
fn count_up(stage: &Stage, event: circuit_core::TriggerEvent) -> TriggerRegistration {
    on(stage, "Contact", event, "count_up", |_, ctx| {
        for row in ctx.try_new_records_mut()? {
            let score = row.read::<Option<i64>>("Score")?.unwrap_or_default();
            row.set("Score", score + 1);
        }
        Ok(())
    })
}

async fn records_are_as_given_at_the_start_of_each_attempt(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([count_up(&stage, BeforeInsert), bad])?;
    let rows = ["good", "bad"].map(|name| named("Contact", name).with("Score", 10));
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(stored(&stage, "Contact", "good").await?.read::<i64>("Score")?, 11);
    Ok(())
}

async fn an_update_starts_each_attempt_from_the_stored_record(stage: Stage) -> Shown {
    let rows = ["good", "bad"].map(|name| named("Contact", name).with("Score", 10));
    let ids = stage.fill(rows).await?;
    let bad = refuse("Contact", BeforeUpdate, &["bad"]);
    let circuit = stage.circuit([count_up(&stage, BeforeUpdate), bad])?;
    let rows: Vec<Record> = ids.iter().map(|id| of("Contact", id)).collect();
    circuit.dml(partial(DmlRequest::update(rows))).await?;
    same!(stored(&stage, "Contact", "good").await?.read::<i64>("Score")?, 11);
    same!(stored(&stage, "Contact", "bad").await?.read::<i64>("Score")?, 10);
    Ok(())
}

async fn dml_of_an_attempt_that_is_given_up_is_undone(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), bad])?;
    let rows = all_named("Contact", &["good", "bad"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(names(&stage, "Task").await?, ["good"]);
    Ok(())
}

async fn a_partial_save_costs_one_statement_and_each_row_once(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(outcome.usage().dml_statements(), 1);
    same!(outcome.usage().dml_rows(), 2);
    Ok(())
}

async fn counters_go_back_between_attempts(stage: Stage) -> Shown {
    let ask = wait(&stage, "Contact", BeforeInsert, "ask", |_, ctx| {
        Box::pin(async move {
            ctx.query::<Record>(Query::of("Account")).await?;
            Ok(())
        })
    });
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([ask, add_tasks(&stage, "Contact"), bad])?;
    let rows = all_named("Contact", &["good", "bad"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    let usage = outcome.usage();
    same!(usage.queries(), 1);
    same!((usage.dml_statements(), usage.dml_rows()), (2, 3));
    same!(usage.by_handler("add_tasks", circuit_core::Limit::DmlRows), 1);
    Ok(())
}

#[derive(Default)]
struct Visits(usize);

async fn statics_do_not_go_back_between_attempts(stage: Stage) -> Shown {
    let count = on(&stage, "Contact", BeforeInsert, "count", |stage, ctx| {
        let size = ctx.size();
        stage.note(ctx.statics(|visits: &mut Visits| {
            visits.0 += size;
            visits.0
        }));
        Ok(())
    });
    let circuit = stage.circuit([count, refuse("Contact", BeforeInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(stage.notes(), ["2", "3"]);
    Ok(())
}

async fn a_handler_is_told_which_attempt_it_is_in(stage: Stage) -> Shown {
    let tell = on(&stage, "Contact", AfterInsert, "tell", |stage, ctx| {
        stage.note(ctx.attempt());
        Ok(())
    });
    let circuit = stage.circuit([tell, refuse("Contact", BeforeInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    circuit.insert(named("Contact", "other")).await?;
    same!(stage.notes(), ["1", "2", "1"]);
    Ok(())
}

async fn the_size_of_the_call_is_the_same_in_every_attempt(stage: Stage) -> Shown {
    let tell = on(&stage, "Contact", BeforeInsert, "tell", |stage, ctx| {
        stage.note(ctx.chunk().total);
        Ok(())
    });
    let circuit = stage.circuit([tell, refuse("Contact", BeforeInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(stage.notes(), ["2", "2"]);
    Ok(())
}

async fn survivors_get_new_ids_in_each_attempt(stage: Stage) -> Shown {
    let tell = on(&stage, "Contact", AfterInsert, "tell", |stage, ctx| {
        ctx.ids().iter().take(1).for_each(|id| stage.note(id));
        Ok(())
    });
    let circuit = stage.circuit([tell, refuse("Contact", AfterInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    let ids = stage.notes();
    same!(ids[0] == ids[1], false);
    same!(outcome.ids().map(ToString::to_string).collect::<Vec<_>>(), ids[1..]);
    Ok(())
}

async fn clean_rows_fill_the_chunks_of_the_next_attempt(stage: Stage) -> Shown {
    let watch = watch(&stage, "Contact", [BeforeInsert]);
    let circuit = stage.circuit([watch, refuse("Contact", BeforeInsert, &["0"])])?;
    let request = partial(DmlRequest::insert(many("Contact", "LastName", 201)));
    circuit.dml(request).await?;
    same!(stage.notes(), ["beforeInsert 200", "beforeInsert 1", "beforeInsert 200"]);
    Ok(())
}

async fn a_partial_save_in_a_handler_does_not_fire_the_outer_trigger_again(stage: Stage) -> Shown {
    let open = wait(&stage, "Account", AfterInsert, "open", |stage, ctx| {
        Box::pin(async move {
            stage.note("account");
            let rows = all_named("Contact", &["good", "bad"]);
            let results = ctx.dml(partial(DmlRequest::insert(rows))).await?;
            stage.note(format!("{:?}", saved(&results)));
            Ok(())
        })
    });
    let watch = watch(&stage, "Contact", [BeforeInsert]);
    let bad = refuse("Contact", BeforeInsert, &["bad"]);
    stage.circuit([open, watch, bad])?.insert(named("Account", "a")).await?;
    same!(stage.notes(), ["account", "beforeInsert 2", "beforeInsert 1", "[true, false]"]);
    same!(names(&stage, "Contact").await?, ["good"]);
    Ok(())
}

async fn a_once_per_record_handler_is_shown_the_rows_of_every_attempt(stage: Stage) -> Shown {
    let ids = stage.fill(all_named("Contact", &["good", "bad"])).await?;
    let once = watch(&stage, "Contact", [BeforeUpdate]).once_per_record();
    let circuit = stage.circuit([once, refuse("Contact", BeforeUpdate, &["bad"])])?;
    let rows: Vec<Record> = ids.iter().map(|id| of("Contact", id)).collect();
    circuit.dml(partial(DmlRequest::update(rows))).await?;
    same!(stage.notes(), ["beforeUpdate 2", "beforeUpdate 1"]);
    Ok(())
}
