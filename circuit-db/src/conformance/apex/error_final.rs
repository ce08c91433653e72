//! Errors that end more than a record: handlers that fail or panic, limits, and why it ran.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{
    DmlRequest, Error, ErrorKind, Execution, HandlerError, Limits, Query, Quiddity, Record,
    SaveMode, TriggerRegistration,
};

use super::name_behaviours;
use super::stage::{Stage, cause_of, contact, error_of, many, on, reads, refuses, tells, wait};
use crate::conformance::support::same;
use crate::conformance::{Broken, Shown};

name_behaviours! { "A6":
    Documented an_error_of_a_handler_ends_the_call_without_further_handlers,
    Documented an_error_of_a_handler_ends_the_call_without_further_chunks,
    Documented an_error_of_a_handler_takes_the_whole_call_back,
    Documented an_error_of_a_handler_refuses_every_record_of_a_partial_save,
    Documented an_error_of_a_handler_is_not_tried_again_in_a_partial_save,
    Documented a_panic_of_a_handler_is_an_error_of_the_handler,
    Documented a_panic_of_a_handler_takes_the_whole_call_back,
    Inferred a_caught_error_of_a_nested_handler_takes_back_that_call_only,
    Chosen an_error_of_a_handler_names_handler_object_and_event,
    Chosen an_error_of_a_handler_names_no_rows_in_an_all_or_none_call,
    Chosen an_error_of_a_handler_keeps_its_source,
    Chosen a_panic_names_its_message_and_place,
    Chosen an_error_tells_the_chain_of_causes,
    Chosen an_error_tells_the_chain_of_causes_of_a_nested_handler,
    Chosen the_context_tells_the_chain_of_causes,
    Chosen a_refused_nested_call_tells_the_chain_of_causes,
    Documented a_passed_limit_cannot_be_caught_by_a_handler,
    Documented a_passed_limit_cannot_be_caught_by_the_host,
    Documented after_a_passed_limit_no_call_runs,
    Documented a_passed_limit_takes_the_whole_execution_back,
    Documented a_passed_limit_fails_a_partial_save_as_a_whole,
    Chosen a_passed_limit_names_what_was_used_and_by_whom,
    Chosen a_failed_execution_tells_what_it_used_and_logged,
}

/// Fails when it comes to a contact named `bad`.
fn fails(stage: &Stage) -> TriggerRegistration {
    on(stage, "Contact", AfterInsert, "fails", |_, ctx| {
        for row in ctx.try_new_records()? {
            if row.read::<String>("LastName")? == "bad" {
                return Err(HandlerError::msg("out of paper"));
            }
        }
        Ok(())
    })
}

/// Panics when it runs.
fn panics(stage: &Stage) -> TriggerRegistration {
    on(stage, "Contact", AfterInsert, "panics", |_, _| panic!("out of paper"))
}

async fn an_error_of_a_handler_ends_the_call_without_further_handlers(stage: Stage) -> Shown {
    let later = reads(&stage, "Contact", AfterInsert, "LastName").with_order(1);
    error_of(stage.circuit([fails(&stage), later])?.insert(contact("bad")).await)?;
    same!(stage.notes(), [""; 0]);
    Ok(())
}

async fn an_error_of_a_handler_ends_the_call_without_further_chunks(stage: Stage) -> Shown {
    let mut list = many("Contact", "LastName", 401);
    list[200] = contact("bad");
    let circuit = stage.circuit([fails(&stage), tells(&stage, "Contact", [BeforeInsert])])?;
    error_of(circuit.insert(list).await)?;
    same!(stage.notes(), ["Contact beforeInsert 200", "Contact beforeInsert 200"]);
    Ok(())
}

async fn an_error_of_a_handler_takes_the_whole_call_back(stage: Stage) -> Shown {
    let mut list = many("Contact", "LastName", 201);
    list[200] = contact("bad");
    let error = error_of(stage.circuit([fails(&stage)])?.insert(list).await)?;
    same!(error.kind(), ErrorKind::Handler);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

fn partial() -> DmlRequest {
    DmlRequest::insert([contact("Ada"), contact("bad")]).with_mode(SaveMode::Partial)
}

async fn an_error_of_a_handler_refuses_every_record_of_a_partial_save(stage: Stage) -> Shown {
    let outcome = stage.circuit([fails(&stage)])?.dml(partial()).await?;
    let statuses = outcome.results().iter().map(|result| result.errors()[0].status.as_str());
    same!(statuses.collect::<Vec<_>>(), ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"; 2]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn an_error_of_a_handler_is_not_tried_again_in_a_partial_save(stage: Stage) -> Shown {
    let circuit = stage.circuit([fails(&stage), tells(&stage, "Contact", [BeforeInsert])])?;
    circuit.dml(partial()).await?;
    same!(stage.notes(), ["Contact beforeInsert 2"]);
    Ok(())
}

async fn a_panic_of_a_handler_is_an_error_of_the_handler(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([panics(&stage)])?.insert(contact("Ada")).await)?;
    same!((error.kind(), error.code()), (ErrorKind::HandlerPanicked, "C0007"));
    Ok(())
}

async fn a_panic_of_a_handler_takes_the_whole_call_back(stage: Stage) -> Shown {
    let circuit = stage.circuit([panics(&stage)])?;
    error_of(circuit.insert(many("Contact", "LastName", 3)).await)?;
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

/// Inserts a contact named `bad` after tasks are inserted.
fn leads_to_bad(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Task", AfterInsert, "leads", |_, ctx| {
        Box::pin(async move {
            ctx.insert(contact("bad")).await?;
            Ok(())
        })
    })
}

async fn a_caught_error_of_a_nested_handler_takes_back_that_call_only(stage: Stage) -> Shown {
    let circuit = stage.circuit([fails(&stage), leads_to_bad(&stage)])?;
    let code = |execution: Execution| async move {
        execution.insert(Record::new("Note")).await?;
        Ok(execution.insert(Record::new("Task")).await.is_err())
    };
    same!(circuit.run(code).await?.value, true);
    let stored = [stage.stored("Note").await?.len(), stage.stored("Task").await?.len()];
    same!(stored, [1, 0]);
    Ok(())
}

/// Returns the facts that an error names.
fn facts<const N: usize>(error: &Error, names: [&str; N]) -> [String; N] {
    names.map(|name| error.context(name).unwrap_or("-").to_owned())
}

async fn an_error_of_a_handler_names_handler_object_and_event(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([fails(&stage)])?.insert(contact("bad")).await)?;
    same!(facts(&error, ["handler", "object", "event"]), ["fails", "Contact", "afterInsert"]);
    Ok(())
}

async fn an_error_of_a_handler_names_no_rows_in_an_all_or_none_call(stage: Stage) -> Shown {
    let circuit = stage.circuit([fails(&stage)])?;
    let error = error_of(circuit.insert([contact("Ada"), contact("bad")]).await)?;
    same!(error.failures().len(), 0);
    Ok(())
}

async fn an_error_of_a_handler_keeps_its_source(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([fails(&stage)])?.insert(contact("bad")).await)?;
    let source = std::error::Error::source(&error).map(ToString::to_string);
    same!(source.as_deref(), Some("out of paper"));
    Ok(())
}

async fn a_panic_names_its_message_and_place(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([panics(&stage)])?.insert(contact("Ada")).await)?;
    same!(error.to_string().contains("out of paper"), true);
    same!(facts(&error, ["at"])[0].contains("error_final.rs"), true);
    Ok(())
}

const CAUSES: &str = "Contact inserted by leads, Task inserted by host, fired by webhook 42";

/// Fails a nested call of an execution that a webhook fired.
async fn nested(stage: &Stage, inner: TriggerRegistration) -> Result<Error, Broken> {
    let circuit = stage.circuit([inner, leads_to_bad(stage)])?;
    let session = circuit.session().with_origin(Quiddity::Webhook, "webhook 42");
    error_of(session.insert(Record::new("Task")).await)
}

async fn an_error_tells_the_chain_of_causes(stage: Stage) -> Shown {
    let circuit = stage.circuit([fails(&stage)])?;
    let session = circuit.session().with_origin(Quiddity::Webhook, "webhook 42");
    let error = error_of(session.insert(contact("bad")).await)?;
    same!(facts(&error, ["cause"]), ["Contact inserted by host, fired by webhook 42"]);
    Ok(())
}

async fn an_error_tells_the_chain_of_causes_of_a_nested_handler(stage: Stage) -> Shown {
    let error = nested(&stage, fails(&stage)).await?;
    same!(facts(&error, ["handler"]), ["leads"]);
    same!(facts(cause_of(&error)?, ["handler", "cause"]), ["fails", CAUSES]);
    Ok(())
}

async fn the_context_tells_the_chain_of_causes(stage: Stage) -> Shown {
    let tells = on(&stage, "Contact", BeforeInsert, "tells", |stage, ctx| {
        stage.note(ctx.cause());
        Err(HandlerError::msg("enough"))
    });
    nested(&stage, tells).await?;
    same!(stage.notes(), [CAUSES]);
    Ok(())
}

async fn a_refused_nested_call_tells_the_chain_of_causes(stage: Stage) -> Shown {
    let error = nested(&stage, refuses(&stage, BeforeInsert)).await?;
    let refused = cause_of(&error)?;
    same!(refused.kind(), ErrorKind::Dml);
    let expected = ["leads", "Task inserted by host, fired by webhook 42"];
    same!(facts(refused, ["handler", "cause"]), expected);
    Ok(())
}

/// Queries until there is an error, and hides it.
fn queries(stage: &Stage) -> TriggerRegistration {
    wait(stage, "Contact", AfterInsert, "queries", |stage, ctx| {
        Box::pin(async move {
            while ctx.count(Query::of("Contact")).await.is_ok() {}
            let later = ctx.insert(Record::new("Task")).await;
            stage.note(later.is_err_and(|error| error.is_limit_exceeded()));
            Ok(())
        })
    })
}

async fn a_passed_limit_cannot_be_caught_by_a_handler(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([queries(&stage)])?.insert(contact("Ada")).await)?;
    same!(error.kind(), ErrorKind::LimitExceeded);
    Ok(())
}

async fn a_passed_limit_cannot_be_caught_by_the_host(stage: Stage) -> Shown {
    let code = |execution: Execution| async move {
        while execution.count(Query::of("Contact")).await.is_ok() {}
        Ok(())
    };
    same!(error_of(stage.circuit([])?.run(code).await)?.is_limit_exceeded(), true);
    Ok(())
}

async fn after_a_passed_limit_no_call_runs(stage: Stage) -> Shown {
    let later = reads(&stage, "Contact", AfterInsert, "LastName").with_order(1);
    error_of(stage.circuit([queries(&stage), later])?.insert(contact("Ada")).await)?;
    same!(stage.notes(), ["true"]);
    Ok(())
}

async fn a_passed_limit_takes_the_whole_execution_back(stage: Stage) -> Shown {
    let circuit = stage.circuit([queries(&stage)])?;
    let code = |execution: Execution| async move {
        execution.insert(Record::new("Note")).await?;
        drop(execution.insert(contact("Ada")).await);
        Ok(())
    };
    error_of(circuit.run(code).await)?;
    same!(stage.stored("Note").await?.len(), 0);
    Ok(())
}

async fn a_passed_limit_fails_a_partial_save_as_a_whole(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([queries(&stage)])?.dml(partial()).await)?;
    same!(error.is_limit_exceeded(), true);
    Ok(())
}

async fn a_passed_limit_names_what_was_used_and_by_whom(stage: Stage) -> Shown {
    let session = stage.circuit([queries(&stage)])?.session();
    let session = session.with_limits(Limits::circuit().with_limit_queries(5));
    let error = error_of(session.insert(contact("Ada")).await)?;
    same!(error.message(), "too many queries");
    same!(facts(&error, ["used", "limit", "handler"]), ["6", "5", "queries"]);
    Ok(())
}

async fn a_failed_execution_tells_what_it_used_and_logged(stage: Stage) -> Shown {
    let logs = on(&stage, "Contact", BeforeInsert, "logs", |_, ctx| {
        ctx.log().info("on its way");
        Ok(())
    });
    let error = error_of(stage.circuit([logs, fails(&stage)])?.insert(contact("bad")).await)?;
    same!(error.usage().map(circuit_core::Usage::dml_rows), Some(1));
    same!(error.log()[0].message, "on its way");
    Ok(())
}
