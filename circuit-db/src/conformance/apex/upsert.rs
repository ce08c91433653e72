//! Upsert: by id, by a unique field and by an external id.

use circuit_core::TriggerEvent::{AfterInsert, AfterUpdate, BeforeInsert, BeforeUpdate};
use circuit_core::{
    DmlRequest, ErrorKind, Execution, Record, SaveResult, StatusCode, TriggerEvent,
};

use super::name_behaviours;
use super::stage::{
    Stage, error_of, many, name_of, named, names, of, partial, refuse, statuses, stored, text,
    watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A10":
    Documented an_upsert_inserts_rows_without_an_id_and_updates_the_others,
    Documented an_upsert_fires_insert_triggers_for_new_rows_and_update_triggers_for_the_others,
    Documented an_upsert_is_one_statement_with_a_row_each,
    Documented an_upsert_by_external_id_updates_the_record_that_has_it,
    Documented an_upsert_by_a_unique_field_updates_the_record_that_has_it,
    Documented a_result_tells_whether_the_record_was_created,
    Documented an_upsert_by_a_field_that_is_no_key_is_refused,
    Inferred keys_are_matched_without_regard_to_case,
    Inferred a_row_without_a_value_of_the_key_is_refused,
    Inferred an_upsert_by_the_id_field_is_an_upsert_by_id,
    Inferred an_upsert_sees_what_the_execution_inserted,
    Inferred results_of_an_upsert_stand_in_the_order_of_the_rows,
    Inferred fields_that_an_upserted_row_lacks_stay_as_they_are,
    Inferred a_matched_row_that_is_refused_undoes_the_new_ones,
    Inferred an_upsert_of_several_chunks_splits_each_chunk,
    Inferred a_deleted_record_is_not_matched_by_its_key,
    Chosen a_key_that_the_list_has_twice_is_refused,
    Chosen an_id_that_the_caller_chose_and_nobody_has_is_inserted,
}

const ALL: [TriggerEvent; 4] = [BeforeInsert, AfterInsert, BeforeUpdate, AfterUpdate];

fn keyed(name: &str, key: &str) -> Record {
    named("Contact", name).with("Ext", key)
}

async fn an_upsert_inserts_rows_without_an_id_and_updates_the_others(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "old")]).await?;
    let rows = [named("Contact", "new"), of("Contact", &ids[0]).with("LastName", "changed")];
    stage.circuit([])?.upsert(rows).await?;
    same!(names(&stage, "Contact").await?, ["changed", "new"]);
    Ok(())
}

async fn an_upsert_fires_insert_triggers_for_new_rows_and_update_triggers_for_the_others(
    stage: Stage,
) -> Shown {
    stage.fill([keyed("a", "1"), keyed("b", "2")]).await?;
    let rows = vec![keyed("a", "1"), keyed("new", "3"), keyed("b", "2")];
    let circuit = stage.circuit([watch(&stage, "Contact", ALL)])?;
    circuit.dml(DmlRequest::upsert_by("Ext", rows)).await?;
    let mut notes = stage.notes();
    notes.sort();
    same!(notes, ["afterInsert 1", "afterUpdate 2", "beforeInsert 1", "beforeUpdate 2"]);
    Ok(())
}

async fn an_upsert_is_one_statement_with_a_row_each(stage: Stage) -> Shown {
    stage.fill([keyed("a", "1")]).await?;
    let rows = vec![keyed("a", "1"), keyed("b", "2")];
    let outcome = stage.circuit([])?.dml(DmlRequest::upsert_by("Ext", rows)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 2));
    same!(outcome.usage().queries(), 0);
    Ok(())
}

async fn an_upsert_by_external_id_updates_the_record_that_has_it(stage: Stage) -> Shown {
    let ids = stage.fill([keyed("a", "1")]).await?;
    let request = DmlRequest::upsert_by("Ext", keyed("b", "1"));
    let outcome = stage.circuit([])?.dml(request).await?;
    same!(outcome.results()[0].id(), Some(&ids[0]));
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn an_upsert_by_a_unique_field_updates_the_record_that_has_it(stage: Stage) -> Shown {
    let mailed = |name: &str| named("Contact", name).with("Email", "a@b.c");
    stage.fill([mailed("a")]).await?;
    stage.circuit([])?.dml(DmlRequest::upsert_by("Email", mailed("b"))).await?;
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn a_result_tells_whether_the_record_was_created(stage: Stage) -> Shown {
    stage.fill([keyed("a", "1")]).await?;
    let rows = vec![keyed("a", "1"), keyed("b", "2")];
    let outcome = stage.circuit([])?.dml(DmlRequest::upsert_by("Ext", rows)).await?;
    let created: Vec<bool> = outcome.results().iter().map(SaveResult::is_created).collect();
    same!(created, [false, true]);
    Ok(())
}

async fn an_upsert_by_a_field_that_is_no_key_is_refused(stage: Stage) -> Shown {
    let request = DmlRequest::upsert_by("LastName", named("Contact", "a"));
    let error = error_of(stage.circuit([])?.dml(request).await)?;
    same!(error.kind(), ErrorKind::InvalidInput);
    same!(error.context("field"), Some("LastName"));
    Ok(())
}

async fn keys_are_matched_without_regard_to_case(stage: Stage) -> Shown {
    stage.fill([keyed("a", "Key")]).await?;
    stage.circuit([])?.dml(DmlRequest::upsert_by("ext", keyed("b", "KEY"))).await?;
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn a_row_without_a_value_of_the_key_is_refused(stage: Stage) -> Shown {
    let rows = vec![named("Contact", "a"), keyed("b", "1")];
    let request = partial(DmlRequest::upsert_by("Ext", rows));
    let outcome = stage.circuit([])?.dml(request).await?;
    same!(statuses(outcome.results()), [Some(StatusCode::MissingArgument), None]);
    Ok(())
}

async fn an_upsert_by_the_id_field_is_an_upsert_by_id(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let rows = vec![of("Contact", &ids[0]).with("LastName", "b"), named("Contact", "c")];
    stage.circuit([])?.dml(DmlRequest::upsert_by("Id", rows)).await?;
    same!(names(&stage, "Contact").await?, ["b", "c"]);
    Ok(())
}

async fn an_upsert_sees_what_the_execution_inserted(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        execution.insert(keyed("a", "1")).await?;
        execution.upsert_by("Ext", keyed("b", "1")).await
    };
    let outcome = stage.circuit([])?.run(code).await?;
    same!(outcome.value[0].is_created(), false);
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn results_of_an_upsert_stand_in_the_order_of_the_rows(stage: Stage) -> Shown {
    let ids = stage.fill([keyed("a", "1"), keyed("b", "3")]).await?;
    let rows = vec![keyed("a", "1"), keyed("new", "2"), keyed("b", "3")];
    let outcome = stage.circuit([])?.dml(DmlRequest::upsert_by("Ext", rows)).await?;
    same!(outcome.results()[0].id(), Some(&ids[0]));
    same!(outcome.results()[1].is_created(), true);
    same!(outcome.results()[2].id(), Some(&ids[1]));
    Ok(())
}

async fn fields_that_an_upserted_row_lacks_stay_as_they_are(stage: Stage) -> Shown {
    stage.fill([keyed("a", "1").with("Status", "kept")]).await?;
    stage.circuit([])?.dml(DmlRequest::upsert_by("Ext", keyed("b", "1"))).await?;
    same!(text(&stored(&stage, "Contact", "b").await?, "Status"), "kept");
    Ok(())
}

async fn a_matched_row_that_is_refused_undoes_the_new_ones(stage: Stage) -> Shown {
    stage.fill([keyed("a", "1")]).await?;
    let rows = vec![keyed("new", "2"), keyed("bad", "1")];
    let circuit = stage.circuit([refuse("Contact", BeforeUpdate, &["bad"])])?;
    let error = error_of(circuit.dml(DmlRequest::upsert_by("Ext", rows)).await)?;
    same!(error.failures()[0].index, 1);
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn an_upsert_of_several_chunks_splits_each_chunk(stage: Stage) -> Shown {
    let mut rows = many("Contact", "Ext", 250);
    stage.fill(rows.drain(150..)).await?;
    let circuit = stage.circuit([watch(&stage, "Contact", [BeforeInsert, BeforeUpdate])])?;
    let rows = many("Contact", "Ext", 250);
    circuit.dml(DmlRequest::upsert_by("Ext", rows)).await?;
    same!(stage.notes(), ["beforeInsert 150", "beforeUpdate 50", "beforeUpdate 50"]);
    Ok(())
}

async fn a_deleted_record_is_not_matched_by_its_key(stage: Stage) -> Shown {
    let ids = stage.fill([keyed("a", "1")]).await?;
    let circuit = stage.circuit([])?;
    circuit.delete(of("Contact", &ids[0])).await?;
    let outcome = circuit.dml(DmlRequest::upsert_by("Ext", keyed("b", "1"))).await?;
    same!(outcome.results()[0].is_created(), true);
    Ok(())
}

async fn a_key_that_the_list_has_twice_is_refused(stage: Stage) -> Shown {
    let rows = vec![keyed("a", "1"), keyed("b", "1")];
    let error = error_of(stage.circuit([])?.dml(DmlRequest::upsert_by("Ext", rows)).await)?;
    same!(error.failures()[0].index, 1);
    same!(error.failures()[0].status, StatusCode::DuplicateValue);
    Ok(())
}

async fn an_id_that_the_caller_chose_and_nobody_has_is_inserted(stage: Stage) -> Shown {
    let id = "003000000000001".parse()?;
    let outcome = stage.circuit([])?.upsert(named("Contact", "a").with_id(id)).await?;
    same!(outcome.results()[0].is_created(), true);
    same!(stage.stored("Contact").await?.iter().map(name_of).collect::<Vec<_>>(), ["a"]);
    Ok(())
}
