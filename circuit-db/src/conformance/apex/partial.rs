//! Partial success: which rows are saved, and what the results say.

use circuit_core::TriggerEvent::{
    AfterInsert, AfterUndelete, BeforeDelete, BeforeInsert, BeforeUpdate,
};
use circuit_core::{DmlRequest, ErrorKind, HandlerError, Limits, Record, SaveResult, StatusCode};

use super::name_behaviours;
use super::stage::{
    Stage, all_named, error_of, many, named, names, of, on, partial, refuse, rows, saved, statuses,
    stored, text, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A7":
    Documented rows_without_errors_are_saved_and_the_others_are_not,
    Documented nothing_is_thrown_if_every_row_fails,
    Documented results_stand_in_the_order_of_the_rows,
    Documented a_result_has_the_status_message_and_fields_of_its_error,
    Documented a_row_that_fails_validation_is_set_aside,
    Documented a_row_whose_unique_value_is_taken_is_set_aside,
    Documented a_row_that_an_after_handler_refuses_is_set_aside,
    Documented a_before_handler_that_assigns_an_invalid_value_spoils_the_partial_set,
    Documented a_handler_that_fails_refuses_every_row_and_is_not_run_again,
    Documented a_partial_update_leaves_refused_records_as_they_were,
    Documented a_partial_delete_leaves_refused_records_in_place,
    Documented a_partial_undelete_leaves_refused_records_in_the_recycle_bin,
    Documented a_partial_upsert_tells_which_rows_it_created,
    Documented a_text_that_is_too_long_is_cut_if_the_call_says_so,
    Inferred a_limit_passed_in_a_partial_save_ends_the_execution,
    Inferred a_refused_new_row_has_no_id_in_its_result,
    Chosen a_record_that_the_list_names_twice_is_refused_the_second_time,
}

async fn rows_without_errors_are_saved_and_the_others_are_not(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["b"])])?;
    let rows = all_named("Contact", &["a", "b", "c"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [true, false, true]);
    same!(names(&stage, "Contact").await?, ["a", "c"]);
    Ok(())
}

async fn nothing_is_thrown_if_every_row_fails(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["a", "b"])])?;
    let rows = all_named("Contact", &["a", "b"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [false, false]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn results_stand_in_the_order_of_the_rows(stage: Stage) -> Shown {
    let odd = on(&stage, "Contact", BeforeInsert, "odd", |_, ctx| {
        for row in rows(ctx)?.iter().filter(|row| row.index() % 7 == 3) {
            if ctx.attempt() == 1 {
                row.add_error(format!("row {}", row.index()));
            }
        }
        Ok(())
    });
    let request = partial(DmlRequest::insert(many("Contact", "LastName", 450)));
    let outcome = stage.circuit([odd])?.dml(request).await?;
    same!(outcome.results().len(), 450);
    for (index, result) in outcome.results().iter().enumerate() {
        same!(result.is_success(), index % 7 != 3);
        same!(result.errors().iter().all(|error| error.index == index), true);
    }
    Ok(())
}

async fn a_result_has_the_status_message_and_fields_of_its_error(stage: Stage) -> Shown {
    let guard = on(&stage, "Contact", BeforeInsert, "guard", |_, ctx| {
        rows(ctx)?[0].add_field_error("Email", "an address is needed");
        Ok(())
    });
    let request = partial(DmlRequest::insert(named("Contact", "a")));
    let outcome = stage.circuit([guard])?.dml(request).await?;
    let error = &outcome.results()[0].errors()[0];
    same!(error.status, StatusCode::FieldCustomValidationException);
    same!(error.message, "an address is needed");
    same!(error.fields, ["Email"]);
    Ok(())
}

async fn a_row_that_fails_validation_is_set_aside(stage: Stage) -> Shown {
    let rows = all_named("Account", &["short", "longer than twenty characters"]);
    let outcome = stage.circuit([])?.dml(partial(DmlRequest::insert(rows))).await?;
    same!(statuses(outcome.results()), [None, Some(StatusCode::StringTooLong)]);
    same!(names(&stage, "Account").await?, ["short"]);
    Ok(())
}

async fn a_row_whose_unique_value_is_taken_is_set_aside(stage: Stage) -> Shown {
    stage.fill([named("Contact", "first").with("Email", "a@b.c")]).await?;
    let rows = [named("Contact", "x").with("Email", "A@b.c"), named("Contact", "y")];
    let outcome = stage.circuit([])?.dml(partial(DmlRequest::insert(rows))).await?;
    same!(statuses(outcome.results()), [Some(StatusCode::DuplicateValue), None]);
    same!(names(&stage, "Contact").await?, ["first", "y"]);
    Ok(())
}

async fn a_row_that_an_after_handler_refuses_is_set_aside(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["a"])])?;
    let rows = all_named("Contact", &["a", "b"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [false, true]);
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn a_before_handler_that_assigns_an_invalid_value_spoils_the_partial_set(
    stage: Stage,
) -> Shown {
    let rate = on(&stage, "Account", BeforeInsert, "rate", |_, ctx| {
        for row in ctx.try_new_records_mut()?.iter_mut().skip(1) {
            row.set("Rating", "Lukewarm");
        }
        Ok(())
    });
    let rows = all_named("Account", &["a", "b"]);
    let outcome = stage.circuit([rate])?.dml(partial(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [false, false]);
    same!(stage.stored("Account").await?.len(), 0);
    Ok(())
}

async fn a_handler_that_fails_refuses_every_row_and_is_not_run_again(stage: Stage) -> Shown {
    let fail = on(&stage, "Contact", AfterInsert, "fail", |stage, _| {
        stage.note("ran");
        Err(HandlerError::msg("out of order"))
    });
    let rows = all_named("Contact", &["a", "b"]);
    let outcome = stage.circuit([fail])?.dml(partial(DmlRequest::insert(rows))).await?;
    let status = Some(StatusCode::CannotInsertUpdateActivateEntity);
    same!(statuses(outcome.results()), [status, status]);
    same!(outcome.results()[1].errors()[0].message.contains("out of order"), true);
    same!(stage.notes(), ["ran"]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn a_partial_update_leaves_refused_records_as_they_were(stage: Stage) -> Shown {
    let ids = stage.fill(all_named("Contact", &["a", "b"])).await?;
    let changed = ids.iter().map(|id| of("Contact", id).with("Status", "old"));
    let request = partial(DmlRequest::update(changed.collect::<Vec<_>>()));
    let circuit = stage.circuit([refuse("Contact", BeforeUpdate, &["a"])])?;
    same!(saved(circuit.dml(request).await?.results()), [false, true]);
    same!(text(&stored(&stage, "Contact", "a").await?, "Status"), "new");
    same!(text(&stored(&stage, "Contact", "b").await?, "Status"), "old");
    Ok(())
}

async fn a_partial_delete_leaves_refused_records_in_place(stage: Stage) -> Shown {
    let ids = stage.fill(all_named("Contact", &["a", "b"])).await?;
    let rows: Vec<Record> = ids.iter().map(|id| of("Contact", id)).collect();
    let circuit = stage.circuit([refuse("Contact", BeforeDelete, &["a"])])?;
    let outcome = circuit.dml(partial(DmlRequest::delete(rows))).await?;
    same!(saved(outcome.results()), [false, true]);
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn a_partial_undelete_leaves_refused_records_in_the_recycle_bin(stage: Stage) -> Shown {
    let ids = stage.fill(all_named("Contact", &["a", "b"])).await?;
    let rows: Vec<Record> = ids.iter().map(|id| of("Contact", id)).collect();
    let circuit = stage.circuit([refuse("Contact", AfterUndelete, &["a"])])?;
    circuit.delete(rows.clone()).await?;
    let outcome = circuit.dml(partial(DmlRequest::undelete(rows))).await?;
    same!(saved(outcome.results()), [false, true]);
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn a_partial_upsert_tells_which_rows_it_created(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "there")]).await?;
    let there = of("Contact", &ids[0]).with("Status", "x");
    let rows = [named("Contact", "bad"), named("Contact", "good"), there];
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["bad"])])?;
    let outcome = circuit.dml(partial(DmlRequest::upsert(rows))).await?;
    same!(saved(outcome.results()), [false, true, true]);
    let created: Vec<bool> = outcome.results().iter().map(SaveResult::is_created).collect();
    same!(created, [false, true, false]);
    Ok(())
}

async fn a_text_that_is_too_long_is_cut_if_the_call_says_so(stage: Stage) -> Shown {
    let account = named("Account", "exactly twenty chars and more");
    let request = DmlRequest::insert(account).with_field_truncation();
    stage.circuit([])?.dml(request).await?;
    same!(names(&stage, "Account").await?, ["exactly twenty chars"]);
    Ok(())
}

async fn a_limit_passed_in_a_partial_save_ends_the_execution(stage: Stage) -> Shown {
    let session = stage.circuit([])?.session();
    let session = session.with_limits(Limits::circuit().with_limit_dml_rows(1));
    let rows = all_named("Contact", &["a", "b"]);
    let error = error_of(session.dml(partial(DmlRequest::insert(rows))).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn a_refused_new_row_has_no_id_in_its_result(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["a"])])?;
    let rows = all_named("Contact", &["a", "b"]);
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    let has_id: Vec<bool> = outcome.results().iter().map(|row| row.id().is_some()).collect();
    same!(has_id, [false, true]);
    Ok(())
}

async fn a_record_that_the_list_names_twice_is_refused_the_second_time(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let set = |status: &str| of("Contact", &ids[0]).with("Status", status);
    let circuit = stage.circuit([watch(&stage, "Contact", [BeforeUpdate])])?;
    let request = partial(DmlRequest::update([set("one"), set("two")]));
    let outcome = circuit.dml(request).await?;
    same!(statuses(outcome.results()), [None, Some(StatusCode::DuplicateValue)]);
    same!(stage.notes(), ["beforeUpdate 1"]);
    same!(text(&stored(&stage, "Contact", "a").await?, "Status"), "one");
    Ok(())
}
