//! Structs as records, through `#[trigger]` and `#[derive(SObject)]`, as users write them.

use chrono::{DateTime, Utc};
use circuit_core::prelude::*;
use circuit_core::{Circuit, ErrorKind, FieldType, Registry};
use circuit_db::Memory;
use circuit_testkit::CountingIds;
use rust_decimal::Decimal;

#[derive(SObject, Debug, Clone, Default)]
#[sobject("Person")]
struct Person {
    id: Option<RecordId>,
    email: Option<String>,
    #[sobject("vlpr_score__c")]
    score: Option<i64>,
    #[sobject(flatten)]
    other: FieldMap,
}

/// A struct that names other fields of the same object.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Person")]
struct Numbers {
    id: Option<RecordId>,
    phone: Option<Text>,
    #[expect(clippy::option_option, reason = "absent, null and a value are three things")]
    fax: Option<Option<Text>>,
}

#[derive(SObject, Debug, Clone, Default)]
#[sobject("Call")]
struct Call {
    who_id: Option<RecordId>,
    done: Option<bool>,
}

/// Lower-cases e-mail addresses before they are stored.
#[trigger("Person", beforeInsert, beforeUpdate)]
async fn normalise_email(ctx: &mut TriggerContext<'_, Person>) -> Result<()> {
    std::future::ready(()).await;
    for person in ctx.new_records_mut() {
        if let Some(email) = &mut person.email {
            *email = email.trim().to_lowercase();
        }
    }
    Ok(())
}

/// Scores new people and asks for a call where the score is high.
#[trigger("Person", afterInsert, order = 10)]
async fn score_people(ctx: &TriggerContext<'_, Person>) -> Result<()> {
    let open = Filter::is_in("WhoId", ctx.ids()).and(Filter::eq("Done", false));
    let open: Vec<Call> = ctx.query(Query::of("Call").filter(open)).await?;
    ctx.log().info("scoring").with("count", ctx.size()).with("open", open.len());
    let points = |person: &Person| {
        person.email.as_ref().map_or(0, |email| i64::try_from(email.len()).unwrap_or(0))
    };
    let scored: Vec<Person> = ctx
        .new_records()
        .iter()
        .map(|person| Person {
            id: person.id.clone(),
            score: Some(points(person)),
            ..Person::default()
        })
        .collect();
    let calls: Vec<Call> = scored
        .iter()
        .filter(|person| person.score > Some(10))
        .map(|person| Call { who_id: person.id.clone(), done: Some(false) })
        .collect();
    ctx.update(scored).await?;
    ctx.insert(calls).await?;
    Ok(())
}

struct Guards;

#[triggers]
impl Guards {
    #[trigger("Person", afterUpdate, when = changed("Phone"))]
    fn keep_phone(&self, ctx: &TriggerContext<'_, Numbers>) -> Result<()> {
        for (new, _) in
            ctx.changes().filter(|(new, old)| new.phone.is_none() && old.phone.is_some())
        {
            new.add_field_error("Phone", "a phone number stays");
        }
        Ok(())
    }
}

/// Fields of other types than other programs store them with.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Deal")]
struct Deal {
    id: Option<RecordId>,
    amount: Option<Decimal>,
    owner: Option<String>,
    closes: Option<DateTime<Utc>>,
    stage: Option<String>,
    #[sobject(flatten)]
    other: FieldMap,
}

/// Touches every deal, changes only its stage, and drops what the object should not have.
#[trigger("Deal", beforeInsert, beforeUpdate)]
fn tidy_deal(ctx: &mut TriggerContext<'_, Deal>) -> Result<()> {
    for deal in ctx.new_records_mut() {
        deal.stage = Some("Seen".into());
        deal.other.remove("JUNK");
    }
    Ok(())
}

#[trigger("Deal", afterUpdate, when = changed("Amount"))]
fn refuse_a_new_amount(ctx: &TriggerContext<'_, Deal>) -> Result<()> {
    ctx.new_records().iter().for_each(|deal| deal.add_error("the amount changed"));
    Ok(())
}

/// A struct that names nothing, not even the id.
#[derive(SObject, Debug, Clone, Default)]
#[sobject("Bag")]
struct Bag {
    #[sobject(flatten)]
    all: FieldMap,
}

#[trigger("Bag", beforeUpdate)]
fn empty_the_bag(ctx: &mut TriggerContext<'_, Bag>) -> Result<()> {
    ctx.new_records_mut().iter_mut().for_each(|bag| bag.all = FieldMap::default());
    Ok(())
}

fn circuit() -> Circuit {
    let builder = Circuit::builder().backend(Memory::new()).ids(CountingIds::default());
    builder.expect_crates(["circuit-core"]).build().unwrap()
}

async fn people(circuit: &Circuit) -> Vec<Person> {
    circuit.query(Query::of("Person")).await.unwrap()
}

#[tokio::test]
async fn the_example_of_the_design_runs() {
    let circuit = circuit();
    let ada = Person { email: Some(" Ada@Example.COM ".into()), ..Person::default() };
    let bob = Person { email: Some("b@c.d".into()), ..Person::default() };
    let outcome = circuit.insert(vec![ada, bob]).await.unwrap();
    let found = people(&circuit).await;
    assert_eq!(found[0].email.as_deref(), Some("ada@example.com"));
    assert_eq!((found[0].score, found[1].score), (Some(15), Some(5)));
    let calls: Vec<Call> = circuit.query(Query::of("Call")).await.unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].who_id.as_ref(), outcome.results()[0].id());
    let entry = &outcome.log()[0];
    assert_eq!((entry.handler.as_str(), entry.data[0].1.as_i64()), ("score_people", Some(2)));
}

#[tokio::test]
async fn fields_that_a_struct_does_not_name_travel_along() {
    let circuit = circuit();
    let full = Record::new("Person").with("Email", "A@B.C").with("Shoe", 44);
    circuit.insert(full).await.unwrap();
    let mut person = people(&circuit).await.remove(0);
    assert_eq!(person.other.get("shoe"), Some(&Value::Integer(44)));
    person.other.insert("Shoe", 45);
    person.other.insert("Hat", "blue");
    circuit.update(person).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Person")).await.unwrap();
    assert_eq!(stored[0].get("Shoe"), Some(&Value::Integer(45)));
    assert_eq!(stored[0].get("Hat"), Some(&Value::from("blue")));
    assert_eq!(stored[0].get("Email"), Some(&Value::from("a@b.c")));
}

#[tokio::test]
async fn none_leaves_a_field_alone_and_an_inner_none_makes_it_null() {
    let circuit = circuit();
    let full = Record::new("Person").with("Phone", "1").with("Fax", "2");
    let id = circuit.insert(full).await.unwrap().results()[0].id().cloned().unwrap();
    circuit.update(Numbers { id: Some(id), phone: None, fax: Some(None) }).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Person")).await.unwrap();
    assert_eq!(stored[0].get("Phone"), Some(&Value::from("1")));
    assert_eq!(stored[0].get("Fax"), Some(&Value::Null));
}

#[tokio::test]
async fn a_method_of_a_unit_struct_is_a_handler() {
    let circuit = circuit();
    let id = circuit.insert(Record::new("Person").with("Phone", "1")).await.unwrap().results()[0]
        .id()
        .cloned()
        .unwrap();
    let gone = Record::new("Person").with_id(id).with("Phone", Value::Null);
    let error = circuit.update(gone).await.unwrap_err();
    assert_eq!(error.failures()[0].message, "a phone number stays");
}

#[tokio::test]
async fn a_field_of_another_type_names_object_field_and_handler() {
    let error = circuit().insert(Record::new("Person").with("Email", 5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handler);
    assert_eq!(error.context("handler"), Some("normalise_email"));
    let text = format!("{error:?}");
    assert!(text.contains("field: email") && text.contains("found: integer"), "{text}");
}

/// Stores a deal as another program would; `tidy_deal` has seen it once.
async fn stored_deal(circuit: &Circuit, deal: Record) -> RecordId {
    circuit.insert(deal).await.unwrap().results()[0].id().cloned().unwrap()
}

async fn only_deal(circuit: &Circuit) -> Record {
    circuit.query(Query::of("Deal")).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_field_that_a_typed_handler_leaves_alone_keeps_its_stored_type() {
    let circuit = circuit();
    let owner = Value::Id("005D0000001KwQpIAK".parse().unwrap());
    let closes = "2026-03-01T10:15:30.000+0000";
    let deal = Record::new("Deal").with("Amount", 3).with("Owner", owner.clone());
    let id = stored_deal(&circuit, deal.with("Closes", closes)).await;
    circuit.update(Record::new("Deal").with_id(id).with("Name", "x")).await.unwrap();
    let stored = only_deal(&circuit).await;
    assert_eq!(stored.get("Amount"), Some(&Value::Integer(3)));
    assert_eq!(stored.get("Owner"), Some(&owner));
    assert_eq!(stored.get("Closes"), Some(&Value::from(closes)));
    assert_eq!(stored.get("Stage"), Some(&Value::from("Seen")));
}

#[tokio::test]
async fn a_changed_field_gets_the_structs_type() {
    let circuit = circuit();
    let id = stored_deal(&circuit, Record::new("Deal").with("Amount", 3)).await;
    let higher = Deal { id: Some(id), amount: Some(4.into()), ..Deal::default() };
    let error = circuit.update(higher).await.unwrap_err();
    assert_eq!(error.failures()[0].message, "the amount changed");
}

#[tokio::test]
async fn a_field_removed_from_the_flattened_map_before_insert_is_absent() {
    let circuit = circuit();
    stored_deal(&circuit, Record::new("Deal").with("Junk", 1).with("Keep", 2)).await;
    let stored = only_deal(&circuit).await;
    assert_eq!(stored.get("Junk"), None);
    assert_eq!(stored.get("Keep"), Some(&Value::Integer(2)));
}

#[tokio::test]
async fn a_field_removed_from_the_flattened_map_before_update_is_null() {
    let circuit = circuit();
    let id = stored_deal(&circuit, Record::new("Deal").with("Keep", 2)).await;
    circuit.update(Record::new("Deal").with_id(id).with("Junk", 1)).await.unwrap();
    let stored = only_deal(&circuit).await;
    assert_eq!(stored.get("Junk"), Some(&Value::Null));
    assert_eq!(stored.get("Keep"), Some(&Value::Integer(2)));
}

#[tokio::test]
async fn a_new_map_empties_the_record_but_for_its_id() {
    let circuit = circuit();
    let bag = Record::new("Bag").with("Key", 1).with("Pen", Value::Null);
    let id = circuit.insert(bag).await.unwrap().results()[0].id().cloned().unwrap();
    circuit.update(Record::new("Bag").with_id(id.clone()).with("Cup", 2)).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Bag")).await.unwrap();
    let empty = ["Key", "Pen", "Cup"].into_iter();
    let empty = empty.fold(Record::new("Bag"), |bag, field| bag.with(field, Value::Null));
    assert_eq!(stored[0], empty.with_id(id));
}

#[tokio::test]
async fn a_query_on_another_object_than_its_type_is_refused() {
    let error = circuit().query::<Call>(Query::of("Person")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
}

#[test]
fn a_record_becomes_a_struct_and_names_what_does_not_fit() {
    let person: Person = Record::new("Person").with("vlpr_score__c", 7).to().unwrap();
    assert_eq!(person.score, Some(7));
    let error = Record::new("Person").with("vlpr_score__c", "x").to::<Person>().unwrap_err();
    assert_eq!(error.context("field"), Some("vlpr_score__c"));
    assert_eq!(Person::fields()[2].field_type, FieldType::Integer);
}

#[test]
fn the_registry_finds_what_is_linked() {
    let names: Vec<_> =
        Registry::from_inventory().registrations().iter().map(|r| r.name().to_string()).collect();
    let expected = [
        "empty_the_bag",
        "refuse_a_new_amount",
        "tidy_deal",
        "keep_phone",
        "normalise_email",
        "score_people",
    ];
    assert_eq!(names, expected);
}
