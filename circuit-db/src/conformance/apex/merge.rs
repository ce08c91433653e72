//! Merge: a master and at most two others.

use circuit_core::TriggerEvent::{AfterDelete, AfterUpdate, BeforeDelete, BeforeUpdate};
use circuit_core::{
    DmlRequest, Error, ErrorKind, Execution, Filter, Outcome, Query, Record, RecordId, Result,
    TriggerEvent, Value,
};

use super::name_behaviours;
use super::stage::{
    Stage, all_named, error_of, name_of, named, names, of, on, partial, refuse, rows, saved,
    stored, text, wait, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A10":
    Documented a_merge_deletes_the_others_in_one_event_and_then_updates_the_master,
    Documented the_master_record_id_is_set_in_after_delete,
    Documented the_master_record_id_is_not_set_in_before_delete,
    Documented children_of_merged_records_become_the_master_s,
    Documented children_that_change_their_parent_in_a_merge_fire_nothing,
    Documented children_have_their_new_parent_before_the_after_delete_handlers_run,
    Documented nulls_of_the_master_win,
    Documented a_merge_is_one_statement,
    Documented a_merge_takes_at_most_two_others,
    Inferred a_merge_takes_at_least_one_other,
    Inferred a_merge_takes_records_of_one_object,
    Inferred fields_given_for_the_master_are_saved,
    Inferred the_master_can_take_a_unique_value_of_a_merged_record,
    Inferred children_that_a_delete_would_take_along_survive_a_merge,
    Inferred children_that_hold_on_to_their_parent_do_not_stop_a_merge,
    Inferred a_master_that_is_not_there_refuses_the_merge,
    Inferred a_refused_record_undoes_the_merge,
    Inferred a_refused_master_undoes_the_merge,
    Inferred merged_records_go_to_the_recycle_bin_and_come_back_without_their_children,
    Inferred a_record_cannot_be_merged_with_itself,
    Inferred a_master_under_a_merged_record_has_no_parent_afterwards,
    Chosen a_merge_is_always_all_or_none,
    Chosen a_merge_costs_a_row_for_each_of_its_records,
}

/// Fills in the master and the accounts to merge into it.
async fn accounts(stage: &Stage, names: &[&str]) -> Result<Vec<RecordId>> {
    stage.fill(all_named("Account", names)).await
}

fn request(ids: &[RecordId]) -> DmlRequest {
    let of = |id: &RecordId| of("Account", id);
    DmlRequest::merge(of(&ids[0]), ids[1..].iter().map(of).collect::<Vec<_>>())
}

async fn merge(stage: &Stage, ids: &[RecordId]) -> Result<Outcome> {
    stage.circuit([])?.dml(request(ids)).await
}

/// A record that refers to an account.
fn child(object: &str, name: &str, account: &RecordId) -> Record {
    named(object, name).with("AccountId", account)
}

fn parent(record: &Record) -> Option<&RecordId> {
    record.get("AccountId").and_then(Value::as_id)
}

const EVENTS: [TriggerEvent; 4] = [BeforeDelete, AfterDelete, BeforeUpdate, AfterUpdate];

async fn a_merge_deletes_the_others_in_one_event_and_then_updates_the_master(
    stage: Stage,
) -> Shown {
    let ids = accounts(&stage, &["m", "a", "b"]).await?;
    let circuit = stage.circuit([watch(&stage, "Account", EVENTS)])?;
    same!(saved(circuit.dml(request(&ids)).await?.results()), [true; 3]);
    let expected = ["beforeDelete 2", "afterDelete 2", "beforeUpdate 1", "afterUpdate 1"];
    same!(stage.notes(), expected);
    same!(names(&stage, "Account").await?, ["m"]);
    Ok(())
}

/// Runs a merge and returns what `MasterRecordId` is in an event.
async fn master_in(stage: &Stage, event: TriggerEvent) -> Result<(Vec<String>, RecordId)> {
    let ids = accounts(stage, &["m", "a"]).await?;
    let tell = on(stage, "Account", event, "tell", |stage, ctx| {
        let master = rows(ctx)?[0].get("MasterRecordId").and_then(Value::as_id);
        stage.note(master.map(ToString::to_string).unwrap_or_default());
        Ok(())
    });
    stage.circuit([tell])?.dml(request(&ids)).await?;
    Ok((stage.notes(), ids[0].clone()))
}

async fn the_master_record_id_is_set_in_after_delete(stage: Stage) -> Shown {
    let (seen, master) = master_in(&stage, AfterDelete).await?;
    same!(seen, [master.to_string()]);
    Ok(())
}

async fn the_master_record_id_is_not_set_in_before_delete(stage: Stage) -> Shown {
    same!(master_in(&stage, BeforeDelete).await?.0, [""]);
    Ok(())
}

async fn children_of_merged_records_become_the_master_s(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a", "b"]).await?;
    let children = [child("Contact", "x", &ids[1]), child("Contact", "y", &ids[2])];
    stage.fill(children).await?;
    merge(&stage, &ids).await?;
    same!(parent(&stored(&stage, "Contact", "x").await?), Some(&ids[0]));
    same!(parent(&stored(&stage, "Contact", "y").await?), Some(&ids[0]));
    Ok(())
}

async fn children_that_change_their_parent_in_a_merge_fire_nothing(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    stage.fill([child("Contact", "x", &ids[1])]).await?;
    let circuit = stage.circuit([watch(&stage, "Contact", EVENTS)])?;
    circuit.dml(request(&ids)).await?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn children_have_their_new_parent_before_the_after_delete_handlers_run(
    stage: Stage,
) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    stage.fill([child("Contact", "x", &ids[1])]).await?;
    let count = wait(&stage, "Account", AfterDelete, "count", |stage, ctx| {
        Box::pin(async move {
            let gone = rows(ctx)?[0].id().cloned();
            let query = Query::of("Contact").filter(Filter::eq("AccountId", gone));
            stage.note(ctx.count(query).await?);
            Ok(())
        })
    });
    stage.circuit([count])?.dml(request(&ids)).await?;
    same!(stage.notes(), ["0"]);
    Ok(())
}

async fn nulls_of_the_master_win(stage: Stage) -> Shown {
    let rated = named("Account", "a").with("Rating", "Hot");
    let ids = stage.fill([named("Account", "m"), rated]).await?;
    merge(&stage, &ids).await?;
    same!(text(&stored(&stage, "Account", "m").await?, "Rating"), "");
    Ok(())
}

async fn a_merge_is_one_statement(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a", "b"]).await?;
    stage.fill([child("Contact", "x", &ids[1])]).await?;
    same!(merge(&stage, &ids).await?.usage().dml_statements(), 1);
    Ok(())
}

async fn a_merge_costs_a_row_for_each_of_its_records(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a", "b"]).await?;
    stage.fill([child("Contact", "x", &ids[1])]).await?;
    same!(merge(&stage, &ids).await?.usage().dml_rows(), 3);
    Ok(())
}

fn is_invalid(error: &Error) -> Shown {
    same!(error.kind(), ErrorKind::InvalidInput);
    Ok(())
}

async fn a_merge_takes_at_most_two_others(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a", "b", "c"]).await?;
    is_invalid(&error_of(merge(&stage, &ids).await)?)
}

async fn a_merge_takes_at_least_one_other(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m"]).await?;
    is_invalid(&error_of(merge(&stage, &ids).await)?)
}

async fn a_merge_takes_records_of_one_object(stage: Stage) -> Shown {
    let ids = stage.fill([named("Account", "m"), named("Contact", "x")]).await?;
    let request = DmlRequest::merge(of("Account", &ids[0]), of("Contact", &ids[1]));
    is_invalid(&error_of(stage.circuit([])?.dml(request).await)?)
}

async fn a_record_cannot_be_merged_with_itself(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m"]).await?;
    is_invalid(&error_of(merge(&stage, &[ids[0].clone(), ids[0].clone()]).await)?)
}

async fn a_merge_is_always_all_or_none(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    is_invalid(&error_of(stage.circuit([])?.dml(partial(request(&ids))).await)?)
}

async fn fields_given_for_the_master_are_saved(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    let master = of("Account", &ids[0]).with("Rating", "Hot");
    let request = DmlRequest::merge(master, of("Account", &ids[1]));
    stage.circuit([])?.dml(request).await?;
    same!(text(&stored(&stage, "Account", "m").await?, "Rating"), "Hot");
    Ok(())
}

async fn the_master_can_take_a_unique_value_of_a_merged_record(stage: Stage) -> Shown {
    let other = named("Contact", "a").with("Email", "a@b.c");
    let ids = stage.fill([named("Contact", "m"), other]).await?;
    let master = of("Contact", &ids[0]).with("Email", "a@b.c");
    let request = DmlRequest::merge(master, of("Contact", &ids[1]));
    stage.circuit([])?.dml(request).await?;
    same!(text(&stored(&stage, "Contact", "m").await?, "Email"), "a@b.c");
    Ok(())
}

async fn children_that_a_delete_would_take_along_survive_a_merge(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    stage.fill([child("Asset", "x", &ids[1])]).await?;
    merge(&stage, &ids).await?;
    same!(parent(&stored(&stage, "Asset", "x").await?), Some(&ids[0]));
    Ok(())
}

async fn children_that_hold_on_to_their_parent_do_not_stop_a_merge(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    stage.fill([child("Contract", "x", &ids[1])]).await?;
    merge(&stage, &ids).await?;
    same!(parent(&stored(&stage, "Contract", "x").await?), Some(&ids[0]));
    Ok(())
}

async fn a_master_that_is_not_there_refuses_the_merge(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    stage.circuit([])?.delete(of("Account", &ids[0])).await?;
    let error = error_of(merge(&stage, &ids).await)?;
    same!(error.failures()[0].status, circuit_core::StatusCode::EntityIsDeleted);
    same!(names(&stage, "Account").await?, ["a"]);
    Ok(())
}

async fn a_refused_record_undoes_the_merge(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a", "b"]).await?;
    stage.fill([child("Contact", "x", &ids[1])]).await?;
    let circuit = stage.circuit([refuse("Account", BeforeDelete, &["b"])])?;
    error_of(circuit.dml(request(&ids)).await)?;
    same!(names(&stage, "Account").await?, ["a", "b", "m"]);
    same!(parent(&stored(&stage, "Contact", "x").await?), Some(&ids[1]));
    Ok(())
}

async fn a_refused_master_undoes_the_merge(stage: Stage) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    let circuit = stage.circuit([refuse("Account", AfterUpdate, &["m"])])?;
    error_of(circuit.dml(request(&ids)).await)?;
    same!(names(&stage, "Account").await?, ["a", "m"]);
    Ok(())
}

async fn merged_records_go_to_the_recycle_bin_and_come_back_without_their_children(
    stage: Stage,
) -> Shown {
    let ids = accounts(&stage, &["m", "a"]).await?;
    stage.fill([child("Contact", "x", &ids[1])]).await?;
    merge(&stage, &ids).await?;
    let other = &of("Account", &ids[1]);
    let code = |execution: Execution| async move { execution.undelete(other.clone()).await };
    stage.circuit([])?.run(code).await?;
    let accounts = stage.stored("Account").await?;
    same!(accounts.iter().map(name_of).collect::<Vec<_>>().len(), 2);
    same!(parent(&stored(&stage, "Contact", "x").await?), Some(&ids[0]));
    Ok(())
}

async fn a_master_under_a_merged_record_has_no_parent_afterwards(stage: Stage) -> Shown {
    let other = stage.fill([named("Account", "a")]).await?.swap_remove(0);
    let under = |name: &str| named("Account", name).with("ParentId", &other);
    let below = stage.fill([under("m"), under("sub")]).await?;
    merge(&stage, &[below[0].clone(), other]).await?;
    let master = stored(&stage, "Account", "m").await?;
    same!(master.get("ParentId").is_none_or(Value::is_null), true);
    let sub = stored(&stage, "Account", "sub").await?;
    same!(sub.get("ParentId").and_then(Value::as_id), Some(&below[0]));
    Ok(())
}
