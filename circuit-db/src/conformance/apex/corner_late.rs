//! Corners where several rules meet: taken-back rows, hooks that outlive their place, the bin.

use std::sync::{Arc, Mutex, PoisonError};

use circuit_core::TriggerEvent::{
    AfterDelete, AfterInsert, AfterUndelete, AfterUpdate, BeforeInsert,
};
use circuit_core::{
    Callout, Circuit, DmlRequest, ErrorKind, Execution, Record, RecordId, StatusCode, Value,
};

use super::name_behaviours;
use super::stage::{
    Stage, error_of, isolated, named, names, of, partial, refuse, saved, statuses, wait,
};
use crate::conformance::Shown;
use crate::conformance::support::{id, same};

name_behaviours! {
    "A7":
    Chosen a_chosen_id_twice_in_an_isolated_call_keeps_the_first_row,
    Chosen a_good_row_that_refers_to_a_refused_one_lets_go_of_it,
    Chosen a_value_that_a_refused_row_keeps_is_not_free_for_another,
    Chosen a_delete_that_is_taken_back_drags_nothing_along,
    Chosen an_undelete_that_is_taken_back_brings_nothing_back,
    Documented a_refused_row_has_the_id_that_it_was_given,
    Chosen an_id_in_the_recycle_bin_refuses_its_row_only,
    "A8":
    Chosen a_hooks_execution_ends_with_the_hook,
    Chosen after_rollback_hooks_of_failed_calls_run_in_the_order_of_their_registration,
    Chosen handlers_of_one_name_on_two_objects_have_hooks_of_their_own,
    "A9":
    Inferred a_call_that_was_taken_back_is_no_uncommitted_work,
    Chosen a_dry_run_does_not_call_out,
    "A10":
    Documented a_key_that_several_records_have_is_an_error_of_its_row,
    Chosen an_upsert_by_a_key_with_the_id_of_another_record_is_an_error_of_its_row,
    Inferred a_child_cannot_come_back_without_its_parent,
    Chosen a_reference_that_a_delete_cleared_stays_null_after_the_undelete,
    Inferred a_master_that_refers_to_a_merged_record_refers_to_nothing,
    Chosen emptying_the_bin_takes_what_was_taken_along,
}

/// An account named `bad` with an asset (cascade) and a contact (clear).
async fn family(stage: &Stage) -> circuit_core::Result<RecordId> {
    let account = stage.fill([named("Account", "bad")]).await?.remove(0);
    let asset = named("Asset", "asset").with("AccountId", &account);
    let contact = named("Contact", "contact").with("AccountId", &account);
    stage.fill([asset]).await?;
    stage.fill([contact]).await?;
    Ok(account)
}

async fn account_of_the_contact(stage: &Stage) -> circuit_core::Result<Option<Value>> {
    Ok(stage.stored("Contact").await?[0].get("AccountId").cloned())
}

async fn a_chosen_id_twice_in_an_isolated_call_keeps_the_first_row(stage: Stage) -> Shown {
    let rows = ["a", "b"].map(|name| named("Contact", name).with_id(id("003000000000001")));
    let outcome = stage.circuit([])?.dml(isolated(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [true, false]);
    same!(names(&stage, "Contact").await?, ["a"]);
    Ok(())
}

async fn a_good_row_that_refers_to_a_refused_one_lets_go_of_it(stage: Stage) -> Shown {
    let links = wait(&stage, "Account", AfterInsert, "a links", |_, ctx| {
        Box::pin(async move {
            let ids = ctx.ids();
            ctx.update(of("Account", &ids[0]).with("ParentId", &ids[1])).await?;
            Ok(())
        })
    });
    let circuit = stage.circuit([links, refuse("Account", AfterInsert, &["bad"])])?;
    let rows = [named("Account", "good"), named("Account", "bad")];
    let outcome = circuit.dml(isolated(DmlRequest::insert(rows))).await?;
    same!(saved(outcome.results()), [true, false]);
    let stored = stage.stored("Account").await?;
    same!(stored.len(), 1);
    same!(stored[0].get("ParentId"), Some(&Value::Null));
    Ok(())
}

async fn a_value_that_a_refused_row_keeps_is_not_free_for_another(stage: Stage) -> Shown {
    let mailed = |name: &str, mail: &str| named("Contact", name).with("Email", mail);
    let ids = stage.fill([mailed("a", "a@x"), mailed("bad", "b@x")]).await?;
    let circuit = stage.circuit([refuse("Contact", AfterUpdate, &["bad"])])?;
    let swapped =
        [of("Contact", &ids[0]).with("Email", "b@x"), of("Contact", &ids[1]).with("Email", "a@x")];
    let outcome = circuit.dml(isolated(DmlRequest::update(swapped))).await?;
    same!(saved(outcome.results()), [false, false]);
    same!(statuses(outcome.results())[0], Some(StatusCode::DuplicateValue));
    Ok(())
}

async fn a_delete_that_is_taken_back_drags_nothing_along(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let circuit = stage.circuit([refuse("Account", AfterDelete, &["bad"])])?;
    circuit.dml(isolated(DmlRequest::delete(of("Account", &account)))).await?;
    same!(names(&stage, "Asset").await?, ["asset"]);
    same!(account_of_the_contact(&stage).await?, Some(Value::Id(account)));
    Ok(())
}

async fn an_undelete_that_is_taken_back_brings_nothing_back(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    stage.circuit([])?.delete(of("Account", &account)).await?;
    let circuit = stage.circuit([refuse("Account", AfterUndelete, &["bad"])])?;
    circuit.dml(isolated(DmlRequest::undelete(of("Account", &account)))).await?;
    same!(stage.stored("Account").await?.len(), 0);
    same!(stage.stored("Asset").await?.len(), 0);
    Ok(())
}

async fn a_refused_row_has_the_id_that_it_was_given(stage: Stage) -> Shown {
    let own = stage.fill([named("Contact", "a")]).await?.remove(0);
    let twice = vec![of("Contact", &own); 2];
    let outcome = stage.circuit([])?.dml(partial(DmlRequest::update(twice))).await?;
    same!(outcome.results()[1].id(), Some(&own));
    let circuit = stage.circuit([refuse("Contact", BeforeInsert, &["bad"])])?;
    let outcome = circuit.dml(partial(DmlRequest::insert(named("Contact", "bad")))).await?;
    same!(outcome.results()[0].id(), None);
    Ok(())
}

async fn an_id_in_the_recycle_bin_refuses_its_row_only(stage: Stage) -> Shown {
    let taken = id("003000000000001");
    let circuit = stage.circuit([])?;
    circuit.insert(named("Contact", "old").with_id(taken.clone())).await?;
    circuit.delete(of("Contact", &taken)).await?;
    let rows = [named("Contact", "new").with_id(taken), named("Contact", "other")];
    let outcome = circuit.dml(partial(DmlRequest::insert(rows))).await?;
    same!(statuses(outcome.results()), [Some(StatusCode::DuplicateValue), None]);
    Ok(())
}

async fn a_hooks_execution_ends_with_the_hook(stage: Stage) -> Shown {
    let kept: Arc<Mutex<Option<Execution>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let circuit = stage.circuit([])?;
    let run = circuit.run(|execution| {
        let keep = Arc::clone(&keep);
        async move {
            let hook = |own: Execution| async move {
                drop(own.set_savepoint().await?);
                *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
                Ok(())
            };
            execution.before_commit("one", hook).await?;
            let hook = |own: Execution| async move {
                own.callout(Callout::to("maps"), async {}).await?;
                Ok(())
            };
            execution.before_commit("two", hook).await
        }
    });
    run.await?;
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(kept) = kept else { return Ok(()) };
    let error = error_of(kept.insert(named("Contact", "late")).await)?;
    same!(error.kind(), ErrorKind::ExecutionEnded);
    Ok(())
}

async fn after_rollback_hooks_of_failed_calls_run_in_the_order_of_their_registration(
    stage: Stage,
) -> Shown {
    let hooks = wait(&stage, "Contact", BeforeInsert, "hooks", |stage, ctx| {
        let stage = stage.clone();
        Box::pin(async move {
            let ext = ctx.try_new_records()?[0].read::<String>("Ext")?;
            let own = ext.clone();
            let hook = move |_| async move {
                stage.note(own);
                Ok(())
            };
            ctx.after_rollback(ext, hook).await?;
            Ok(())
        })
    });
    let circuit = stage.circuit([hooks, refuse("Contact", AfterInsert, &["bad"])])?;
    let outer = stage.clone();
    let run = circuit.run(|execution| {
        let stage = outer.clone();
        async move {
            let hook = move |_| async move {
                stage.note("host");
                Ok(())
            };
            execution.after_rollback("host", hook).await?;
            for ext in ["first", "second", "first"] {
                drop(execution.insert(named("Contact", "bad").with("Ext", ext)).await);
            }
            execution.update(Record::new("Contact")).await
        }
    });
    error_of(run.await)?;
    same!(stage.notes(), ["host", "first", "second"]);
    Ok(())
}

async fn handlers_of_one_name_on_two_objects_have_hooks_of_their_own(stage: Stage) -> Shown {
    let notify = |object: &'static str| {
        wait(&stage, object, AfterInsert, "notify", move |stage, ctx| {
            let stage = stage.clone();
            Box::pin(async move {
                let hook = move |_| async move {
                    stage.note(object);
                    Ok(())
                };
                ctx.after_commit("mail", hook).await?;
                Ok(())
            })
        })
    };
    let circuit: Circuit = stage.circuit([notify("Contact"), notify("Account")])?;
    circuit.insert([named("Contact", "a"), named("Account", "b")]).await?;
    same!(stage.notes(), ["Contact", "Account"]);
    Ok(())
}

async fn a_call_that_was_taken_back_is_no_uncommitted_work(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuse("Contact", AfterInsert, &["bad"])])?;
    let run = circuit.run(|execution| async move {
        execution.dml(isolated(DmlRequest::insert(named("Contact", "bad")))).await?;
        execution.callout(Callout::to("maps"), async {}).await
    });
    run.await?;
    Ok(())
}

async fn a_dry_run_does_not_call_out(stage: Stage) -> Shown {
    let session = stage.circuit([])?.session().with_callouts_at_any_time();
    let code = |execution: Execution| async move {
        execution.callout(Callout::to("maps"), async { 42 }).await
    };
    let error = error_of(session.dry_run_with(code).await?.answer)?;
    same!(error.kind(), ErrorKind::Callout);
    Ok(())
}

async fn a_key_that_several_records_have_is_an_error_of_its_row(stage: Stage) -> Shown {
    let keyed = |name: &str, ext: &str| named("Contact", name).with("Ext", ext);
    stage.fill([keyed("a", "1"), keyed("b", "1")]).await?;
    let rows = vec![keyed("c", "1"), keyed("d", "2")];
    let outcome = stage.circuit([])?.dml(partial(DmlRequest::upsert_by("Ext", rows))).await?;
    same!(statuses(outcome.results()), [Some(StatusCode::DuplicateExternalId), None]);
    Ok(())
}

async fn an_upsert_by_a_key_with_the_id_of_another_record_is_an_error_of_its_row(
    stage: Stage,
) -> Shown {
    let keyed = |name: &str, ext: &str| named("Contact", name).with("Ext", ext);
    let ids = stage.fill([keyed("a", "1"), keyed("b", "2")]).await?;
    let row = keyed("c", "1").with_id(ids[1].clone());
    let error = error_of(stage.circuit([])?.dml(DmlRequest::upsert_by("Ext", row)).await)?;
    same!(error.failures()[0].status, StatusCode::InvalidFieldForInsertUpdate);
    Ok(())
}

async fn a_child_cannot_come_back_without_its_parent(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let asset = stage.stored("Asset").await?[0].id().cloned();
    let Some(asset) = asset else { return Ok(()) };
    let circuit = stage.circuit([])?;
    circuit.delete(of("Account", &account)).await?;
    let error = error_of(circuit.undelete(of("Asset", &asset)).await)?;
    same!(error.failures()[0].status, StatusCode::UndeleteFailed);
    circuit.undelete(of("Account", &account)).await?;
    same!(names(&stage, "Asset").await?, ["asset"]);
    Ok(())
}

async fn a_reference_that_a_delete_cleared_stays_null_after_the_undelete(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let circuit = stage.circuit([])?;
    circuit.delete(of("Account", &account)).await?;
    circuit.undelete(of("Account", &account)).await?;
    same!(account_of_the_contact(&stage).await?, Some(Value::Null));
    Ok(())
}

async fn a_master_that_refers_to_a_merged_record_refers_to_nothing(stage: Stage) -> Shown {
    let merged = stage.fill([named("Account", "merged")]).await?.remove(0);
    let master = named("Account", "master").with("ParentId", &merged);
    let own = stage.fill([master.clone()]).await?.remove(0);
    let merge = DmlRequest::merge(master.with_id(own), of("Account", &merged));
    stage.circuit([])?.dml(merge).await?;
    same!(stage.stored("Account").await?[0].get("ParentId"), Some(&Value::Null));
    Ok(())
}

async fn emptying_the_bin_takes_what_was_taken_along(stage: Stage) -> Shown {
    let account = family(&stage).await?;
    let asset = stage.stored("Asset").await?[0].clone();
    let circuit = stage.circuit([])?;
    circuit.delete(of("Account", &account)).await?;
    circuit.dml(DmlRequest::empty_recycle_bin(of("Account", &account))).await?;
    let error = error_of(circuit.undelete(asset).await)?;
    same!(error.failures()[0].status, StatusCode::UndeleteFailed);
    Ok(())
}
