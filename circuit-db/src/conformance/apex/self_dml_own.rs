//! DML calls of a handler on the records that it was called for.

use circuit_core::TriggerEvent::{
    self, AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert,
    BeforeUpdate,
};
use circuit_core::{DmlRequest, Error, Execution, Record, RecordId, TriggerRegistration, Value};

use super::name_behaviours;
use super::stage::{
    Stage, cause_of, codes, column, contact, error_of, many, of, reads, show, tells, wait,
    whole_life,
};
use crate::conformance::support::same;
use crate::conformance::{Broken, Shown};

name_behaviours! { "A2":
    Documented before_update_a_handler_cannot_update_its_records,
    Documented before_update_a_handler_cannot_delete_its_records,
    Inferred before_update_a_handler_cannot_upsert_its_records,
    Documented before_update_a_record_cannot_be_updated_by_way_of_another_object,
    Inferred before_update_a_record_cannot_be_deleted_by_way_of_another_object,
    Inferred before_update_a_handler_may_catch_the_refusal_of_its_own_record,
    Inferred before_update_a_handler_may_update_other_records_of_the_object,
    Documented before_delete_a_handler_cannot_delete_its_records,
    Documented before_delete_an_update_is_saved_and_an_undelete_brings_it_back,
    Inferred before_delete_an_update_runs_the_update_handlers,
    Inferred after_the_before_handlers_a_record_may_be_updated_again,
    Documented after_insert_a_handler_may_update_its_records,
    Documented after_insert_a_handler_may_delete_its_records,
    Documented after_update_a_handler_may_update_its_records,
    Documented after_update_a_handler_that_always_updates_its_records_ends_at_a_limit,
    Documented after_update_a_handler_may_delete_its_records,
    Inferred after_delete_an_update_of_its_records_is_refused,
    Inferred after_delete_a_second_delete_of_its_records_is_refused,
    Documented after_undelete_a_handler_may_update_its_records,
    Chosen after_undelete_a_handler_may_delete_its_records,
    Inferred before_insert_a_handler_may_insert_other_records_of_the_object,
}

/// What a handler does to the records that it was called for.
#[derive(Clone, Copy)]
enum Does {
    Update,
    Delete,
    Upsert,
}

impl Does {
    fn request(self, ids: &[RecordId]) -> DmlRequest {
        let records: Vec<Record> = ids.iter().map(|id| of("Contact", id)).collect();
        let changed: Vec<Record> =
            records.iter().map(|record| record.clone().with("Score", 7)).collect();
        match self {
            Self::Update => DmlRequest::update(changed),
            Self::Upsert => DmlRequest::upsert(changed),
            Self::Delete => DmlRequest::delete(records),
        }
    }
}

/// Does something to its own records once, at the first level.
fn own(stage: &Stage, event: TriggerEvent, does: Does) -> TriggerRegistration {
    wait(stage, "Contact", event, "own", move |_, ctx| {
        Box::pin(async move {
            if ctx.depth() == 1 {
                ctx.dml(does.request(&ctx.ids())).await?;
            }
            Ok(())
        })
    })
}

/// Tells the codes with which the handler's own DML call was refused.
async fn refused_in(stage: &Stage, event: TriggerEvent, does: Does) -> Result<Vec<String>, Broken> {
    let circuit = stage.circuit([own(stage, event, does)])?;
    let error = error_of(whole_life(&circuit).await)?;
    Ok(codes(cause_of(&error)?))
}

const SELF: [&str; 1] = ["0 SELF_REFERENCE_FROM_TRIGGER Id"];
const DELETED: [&str; 1] = ["0 ENTITY_IS_DELETED Id"];

async fn before_update_a_handler_cannot_update_its_records(stage: Stage) -> Shown {
    same!(refused_in(&stage, BeforeUpdate, Does::Update).await?, SELF);
    Ok(())
}

async fn before_update_a_handler_cannot_delete_its_records(stage: Stage) -> Shown {
    same!(refused_in(&stage, BeforeUpdate, Does::Delete).await?, SELF);
    Ok(())
}

async fn before_update_a_handler_cannot_upsert_its_records(stage: Stage) -> Shown {
    same!(refused_in(&stage, BeforeUpdate, Does::Upsert).await?, SELF);
    Ok(())
}

/// Before a contact is updated a task is inserted; after that the contact is written.
fn around(stage: &Stage, does: Does) -> [TriggerRegistration; 2] {
    let outer = wait(stage, "Contact", BeforeUpdate, "outer", |_, ctx| {
        Box::pin(async move {
            let contact = Value::from(&ctx.ids()[0]);
            ctx.insert(Record::new("Task").with("ContactId", contact)).await?;
            Ok(())
        })
    });
    let inner = wait(stage, "Task", AfterInsert, "inner", move |_, ctx| {
        Box::pin(async move {
            let contact = ctx.try_new_records()?[0].read("ContactId")?;
            ctx.dml(does.request(&[contact])).await?;
            Ok(())
        })
    });
    [outer, inner]
}

/// Returns the innermost error of the engine.
fn root(error: &Error) -> &Error {
    cause_of(error).map_or(error, root)
}

async fn before_update_a_record_cannot_be_updated_by_way_of_another_object(stage: Stage) -> Shown {
    let error = error_of(whole_life(&stage.circuit(around(&stage, Does::Update))?).await)?;
    same!(codes(root(&error)), SELF);
    Ok(())
}

async fn before_update_a_record_cannot_be_deleted_by_way_of_another_object(stage: Stage) -> Shown {
    let error = error_of(whole_life(&stage.circuit(around(&stage, Does::Delete))?).await)?;
    same!(codes(root(&error)), SELF);
    Ok(())
}

async fn before_update_a_handler_may_catch_the_refusal_of_its_own_record(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let catches = wait(&stage, "Contact", BeforeUpdate, "catches", |stage, ctx| {
        Box::pin(async move {
            let tried = ctx.update(of("Contact", &ctx.ids()[0]).with("Score", 7)).await;
            stage.note(tried.is_err());
            Ok(())
        })
    });
    let circuit = stage.circuit([catches])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), ["true"]);
    same!(column(&stage, "Contact", "LastName").await?, ["Eva"]);
    same!(column(&stage, "Contact", "Score").await?, ["null"]);
    Ok(())
}

async fn before_update_a_handler_may_update_other_records_of_the_object(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada"), contact("Eva")]).await?;
    let other = ids[1].clone();
    let updates = wait(&stage, "Contact", BeforeUpdate, "updates", move |_, ctx| {
        let other = of("Contact", &other).with("Score", 7);
        Box::pin(async move {
            if ctx.depth() == 1 {
                ctx.update(other).await?;
            }
            Ok(())
        })
    });
    stage.circuit([updates])?.update(of("Contact", &ids[0])).await?;
    same!(column(&stage, "Contact", "Score").await?, ["null", "7"]);
    Ok(())
}

async fn before_delete_a_handler_cannot_delete_its_records(stage: Stage) -> Shown {
    same!(refused_in(&stage, BeforeDelete, Does::Delete).await?, SELF);
    Ok(())
}

async fn before_delete_an_update_is_saved_and_an_undelete_brings_it_back(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let record = &of("Contact", &ids[0]);
    let reads = reads(&stage, "Contact", AfterUndelete, "Score");
    let circuit = stage.circuit([own(&stage, BeforeDelete, Does::Update), reads])?;
    let code = |execution: Execution| async move {
        execution.delete(record.clone()).await?;
        execution.undelete(record.clone()).await
    };
    circuit.run(code).await?;
    same!(stage.notes(), ["7"]);
    Ok(())
}

async fn before_delete_an_update_runs_the_update_handlers(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let own = own(&stage, BeforeDelete, Does::Update);
    let tells = tells(&stage, "Contact", [BeforeUpdate, AfterUpdate, AfterDelete]);
    stage.circuit([own, tells])?.delete(of("Contact", &ids[0])).await?;
    let expected = ["Contact beforeUpdate 1", "Contact afterUpdate 1", "Contact afterDelete 1"];
    same!(stage.notes(), expected);
    Ok(())
}

async fn after_the_before_handlers_a_record_may_be_updated_again(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let before = tells(&stage, "Contact", [BeforeUpdate]);
    let circuit = stage.circuit([before, own(&stage, AfterUpdate, Does::Update)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), ["Contact beforeUpdate 1", "Contact beforeUpdate 1"]);
    Ok(())
}

async fn after_insert_a_handler_may_update_its_records(stage: Stage) -> Shown {
    let circuit = stage.circuit([own(&stage, AfterInsert, Does::Update)])?;
    let outcome = circuit.insert(many("Contact", "LastName", 2)).await?;
    same!(column(&stage, "Contact", "Score").await?, ["7", "7"]);
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (2, 4));
    Ok(())
}

async fn after_insert_a_handler_may_delete_its_records(stage: Stage) -> Shown {
    let circuit = stage.circuit([own(&stage, AfterInsert, Does::Delete)])?;
    circuit.insert(contact("Ada")).await?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn after_update_a_handler_may_update_its_records(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([own(&stage, AfterUpdate, Does::Update)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(column(&stage, "Contact", "Score").await?, ["7"]);
    same!(column(&stage, "Contact", "LastName").await?, ["Eva"]);
    Ok(())
}

async fn after_update_a_handler_that_always_updates_its_records_ends_at_a_limit(
    stage: Stage,
) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let always = wait(&stage, "Contact", AfterUpdate, "always", |_, ctx| {
        Box::pin(async move {
            ctx.dml(Does::Update.request(&ctx.ids())).await?;
            Ok(())
        })
    });
    let error = error_of(stage.circuit([always])?.update(of("Contact", &ids[0])).await)?;
    same!(error.is_limit_exceeded(), true);
    same!(column(&stage, "Contact", "Score").await?, ["null"]);
    Ok(())
}

async fn after_update_a_handler_may_delete_its_records(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([own(&stage, AfterUpdate, Does::Delete)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn after_delete_an_update_of_its_records_is_refused(stage: Stage) -> Shown {
    same!(refused_in(&stage, AfterDelete, Does::Update).await?, DELETED);
    Ok(())
}

async fn after_delete_a_second_delete_of_its_records_is_refused(stage: Stage) -> Shown {
    same!(refused_in(&stage, AfterDelete, Does::Delete).await?, DELETED);
    Ok(())
}

async fn after_undelete_a_handler_may_update_its_records(stage: Stage) -> Shown {
    whole_life(&stage.circuit([own(&stage, AfterUndelete, Does::Update)])?).await?;
    same!(column(&stage, "Contact", "Score").await?, ["7"]);
    Ok(())
}

async fn after_undelete_a_handler_may_delete_its_records(stage: Stage) -> Shown {
    whole_life(&stage.circuit([own(&stage, AfterUndelete, Does::Delete)])?).await?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn before_insert_a_handler_may_insert_other_records_of_the_object(stage: Stage) -> Shown {
    let inserts = wait(&stage, "Contact", BeforeInsert, "inserts", |stage, ctx| {
        Box::pin(async move {
            stage.note(show(ctx.try_new_records()?[0].get("LastName")));
            if ctx.depth() == 1 {
                ctx.insert(contact("Eva")).await?;
            }
            Ok(())
        })
    });
    stage.circuit([inserts])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["Ada", "Eva"]);
    same!(stage.stored("Contact").await?.len(), 2);
    Ok(())
}
