//! The first validation: what the caller gave, with Salesforce's status codes.

use circuit_core::TriggerEvent::{BeforeInsert, BeforeUpdate};
use circuit_core::{DmlRequest, Record, Value};

use super::name_behaviours;
use super::stage::{
    Stage, account, column, contact, error_of, id, of, on, reads, refused, show, tells,
};
use crate::conformance::support::same;
use crate::conformance::{Broken, Shown};

name_behaviours! { "A4":
    Documented a_text_that_is_too_long_is_refused_and_not_cut,
    Documented a_text_is_cut_where_the_call_allows_truncation,
    Documented a_value_of_another_type_is_refused,
    Documented a_value_outside_of_a_restricted_picklist_is_refused,
    Chosen a_restricted_picklist_takes_null_and_any_case,
    Chosen a_field_that_the_object_lacks_is_refused,
    Chosen an_object_without_a_schema_takes_any_field,
    Inferred a_null_that_the_caller_gives_wins_over_the_default,
    Inferred an_id_given_as_text_becomes_an_id_before_the_handlers,
    Documented a_reference_to_no_record_is_refused,
    Documented a_reference_to_a_deleted_record_is_refused,
    Inferred a_reference_to_a_record_of_another_object_is_refused,
    Documented a_record_cannot_refer_to_itself,
    Inferred old_images_and_lookups_of_references_cost_no_query,
    Inferred every_field_at_fault_is_told,
    Chosen a_row_that_fails_the_first_validation_does_not_reach_the_handlers,
    Inferred the_clean_rows_beside_it_do,
    Documented an_update_of_no_record_is_refused,
    Inferred an_update_without_an_id_is_refused,
    Documented an_insert_with_the_id_of_a_stored_record_is_refused,
    Chosen an_insert_may_choose_an_id_that_is_free,
    Inferred an_undelete_of_a_record_that_is_not_deleted_is_refused,
    Inferred a_delete_of_a_record_that_others_hold_is_refused,
}

const LONG: &str = "a name of more than twenty characters";

/// Returns the codes with which an insert is refused.
async fn codes(stage: &Stage, record: Record) -> Result<Vec<String>, Broken> {
    refused(stage.circuit([])?.insert(record).await)
}

async fn a_text_that_is_too_long_is_refused_and_not_cut(stage: Stage) -> Shown {
    same!(codes(&stage, account(LONG)).await?, ["0 STRING_TOO_LONG Name"]);
    Ok(())
}

async fn a_text_is_cut_where_the_call_allows_truncation(stage: Stage) -> Shown {
    let request = DmlRequest::insert(account(LONG)).with_field_truncation();
    stage.circuit([])?.dml(request).await?;
    same!(column(&stage, "Account", "Name").await?, [&LONG[..20]]);
    Ok(())
}

async fn a_value_of_another_type_is_refused(stage: Stage) -> Shown {
    let wrong = contact("Ada").with("Score", "many");
    same!(codes(&stage, wrong).await?, ["0 INVALID_TYPE_ON_FIELD_IN_RECORD Score"]);
    Ok(())
}

async fn a_value_outside_of_a_restricted_picklist_is_refused(stage: Stage) -> Shown {
    let wrong = account("Acme").with("Rating", "Icy");
    same!(codes(&stage, wrong).await?, ["0 INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST Rating"]);
    Ok(())
}

async fn a_restricted_picklist_takes_null_and_any_case(stage: Stage) -> Shown {
    let ratings = [Value::Null, Value::from("hot")];
    let list = ratings.map(|rating| account("Acme").with("Rating", rating));
    stage.circuit([])?.insert(list).await?;
    same!(stage.stored("Account").await?.len(), 2);
    Ok(())
}

async fn a_field_that_the_object_lacks_is_refused(stage: Stage) -> Shown {
    let wrong = contact("Ada").with("Shoe", 38);
    same!(codes(&stage, wrong).await?, ["0 INVALID_FIELD Shoe"]);
    Ok(())
}

async fn an_object_without_a_schema_takes_any_field(stage: Stage) -> Shown {
    stage.circuit([])?.insert(Record::new("Task").with("Shoe", 38)).await?;
    same!(column(&stage, "Task", "Shoe").await?, ["38"]);
    Ok(())
}

async fn a_null_that_the_caller_gives_wins_over_the_default(stage: Stage) -> Shown {
    stage.circuit([])?.insert([contact("Ada").with("Status", Value::Null), contact("Eva")]).await?;
    same!(column(&stage, "Contact", "Status").await?, ["null", "new"]);
    Ok(())
}

async fn an_id_given_as_text_becomes_an_id_before_the_handlers(stage: Stage) -> Shown {
    stage.fill([account("Acme").with_id(id("acme"))]).await?;
    let typed = on(&stage, "Contact", BeforeInsert, "typed", |stage, ctx| {
        let id = ctx.try_new_records()?[0].get("AccountId").and_then(Value::as_id).is_some();
        stage.note(id);
        Ok(())
    });
    stage.circuit([typed])?.insert(contact("Ada").with("AccountId", "acme")).await?;
    same!(stage.notes(), ["true"]);
    Ok(())
}

const NO_ACCOUNT: [&str; 1] = ["0 INVALID_CROSS_REFERENCE_KEY AccountId"];

async fn a_reference_to_no_record_is_refused(stage: Stage) -> Shown {
    let wrong = contact("Ada").with("AccountId", id("nobody"));
    same!(codes(&stage, wrong).await?, NO_ACCOUNT);
    Ok(())
}

async fn a_reference_to_a_deleted_record_is_refused(stage: Stage) -> Shown {
    let ids = stage.fill([account("Acme")]).await?;
    stage.circuit([])?.delete(of("Account", &ids[0])).await?;
    same!(codes(&stage, contact("Ada").with("AccountId", &ids[0])).await?, NO_ACCOUNT);
    Ok(())
}

async fn a_reference_to_a_record_of_another_object_is_refused(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Eva")]).await?;
    same!(codes(&stage, contact("Ada").with("AccountId", &ids[0])).await?, NO_ACCOUNT);
    Ok(())
}

async fn a_record_cannot_refer_to_itself(stage: Stage) -> Shown {
    let ids = stage.fill([account("Acme")]).await?;
    let change = of("Account", &ids[0]).with("ParentId", &ids[0]);
    let error = error_of(stage.circuit([])?.update(change).await)?;
    let failure = &error.failures()[0];
    same!(failure.status.as_str(), "INVALID_CROSS_REFERENCE_KEY");
    same!(failure.message, "a record cannot refer to itself");
    Ok(())
}

async fn old_images_and_lookups_of_references_cost_no_query(stage: Stage) -> Shown {
    let acme = stage.fill([account("Acme")]).await?.remove(0);
    let ids = stage.fill([contact("Ada")]).await?;
    let change = of("Contact", &ids[0]).with("AccountId", &acme);
    let outcome = stage.circuit([])?.update(change).await?;
    same!((outcome.usage().queries(), outcome.usage().query_rows()), (0, 0));
    Ok(())
}

async fn every_field_at_fault_is_told(stage: Stage) -> Shown {
    let wrong = account(LONG).with("Rating", "Icy").with("Size", "big");
    let expected = [
        "0 STRING_TOO_LONG Name",
        "0 INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST Rating",
        "0 INVALID_TYPE_ON_FIELD_IN_RECORD Size",
    ];
    same!(codes(&stage, wrong).await?, expected);
    Ok(())
}

async fn a_row_that_fails_the_first_validation_does_not_reach_the_handlers(stage: Stage) -> Shown {
    let circuit = stage.circuit([tells(&stage, "Account", [BeforeInsert])])?;
    refused(circuit.insert(account(LONG)).await)?;
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn the_clean_rows_beside_it_do(stage: Stage) -> Shown {
    let circuit = stage.circuit([reads(&stage, "Account", BeforeInsert, "Name")])?;
    let codes = refused(circuit.insert([account("a"), account(LONG), account("c")]).await)?;
    same!(codes, ["1 STRING_TOO_LONG Name"]);
    same!(stage.notes(), ["a", "c"]);
    Ok(())
}

async fn an_update_of_no_record_is_refused(stage: Stage) -> Shown {
    let circuit = stage.circuit([tells(&stage, "Contact", [BeforeUpdate])])?;
    let codes = refused(circuit.update(of("Contact", &id("nobody"))).await)?;
    same!(codes, ["0 ENTITY_IS_DELETED Id"]);
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn an_update_without_an_id_is_refused(stage: Stage) -> Shown {
    let codes = refused(stage.circuit([])?.update(contact("Ada")).await)?;
    same!(codes, ["0 MISSING_ARGUMENT Id"]);
    Ok(())
}

async fn an_insert_with_the_id_of_a_stored_record_is_refused(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    same!(codes(&stage, of("Contact", &ids[0])).await?, ["0 DUPLICATE_VALUE Id"]);
    Ok(())
}

async fn an_insert_may_choose_an_id_that_is_free(stage: Stage) -> Shown {
    let outcome = stage.circuit([])?.insert(of("Contact", &id("mine"))).await?;
    same!(outcome.ids().collect::<Vec<_>>(), [&id("mine")]);
    same!(column(&stage, "Contact", "Id").await?, ["mine"]);
    Ok(())
}

async fn an_undelete_of_a_record_that_is_not_deleted_is_refused(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let codes = refused(stage.circuit([])?.undelete(of("Contact", &ids[0])).await)?;
    same!(codes, ["0 UNDELETE_FAILED Id"]);
    Ok(())
}

async fn a_delete_of_a_record_that_others_hold_is_refused(stage: Stage) -> Shown {
    let held = stage.fill([account("Acme")]).await?.remove(0);
    stage.fill([Record::new("Contract").with("AccountId", &held)]).await?;
    let codes = refused(stage.circuit([])?.delete(of("Account", &held)).await)?;
    same!(codes, ["0 DELETE_FAILED AccountId"]);
    same!(show(stage.stored("Account").await?[0].get("Name")), "Acme");
    Ok(())
}
