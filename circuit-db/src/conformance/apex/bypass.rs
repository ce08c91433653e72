//! Handlers that do not run: bypass scopes and permissions.

use circuit_core::TriggerEvent::{AfterInsert, BeforeInsert};
use circuit_core::{Bypass, Circuit, Execution, Query, Record, Result, TriggerEvent};

use super::name_behaviours;
use super::stage::{Stage, error_of, named, names, on, refuse, wait, watch};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A11":
    Chosen an_execution_reads_and_writes_without_regard_to_its_user,
    Chosen handlers_know_the_user_and_the_tenant,
    Chosen a_bypass_of_an_object_leaves_its_handlers_out,
    Chosen a_bypass_of_a_handler_leaves_no_other_one_out,
    Chosen a_bypass_of_an_event_leaves_no_other_event_out,
    Chosen a_bypass_by_name_leaves_out_handlers_that_can_be_disabled_by_it,
    Chosen a_bypass_of_a_user_holds_in_executions_of_that_user,
    Chosen a_bypass_of_a_permission_holds_where_the_user_has_it,
    Chosen every_part_of_a_bypass_has_to_fit,
    Chosen a_bypass_without_any_part_leaves_nothing_out,
    Chosen a_bypass_ends_with_its_guard,
    Chosen an_inner_bypass_does_not_end_an_outer_one,
    Chosen guards_can_end_in_any_order,
    Chosen a_bypass_of_a_handler_s_dml_ends_before_the_handler_does,
    Chosen a_bypass_of_a_session_is_open_in_each_of_its_executions,
    Chosen a_bypass_of_one_execution_is_not_open_in_another,
    Chosen a_bypass_leaves_validation_in_place,
    Chosen a_handler_with_a_required_permission_runs_where_the_user_has_it,
    Chosen a_handler_with_a_bypass_permission_does_not_run_where_the_user_has_it,
}

/// An engine whose handlers of contacts note their names before and after an insert.
fn engine(stage: &Stage) -> Result<Circuit> {
    let noting = |event, name: &'static str| {
        on(stage, "Contact", event, name, move |stage, _| {
            stage.note(name);
            Ok(())
        })
    };
    let first = noting(BeforeInsert, "before").with_disabled_by("IMPORT");
    stage.circuit([first, noting(AfterInsert, "after")])
}

/// Inserts a contact with a bypass and returns which handlers ran.
async fn ran(stage: &Stage, bypass: Bypass) -> Result<Vec<String>> {
    let session = engine(stage)?.session().with_user("ada").with_permission("Loader");
    session.with_bypass(bypass).insert(named("Contact", "a")).await?;
    Ok(stage.notes())
}

async fn an_execution_reads_and_writes_without_regard_to_its_user(stage: Stage) -> Shown {
    let circuit = stage.circuit([])?;
    circuit.session().with_user("ada").insert(named("Contact", "a")).await?;
    let found = circuit.session().with_user("bob").query::<Record>(Query::of("Contact")).await?;
    same!(found.len(), 1);
    Ok(())
}

async fn handlers_know_the_user_and_the_tenant(stage: Stage) -> Shown {
    let tell = on(&stage, "Contact", BeforeInsert, "tell", |stage, ctx| {
        stage.note(format!("{} of {}", ctx.user(), ctx.tenant()));
        Ok(())
    });
    let session = stage.circuit([tell])?.session().with_user("ada").with_tenant("acme");
    session.insert(named("Contact", "a")).await?;
    same!(stage.notes(), ["ada of acme"]);
    Ok(())
}

async fn a_bypass_of_an_object_leaves_its_handlers_out(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::object("contact")).await?, Vec::<String>::new());
    same!(ran(&stage, Bypass::object("Account")).await?, ["before", "after"]);
    Ok(())
}

async fn a_bypass_of_a_handler_leaves_no_other_one_out(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::handler("before")).await?, ["after"]);
    Ok(())
}

async fn a_bypass_of_an_event_leaves_no_other_event_out(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::event(AfterInsert)).await?, ["before"]);
    Ok(())
}

async fn a_bypass_by_name_leaves_out_handlers_that_can_be_disabled_by_it(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::named("IMPORT")).await?, ["after"]);
    same!(ran(&stage, Bypass::named("EXPORT")).await?, ["before", "after"]);
    Ok(())
}

async fn a_bypass_of_a_user_holds_in_executions_of_that_user(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::user("ada")).await?, Vec::<String>::new());
    same!(ran(&stage, Bypass::user("bob")).await?, ["before", "after"]);
    Ok(())
}

async fn a_bypass_of_a_permission_holds_where_the_user_has_it(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::permission("Loader")).await?, Vec::<String>::new());
    same!(ran(&stage, Bypass::permission("Other")).await?, ["before", "after"]);
    Ok(())
}

async fn every_part_of_a_bypass_has_to_fit(stage: Stage) -> Shown {
    let loader = Bypass::object("Contact").and_event(BeforeInsert).and_user("ada");
    same!(ran(&stage, loader.clone().and_permission("Loader")).await?, ["after"]);
    same!(ran(&stage, loader.and_permission("Other")).await?, ["before", "after"]);
    Ok(())
}

async fn a_bypass_without_any_part_leaves_nothing_out(stage: Stage) -> Shown {
    same!(ran(&stage, Bypass::default()).await?, ["before", "after"]);
    Ok(())
}

/// Inserts a contact and notes whether its handlers ran.
async fn probe(execution: &Execution, stage: &Stage) -> Result<bool> {
    execution.insert(named("Contact", "a")).await?;
    Ok(!stage.notes().is_empty())
}

async fn a_bypass_ends_with_its_guard(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        let guard = execution.bypass(Bypass::object("Contact"));
        let with = probe(&execution, inside).await?;
        drop(guard);
        Ok((with, probe(&execution, inside).await?))
    };
    same!(engine(&stage)?.run(code).await?.value, (false, true));
    Ok(())
}

async fn an_inner_bypass_does_not_end_an_outer_one(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        let _outer = execution.bypass(Bypass::object("Contact"));
        drop(execution.bypass(Bypass::object("Contact")));
        probe(&execution, inside).await
    };
    same!(engine(&stage)?.run(code).await?.value, false);
    Ok(())
}

async fn guards_can_end_in_any_order(stage: Stage) -> Shown {
    let inside = &stage;
    let code = |execution: Execution| async move {
        let outer = execution.bypass(Bypass::object("Contact"));
        let inner = execution.bypass(Bypass::object("Contact"));
        drop(outer);
        let with = probe(&execution, inside).await?;
        drop(inner);
        Ok((with, probe(&execution, inside).await?))
    };
    same!(engine(&stage)?.run(code).await?.value, (false, true));
    Ok(())
}

async fn a_bypass_of_a_handler_s_dml_ends_before_the_handler_does(stage: Stage) -> Shown {
    let quiet = wait(&stage, "Account", AfterInsert, "quiet", |_, ctx| {
        Box::pin(async move {
            let guard = ctx.bypass(Bypass::object("Contact"));
            ctx.insert(named("Contact", "quiet")).await?;
            drop(guard);
            ctx.insert(named("Contact", "loud")).await?;
            Ok(())
        })
    });
    let circuit = stage.circuit([quiet, watch(&stage, "Contact", [BeforeInsert])])?;
    circuit.insert(named("Account", "a")).await?;
    same!(stage.notes(), ["beforeInsert 1"]);
    same!(names(&stage, "Contact").await?, ["loud", "quiet"]);
    Ok(())
}

async fn a_bypass_of_a_session_is_open_in_each_of_its_executions(stage: Stage) -> Shown {
    let session = engine(&stage)?.session().with_bypass(Bypass::object("Contact"));
    session.insert(named("Contact", "a")).await?;
    session.insert(named("Contact", "b")).await?;
    same!(stage.notes(), Vec::<String>::new());
    Ok(())
}

async fn a_bypass_of_one_execution_is_not_open_in_another(stage: Stage) -> Shown {
    let circuit = engine(&stage)?;
    let other = &circuit;
    let code = |execution: Execution| async move {
        let _guard = execution.bypass(Bypass::object("Contact"));
        other.insert(named("Contact", "a")).await
    };
    circuit.run(code).await?;
    same!(stage.notes(), ["before", "after"]);
    Ok(())
}

async fn a_bypass_leaves_validation_in_place(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Account", BeforeInsert, &["a"])])?;
    let session = circuit.session().with_bypass(Bypass::object("Account"));
    session.insert(named("Account", "a")).await?;
    error_of(session.insert(named("Account", "longer than twenty characters")).await)?;
    same!(names(&stage, "Account").await?, ["a"]);
    Ok(())
}

/// Inserts a contact with and without a permission, and returns what ran each time.
async fn ran_with_and_without(
    stage: &Stage,
    circuit: &Circuit,
) -> Result<(Vec<String>, Vec<String>)> {
    let session = circuit.session();
    session.clone().with_permission("Loader").insert(named("Contact", "a")).await?;
    let with = stage.notes();
    session.insert(named("Contact", "a")).await?;
    Ok((with, stage.notes()))
}

async fn a_handler_with_a_required_permission_runs_where_the_user_has_it(stage: Stage) -> Shown {
    let watch = watch(&stage, "Contact", [BeforeInsert]).with_required_permission("Loader");
    let (with, without) = ran_with_and_without(&stage, &stage.circuit([watch])?).await?;
    same!((with.len(), without.len()), (1, 0));
    Ok(())
}

async fn a_handler_with_a_bypass_permission_does_not_run_where_the_user_has_it(
    stage: Stage,
) -> Shown {
    let watch = watch(&stage, "Contact", [TriggerEvent::AfterInsert]);
    let circuit = stage.circuit([watch.with_bypass_permission("Loader")])?;
    let (with, without) = ran_with_and_without(&stage, &circuit).await?;
    same!((with.len(), without.len()), (0, 1));
    Ok(())
}
