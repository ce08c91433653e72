//! Isolated failures, a mode that Apex lacks: no handler runs twice, and bad rows go alone.

use circuit_core::TriggerEvent::{
    AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeInsert,
};
use circuit_core::{DmlRequest, HandlerError, Record, Result};

use super::name_behaviours;
use super::stage::{
    Stage, add_tasks, all_named, isolated, many, named, names, of, on, refuse, rows, saved,
    statuses, stored, text, wait, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A7":
    Chosen isolated_failures_run_no_handler_twice,
    Chosen a_row_refused_after_the_save_is_taken_back_alone,
    Chosen what_refers_to_a_new_row_that_is_taken_back_goes_with_it,
    Chosen what_handlers_did_beside_a_row_that_is_taken_back_stays,
    Chosen an_update_that_is_taken_back_leaves_the_record_as_it_was,
    Chosen a_delete_that_is_taken_back_leaves_the_record_in_place,
    Chosen an_undelete_that_is_taken_back_leaves_the_record_in_the_recycle_bin,
    Chosen a_handler_that_fails_refuses_every_isolated_row,
    Chosen results_of_isolated_rows_stand_in_their_order,
    Chosen an_isolated_call_costs_one_statement_and_its_rows,
    Chosen a_unique_value_of_a_row_that_is_taken_back_is_free,
    Chosen an_invalid_value_of_a_before_handler_costs_only_its_own_isolated_row,
}

async fn isolated_failures_run_no_handler_twice(stage: Stage) -> Shown {
    let watch = watch(&stage, "Contact", [BeforeInsert, AfterInsert]);
    let circuit = stage.circuit([watch, refuse("Contact", BeforeInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    let outcome = circuit.dml(isolated(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [true, false]);
    same!(stage.notes(), ["beforeInsert 2", "afterInsert 1"]);
    same!(names(&stage, "Contact").await?, ["good"]);
    Ok(())
}

async fn a_row_refused_after_the_save_is_taken_back_alone(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["bad"])])?;
    let rows = all_named("Contact", &["a", "bad", "c"]);
    let outcome = circuit.dml(isolated(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [true, false, true]);
    same!(names(&stage, "Contact").await?, ["a", "c"]);
    Ok(())
}

async fn what_refers_to_a_new_row_that_is_taken_back_goes_with_it(stage: Stage) -> Shown {
    let open = wait(&stage, "Account", AfterInsert, "open", |_, ctx| {
        Box::pin(async move {
            let below = |row: &circuit_core::TriggerRow<Record>| {
                Record::new("Asset").with("Name", text(row, "Name")).with("AccountId", row.id())
            };
            let assets: Vec<Record> = rows(ctx)?.iter().map(below).collect();
            ctx.insert(assets).await?;
            Ok(())
        })
    });
    let circuit = stage.circuit([open, refuse("Account", AfterInsert, &["bad"])])?;
    circuit.dml(isolated(DmlRequest::insert(all_named("Account", &["good", "bad"])))).await?;
    same!(names(&stage, "Account").await?, ["good"]);
    same!(names(&stage, "Asset").await?, ["good"]);
    Ok(())
}

async fn what_handlers_did_beside_a_row_that_is_taken_back_stays(stage: Stage) -> Shown {
    let bad = refuse("Contact", AfterInsert, &["bad"]);
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), bad])?;
    circuit.dml(isolated(DmlRequest::insert(all_named("Contact", &["good", "bad"])))).await?;
    same!(names(&stage, "Task").await?, ["bad", "good"]);
    Ok(())
}

async fn an_update_that_is_taken_back_leaves_the_record_as_it_was(stage: Stage) -> Shown {
    let ids = stage.fill(all_named("Contact", &["good", "bad"])).await?;
    let set = ids.iter().map(|id| of("Contact", id).with("Status", "old"));
    let request = isolated(DmlRequest::update(set.collect::<Vec<_>>()));
    stage.circuit([refuse("Contact", AfterUpdate, &["bad"])])?.dml(request).await?;
    same!(text(&stored(&stage, "Contact", "good").await?, "Status"), "old");
    same!(text(&stored(&stage, "Contact", "bad").await?, "Status"), "new");
    Ok(())
}

/// Fills in contacts and returns records with their ids.
async fn two_contacts(stage: &Stage) -> Result<Vec<Record>> {
    let ids = stage.fill(all_named("Contact", &["good", "bad"])).await?;
    Ok(ids.iter().map(|id| of("Contact", id)).collect())
}

async fn a_delete_that_is_taken_back_leaves_the_record_in_place(stage: Stage) -> Shown {
    let rows = two_contacts(&stage).await?;
    let circuit = stage.circuit([refuse("Contact", AfterDelete, &["bad"])])?;
    circuit.dml(isolated(DmlRequest::delete(rows))).await?;
    same!(names(&stage, "Contact").await?, ["bad"]);
    Ok(())
}

async fn an_undelete_that_is_taken_back_leaves_the_record_in_the_recycle_bin(
    stage: Stage,
) -> Shown {
    let rows = two_contacts(&stage).await?;
    let circuit = stage.circuit([refuse("Contact", AfterUndelete, &["bad"])])?;
    circuit.delete(rows.clone()).await?;
    circuit.dml(isolated(DmlRequest::undelete(rows))).await?;
    same!(names(&stage, "Contact").await?, ["good"]);
    Ok(())
}

async fn a_handler_that_fails_refuses_every_isolated_row(stage: Stage) -> Shown {
    let fail =
        on(&stage, "Contact", AfterInsert, "fail", |_, _| Err(HandlerError::msg("out of order")));
    let circuit = stage.circuit([add_tasks(&stage, "Contact"), fail])?;
    let rows = all_named("Contact", &["a", "b"]);
    let outcome = circuit.dml(isolated(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [false, false]);
    same!(stage.stored("Contact").await?.len(), 0);
    same!(stage.stored("Task").await?.len(), 0);
    Ok(())
}

async fn results_of_isolated_rows_stand_in_their_order(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["7", "230"])])?;
    let request = isolated(DmlRequest::insert(many("Contact", "LastName", 250)));
    let outcome = circuit.dml(request).await?;
    let results = outcome.results().iter().enumerate();
    let bad: Vec<usize> = results.filter(|(_, row)| !row.is_success()).map(|(i, _)| i).collect();
    same!(bad, [7, 230]);
    same!(stage.stored("Contact").await?.len(), 248);
    Ok(())
}

async fn an_isolated_call_costs_one_statement_and_its_rows(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["bad"])])?;
    let rows = all_named("Contact", &["good", "bad"]);
    let outcome = circuit.dml(isolated(DmlRequest::insert(rows))).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 2));
    Ok(())
}

async fn a_unique_value_of_a_row_that_is_taken_back_is_free(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["bad"])])?;
    let mailed = |name: &str| named("Contact", name).with("Email", "a@b.c");
    let code = |execution: circuit_core::Execution| async move {
        execution.dml(isolated(DmlRequest::insert(mailed("bad")))).await?;
        execution.insert(mailed("good")).await
    };
    circuit.run(code).await?;
    same!(names(&stage, "Contact").await?, ["good"]);
    Ok(())
}

async fn an_invalid_value_of_a_before_handler_costs_only_its_own_isolated_row(
    stage: Stage,
) -> Shown {
    let rate = on(&stage, "Account", BeforeInsert, "rate", |_, ctx| {
        ctx.try_new_records_mut()?[1].set("Rating", "Lukewarm");
        Ok(())
    });
    let rows = all_named("Account", &["a", "b"]);
    let outcome = stage.circuit([rate])?.dml(isolated(DmlRequest::insert(rows))).await?;
    let status = circuit_core::StatusCode::InvalidPicklistValue;
    same!(statuses(outcome.results()), [None, Some(status)]);
    same!(names(&stage, "Account").await?, ["a"]);
    Ok(())
}
