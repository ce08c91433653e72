//! The second validation, after the before handlers, and the order of all steps.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{Record, Value};

use super::name_behaviours;
use super::stage::{
    Stage, account, column, contact, id, of, on, reads, refused, sets, show, tells, wait, watches,
};
use crate::conformance::support::same;
use crate::conformance::{Broken, Shown};

name_behaviours! { "A4":
    Documented a_required_field_is_asked_for_after_the_before_handlers,
    Documented a_before_handler_may_fill_a_required_field,
    Inferred a_required_field_cannot_be_set_to_null,
    Documented a_text_that_a_before_handler_makes_too_long_is_refused,
    Documented a_type_that_a_before_handler_gets_wrong_is_refused,
    Documented a_picklist_value_that_a_before_handler_makes_up_is_refused,
    Documented a_reference_that_a_before_handler_sets_is_looked_up,
    Inferred a_before_handler_may_refer_to_what_it_has_inserted,
    Documented a_row_that_fails_the_second_validation_does_not_reach_the_after_handlers,
    Chosen a_row_that_a_before_handler_refused_is_not_validated_again,
    Documented a_unique_value_of_a_stored_record_is_refused,
    Inferred a_unique_value_twice_in_a_call_refuses_the_later_row,
    Inferred a_unique_value_in_a_later_chunk_is_refused,
    Inferred a_unique_value_that_a_before_handler_sets_is_looked_up,
    Inferred a_before_handler_may_make_a_value_unique,
    Inferred a_unique_value_of_a_deleted_record_is_free,
    Chosen records_of_one_call_may_swap_unique_values,
    Inferred nulls_are_not_unique,
    Documented the_steps_come_in_the_order_of_the_guide,
    Documented nothing_is_stored_before_the_execution_ends,
}

async fn a_required_field_is_asked_for_after_the_before_handlers(stage: Stage) -> Shown {
    let circuit = stage.circuit([tells(&stage, "Account", [BeforeInsert, AfterInsert])])?;
    let codes = refused(circuit.insert(Record::new("Account")).await)?;
    same!(codes, ["0 REQUIRED_FIELD_MISSING Name"]);
    same!(stage.notes(), ["Account beforeInsert 1"]);
    Ok(())
}

async fn a_before_handler_may_fill_a_required_field(stage: Stage) -> Shown {
    let circuit = stage.circuit([sets(&stage, "Account", BeforeInsert, "Name", "Acme")])?;
    circuit.insert(Record::new("Account")).await?;
    same!(column(&stage, "Account", "Name").await?, ["Acme"]);
    Ok(())
}

async fn a_required_field_cannot_be_set_to_null(stage: Stage) -> Shown {
    let ids = stage.fill([account("Acme")]).await?;
    let change = of("Account", &ids[0]).with("Name", Value::Null);
    same!(refused(stage.circuit([])?.update(change).await)?, ["0 REQUIRED_FIELD_MISSING Name"]);
    Ok(())
}

/// Returns the codes of an account in which a before handler sets a field.
async fn handler_sets(
    stage: &Stage,
    field: &'static str,
    value: impl Into<Value>,
) -> Result<Vec<String>, Broken> {
    let circuit = stage.circuit([sets(stage, "Account", BeforeInsert, field, value)])?;
    refused(circuit.insert(account("Acme")).await)
}

async fn a_text_that_a_before_handler_makes_too_long_is_refused(stage: Stage) -> Shown {
    let long = "a name of more than twenty characters";
    same!(handler_sets(&stage, "Name", long).await?, ["0 STRING_TOO_LONG Name"]);
    Ok(())
}

async fn a_type_that_a_before_handler_gets_wrong_is_refused(stage: Stage) -> Shown {
    let codes = handler_sets(&stage, "Size", "big").await?;
    same!(codes, ["0 INVALID_TYPE_ON_FIELD_IN_RECORD Size"]);
    Ok(())
}

async fn a_picklist_value_that_a_before_handler_makes_up_is_refused(stage: Stage) -> Shown {
    let codes = handler_sets(&stage, "Rating", "Icy").await?;
    same!(codes, ["0 INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST Rating"]);
    Ok(())
}

async fn a_reference_that_a_before_handler_sets_is_looked_up(stage: Stage) -> Shown {
    let codes = handler_sets(&stage, "ParentId", id("nobody")).await?;
    same!(codes, ["0 INVALID_CROSS_REFERENCE_KEY ParentId"]);
    Ok(())
}

async fn a_before_handler_may_refer_to_what_it_has_inserted(stage: Stage) -> Shown {
    let adopts = wait(&stage, "Contact", BeforeInsert, "adopts", |_, ctx| {
        Box::pin(async move {
            let results = ctx.insert(account("Acme")).await?;
            let id = results[0].id().map(Value::from);
            ctx.try_new_records_mut()?[0].set("AccountId", id);
            Ok(())
        })
    });
    stage.circuit([adopts])?.insert(contact("Ada")).await?;
    let ids = column(&stage, "Account", "Id").await?;
    same!(column(&stage, "Contact", "AccountId").await?, ids);
    Ok(())
}

async fn a_row_that_fails_the_second_validation_does_not_reach_the_after_handlers(
    stage: Stage,
) -> Shown {
    let circuit = stage.circuit([reads(&stage, "Account", AfterInsert, "Name")])?;
    refused(circuit.insert([account("a"), Record::new("Account"), account("c")]).await)?;
    same!(stage.notes(), ["a", "c"]);
    Ok(())
}

async fn a_row_that_a_before_handler_refused_is_not_validated_again(stage: Stage) -> Shown {
    let refuses = on(&stage, "Account", BeforeInsert, "refuses", |_, ctx| {
        ctx.try_new_records()?[0].add_error("no");
        Ok(())
    });
    let codes = refused(stage.circuit([refuses])?.insert(Record::new("Account")).await)?;
    same!(codes, ["0 FIELD_CUSTOM_VALIDATION_EXCEPTION"]);
    Ok(())
}

fn mail(address: &str) -> Record {
    contact("Ada").with("Email", address)
}

async fn a_unique_value_of_a_stored_record_is_refused(stage: Stage) -> Shown {
    stage.fill([mail("a@b.c")]).await?;
    let circuit = stage.circuit([tells(&stage, "Contact", [AfterInsert])])?;
    same!(refused(circuit.insert(mail("a@b.c")).await)?, ["0 DUPLICATE_VALUE Email"]);
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn a_unique_value_twice_in_a_call_refuses_the_later_row(stage: Stage) -> Shown {
    let list = [mail("a@b.c"), mail("x@y.z"), mail("a@b.c")];
    same!(refused(stage.circuit([])?.insert(list).await)?, ["2 DUPLICATE_VALUE Email"]);
    Ok(())
}

async fn a_unique_value_in_a_later_chunk_is_refused(stage: Stage) -> Shown {
    let address = |number: usize| mail(&format!("{}@b.c", number % 200));
    let list: Vec<Record> = (0..201).map(address).collect();
    let codes = refused(stage.circuit([])?.insert(list).await)?;
    same!(codes, ["200 DUPLICATE_VALUE Email"]);
    Ok(())
}

async fn a_unique_value_that_a_before_handler_sets_is_looked_up(stage: Stage) -> Shown {
    stage.fill([mail("a@b.c")]).await?;
    let circuit = stage.circuit([sets(&stage, "Contact", BeforeInsert, "Email", "a@b.c")])?;
    same!(refused(circuit.insert(mail("x@y.z")).await)?, ["0 DUPLICATE_VALUE Email"]);
    Ok(())
}

async fn a_before_handler_may_make_a_value_unique(stage: Stage) -> Shown {
    stage.fill([mail("a@b.c")]).await?;
    let circuit = stage.circuit([sets(&stage, "Contact", BeforeInsert, "Email", "x@y.z")])?;
    circuit.insert(mail("a@b.c")).await?;
    same!(column(&stage, "Contact", "Email").await?, ["a@b.c", "x@y.z"]);
    Ok(())
}

async fn a_unique_value_of_a_deleted_record_is_free(stage: Stage) -> Shown {
    let ids = stage.fill([mail("a@b.c")]).await?;
    stage.circuit([])?.delete(of("Contact", &ids[0])).await?;
    stage.circuit([])?.insert(mail("a@b.c")).await?;
    same!(stage.stored("Contact").await?.len(), 1);
    Ok(())
}

async fn records_of_one_call_may_swap_unique_values(stage: Stage) -> Shown {
    let ids = stage.fill([mail("a@b.c"), mail("x@y.z")]).await?;
    let change = |at: usize, address: &str| of("Contact", &ids[at]).with("Email", address);
    stage.circuit([])?.update([change(0, "x@y.z"), change(1, "a@b.c")]).await?;
    same!(column(&stage, "Contact", "Email").await?, ["x@y.z", "a@b.c"]);
    Ok(())
}

async fn nulls_are_not_unique(stage: Stage) -> Shown {
    stage.circuit([])?.insert([contact("Ada"), contact("Eva").with("Email", Value::Null)]).await?;
    same!(stage.stored("Contact").await?.len(), 2);
    Ok(())
}

async fn the_steps_come_in_the_order_of_the_guide(stage: Stage) -> Shown {
    let steps = watches(&stage, "Account", [BeforeInsert, AfterInsert], "steps", |stage, ctx| {
        let names = ctx.try_new_records()?.iter().map(|row| show(row.get("Name")));
        stage.note(format!("{} {}", ctx.event(), names.collect::<Vec<_>>().join(" ")));
        Ok(())
    });
    // The second fails the first validation, the third the second one.
    let list = [account("a"), account("b").with("Size", "big"), Record::new("Account")];
    let codes = refused(stage.circuit([steps])?.insert(list).await)?;
    same!(stage.notes(), ["beforeInsert a null", "afterInsert a"]);
    same!(codes, ["1 INVALID_TYPE_ON_FIELD_IN_RECORD Size", "2 REQUIRED_FIELD_MISSING Name"]);
    Ok(())
}

async fn nothing_is_stored_before_the_execution_ends(stage: Stage) -> Shown {
    let looks = wait(&stage, "Contact", AfterInsert, "looks", |stage, _| {
        Box::pin(async move {
            stage.note(stage.stored("Contact").await?.len());
            Ok(())
        })
    });
    stage.circuit([looks])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["0"]);
    same!(stage.stored("Contact").await?.len(), 1);
    Ok(())
}
