//! Errors of single records: `add_error`, what else is processed, and what is taken back.

use circuit_core::TriggerEvent::{
    self, AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeDelete, BeforeInsert,
    BeforeUpdate,
};
use circuit_core::{ErrorKind, Execution, Record, TriggerRegistration};

use super::name_behaviours;
use super::stage::{
    Stage, account, column, contact, error_of, many, of, on, reads, refused, refuses, tells, wait,
    watches, whole_life,
};
use crate::conformance::support::same;
use crate::conformance::{Broken, Shown};

name_behaviours! { "A6":
    Documented an_error_of_a_record_fails_the_call_with_its_message,
    Documented an_error_of_a_field_names_the_field,
    Documented errors_of_a_record_accumulate,
    Documented errors_can_be_added_before_and_after_insert_and_update,
    Documented errors_can_be_added_to_the_old_records_of_a_delete,
    Documented errors_can_be_added_after_undelete,
    Inferred errors_on_old_and_new_records_of_an_update_accumulate,
    Documented errors_can_be_read_without_a_dml_call,
    Inferred a_later_handler_reads_the_errors_of_an_earlier_one,
    Inferred a_later_handler_of_the_event_is_shown_the_refused_record,
    Chosen after_handlers_are_not_shown_a_record_refused_before,
    Chosen after_handlers_run_for_the_clean_records_beside_it,
    Documented every_record_is_processed_to_gather_all_errors,
    Documented errors_name_the_row_of_the_callers_list,
    Inferred errors_of_all_phases_stand_in_the_order_of_the_rows,
    Documented nothing_of_a_refused_call_is_stored,
    Documented what_a_refused_call_set_off_is_taken_back,
    Documented a_caught_error_takes_back_that_call_only,
    Documented an_error_that_the_host_passes_on_takes_back_everything,
    Inferred errors_of_a_nested_call_name_the_rows_of_that_call,
    Chosen messages_are_not_escaped,
    Chosen a_refused_call_tells_how_many_records_have_errors,
}

async fn an_error_of_a_record_fails_the_call_with_its_message(stage: Stage) -> Shown {
    let error =
        error_of(stage.circuit([refuses(&stage, BeforeInsert)])?.insert(contact("bad")).await)?;
    same!(error.kind(), ErrorKind::Dml);
    let failure = &error.failures()[0];
    same!(failure.status.as_str(), "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    same!(failure.message, "it is bad");
    Ok(())
}

async fn an_error_of_a_field_names_the_field(stage: Stage) -> Shown {
    let refuses = on(&stage, "Contact", BeforeInsert, "refuses", |_, ctx| {
        ctx.try_new_records()?[0].add_field_error("Email", "none");
        Ok(())
    });
    let codes = refused(stage.circuit([refuses])?.insert(contact("Ada")).await)?;
    same!(codes, ["0 FIELD_CUSTOM_VALIDATION_EXCEPTION Email"]);
    Ok(())
}

/// Adds an error for each message to the first new record.
fn adds(
    stage: &Stage,
    event: TriggerEvent,
    name: &str,
    messages: &'static [&'static str],
) -> TriggerRegistration {
    on(stage, "Contact", event, name, move |_, ctx| {
        for message in messages {
            ctx.try_new_records()?[0].add_error(*message);
        }
        Ok(())
    })
}

/// Returns the messages of a call that must be refused.
fn messages<T>(answer: circuit_core::Result<T>) -> Result<Vec<String>, Broken> {
    let error = error_of(answer)?;
    Ok(error.failures().iter().map(|failure| failure.message.clone()).collect())
}

async fn errors_of_a_record_accumulate(stage: Stage) -> Shown {
    let one = adds(&stage, BeforeInsert, "one", &["a", "b"]).with_order(1);
    let two = adds(&stage, BeforeInsert, "two", &["c"]).with_order(2);
    same!(messages(stage.circuit([one, two])?.insert(contact("Ada")).await)?, ["a", "b", "c"]);
    Ok(())
}

async fn errors_can_be_added_before_and_after_insert_and_update(stage: Stage) -> Shown {
    let ids = stage.fill([contact("bad")]).await?;
    for event in [BeforeInsert, AfterInsert] {
        let circuit = stage.circuit([refuses(&stage, event)])?;
        same!(messages(circuit.insert(contact("bad")).await)?, ["it is bad"]);
    }
    for event in [BeforeUpdate, AfterUpdate] {
        let circuit = stage.circuit([refuses(&stage, event)])?;
        same!(messages(circuit.update(of("Contact", &ids[0])).await)?, ["it is bad"]);
    }
    Ok(())
}

async fn errors_can_be_added_to_the_old_records_of_a_delete(stage: Stage) -> Shown {
    let ids = stage.fill([contact("bad")]).await?;
    for event in [BeforeDelete, AfterDelete] {
        let circuit = stage.circuit([refuses(&stage, event)])?;
        same!(messages(circuit.delete(of("Contact", &ids[0])).await)?, ["it is bad"]);
        same!(stage.stored("Contact").await?.len(), 1);
    }
    Ok(())
}

async fn errors_can_be_added_after_undelete(stage: Stage) -> Shown {
    let circuit = stage.circuit([adds(&stage, AfterUndelete, "adds", &["stay"])])?;
    same!(messages(whole_life(&circuit).await)?, ["stay"]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn errors_on_old_and_new_records_of_an_update_accumulate(stage: Stage) -> Shown {
    let ids = stage.fill([contact("Ada")]).await?;
    let both = on(&stage, "Contact", BeforeUpdate, "both", |_, ctx| {
        ctx.try_new_records()?[0].add_error("new");
        ctx.try_old_records()?[0].add_error("old");
        Ok(())
    });
    let answer = stage.circuit([both])?.update(of("Contact", &ids[0])).await;
    same!(messages(answer)?, ["new", "old"]);
    Ok(())
}

async fn errors_can_be_read_without_a_dml_call(stage: Stage) -> Shown {
    let reads = on(&stage, "Contact", BeforeInsert, "reads", |stage, ctx| {
        let row = &ctx.try_new_records()?[0];
        stage.note(row.has_errors());
        row.add_error("no");
        stage.note(format!("{} {}", row.has_errors(), row.errors()[0].message));
        Ok(())
    });
    error_of(stage.circuit([reads])?.insert(contact("Ada")).await)?;
    same!(stage.notes(), ["false", "true no"]);
    Ok(())
}

async fn a_later_handler_reads_the_errors_of_an_earlier_one(stage: Stage) -> Shown {
    let adds = adds(&stage, BeforeInsert, "adds", &["one", "two"]).with_order(1);
    let looks = on(&stage, "Contact", BeforeInsert, "looks", |stage, ctx| {
        let row = &ctx.try_new_records()?[0];
        let messages: Vec<String> = row.errors().into_iter().map(|error| error.message).collect();
        stage.note(format!("{} {}", row.has_errors(), messages.join(" ")));
        Ok(())
    });
    error_of(stage.circuit([adds, looks.with_order(2)])?.insert(contact("Ada")).await)?;
    same!(stage.notes(), ["true one two"]);
    Ok(())
}

async fn a_later_handler_of_the_event_is_shown_the_refused_record(stage: Stage) -> Shown {
    let refuses = refuses(&stage, BeforeInsert).with_order(1);
    let reads = reads(&stage, "Contact", BeforeInsert, "LastName").with_order(2);
    error_of(stage.circuit([refuses, reads])?.insert([contact("Ada"), contact("bad")]).await)?;
    same!(stage.notes(), ["Ada", "bad"]);
    Ok(())
}

async fn after_handlers_are_not_shown_a_record_refused_before(stage: Stage) -> Shown {
    let tells = tells(&stage, "Contact", [AfterInsert]);
    error_of(stage.circuit([refuses(&stage, BeforeInsert), tells])?.insert(contact("bad")).await)?;
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn after_handlers_run_for_the_clean_records_beside_it(stage: Stage) -> Shown {
    let reads = reads(&stage, "Contact", AfterInsert, "LastName");
    let circuit = stage.circuit([refuses(&stage, BeforeInsert), reads])?;
    error_of(circuit.insert([contact("Ada"), contact("bad")]).await)?;
    same!(stage.notes(), ["Ada"]);
    Ok(())
}

async fn every_record_is_processed_to_gather_all_errors(stage: Stage) -> Shown {
    let all = watches(&stage, "Contact", [BeforeInsert], "all", |_, ctx| {
        ctx.try_new_records()?.iter().for_each(|row| row.add_error("no"));
        Ok(())
    });
    let answer = stage.circuit([all])?.insert(many("Contact", "LastName", 450)).await;
    same!(messages(answer)?.len(), 450);
    Ok(())
}

async fn errors_name_the_row_of_the_callers_list(stage: Stage) -> Shown {
    let mut list = many("Contact", "LastName", 450);
    for at in [3, 199, 200, 449] {
        list[at] = contact("bad");
    }
    let error = error_of(stage.circuit([refuses(&stage, BeforeInsert)])?.insert(list).await)?;
    let rows: Vec<usize> = error.failures().iter().map(|failure| failure.index).collect();
    same!(rows, [3, 199, 200, 449]);
    Ok(())
}

async fn errors_of_all_phases_stand_in_the_order_of_the_rows(stage: Stage) -> Shown {
    let invalid = contact("c").with("Score", "many");
    let list = [contact("Ada"), contact("bad"), invalid];
    let late = adds(&stage, AfterInsert, "late", &["late"]);
    let codes = refused(stage.circuit([refuses(&stage, BeforeInsert), late])?.insert(list).await)?;
    let expected = [
        "0 FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "1 FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "2 INVALID_TYPE_ON_FIELD_IN_RECORD Score",
    ];
    same!(codes, expected);
    Ok(())
}

async fn nothing_of_a_refused_call_is_stored(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuses(&stage, AfterInsert)])?;
    error_of(circuit.insert([contact("Ada"), contact("bad")]).await)?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn what_a_refused_call_set_off_is_taken_back(stage: Stage) -> Shown {
    let follows = wait(&stage, "Contact", AfterInsert, "follows", |stage, ctx| {
        Box::pin(async move {
            stage.note(ctx.insert(Record::new("Task")).await?.len());
            Ok(())
        })
    });
    let circuit = stage.circuit([follows, refuses(&stage, AfterInsert)])?;
    let code = |execution: Execution| async move {
        execution.insert(Record::new("Note")).await?;
        Ok(execution.insert(contact("bad")).await.is_err())
    };
    same!(circuit.run(code).await?.value, true);
    same!(stage.notes(), ["1"]);
    same!([stage.stored("Note").await?.len(), stage.stored("Task").await?.len()], [1, 0]);
    Ok(())
}

async fn a_caught_error_takes_back_that_call_only(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuses(&stage, AfterInsert)])?;
    let code = |execution: Execution| async move {
        execution.insert(contact("Ada")).await?;
        drop(execution.insert([contact("Eva"), contact("bad")]).await);
        execution.insert(contact("Zoe")).await
    };
    circuit.run(code).await?;
    same!(column(&stage, "Contact", "LastName").await?, ["Ada", "Zoe"]);
    Ok(())
}

async fn an_error_that_the_host_passes_on_takes_back_everything(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuses(&stage, AfterInsert)])?;
    let code = |execution: Execution| async move {
        execution.insert(contact("Ada")).await?;
        execution.insert(contact("bad")).await
    };
    error_of(circuit.run(code).await)?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn errors_of_a_nested_call_name_the_rows_of_that_call(stage: Stage) -> Shown {
    let outer = wait(&stage, "Account", AfterInsert, "outer", |stage, ctx| {
        Box::pin(async move {
            if let Err(error) = ctx.insert([contact("Ada"), contact("bad")]).await {
                stage.note(error.failures()[0].index);
            }
            Ok(())
        })
    });
    let circuit = stage.circuit([outer, refuses(&stage, BeforeInsert)])?;
    circuit.insert(account("Acme")).await?;
    same!(stage.notes(), ["1"]);
    Ok(())
}

async fn messages_are_not_escaped(stage: Stage) -> Shown {
    let circuit = stage.circuit([adds(&stage, BeforeInsert, "adds", &["<b> & \"c\""])])?;
    same!(messages(circuit.insert(contact("Ada")).await)?, ["<b> & \"c\""]);
    Ok(())
}

async fn a_refused_call_tells_how_many_records_have_errors(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuses(&stage, BeforeInsert)])?;
    let error = error_of(circuit.insert([contact("bad"), contact("Ada"), contact("bad")]).await)?;
    same!(error.message(), "insert refused: 2 of 3 records have errors");
    Ok(())
}
