//! Corners where several rules meet.

use circuit_core::TriggerEvent::{
    AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert, BeforeUpdate,
};
use circuit_core::{DmlRequest, Record, SaveMode, SaveResult, TriggerRegistration};

use super::name_behaviours;
use super::stage::{Stage, account, column, contact, error_of, of, on, reads, refused, sets, wait};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! {
    "A2":
    Documented before_delete_an_update_is_saved_and_visible_after_undelete,
    Documented after_update_a_handler_may_delete_its_records_and_the_update_is_saved_first,
    Inferred before_update_a_record_cannot_be_deleted_by_a_cascade,
    Inferred before_update_a_record_cannot_be_cleared_by_a_delete,
    Inferred before_update_a_record_cannot_be_moved_by_a_merge,
    Documented a_before_insert_handler_cannot_set_the_id_as_text,
    "A3":
    Chosen an_id_written_as_text_twice_in_an_update_refuses_the_call,
    "A6":
    Documented an_error_of_a_field_without_a_name_is_one_of_the_record,
    Inferred an_error_of_a_handler_can_be_read_by_its_type,
    "A7":
    Chosen isolate_keeps_the_clean_rows_when_a_unique_value_is_not_given_up,
}

/// Updates or deletes its own records.
fn own(stage: &Stage, event: circuit_core::TriggerEvent, deletes: bool) -> TriggerRegistration {
    wait(stage, "Contact", event, "own", move |_, ctx| {
        Box::pin(async move {
            let own = of("Contact", &ctx.ids()[0]);
            if deletes {
                ctx.delete(own).await?;
            } else {
                ctx.update(own.with("Score", 7)).await?;
            }
            Ok(())
        })
    })
}

async fn before_delete_an_update_is_saved_and_visible_after_undelete(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let reads = reads(&stage, "Contact", AfterUndelete, "Score");
    let circuit = stage.circuit([own(&stage, BeforeDelete, false), reads])?;
    circuit.delete(of("Contact", &ids[0])).await?;
    circuit.undelete(of("Contact", &ids[0])).await?;
    same!(stage.notes(), ["7"]);
    Ok(())
}

async fn after_update_a_handler_may_delete_its_records_and_the_update_is_saved_first(
    stage: Stage,
) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let reads = reads(&stage, "Contact", AfterUndelete, "LastName");
    let circuit = stage.circuit([own(&stage, AfterUpdate, true), reads])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    circuit.undelete(of("Contact", &ids[0])).await?;
    same!(stage.notes(), ["Eva"]);
    Ok(())
}

/// Before an update of the object, deletes the accounts, or merges them if there are two.
fn upsets(stage: &Stage, object: &str) -> TriggerRegistration {
    wait(stage, object, BeforeUpdate, "upsets", |stage, ctx| {
        Box::pin(async move {
            let mut accounts = stage.stored("Account").await?;
            let last = accounts.split_off(accounts.len() - 1);
            match accounts.pop() {
                Some(master) => ctx.merge(master, last).await?,
                None => ctx.delete(last).await?,
            };
            Ok(())
        })
    })
}

/// Refused, or at least nothing refers to a record that is gone.
async fn refers(stage: &Stage, object: &str, result: bool) -> Shown {
    let accounts = column(stage, "Account", "Id").await?;
    let lost = column(stage, object, "AccountId").await?;
    let lost: Vec<&String> =
        lost.iter().filter(|id| *id != "null" && !accounts.contains(id)).collect();
    same!((result, lost), (result, Vec::<&String>::new()));
    Ok(())
}

async fn before_update_a_record_cannot_be_deleted_by_a_cascade(stage: Stage) -> Shown {
    let acme = stage.fill([account("Acme")]).await?.remove(0);
    let ids = stage.fill([Record::new("Asset").with("AccountId", &acme)]).await?;
    let answer = stage.circuit([upsets(&stage, "Asset")])?.update(of("Asset", &ids[0])).await;
    refers(&stage, "Asset", answer.is_err()).await
}

async fn before_update_a_record_cannot_be_cleared_by_a_delete(stage: Stage) -> Shown {
    let acme = stage.fill([account("Acme")]).await?.remove(0);
    let ids = stage.fill([contact("Ada").with("AccountId", &acme)]).await?;
    let answer = stage.circuit([upsets(&stage, "Contact")])?.update(of("Contact", &ids[0])).await;
    refers(&stage, "Contact", answer.is_err()).await
}

async fn before_update_a_record_cannot_be_moved_by_a_merge(stage: Stage) -> Shown {
    let accounts = stage.fill([account("Acme"), account("Acme East")]).await?;
    let ids = stage.fill([contact("Ada").with("AccountId", &accounts[1])]).await?;
    let answer = stage.circuit([upsets(&stage, "Contact")])?.update(of("Contact", &ids[0])).await;
    refers(&stage, "Contact", answer.is_err()).await
}

async fn an_id_written_as_text_twice_in_an_update_refuses_the_call(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let change =
        |score: i64| Record::new("Contact").with("Id", ids[0].as_str()).with("Score", score);
    let codes = refused(stage.circuit([])?.update([change(1), change(2)]).await)?;
    same!(codes, ["1 DUPLICATE_VALUE Id"]);
    Ok(())
}

async fn an_error_of_a_field_without_a_name_is_one_of_the_record(stage: Stage) -> Shown {
    let adds = on(&stage, "Contact", BeforeInsert, "adds", |_, ctx| {
        ctx.try_new_records()?[0].add_field_error("", "no");
        Ok(())
    });
    let error = error_of(stage.circuit([adds])?.insert(contact("Ada")).await)?;
    same!(error.failures()[0].fields.len(), 0);
    Ok(())
}

async fn an_error_of_a_handler_can_be_read_by_its_type(stage: Stage) -> Shown {
    let late = sets(&stage, "Contact", circuit_core::TriggerEvent::AfterInsert, "Score", 7);
    let error = error_of(stage.circuit([late])?.insert(contact("Ada")).await)?;
    let source = std::error::Error::source(&error);
    let source = source.and_then(|source| source.downcast_ref::<circuit_core::Error>());
    same!(source.map(circuit_core::Error::code), Some("C0013"));
    Ok(())
}

async fn isolate_keeps_the_clean_rows_when_a_unique_value_is_not_given_up(stage: Stage) -> Shown {
    let mail = |address: &str| contact("Ada").with("Email", address);
    let ids = stage.fill([mail("x"), mail("y"), mail("z"), mail("w")]).await?;
    let change = |at: usize, address: &str| of("Contact", &ids[at]).with("Email", address);
    // The second row cannot have z, so it keeps y, and the first cannot have that.
    let list = [change(0, "y"), change(1, "z"), change(3, "v")];
    let request = DmlRequest::update(list).with_mode(SaveMode::Isolate);
    let outcome = stage.circuit([])?.dml(request).await?;
    let good: Vec<bool> = outcome.results().iter().map(SaveResult::is_success).collect();
    same!(good, [false, false, true]);
    Ok(())
}

async fn a_before_insert_handler_cannot_set_the_id_as_text(stage: Stage) -> Shown {
    let circuit = stage.circuit([sets(&stage, "Task", BeforeInsert, "Id", "mine")])?;
    let codes = refused(circuit.insert(Record::new("Task")).await)?;
    same!(codes, ["0 INVALID_FIELD_FOR_INSERT_UPDATE Id"]);
    Ok(())
}
