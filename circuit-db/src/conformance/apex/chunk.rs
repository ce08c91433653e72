//! Chunks of one object: how many, and what they share.

use circuit_core::TriggerEvent::{
    self, AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert,
    BeforeUpdate,
};
use circuit_core::{DmlRequest, Query, Record, RecordId, SaveMode, SaveResult};

use super::name_behaviours;
use super::stage::{
    Stage, column, contact, error_of, id, many, of, on, refused, refuses, tells, wait,
};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A3":
    Documented two_hundred_records_are_one_invocation,
    Documented the_two_hundred_and_first_record_begins_another_invocation,
    Documented each_chunk_goes_through_all_events_before_the_next,
    Documented updates_deletes_and_undeletes_are_cut_into_chunks_too,
    Documented all_chunks_cost_one_statement_and_a_row_for_each_record,
    Documented all_chunks_share_one_governor,
    Documented all_chunks_share_one_transaction,
    Documented all_chunks_share_the_statics,
    Inferred a_later_chunk_sees_what_an_earlier_one_saved,
    Inferred a_later_chunk_is_processed_although_an_earlier_one_has_errors,
    Inferred results_stand_in_the_order_of_the_call,
    Chosen an_empty_list_costs_nothing_and_runs_no_handler,
    Chosen an_id_twice_in_an_update_refuses_the_call_before_any_handler,
    Chosen an_id_twice_in_a_delete_refuses_the_call,
    Chosen both_forms_of_an_id_are_the_same_id_twice,
    Chosen an_id_twice_in_a_partial_update_refuses_the_later_rows_only,
    Chosen a_chosen_id_twice_in_an_insert_refuses_the_later_row,
}

async fn two_hundred_records_are_one_invocation(stage: Stage) -> Shown {
    let tells = tells(&stage, "Contact", [BeforeInsert]);
    stage.circuit([tells])?.insert(many("Contact", "LastName", 200)).await?;
    same!(stage.notes(), ["Contact beforeInsert 200"]);
    Ok(())
}

async fn the_two_hundred_and_first_record_begins_another_invocation(stage: Stage) -> Shown {
    let tells = tells(&stage, "Contact", [BeforeInsert]);
    stage.circuit([tells])?.insert(many("Contact", "LastName", 201)).await?;
    same!(stage.notes(), ["Contact beforeInsert 200", "Contact beforeInsert 1"]);
    Ok(())
}

async fn each_chunk_goes_through_all_events_before_the_next(stage: Stage) -> Shown {
    let tells = tells(&stage, "Contact", [BeforeInsert, AfterInsert]);
    stage.circuit([tells])?.insert(many("Contact", "LastName", 250)).await?;
    let expected = [
        "Contact beforeInsert 200",
        "Contact afterInsert 200",
        "Contact beforeInsert 50",
        "Contact afterInsert 50",
    ];
    same!(stage.notes(), expected);
    Ok(())
}

fn each(ids: &[RecordId]) -> Vec<Record> {
    ids.iter().map(|id| of("Contact", id)).collect()
}

async fn updates_deletes_and_undeletes_are_cut_into_chunks_too(stage: Stage) -> Shown {
    let ids = stage.fill(many("Contact", "LastName", 201)).await?;
    let circuit =
        stage.circuit([tells(&stage, "Contact", [AfterUpdate, AfterDelete, AfterUndelete])])?;
    circuit.update(each(&ids)).await?;
    circuit.delete(each(&ids)).await?;
    circuit.undelete(each(&ids)).await?;
    let expected = [
        "Contact afterUpdate 200",
        "Contact afterUpdate 1",
        "Contact afterDelete 200",
        "Contact afterDelete 1",
        "Contact afterUndelete 200",
        "Contact afterUndelete 1",
    ];
    same!(stage.notes(), expected);
    Ok(())
}

async fn all_chunks_cost_one_statement_and_a_row_for_each_record(stage: Stage) -> Shown {
    let outcome = stage.circuit([])?.insert(many("Contact", "LastName", 401)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 401));
    Ok(())
}

async fn all_chunks_share_one_governor(stage: Stage) -> Shown {
    let queries = wait(&stage, "Contact", AfterInsert, "queries", |stage, ctx| {
        Box::pin(async move {
            ctx.count(Query::of("Contact")).await?;
            stage.note(ctx.governor().queries());
            Ok(())
        })
    });
    stage.circuit([queries])?.insert(many("Contact", "LastName", 401)).await?;
    same!(stage.notes(), ["1", "2", "3"]);
    Ok(())
}

async fn all_chunks_share_one_transaction(stage: Stage) -> Shown {
    let mut records = many("Contact", "LastName", 200);
    records.push(contact("bad"));
    let circuit = stage.circuit([refuses(&stage, AfterInsert)])?;
    same!(refused(circuit.insert(records).await)?, ["200 FIELD_CUSTOM_VALIDATION_EXCEPTION"]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

#[derive(Default)]
struct Seen(usize);

async fn all_chunks_share_the_statics(stage: Stage) -> Shown {
    let counts = on(&stage, "Contact", BeforeInsert, "counts", |stage, ctx| {
        let size = ctx.size();
        stage.note(ctx.statics(|seen: &mut Seen| {
            seen.0 += size;
            seen.0
        }));
        Ok(())
    });
    stage.circuit([counts])?.insert(many("Contact", "LastName", 401)).await?;
    same!(stage.notes(), ["200", "400", "401"]);
    Ok(())
}

async fn a_later_chunk_sees_what_an_earlier_one_saved(stage: Stage) -> Shown {
    let counts = wait(&stage, "Contact", BeforeInsert, "counts", |stage, ctx| {
        Box::pin(async move {
            stage.note(ctx.count(Query::of("Contact")).await?);
            Ok(())
        })
    });
    stage.circuit([counts])?.insert(many("Contact", "LastName", 201)).await?;
    same!(stage.notes(), ["0", "200"]);
    Ok(())
}

async fn a_later_chunk_is_processed_although_an_earlier_one_has_errors(stage: Stage) -> Shown {
    let mut records = many("Contact", "LastName", 201);
    records[0] = contact("bad");
    let tells = tells(&stage, "Contact", [BeforeInsert]);
    let circuit = stage.circuit([refuses(&stage, BeforeInsert), tells])?;
    error_of(circuit.insert(records).await)?;
    same!(stage.notes(), ["Contact beforeInsert 200", "Contact beforeInsert 1"]);
    Ok(())
}

async fn results_stand_in_the_order_of_the_call(stage: Stage) -> Shown {
    let ids = stage.fill(many("Contact", "LastName", 201)).await?;
    let backwards: Vec<RecordId> = ids.into_iter().rev().collect();
    let outcome = stage.circuit([])?.update(each(&backwards)).await?;
    same!(outcome.ids().cloned().collect::<Vec<_>>(), backwards);
    Ok(())
}

async fn an_empty_list_costs_nothing_and_runs_no_handler(stage: Stage) -> Shown {
    let circuit = stage.circuit([tells(&stage, "Contact", TriggerEvent::ALL)])?;
    let outcome = circuit.insert(Vec::<Record>::new()).await?;
    same!(outcome.usage().dml_statements(), 0);
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn an_id_twice_in_an_update_refuses_the_call_before_any_handler(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada"), contact("Eva")]).await?;
    let circuit = stage.circuit([tells(&stage, "Contact", [BeforeUpdate])])?;
    let change = |at: usize, score: i64| of("Contact", &ids[at]).with("Score", score);
    let list = [change(0, 1), change(1, 2), change(0, 3)];
    same!(refused(circuit.update(list).await)?, ["2 DUPLICATE_VALUE Id"]);
    same!(stage.notes(), [""; 0]);
    same!(column(&stage, "Contact", "Score").await?, ["null", "null"]);
    Ok(())
}

async fn an_id_twice_in_a_delete_refuses_the_call(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let circuit = stage.circuit([tells(&stage, "Contact", [BeforeDelete])])?;
    let codes = refused(circuit.delete([0, 0].map(|at: usize| of("Contact", &ids[at]))).await)?;
    same!(codes, ["1 DUPLICATE_VALUE Id"]);
    same!(stage.stored("Contact").await?.len(), 1);
    Ok(())
}

async fn both_forms_of_an_id_are_the_same_id_twice(stage: Stage) -> Shown {
    let (short, long) = (id("003D000000IRFma"), id("003D000000IRFmaIAH"));
    stage.fill([of("Contact", &short)]).await?;
    let list = [of("Contact", &short), of("Contact", &long)];
    same!(refused(stage.circuit([])?.update(list).await)?, ["1 DUPLICATE_VALUE Id"]);
    Ok(())
}

async fn an_id_twice_in_a_partial_update_refuses_the_later_rows_only(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada"), contact("Eva")]).await?;
    let change = |at: usize, score: i64| of("Contact", &ids[at]).with("Score", score);
    let list = [change(0, 1), change(0, 2), change(1, 3)];
    let request = DmlRequest::update(list).with_mode(SaveMode::Partial);
    let outcome = stage.circuit([])?.dml(request).await?;
    let good: Vec<bool> = outcome.results().iter().map(SaveResult::is_success).collect();
    same!(good, [true, false, true]);
    same!(column(&stage, "Contact", "Score").await?, ["1", "3"]);
    Ok(())
}

async fn a_chosen_id_twice_in_an_insert_refuses_the_later_row(stage: Stage) -> Shown {
    let list = [of("Contact", &id("one")), of("Contact", &id("two")), of("Contact", &id("one"))];
    same!(refused(stage.circuit([])?.insert(list).await)?, ["2 DUPLICATE_VALUE Id"]);
    Ok(())
}
