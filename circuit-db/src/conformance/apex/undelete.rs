//! Undelete and the recycle bin: what comes back, and what is gone for good.

use circuit_core::{
    DmlRequest, Execution, Record, RecordId, Result, StatusCode, TriggerEvent, Value,
};

use super::name_behaviours;
use super::stage::{
    Stage, error_of, named, names, of, on, partial, refuse, rows, statuses, stored, text, watch,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A10":
    Documented an_undelete_fires_after_undelete_and_nothing_else,
    Documented an_undelete_fires_nothing_for_restored_children,
    Documented an_undelete_restores_what_the_delete_took_along,
    Documented a_lookup_that_was_replaced_meanwhile_stays_replaced,
    Inferred an_undelete_does_not_restore_children_that_were_deleted_before,
    Inferred an_undelete_does_not_restore_children_that_were_deleted_again,
    Inferred an_undelete_brings_the_values_back,
    Inferred a_record_that_is_not_deleted_cannot_be_undeleted,
    Inferred an_undelete_whose_unique_value_is_taken_is_refused,
    Inferred a_delete_and_an_undelete_in_one_execution_leave_the_record_in_place,
    Inferred a_refused_undelete_restores_nothing,
    Documented emptying_the_recycle_bin_removes_records_for_good,
    Documented emptying_the_recycle_bin_is_a_statement_with_a_row_each,
    Documented emptying_the_recycle_bin_fires_no_trigger,
    Inferred a_record_that_is_not_deleted_cannot_be_emptied_from_the_recycle_bin,
    Inferred a_record_deleted_in_the_same_execution_can_be_removed_for_good,
    Inferred emptying_the_recycle_bin_can_be_rolled_back,
    Chosen restored_children_cost_no_rows,
}

/// An account with an asset and a part of it, deleted together.
async fn deleted_family(stage: &Stage) -> Result<RecordId> {
    let account = stage.fill([named("Account", "account")]).await?.swap_remove(0);
    let asset = named("Asset", "asset").with("AccountId", &account);
    let asset = stage.fill([asset]).await?.swap_remove(0);
    stage.fill([named("Part", "part").with("AssetId", asset)]).await?;
    stage.circuit([])?.delete(of("Account", &account)).await?;
    Ok(account)
}

async fn deleted_contact(stage: &Stage) -> Result<Record> {
    let contact = named("Contact", "a").with("Email", "a@b.c").with("Status", "kept");
    let contact = of("Contact", &stage.fill([contact]).await?[0]);
    stage.circuit([])?.delete(contact.clone()).await?;
    Ok(contact)
}

async fn an_undelete_fires_after_undelete_and_nothing_else(stage: Stage) -> Shown {
    let contact = deleted_contact(&stage).await?;
    let circuit = stage.circuit([watch(&stage, "Contact", TriggerEvent::ALL)])?;
    circuit.undelete(contact).await?;
    same!(stage.notes(), ["afterUndelete 1"]);
    Ok(())
}

async fn an_undelete_fires_nothing_for_restored_children(stage: Stage) -> Shown {
    let account = deleted_family(&stage).await?;
    let watchers = ["Asset", "Part"].map(|object| watch(&stage, object, TriggerEvent::ALL));
    stage.circuit(watchers)?.undelete(of("Account", &account)).await?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn an_undelete_restores_what_the_delete_took_along(stage: Stage) -> Shown {
    let account = deleted_family(&stage).await?;
    stage.circuit([])?.undelete(of("Account", &account)).await?;
    same!(names(&stage, "Asset").await?, ["asset"]);
    same!(names(&stage, "Part").await?, ["part"]);
    let asset = stored(&stage, "Asset", "asset").await?;
    same!(asset.get("AccountId").and_then(Value::as_id), Some(&account));
    Ok(())
}

async fn restored_children_cost_no_rows(stage: Stage) -> Shown {
    let account = deleted_family(&stage).await?;
    let outcome = stage.circuit([])?.undelete(of("Account", &account)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 1));
    Ok(())
}

async fn a_lookup_that_was_replaced_meanwhile_stays_replaced(stage: Stage) -> Shown {
    let accounts = stage.fill([named("Account", "old"), named("Account", "new")]).await?;
    let contact = named("Contact", "a").with("AccountId", &accounts[0]);
    let contact = stage.fill([contact]).await?.swap_remove(0);
    let circuit = stage.circuit([])?;
    circuit.delete(of("Account", &accounts[0])).await?;
    circuit.update(of("Contact", &contact).with("AccountId", &accounts[1])).await?;
    circuit.undelete(of("Account", &accounts[0])).await?;
    let contact = stored(&stage, "Contact", "a").await?;
    same!(contact.get("AccountId").and_then(Value::as_id), Some(&accounts[1]));
    Ok(())
}

async fn an_undelete_does_not_restore_children_that_were_deleted_before(stage: Stage) -> Shown {
    let account = of("Account", &stage.fill([named("Account", "a")]).await?[0]);
    let asset = |name: &str| named("Asset", name).with("AccountId", account.id());
    let assets = stage.fill([asset("before"), asset("with")]).await?;
    let circuit = stage.circuit([])?;
    circuit.delete(of("Asset", &assets[0])).await?;
    circuit.delete(account.clone()).await?;
    circuit.undelete(account).await?;
    same!(names(&stage, "Asset").await?, ["with"]);
    Ok(())
}

async fn an_undelete_does_not_restore_children_that_were_deleted_again(stage: Stage) -> Shown {
    let account = of("Account", &deleted_family(&stage).await?);
    let circuit = stage.circuit([])?;
    circuit.undelete(account.clone()).await?;
    circuit.delete(stored(&stage, "Asset", "asset").await?).await?;
    circuit.delete(account.clone()).await?;
    circuit.undelete(account).await?;
    same!(stage.stored("Asset").await?.len(), 0);
    Ok(())
}

async fn an_undelete_brings_the_values_back(stage: Stage) -> Shown {
    let contact = deleted_contact(&stage).await?;
    let tell = on(&stage, "Contact", TriggerEvent::AfterUndelete, "tell", |stage, ctx| {
        stage.note(text(&rows(ctx)?[0], "Status"));
        Ok(())
    });
    let given = contact.with("Status", "ignored");
    stage.circuit([tell])?.undelete(given).await?;
    same!(stage.notes(), ["kept"]);
    same!(text(&stored(&stage, "Contact", "a").await?, "Status"), "kept");
    Ok(())
}

async fn a_record_that_is_not_deleted_cannot_be_undeleted(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let error = error_of(stage.circuit([])?.undelete(of("Contact", &ids[0])).await)?;
    same!(error.failures()[0].status, StatusCode::UndeleteFailed);
    Ok(())
}

async fn an_undelete_whose_unique_value_is_taken_is_refused(stage: Stage) -> Shown {
    let contact = deleted_contact(&stage).await?;
    stage.fill([named("Contact", "b").with("Email", "a@b.c")]).await?;
    let error = error_of(stage.circuit([])?.undelete(contact).await)?;
    same!(error.failures()[0].status, StatusCode::DuplicateValue);
    same!(names(&stage, "Contact").await?, ["b"]);
    Ok(())
}

async fn a_delete_and_an_undelete_in_one_execution_leave_the_record_in_place(
    stage: Stage,
) -> Shown {
    let ids = stage.fill([named("Account", "a")]).await?;
    stage.fill([named("Asset", "asset").with("AccountId", &ids[0])]).await?;
    let account = &of("Account", &ids[0]);
    let code = |execution: Execution| async move {
        execution.delete(account.clone()).await?;
        execution.undelete(account.clone()).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Account").await?, ["a"]);
    same!(names(&stage, "Asset").await?, ["asset"]);
    Ok(())
}

async fn a_refused_undelete_restores_nothing(stage: Stage) -> Shown {
    let account = deleted_family(&stage).await?;
    let circuit = stage.circuit([refuse("Account", TriggerEvent::AfterUndelete, &["account"])])?;
    error_of(circuit.undelete(of("Account", &account)).await)?;
    same!(stage.stored("Account").await?.len(), 0);
    same!(stage.stored("Asset").await?.len(), 0);
    Ok(())
}

async fn emptying_the_recycle_bin_removes_records_for_good(stage: Stage) -> Shown {
    let contact = deleted_contact(&stage).await?;
    let circuit = stage.circuit([])?;
    circuit.dml(DmlRequest::empty_recycle_bin(contact.clone())).await?;
    let error = error_of(circuit.undelete(contact).await)?;
    same!(error.failures()[0].status, StatusCode::UndeleteFailed);
    Ok(())
}

async fn emptying_the_recycle_bin_is_a_statement_with_a_row_each(stage: Stage) -> Shown {
    let contact = deleted_contact(&stage).await?;
    let outcome = stage.circuit([])?.dml(DmlRequest::empty_recycle_bin(contact)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 1));
    Ok(())
}

async fn emptying_the_recycle_bin_fires_no_trigger(stage: Stage) -> Shown {
    let contact = deleted_contact(&stage).await?;
    let circuit = stage.circuit([watch(&stage, "Contact", TriggerEvent::ALL)])?;
    circuit.dml(DmlRequest::empty_recycle_bin(contact)).await?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn a_record_that_is_not_deleted_cannot_be_emptied_from_the_recycle_bin(
    stage: Stage,
) -> Shown {
    let gone = deleted_contact(&stage).await?;
    let live = of("Contact", &stage.fill([named("Contact", "live")]).await?[0]);
    let request = partial(DmlRequest::empty_recycle_bin([live, gone]));
    let outcome = stage.circuit([])?.dml(request).await?;
    same!(statuses(outcome.results()), [Some(StatusCode::EntityIsDeleted), None]);
    same!(names(&stage, "Contact").await?, ["live"]);
    Ok(())
}

async fn a_record_deleted_in_the_same_execution_can_be_removed_for_good(stage: Stage) -> Shown {
    let ids = stage.fill([named("Contact", "a")]).await?;
    let contact = &of("Contact", &ids[0]);
    let code = |execution: Execution| async move {
        execution.delete(contact.clone()).await?;
        execution.empty_recycle_bin(contact.clone()).await
    };
    let circuit = stage.circuit([])?;
    circuit.run(code).await?;
    error_of(circuit.undelete(contact.clone()).await)?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn emptying_the_recycle_bin_can_be_rolled_back(stage: Stage) -> Shown {
    let contact = &deleted_contact(&stage).await?;
    let code = |execution: Execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.empty_recycle_bin(contact.clone()).await?;
        execution.rollback(&savepoint).await?;
        execution.undelete(contact.clone()).await
    };
    stage.circuit([])?.run(code).await?;
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}
