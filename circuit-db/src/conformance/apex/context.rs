//! The events: which records a handler has in each, and which flags.

use circuit_core::TriggerEvent::{
    self, AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert,
    BeforeUpdate,
};
use circuit_core::{Record, Result, TriggerContext};

use super::stage::{Stage, contact, many, on, tells, wait, watches, whole_life};
use super::{name_behaviours, shown};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A1":
    Documented size_counts_the_records_of_the_chunk_and_not_of_the_call,
    Documented new_records_have_no_ids_before_insert,
    Documented before_insert_has_new_records_to_change_without_ids_and_no_old_ones,
    Documented after_insert_has_read_only_new_records_with_ids_and_no_old_ones,
    Documented before_update_has_new_records_to_change_and_old_ones,
    Documented after_update_has_read_only_new_records_and_old_ones,
    Documented before_delete_has_old_records_only,
    Documented after_delete_has_old_records_only,
    Documented after_undelete_has_read_only_new_records_and_no_old_ones,
    Documented there_are_seven_events_and_none_before_an_undelete,
    Documented operation_type_names_phase_and_operation,
    Documented flags_tell_phase_and_operation,
    Documented a_handler_may_run_for_several_events,
    Documented an_event_without_its_operation_does_not_run,
    Chosen handlers_of_an_event_run_by_their_order,
    Chosen handlers_without_an_order_run_by_name_at_order_zero,
    Chosen the_context_names_the_object_and_the_handler,
    Chosen the_context_has_the_time_of_the_engine,
    Chosen the_context_tells_the_depth_of_the_handler,
    Chosen the_context_tells_user_tenant_and_how_the_execution_began,
    Chosen all_handlers_of_an_execution_see_its_one_id,
}

const ALL: [TriggerEvent; 7] = TriggerEvent::ALL;

async fn size_counts_the_records_of_the_chunk_and_not_of_the_call(stage: Stage) -> Shown {
    let size = on(&stage, "Contact", AfterInsert, "size", |stage, ctx| {
        stage.note(ctx.size());
        Ok(())
    });
    stage.circuit([size])?.insert(many("Contact", "LastName", 250)).await?;
    same!(stage.notes(), ["200", "50"]);
    Ok(())
}

async fn new_records_have_no_ids_before_insert(stage: Stage) -> Shown {
    let ids = on(&stage, "Contact", BeforeInsert, "ids", |stage, ctx| {
        stage.note(ctx.try_new_records()?[0].id().is_none());
        Ok(())
    });
    stage.circuit([ids])?.insert(Record::new("Contact")).await?;
    let notes = stage.notes();
    shown(notes == ["true"], notes)
}

/// Tells which images a handler has, and whether it knows the ids.
fn look(ctx: &mut TriggerContext<'_, Record>) -> String {
    let new = match (ctx.try_new_records_mut().is_ok(), ctx.try_new_records().is_ok()) {
        (true, _) => "to change",
        (false, true) => "read-only",
        (false, false) => "none",
    };
    let old = if ctx.try_old_records().is_ok() { "read-only" } else { "none" };
    let ids = if ctx.ids().len() == ctx.size() { "known" } else { "unknown" };
    format!("new {new}, old {old}, ids {ids}")
}

/// Tells what a handler has in one event.
async fn images(stage: &Stage, event: TriggerEvent) -> Result<Vec<String>> {
    let look = on(stage, "Contact", event, "look", |stage, ctx| {
        stage.note(look(ctx));
        Ok(())
    });
    whole_life(&stage.circuit([look])?).await?;
    Ok(stage.notes())
}

async fn before_insert_has_new_records_to_change_without_ids_and_no_old_ones(
    stage: Stage,
) -> Shown {
    same!(images(&stage, BeforeInsert).await?, ["new to change, old none, ids unknown"]);
    Ok(())
}

async fn after_insert_has_read_only_new_records_with_ids_and_no_old_ones(stage: Stage) -> Shown {
    same!(images(&stage, AfterInsert).await?, ["new read-only, old none, ids known"]);
    Ok(())
}

async fn before_update_has_new_records_to_change_and_old_ones(stage: Stage) -> Shown {
    same!(images(&stage, BeforeUpdate).await?, ["new to change, old read-only, ids known"]);
    Ok(())
}

async fn after_update_has_read_only_new_records_and_old_ones(stage: Stage) -> Shown {
    same!(images(&stage, AfterUpdate).await?, ["new read-only, old read-only, ids known"]);
    Ok(())
}

async fn before_delete_has_old_records_only(stage: Stage) -> Shown {
    same!(images(&stage, BeforeDelete).await?, ["new none, old read-only, ids known"]);
    Ok(())
}

async fn after_delete_has_old_records_only(stage: Stage) -> Shown {
    same!(images(&stage, AfterDelete).await?, ["new none, old read-only, ids known"]);
    Ok(())
}

async fn after_undelete_has_read_only_new_records_and_no_old_ones(stage: Stage) -> Shown {
    same!(images(&stage, AfterUndelete).await?, ["new read-only, old none, ids known"]);
    Ok(())
}

async fn there_are_seven_events_and_none_before_an_undelete(stage: Stage) -> Shown {
    let tells = watches(&stage, "Contact", ALL, "tells", |stage, ctx| {
        stage.note(ctx.event());
        Ok(())
    });
    whole_life(&stage.circuit([tells])?).await?;
    let (insert, update) = (["beforeInsert", "afterInsert"], ["beforeUpdate", "afterUpdate"]);
    let (delete, undelete) = (["beforeDelete", "afterDelete"], ["afterUndelete"]);
    same!(stage.notes(), [&insert[..], &update, &delete, &undelete].concat());
    Ok(())
}

async fn operation_type_names_phase_and_operation(stage: Stage) -> Shown {
    let tells = watches(&stage, "Contact", ALL, "tells", |stage, ctx| {
        stage.note(ctx.operation_type());
        Ok(())
    });
    whole_life(&stage.circuit([tells])?).await?;
    let expected = [
        "BEFORE_INSERT",
        "AFTER_INSERT",
        "BEFORE_UPDATE",
        "AFTER_UPDATE",
        "BEFORE_DELETE",
        "AFTER_DELETE",
        "AFTER_UNDELETE",
    ];
    same!(stage.notes(), expected);
    Ok(())
}

async fn flags_tell_phase_and_operation(stage: Stage) -> Shown {
    let tells = watches(&stage, "Contact", ALL, "tells", |stage, ctx| {
        let phase = [(ctx.is_before(), "before"), (ctx.is_after(), "after")];
        let operation = [
            (ctx.is_insert(), "Insert"),
            (ctx.is_update(), "Update"),
            (ctx.is_delete(), "Delete"),
            (ctx.is_undelete(), "Undelete"),
        ];
        let set = phase.into_iter().chain(operation).filter(|(flag, _)| *flag);
        let name: String = set.map(|(_, name)| name).collect();
        stage.note(name == ctx.event().name());
        Ok(())
    });
    whole_life(&stage.circuit([tells])?).await?;
    same!(stage.notes(), ["true"; 7]);
    Ok(())
}

async fn a_handler_may_run_for_several_events(stage: Stage) -> Shown {
    let tells = tells(&stage, "Contact", [AfterInsert, BeforeDelete]);
    whole_life(&stage.circuit([tells])?).await?;
    same!(stage.notes(), ["Contact afterInsert 1", "Contact beforeDelete 1"]);
    Ok(())
}

async fn an_event_without_its_operation_does_not_run(stage: Stage) -> Shown {
    let tells = tells(&stage, "Contact", [BeforeUpdate, AfterUpdate]);
    stage.circuit([tells])?.insert(contact("Ada")).await?;
    same!(stage.notes(), [""; 0]);
    Ok(())
}

/// Handlers of one event that note their names.
fn named(stage: &Stage, orders: &[(&str, Option<i32>)]) -> Vec<circuit_core::TriggerRegistration> {
    let handler = |(name, order): &(&str, Option<i32>)| {
        let handler = on(stage, "Contact", AfterInsert, name, |stage, ctx| {
            stage.note(ctx.handler());
            Ok(())
        });
        order.map_or(handler.clone(), |order| handler.with_order(order))
    };
    orders.iter().map(handler).collect()
}

async fn handlers_of_an_event_run_by_their_order(stage: Stage) -> Shown {
    let handlers = named(&stage, &[("a", Some(30)), ("b", Some(10)), ("c", Some(20))]);
    stage.circuit(handlers)?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["b", "c", "a"]);
    Ok(())
}

async fn handlers_without_an_order_run_by_name_at_order_zero(stage: Stage) -> Shown {
    let orders = [("late", Some(1)), ("y", None), ("x", None), ("early", Some(-1))];
    stage.circuit(named(&stage, &orders))?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["early", "x", "y", "late"]);
    Ok(())
}

async fn the_context_names_the_object_and_the_handler(stage: Stage) -> Shown {
    let names = on(&stage, "Contact", BeforeInsert, "guard", |stage, ctx| {
        stage.note(format!("{} {}", ctx.object(), ctx.handler()));
        Ok(())
    });
    stage.circuit([names])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["Contact guard"]);
    Ok(())
}

async fn the_context_has_the_time_of_the_engine(stage: Stage) -> Shown {
    let time = on(&stage, "Contact", BeforeInsert, "time", |stage, ctx| {
        stage.note(ctx.now().timestamp());
        Ok(())
    });
    stage.clock().advance(std::time::Duration::from_secs(90));
    stage.circuit([time])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["90"]);
    Ok(())
}

async fn the_context_tells_the_depth_of_the_handler(stage: Stage) -> Shown {
    let outer = wait(&stage, "Contact", AfterInsert, "outer", |stage, ctx| {
        Box::pin(async move {
            stage.note(ctx.depth());
            ctx.insert(Record::new("Task")).await?;
            Ok(())
        })
    });
    let inner = on(&stage, "Task", BeforeInsert, "inner", |stage, ctx| {
        stage.note(ctx.depth());
        Ok(())
    });
    stage.circuit([outer, inner])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["1", "2"]);
    Ok(())
}

async fn the_context_tells_user_tenant_and_how_the_execution_began(stage: Stage) -> Shown {
    let who = on(&stage, "Contact", BeforeInsert, "who", |stage, ctx| {
        stage.note(format!("{} {} {:?}", ctx.user(), ctx.tenant(), ctx.quiddity()));
        Ok(())
    });
    let session = stage.circuit([who])?.session().with_user("ada").with_tenant("acme");
    session
        .with_origin(circuit_core::Quiddity::Webhook, "webhook 42")
        .insert(contact("Ada"))
        .await?;
    same!(stage.notes(), ["ada acme Webhook"]);
    Ok(())
}

async fn all_handlers_of_an_execution_see_its_one_id(stage: Stage) -> Shown {
    let tells = watches(&stage, "Contact", [BeforeInsert, AfterInsert], "tells", |stage, ctx| {
        stage.note(ctx.execution_id());
        Ok(())
    });
    let outcome = stage.circuit([tells])?.insert(many("Contact", "LastName", 250)).await?;
    same!(stage.notes(), vec![outcome.execution_id().to_string(); 4]);
    Ok(())
}
