//! Lists of several objects: runs of one object, ten chunks at most.

use circuit_core::TriggerEvent::{AfterInsert, AfterUpdate, BeforeInsert};
use circuit_core::{ErrorKind, Record, TriggerRegistration};

use super::name_behaviours;
use super::stage::{Stage, account, contact, error_of, id, many, of, refused, refuses, tells};
use crate::conformance::Shown;
use crate::conformance::support::same;

name_behaviours! { "A3":
    Documented a_mixed_list_is_cut_where_the_object_changes_in_the_order_given,
    Documented a_mixed_update_is_cut_where_the_object_changes,
    Documented runs_of_one_object_are_cut_at_two_hundred,
    Documented a_mixed_list_may_have_ten_chunks,
    Documented a_mixed_list_of_eleven_chunks_is_refused,
    Documented a_mixed_list_may_have_ten_objects,
    Documented a_mixed_list_of_eleven_objects_is_refused,
    Documented a_thousand_and_one_records_of_two_objects_are_twelve_chunks_and_refused,
    Chosen a_list_of_one_object_may_have_more_than_ten_chunks,
    Inferred a_refused_mixed_list_runs_no_handler_and_stores_nothing,
    Documented a_mixed_list_is_one_statement,
    Inferred an_error_in_one_object_takes_back_the_others,
    Documented a_parent_may_come_before_its_child,
    Documented a_child_cannot_come_before_its_parent,
    Documented a_record_cannot_refer_to_one_of_the_same_object_in_the_call,
    Chosen object_names_match_without_regard_to_case,
}

/// Notes for each object of `a`, `c` and `k`.
fn all(stage: &Stage) -> [TriggerRegistration; 3] {
    ["Account", "Contact", "Task"].map(|object| tells(stage, object, [AfterInsert, AfterUpdate]))
}

fn record(letter: char) -> Record {
    match letter {
        'a' => account("Acme"),
        'c' => contact("Ada"),
        _ => Record::new("Task"),
    }
}

async fn a_mixed_list_is_cut_where_the_object_changes_in_the_order_given(stage: Stage) -> Shown {
    let list: Vec<Record> = "aaccckaac".chars().map(record).collect();
    stage.circuit(all(&stage))?.insert(list).await?;
    let expected = [
        "Account afterInsert 2",
        "Contact afterInsert 3",
        "Task afterInsert 1",
        "Account afterInsert 2",
        "Contact afterInsert 1",
    ];
    same!(stage.notes(), expected);
    Ok(())
}

async fn a_mixed_update_is_cut_where_the_object_changes(stage: Stage) -> Shown {
    let ids = stage.fill("aac".chars().map(record)).await?;
    let list = [of("Account", &ids[0]), of("Contact", &ids[2]), of("Account", &ids[1])];
    stage.circuit(all(&stage))?.update(list).await?;
    let expected = ["Account afterUpdate 1", "Contact afterUpdate 1", "Account afterUpdate 1"];
    same!(stage.notes(), expected);
    Ok(())
}

async fn runs_of_one_object_are_cut_at_two_hundred(stage: Stage) -> Shown {
    let mut list = many("Contact", "LastName", 201);
    list.extend(many("Task", "Subject", 200));
    stage.circuit(all(&stage))?.insert(list).await?;
    let expected = ["Contact afterInsert 200", "Contact afterInsert 1", "Task afterInsert 200"];
    same!(stage.notes(), expected);
    Ok(())
}

fn alternating(count: usize) -> Vec<Record> {
    "ck".repeat(count).chars().take(count).map(record).collect()
}

async fn a_mixed_list_may_have_ten_chunks(stage: Stage) -> Shown {
    stage.circuit(all(&stage))?.insert(alternating(10)).await?;
    same!(stage.notes().len(), 10);
    Ok(())
}

async fn a_mixed_list_of_eleven_chunks_is_refused(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([])?.insert(alternating(11)).await)?;
    same!((error.kind(), error.context("chunks")), (ErrorKind::InvalidInput, Some("11")));
    Ok(())
}

fn objects(count: usize) -> Vec<Record> {
    (0..count).map(|number| Record::new(&format!("Open{number}"))).collect()
}

async fn a_mixed_list_may_have_ten_objects(stage: Stage) -> Shown {
    stage.circuit([])?.insert(objects(10)).await?;
    same!(stage.stored("Open9").await?.len(), 1);
    Ok(())
}

async fn a_mixed_list_of_eleven_objects_is_refused(stage: Stage) -> Shown {
    let error = error_of(stage.circuit([])?.insert(objects(11)).await)?;
    same!(error.kind(), ErrorKind::InvalidInput);
    Ok(())
}

async fn a_thousand_and_one_records_of_two_objects_are_twelve_chunks_and_refused(
    stage: Stage,
) -> Shown {
    let mut list = many("Lead", "LastName", 1001);
    list.extend(many("Contact", "LastName", 1001));
    let error = error_of(stage.circuit([])?.insert(list).await)?;
    same!(error.context("chunks"), Some("12"));
    Ok(())
}

async fn a_list_of_one_object_may_have_more_than_ten_chunks(stage: Stage) -> Shown {
    stage.circuit(all(&stage))?.insert(many("Task", "Subject", 2001)).await?;
    same!(stage.notes().len(), 11);
    Ok(())
}

async fn a_refused_mixed_list_runs_no_handler_and_stores_nothing(stage: Stage) -> Shown {
    error_of(stage.circuit(all(&stage))?.insert(alternating(11)).await)?;
    same!(stage.notes(), [""; 0]);
    same!(stage.stored("Contact").await?.len(), 0);
    Ok(())
}

async fn a_mixed_list_is_one_statement(stage: Stage) -> Shown {
    let outcome = stage.circuit([])?.insert(alternating(10)).await?;
    same!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 10));
    Ok(())
}

async fn an_error_in_one_object_takes_back_the_others(stage: Stage) -> Shown {
    let circuit = stage.circuit([refuses(&stage, BeforeInsert)])?;
    let list = [account("Acme"), contact("bad"), Record::new("Task")];
    same!(refused(circuit.insert(list).await)?, ["1 FIELD_CUSTOM_VALIDATION_EXCEPTION"]);
    same!(stage.stored("Account").await?.len() + stage.stored("Task").await?.len(), 0);
    Ok(())
}

fn child() -> Record {
    contact("Ada").with("AccountId", id("acme"))
}

async fn a_parent_may_come_before_its_child(stage: Stage) -> Shown {
    let list = [account("Acme").with_id(id("acme")), child()];
    stage.circuit([])?.insert(list).await?;
    same!(stage.stored("Contact").await?.len(), 1);
    Ok(())
}

async fn a_child_cannot_come_before_its_parent(stage: Stage) -> Shown {
    let list = [child(), account("Acme").with_id(id("acme"))];
    let codes = refused(stage.circuit([])?.insert(list).await)?;
    same!(codes, ["0 INVALID_CROSS_REFERENCE_KEY AccountId"]);
    Ok(())
}

async fn a_record_cannot_refer_to_one_of_the_same_object_in_the_call(stage: Stage) -> Shown {
    let below = account("Acme East").with("ParentId", id("acme"));
    let list = [account("Acme").with_id(id("acme")), below];
    let codes = refused(stage.circuit([])?.insert(list).await)?;
    same!(codes, ["1 INVALID_CROSS_REFERENCE_KEY ParentId"]);
    Ok(())
}

async fn object_names_match_without_regard_to_case(stage: Stage) -> Shown {
    let list = ["Task", "TASK", "task"].map(Record::new);
    stage.circuit(all(&stage))?.insert(list).await?;
    same!(stage.notes(), ["Task afterInsert 3"]);
    Ok(())
}
