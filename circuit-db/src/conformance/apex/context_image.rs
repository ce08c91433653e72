//! New and old records: what is in them, and how they stand beside each other.

use std::future::ready;

use circuit_core::__private::{
    Absent, Declaration, HandlerFuture, Invocation, Mutable, Phase, Present, ReadOnly, Source,
    context, finish,
};
use circuit_core::TriggerEvent::{
    self, AfterInsert, AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert, BeforeUpdate,
};
use circuit_core::{Condition, HandlerError, Literal, Outcome, Record, Value};

use super::name_behaviours;
use super::stage::{Stage, column, contact, many, of, on, reads, sets, show, whole_life};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A1":
    Documented new_map_and_old_map_find_records_by_id,
    Chosen new_map_is_empty_before_insert,
    Documented old_records_are_as_they_were_before_the_call,
    Documented old_records_do_not_change_with_the_new_ones,
    Documented old_records_of_a_second_update_are_those_after_the_first,
    Documented new_records_have_the_fields_that_an_update_leaves_alone,
    Documented old_records_of_a_delete_have_the_stored_fields,
    Documented undeleted_records_have_the_values_they_had,
    Documented after_handlers_see_what_before_handlers_set,
    Inferred a_handler_sees_what_an_earlier_one_set,
    Inferred records_stand_in_the_order_of_the_call,
    Inferred old_and_new_records_stand_side_by_side,
    Inferred new_records_are_initialised_with_defaults,
    Inferred fields_that_an_insert_does_not_name_are_null,
    Chosen a_condition_leaves_records_out_and_keeps_old_and_new_side_by_side,
    Chosen size_counts_the_records_that_a_condition_keeps,
    Chosen a_handler_without_a_record_to_see_does_not_run,
    Chosen index_is_the_place_in_the_list_of_the_call,
    Chosen the_chunk_tells_its_number_and_the_size_of_the_call,
}

const HERE: Source =
    Source { package: "circuit-db", module: module_path!(), file: file!(), line: line!() };

/// A handler of which the compiler knows that it has new and old records.
static BOTH_MAPS: Declaration = declared("both_maps", &[AfterUpdate], both_maps);

/// A handler of which the compiler knows that it has new records only.
static NEW_MAP: Declaration = declared("new_map", &[BeforeInsert], new_map);

const fn declared(
    name: &'static str,
    events: &'static [TriggerEvent],
    handler: for<'a> fn(Invocation<'a>) -> HandlerFuture<'a>,
) -> Declaration {
    Declaration {
        name,
        object: "Contact",
        events,
        order: None,
        when: None,
        once_per_record: false,
        disabled_by: None,
        required_permission: None,
        bypass_permission: None,
        limits: &[],
        source: HERE,
        handler,
    }
}

fn both_maps(invocation: Invocation<'_>) -> HandlerFuture<'_> {
    let ctx = context::<Record, Phase<ReadOnly, Present>>(invocation);
    for id in ctx.ids() {
        let (new, old) = (ctx.new_map(), ctx.old_map());
        let name = |row: Option<&Record>| show(row.and_then(|record| record.get("LastName")));
        let (new, old) =
            (name(new.get(&id).map(|row| &***row)), name(old.get(&id).map(|row| &***row)));
        ctx.log().info(format!("{old} to {new}"));
    }
    Box::pin(ready(finish(ctx, Ok::<(), HandlerError>(()))))
}

fn new_map(invocation: Invocation<'_>) -> HandlerFuture<'_> {
    let ctx = context::<Record, Phase<Mutable, Absent>>(invocation);
    ctx.log().info(format!("{} of {}", ctx.new_map().len(), ctx.size()));
    Box::pin(ready(finish(ctx, Ok::<(), HandlerError>(()))))
}

fn logged<T>(outcome: &Outcome<T>) -> Vec<&str> {
    outcome.log().iter().map(|entry| entry.message.as_str()).collect()
}

async fn new_map_and_old_map_find_records_by_id(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada"), contact("Eva")]).await?;
    let circuit = stage.circuit([(&BOTH_MAPS).into()])?;
    let changes = [("Eve", &ids[1]), ("Adele", &ids[0])];
    let changes = changes.map(|(name, id)| of("Contact", id).with("LastName", name));
    same!(logged(&circuit.update(changes).await?), ["Eva to Eve", "Ada to Adele"]);
    Ok(())
}

async fn new_map_is_empty_before_insert(stage: Stage) -> Shown {
    let circuit = stage.circuit([(&NEW_MAP).into()])?;
    same!(logged(&circuit.insert(many("Contact", "LastName", 2)).await?), ["0 of 2"]);
    Ok(())
}

/// Notes the `LastName` of each record before and now.
fn pairs(stage: &Stage, event: TriggerEvent) -> circuit_core::TriggerRegistration {
    on(stage, "Contact", event, "pairs", |stage, ctx| {
        for (old, new) in ctx.try_old_records()?.iter().zip(ctx.try_new_records()?) {
            let (old, new) = (show(old.get("LastName")), show(new.get("LastName")));
            stage.note(format!("{old} to {new}"));
        }
        Ok(())
    })
}

async fn old_records_are_as_they_were_before_the_call(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([pairs(&stage, AfterUpdate)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), ["Ada to Eva"]);
    Ok(())
}

async fn old_records_do_not_change_with_the_new_ones(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let sets = sets(&stage, "Contact", BeforeUpdate, "LastName", "Zoe").with_order(1);
    let circuit = stage.circuit([sets, pairs(&stage, BeforeUpdate).with_order(2)])?;
    circuit.update(of("Contact", &ids[0]).with("LastName", "Eva")).await?;
    same!(stage.notes(), ["Ada to Zoe"]);
    Ok(())
}

async fn old_records_of_a_second_update_are_those_after_the_first(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let change = &of("Contact", &ids[0]);
    let circuit = stage.circuit([pairs(&stage, AfterUpdate)])?;
    let twice = |execution: circuit_core::Execution| async move {
        execution.update(change.clone().with("LastName", "Eva")).await?;
        execution.update(change.clone().with("LastName", "Zoe")).await
    };
    circuit.run(twice).await?;
    same!(stage.notes(), ["Ada to Eva", "Eva to Zoe"]);
    Ok(())
}

async fn new_records_have_the_fields_that_an_update_leaves_alone(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([reads(&stage, "Contact", BeforeUpdate, "LastName")])?;
    circuit.update(of("Contact", &ids[0]).with("Score", 1)).await?;
    same!(stage.notes(), ["Ada"]);
    Ok(())
}

async fn old_records_of_a_delete_have_the_stored_fields(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let old = on(&stage, "Contact", BeforeDelete, "old", |stage, ctx| {
        stage.note(show(ctx.try_old_records()?[0].get("LastName")));
        Ok(())
    });
    stage.circuit([old])?.delete(of("Contact", &ids[0]).with("LastName", "unsaved")).await?;
    same!(stage.notes(), ["Ada"]);
    Ok(())
}

async fn undeleted_records_have_the_values_they_had(stage: Stage) -> Shown {
    whole_life(&stage.circuit([reads(&stage, "Contact", AfterUndelete, "LastName")])?).await?;
    same!(stage.notes(), ["Lovelace"]);
    Ok(())
}

async fn after_handlers_see_what_before_handlers_set(stage: Stage) -> Shown {
    let sets = sets(&stage, "Contact", BeforeInsert, "LastName", "Zoe");
    let reads = reads(&stage, "Contact", AfterInsert, "LastName");
    stage.circuit([sets, reads])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["Zoe"]);
    same!(column(&stage, "Contact", "LastName").await?, ["Zoe"]);
    Ok(())
}

async fn a_handler_sees_what_an_earlier_one_set(stage: Stage) -> Shown {
    let sets = sets(&stage, "Contact", BeforeInsert, "LastName", "Zoe").with_order(1);
    let reads = reads(&stage, "Contact", BeforeInsert, "LastName").with_order(2);
    stage.circuit([reads, sets])?.insert(contact("Ada")).await?;
    same!(stage.notes(), ["Zoe"]);
    Ok(())
}

async fn records_stand_in_the_order_of_the_call(stage: Stage) -> Shown {
    let ids = stage.fill([contact("a"), contact("b"), contact("c")]).await?;
    let circuit = stage.circuit([reads(&stage, "Contact", BeforeUpdate, "LastName")])?;
    circuit.update([2, 0, 1].map(|at: usize| of("Contact", &ids[at]))).await?;
    same!(stage.notes(), ["c", "a", "b"]);
    Ok(())
}

async fn old_and_new_records_stand_side_by_side(stage: Stage) -> Shown {
    let ids = stage.fill([contact("a"), contact("b"), contact("c")]).await?;
    let change = |at: usize| of("Contact", &ids[at]).with("LastName", format!("new {at}"));
    let circuit = stage.circuit([pairs(&stage, BeforeUpdate)])?;
    circuit.update([2, 0, 1].map(change)).await?;
    same!(stage.notes(), ["c to new 2", "a to new 0", "b to new 1"]);
    Ok(())
}

async fn new_records_are_initialised_with_defaults(stage: Stage) -> Shown {
    let circuit = stage.circuit([reads(&stage, "Contact", BeforeInsert, "Status")])?;
    circuit.insert([contact("Ada"), contact("Eva").with("Status", "old")]).await?;
    same!(stage.notes(), ["new", "old"]);
    Ok(())
}

async fn fields_that_an_insert_does_not_name_are_null(stage: Stage) -> Shown {
    let circuit = stage.circuit([reads(&stage, "Contact", BeforeInsert, "Score")])?;
    circuit.insert(contact("Ada")).await?;
    same!(stage.notes(), ["null"]);
    Ok(())
}

const SCORED: &Condition = &Condition::Is("Score", Literal::Integer(1));

async fn a_condition_leaves_records_out_and_keeps_old_and_new_side_by_side(stage: Stage) -> Shown {
    let ids = stage.fill([contact("a"), contact("b"), contact("c")]).await?;
    let change = |at: usize, score: Value| {
        of("Contact", &ids[at]).with("LastName", format!("new {at}")).with("Score", score)
    };
    let circuit = stage.circuit([pairs(&stage, AfterUpdate).with_when(SCORED)])?;
    circuit.update([change(0, 1.into()), change(1, Value::Null), change(2, 1.into())]).await?;
    same!(stage.notes(), ["a to new 0", "c to new 2"]);
    Ok(())
}

async fn size_counts_the_records_that_a_condition_keeps(stage: Stage) -> Shown {
    let size = on(&stage, "Contact", BeforeInsert, "size", |stage, ctx| {
        stage.note(ctx.size());
        Ok(())
    });
    let circuit = stage.circuit([size.with_when(SCORED)])?;
    circuit.insert([contact("a").with("Score", 1), contact("b"), contact("c")]).await?;
    same!(stage.notes(), ["1"]);
    Ok(())
}

async fn a_handler_without_a_record_to_see_does_not_run(stage: Stage) -> Shown {
    let reads = reads(&stage, "Contact", BeforeInsert, "LastName");
    let circuit = stage.circuit([reads.with_when(SCORED)])?;
    circuit.insert(contact("Ada")).await?;
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn index_is_the_place_in_the_list_of_the_call(stage: Stage) -> Shown {
    let index = on(&stage, "Contact", AfterInsert, "index", |stage, ctx| {
        stage.note(ctx.try_new_records()?[0].index());
        Ok(())
    });
    stage.circuit([index])?.insert(many("Contact", "LastName", 250)).await?;
    same!(stage.notes(), ["0", "200"]);
    Ok(())
}

async fn the_chunk_tells_its_number_and_the_size_of_the_call(stage: Stage) -> Shown {
    let chunk = on(&stage, "Contact", AfterInsert, "chunk", |stage, ctx| {
        let chunk = ctx.chunk();
        stage.note(format!("{} of {}, {} rows", chunk.number, chunk.of, chunk.total));
        Ok(())
    });
    stage.circuit([chunk])?.insert(many("Contact", "LastName", 401)).await?;
    same!(stage.notes(), ["1 of 3, 401 rows", "2 of 3, 401 rows", "3 of 3, 401 rows"]);
    Ok(())
}
