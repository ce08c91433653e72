//! Which records a handler may change in place, and what that costs.

use circuit_core::TriggerEvent::{
    self, AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert,
    BeforeUpdate,
};
use circuit_core::{ErrorKind, Query, Record};

use super::name_behaviours;
use super::stage::{
    Stage, cause_of, column, contact, error_of, id, many, of, on, refused, sets, show, wait,
    watches, whole_life,
};
use crate::conformance::support::same;
use crate::conformance::{Broken, Shown};

name_behaviours! { "A2":
    Documented fields_set_before_insert_are_saved_and_cost_no_dml,
    Documented fields_set_before_update_are_saved_and_cost_no_dml,
    Documented new_records_cannot_be_changed_after_insert,
    Documented new_records_cannot_be_changed_after_update,
    Documented new_records_cannot_be_changed_after_undelete,
    Documented there_are_no_new_records_to_change_before_delete,
    Documented there_are_no_new_records_to_change_after_delete,
    Inferred a_handler_of_mixed_events_may_change_records_in_the_before_events_only,
    Inferred a_handler_of_mixed_events_may_go_on_after_a_read_only_error,
    Documented a_before_insert_handler_cannot_set_the_id,
    Documented a_before_update_handler_cannot_change_the_id,
    Inferred a_before_handler_cannot_take_the_id_away,
    Inferred a_query_before_insert_does_not_find_the_record,
    Inferred a_query_before_update_finds_the_old_values,
    Inferred a_query_after_insert_finds_the_record,
    Inferred a_query_after_update_finds_the_new_values,
    Inferred a_query_before_delete_finds_the_record_and_after_delete_does_not,
}

async fn fields_set_before_insert_are_saved_and_cost_no_dml(stage: Stage) -> Shown {
    let circuit = stage.circuit([sets(&stage, "Contact", BeforeInsert, "Score", 7)])?;
    let outcome = circuit.insert(many("Contact", "LastName", 3)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 3));
    same!(column(&stage, "Contact", "Score").await?, ["7", "7", "7"]);
    Ok(())
}

async fn fields_set_before_update_are_saved_and_cost_no_dml(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([sets(&stage, "Contact", BeforeUpdate, "Score", 7)])?;
    let outcome = circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 1));
    same!(column(&stage, "Contact", "Score").await?, ["7"]);
    Ok(())
}

/// Tells with which error a change of the new records ends the call.
async fn change_in(stage: &Stage, event: TriggerEvent) -> Result<String, Broken> {
    let circuit = stage.circuit([sets(stage, "Contact", event, "Score", 7)])?;
    let error = error_of(whole_life(&circuit).await)?;
    same_kind(&error, ErrorKind::Handler)?;
    let cause = cause_of(&error)?;
    Ok(format!("{} {}", cause.code(), cause.message()))
}

fn same_kind(error: &circuit_core::Error, kind: ErrorKind) -> Shown {
    same!(error.kind(), kind);
    Ok(())
}

async fn new_records_cannot_be_changed_after_insert(stage: Stage) -> Shown {
    same!(change_in(&stage, AfterInsert).await?, "C0013 the records are read-only");
    Ok(())
}

async fn new_records_cannot_be_changed_after_update(stage: Stage) -> Shown {
    same!(change_in(&stage, AfterUpdate).await?, "C0013 the records are read-only");
    Ok(())
}

async fn new_records_cannot_be_changed_after_undelete(stage: Stage) -> Shown {
    same!(change_in(&stage, AfterUndelete).await?, "C0013 the records are read-only");
    Ok(())
}

async fn there_are_no_new_records_to_change_before_delete(stage: Stage) -> Shown {
    same!(change_in(&stage, BeforeDelete).await?, "C0013 there are no new records");
    Ok(())
}

async fn there_are_no_new_records_to_change_after_delete(stage: Stage) -> Shown {
    same!(change_in(&stage, AfterDelete).await?, "C0013 there are no new records");
    Ok(())
}

async fn a_handler_of_mixed_events_may_change_records_in_the_before_events_only(
    stage: Stage,
) -> Shown {
    let mixed = watches(&stage, "Contact", TriggerEvent::ALL, "mixed", |stage, ctx| {
        let may = ctx.try_new_records_mut().is_ok();
        stage.note(format!("{} {may}", ctx.event()));
        Ok(())
    });
    whole_life(&stage.circuit([mixed])?).await?;
    let expected = [
        "beforeInsert true",
        "afterInsert false",
        "beforeUpdate true",
        "afterUpdate false",
        "beforeDelete false",
        "afterDelete false",
        "afterUndelete false",
    ];
    same!(stage.notes(), expected);
    Ok(())
}

async fn a_handler_of_mixed_events_may_go_on_after_a_read_only_error(stage: Stage) -> Shown {
    let mixed = watches(&stage, "Contact", [BeforeInsert, AfterInsert], "mixed", |_, ctx| {
        if let Ok(rows) = ctx.try_new_records_mut() {
            rows[0].set("Score", 7);
        }
        Ok(())
    });
    stage.circuit([mixed])?.insert(contact("Ada")).await?;
    same!(column(&stage, "Contact", "Score").await?, ["7"]);
    Ok(())
}

async fn a_before_insert_handler_cannot_set_the_id(stage: Stage) -> Shown {
    let circuit = stage.circuit([sets(&stage, "Contact", BeforeInsert, "Id", id("mine"))])?;
    let codes = refused(circuit.insert(contact("Ada")).await)?;
    same!(codes, ["0 INVALID_FIELD_FOR_INSERT_UPDATE Id"]);
    Ok(())
}

async fn a_before_update_handler_cannot_change_the_id(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([sets(&stage, "Contact", BeforeUpdate, "Id", id("mine"))])?;
    let codes = refused(circuit.update(of("Contact", &ids[0])).await)?;
    same!(codes, ["0 INVALID_FIELD_FOR_INSERT_UPDATE Id"]);
    Ok(())
}

async fn a_before_handler_cannot_take_the_id_away(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let takes = on(&stage, "Contact", BeforeUpdate, "takes", |_, ctx| {
        ctx.try_new_records_mut()?[0].remove("Id");
        Ok(())
    });
    let codes = refused(stage.circuit([takes])?.update(of("Contact", &ids[0])).await)?;
    same!(codes, ["0 INVALID_FIELD_FOR_INSERT_UPDATE Id"]);
    Ok(())
}

/// Notes the `LastName` of all contacts that a query finds.
fn queries(stage: &Stage, event: TriggerEvent) -> circuit_core::TriggerRegistration {
    wait(stage, "Contact", event, event.name(), |stage, ctx| {
        Box::pin(async move {
            let found: Vec<Record> = ctx.query(Query::of("Contact")).await?;
            let names = found.iter().map(|record| show(record.get("LastName")));
            stage.note(format!("{:?}", names.collect::<Vec<_>>()));
            Ok(())
        })
    })
}

async fn a_query_before_insert_does_not_find_the_record(stage: Stage) -> Shown {
    stage.circuit([queries(&stage, BeforeInsert)])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["[]"]);
    Ok(())
}

async fn a_query_before_update_finds_the_old_values(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([queries(&stage, BeforeUpdate)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), [r#"["Ada"]"#]);
    Ok(())
}

async fn a_query_after_insert_finds_the_record(stage: Stage) -> Shown {
    stage.circuit([queries(&stage, AfterInsert)])?.insert(contact("Ada")).await?;
    same!(stage.notes(), [r#"["Ada"]"#]);
    Ok(())
}

async fn a_query_after_update_finds_the_new_values(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([queries(&stage, AfterUpdate)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), [r#"["Eva"]"#]);
    Ok(())
}

async fn a_query_before_delete_finds_the_record_and_after_delete_does_not(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([BeforeDelete, AfterDelete].map(|e| queries(&stage, e)))?;
    circuit.delete(of("Contact", &ids[0])).await?;
    same!(stage.notes(), [r#"["Ada"]"#, "[]"]);
    Ok(())
}
