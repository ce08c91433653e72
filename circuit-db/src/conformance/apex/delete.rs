//! Delete: the recycle bin, what a delete takes along and what stops it.

use circuit_core::{DmlRequest, Query, Record, RecordId, Result, StatusCode, TriggerEvent};

use super::name_behaviours;
use super::stage::{
    Stage, error_of, named, names, of, partial, refuse, saved, statuses, stored, text, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A10":
    Documented only_records_that_start_a_delete_fire_triggers,
    Documented a_child_that_holds_on_to_its_parent_stops_the_delete,
    Inferred a_delete_goes_all_the_way_down,
    Inferred a_lookup_that_a_delete_clears_fires_no_trigger,
    Inferred a_deleted_record_is_not_found_by_queries,
    Inferred a_record_that_is_deleted_already_cannot_be_deleted,
    Inferred a_record_without_an_id_cannot_be_deleted,
    Inferred a_refused_delete_takes_nothing_along,
    Inferred a_parent_that_is_held_does_not_stop_its_siblings_in_a_partial_delete,
    Inferred deleting_parent_and_holder_in_one_execution_needs_the_holder_first,
    Inferred a_child_that_is_deleted_by_name_and_with_its_parent_is_deleted_once,
    Chosen what_a_delete_takes_along_costs_no_rows,
}

/// An account with an asset, a part of it, and a contact.
async fn family(stage: &Stage) -> Result<RecordId> {
    let account = stage.fill([named("Account", "account")]).await?.swap_remove(0);
    let of = |object: &str, name: &str| named(object, name).with("AccountId", &account);
    let asset = stage.fill([of("Asset", "asset")]).await?.swap_remove(0);
    stage.fill([named("Part", "part").with("AssetId", asset), of("Contact", "contact")]).await?;
    Ok(account)
}

async fn only_records_that_start_a_delete_fire_triggers(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let all = TriggerEvent::ALL;
    let watchers = ["Account", "Asset", "Part"].map(|object| watch(&stage, object, all));
    stage.circuit(watchers)?.delete(of("Account", &account)).await?;
    same!(stage.notes(), ["beforeDelete 1", "afterDelete 1"]);
    same!(stage.stored("Asset").await?.len(), 0);
    Ok(())
}

async fn a_child_that_holds_on_to_its_parent_stops_the_delete(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    stage.fill([named("Contract", "contract").with("AccountId", &account)]).await?;
    let error = error_of(stage.circuit([])?.delete(of("Account", &account)).await)?;
    same!(error.failures()[0].status, StatusCode::DeleteFailed);
    same!(names(&stage, "Account").await?, ["account"]);
    same!(names(&stage, "Asset").await?, ["asset"]);
    Ok(())
}

async fn a_delete_goes_all_the_way_down(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    stage.circuit([])?.delete(of("Account", &account)).await?;
    same!(stage.stored("Asset").await?.len(), 0);
    same!(stage.stored("Part").await?.len(), 0);
    same!(names(&stage, "Contact").await?, ["contact"]);
    Ok(())
}

async fn a_lookup_that_a_delete_clears_fires_no_trigger(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let circuit = stage.circuit([watch(&stage, "Contact", TriggerEvent::ALL)])?;
    circuit.delete(of("Account", &account)).await?;
    let contact = stored(&stage, "Contact", "contact").await?;
    same!(contact.get("AccountId").is_none_or(circuit_core::Value::is_null), true);
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn a_deleted_record_is_not_found_by_queries(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let circuit = stage.circuit([])?;
    circuit.delete(of("Contact", &ids[0])).await?;
    same!(circuit.query::<Record>(Query::of("Contact")).await?.len(), 0);
    Ok(())
}

async fn a_record_that_is_deleted_already_cannot_be_deleted(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let circuit = stage.circuit([])?;
    circuit.delete(of("Contact", &ids[0])).await?;
    let error = error_of(circuit.delete(of("Contact", &ids[0])).await)?;
    same!(error.failures()[0].status, StatusCode::EntityIsDeleted);
    Ok(())
}

async fn a_record_without_an_id_cannot_be_deleted(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([])?.delete(named("Contact", "a")).await)?;
    same!(error.failures()[0].status, StatusCode::MissingArgument);
    Ok(())
}

async fn a_refused_delete_takes_nothing_along(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let circuit = stage.circuit([refuse("Account", TriggerEvent::AfterDelete, &["account"])])?;
    error_of(circuit.delete(of("Account", &account)).await)?;
    same!(names(&stage, "Asset").await?, ["asset"]);
    same!(names(&stage, "Part").await?, ["part"]);
    let contact = stored(&stage, "Contact", "contact").await?;
    same!(contact.get("AccountId").and_then(circuit_core::Value::as_id), Some(&account));
    Ok(())
}

async fn a_parent_that_is_held_does_not_stop_its_siblings_in_a_partial_delete(
    stage: Stage,
) -> Shown {
    let held = family(&stage).await?;
    stage.fill([named("Contract", "contract").with("AccountId", &held)]).await?;
    let free = stage.fill([named("Account", "free")]).await?.swap_remove(0);
    let rows = [of("Account", &held), of("Account", &free)];
    let outcome = stage.circuit([])?.dml(partial(DmlRequest::delete(rows))).await?;
    same!(statuses(outcome.results()), [Some(StatusCode::DeleteFailed), None]);
    same!(names(&stage, "Account").await?, ["account"]);
    same!(names(&stage, "Asset").await?, ["asset"]);
    Ok(())
}

async fn deleting_parent_and_holder_in_one_execution_needs_the_holder_first(stage: Stage) -> Shown {
    let account = stage.fill([named("Account", "a")]).await?.swap_remove(0);
    let contract = named("Contract", "c").with("AccountId", &account);
    let contract = stage.fill([contract]).await?.swap_remove(0);
    let (parent, holder) = (of("Account", &account), of("Contract", &contract));
    let circuit = stage.circuit([])?;
    let rows = vec![parent.clone(), holder.clone()];
    error_of(circuit.delete(rows).await)?;
    let outcome = circuit.delete(vec![holder, parent]).await?;
    same!(saved(outcome.results()), [true, true]);
    same!(stage.stored("Account").await?.len(), 0);
    Ok(())
}

async fn a_child_that_is_deleted_by_name_and_with_its_parent_is_deleted_once(
    stage: Stage,
) -> Shown {
    let account = family(&stage).await?;
    let asset = stored(&stage, "Asset", "asset").await?;
    let rows = vec![asset, of("Account", &account)];
    let watchers = ["Account", "Asset"].map(|object| watch(&stage, object, TriggerEvent::ALL));
    stage.circuit(watchers)?.delete(rows).await?;
    let expected = ["beforeDelete 1", "afterDelete 1", "beforeDelete 1", "afterDelete 1"];
    same!(stage.notes(), expected);
    same!(text(&stored(&stage, "Contact", "contact").await?, "LastName"), "contact");
    Ok(())
}

async fn what_a_delete_takes_along_costs_no_rows(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let outcome = stage.circuit([])?.delete(of("Account", &account)).await?;
    let usage = outcome.usage();
    same!((usage.dml_statements(), usage.dml_rows(), usage.queries()), (1, 1, 0));
    Ok(())
}
