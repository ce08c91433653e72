//! What is refused in a query, whether it is written or built.

use circuit_core::prelude::*;
use circuit_core::{
    Aggregate, Circuit, Column, DatePart, Distance, DistanceUnit, DynamicSoql, Error, ErrorKind,
    FieldPath, FieldSchema, FieldSet, FieldType, Filter, Grouping, Groups, IntoQuery, ObjectSchema,
    OnDelete, Operand, OrderBy, Place, Query, Registry, Value,
};
use circuit_db::Memory;

fn circuit() -> Circuit {
    let field = FieldSchema::new;
    let account = ObjectSchema::new("Account").with_field(field("Name", FieldType::Text));
    let contact = ObjectSchema::new("Contact")
        .with_field(field("Name", FieldType::Text))
        .with_field(field("Size", FieldType::Integer))
        .with_field(field("Tags", FieldType::MultiPicklist))
        .with_field(field("Met", FieldType::DateTime))
        .with_field(field("Born", FieldType::Date))
        .with_field(field("Notes", FieldType::Json))
        .with_field(field("Home__Latitude__s", FieldType::Decimal))
        .with_field(field("Home__Longitude__s", FieldType::Decimal))
        .with_field(
            field("BossId", FieldType::Id)
                .with_reference("Contact", OnDelete::Clear)
                .with_relationship("Boss", "Team"),
        )
        .with_field(field("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear));
    let store = Memory::builder().schema(account).schema(contact).build().unwrap();
    Circuit::builder().backend(store).registry(Registry::default()).build().unwrap()
}

async fn error(query: impl IntoQuery<Record>) -> Error {
    let error = circuit().query::<Record>(query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
    error
}

fn contacts() -> Query {
    Query::of("contact")
}

fn summed(operand: Operand) -> Query {
    contacts().groups(Groups { columns: vec![(operand, "x".into())], ..Groups::default() })
}

fn grouped(keys: &[&str]) -> Query {
    contacts()
        .groups(Groups { keys: keys.iter().map(Operand::field).collect(), ..Groups::default() })
}

async fn rows_error(query: Query) -> Error {
    let error = circuit().aggregate::<Record>(query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
    error
}

#[tokio::test]
async fn a_built_query_is_refused_where_the_types_do_not_fit() {
    let day = |part, path: &str| Operand::Date(part, FieldPath::from(path), chrono_tz::UTC);
    let text = "Name".to_owned();
    for (filter, message) in [
        (Filter::eq("Size", "many"), "a field is compared with a value of another type"),
        (Filter::is_in("Size", ["1"]), "a field is compared with a value of another type"),
        (Filter::like("Size", "1%"), "the field has no LIKE"),
        (Filter::greater("Tags", "a"), "the field has no order"),
        (Filter::is_in("Tags", ["a"]), "the field has no IN"),
        (Filter::eq("Notes", Value::Null), "the field can't be filtered by"),
        (day(DatePart::Year, "Name").eq(2026), "the function takes a date or a date-time"),
        (day(DatePart::HourInDay, "Born").eq(1), "the function takes a date-time"),
        (
            Filter::Includes { operand: Operand::field(&text), sets: vec![vec!["a".into()]] },
            "the field has no INCLUDES",
        ),
    ] {
        let error = error(contacts().filter(filter)).await;
        assert!(error.message().starts_with(message), "{error}");
        assert!(error.to_string().contains("object: Contact, field: "), "{error}");
    }
    let error = error(contacts().order_by(OrderBy::ascending("Tags"))).await;
    assert_eq!(
        error.to_string(),
        "the field can't be sorted by (object: Contact, field: Tags, type: multi-picklist)"
    );
}

#[tokio::test]
async fn a_built_query_is_grouped_and_aggregated_as_a_written_one() {
    let sum = rows_error(summed(Operand::aggregate(Aggregate::Sum, "Name"))).await;
    assert!(sum.to_string().contains("a number (object: Contact, field: Name"), "{sum}");
    let max = rows_error(summed(Operand::aggregate(Aggregate::Max, "Tags"))).await;
    assert!(max.to_string().contains("can't be aggregated"), "{max}");
    let met = rows_error(grouped(&["Met"])).await;
    assert!(met.to_string().contains("can't be grouped by (object: Contact, field: Met"), "{met}");
    let mut many = grouped(&["Name", "Size", "Born", "BossId"]);
    if let circuit_core::Select::Groups(groups) = &mut many.select {
        groups.grouping = Grouping::Cube;
    }
    assert!(rows_error(many).await.to_string().contains("at most 3 keys make subtotals"));
    circuit().aggregate::<Record>(grouped(&["Name", "Size", "Born", "BossId"])).await.unwrap();
}

#[tokio::test]
async fn a_built_query_keeps_to_the_numbers_of_soql() {
    let far = "Boss.Boss.Boss.Boss.Boss.Boss.Name";
    for query in [
        contacts().filter(Filter::eq(far, "x")),
        contacts().order_by(OrderBy::ascending(far)),
        contacts().columns([Column::field(far)]),
    ] {
        let error = error(query).await;
        let wanted = format!("at most 5 parents lead to a field (object: Contact, field: {far})");
        assert_eq!(error.to_string(), wanted);
    }
    let near = contacts().columns([Column::field("Boss.Boss.Boss.Boss.Boss.Name")]);
    circuit().query::<Record>(near).await.unwrap();

    let error = error(contacts().offset(2_001)).await;
    assert_eq!(error.to_string(), "OFFSET is at most 2000 (object: Contact)");
    circuit().query::<Record>(contacts().offset(2_000)).await.unwrap();

    let team = |inner| contacts().columns([Column::children("Team", inner)]);
    let five = team(team(team(team(contacts()))));
    circuit().query::<Record>(five.clone()).await.unwrap();
    let error = self::error(team(five)).await;
    assert!(error.to_string().contains("at most 5 levels"), "{error}");
}

#[tokio::test]
async fn all_fields_need_a_limit_however_it_is_given() {
    let all = |n: i64| {
        DynamicSoql::parse("SELECT FIELDS(ALL) FROM Contact LIMIT :n").unwrap().bind("n", n)
    };
    circuit().query::<Record>(all(200)).await.unwrap();
    let wanted = "FIELDS(ALL) and FIELDS(CUSTOM) need a LIMIT of 200 at most (object: Contact)";
    assert_eq!(error(all(201)).await.to_string(), wanted);
    let built = Query::of("Contact").columns([Column::Fields(FieldSet::All)]);
    assert_eq!(error(built.clone()).await.to_string(), wanted);
    circuit().query::<Record>(built.limit(200)).await.unwrap();
}

#[tokio::test]
async fn a_place_is_on_earth() {
    let text = "SELECT Id FROM Contact WHERE DISTANCE(Home__c, GEOLOCATION(:lat, :lon), 'km') < 5";
    let at =
        |lat: i64, lon: i64| DynamicSoql::parse(text).unwrap().bind("lat", lat).bind("lon", lon);
    circuit().query::<Record>(at(-90, 180)).await.unwrap();
    for query in [at(91, 0), at(0, -181)] {
        let error = error(query).await;
        assert!(error.message().starts_with("a latitude is between -90 and 90"), "{error}");
        assert!(error.to_string().contains("field: Home__Latitude__s"), "{error}");
    }
    let place = Place { latitude: f64::NAN, longitude: 0.0 };
    let (latitude, longitude) = ("Home__Latitude__s".into(), "Home__Longitude__s".into());
    let distance = Distance { latitude, longitude, place, unit: DistanceUnit::Miles };
    let built = contacts().filter(Operand::Distance(Box::new(distance)).less(5));
    assert!(error(built).await.message().starts_with("a latitude"));
}

#[tokio::test]
async fn each_variable_has_one_value_and_each_value_a_variable() {
    let parsed = || {
        let text = "SELECT Id FROM Contact WHERE Name = :name OR Name = :NAME LIMIT :most";
        DynamicSoql::parse(text).unwrap()
    };
    circuit().query::<Record>(parsed().bind("Name", "x").bind("most", 1)).await.unwrap();
    for (query, wanted) in [
        (
            parsed().bind("nam", "secret").bind("limit", 1),
            "a variable of the query has no value (object: Contact, bind: name, given: nam, limit)",
        ),
        (parsed(), "a variable of the query has no value (object: Contact, bind: name)"),
        (
            parsed().bind("name", "secret").bind("most", 1).bind("NAME", "other"),
            "a variable is given a value twice (object: Contact, bind: NAME)",
        ),
        (
            parsed().bind("name", "secret").bind("most", 1).bind("more", 2),
            "the query has no such variable (object: Contact, bind: more, variables: name, most)",
        ),
    ] {
        assert_eq!(error(query).await.to_string(), wanted);
    }
}

#[tokio::test]
async fn a_value_without_meaning_is_told_with_its_field() {
    for (text, field) in [
        ("SELECT Id FROM Contact WHERE Met = LAST_N_DAYS:99999999", "Met"),
        ("SELECT Id FROM Contact WHERE Born IN (TODAY, LAST_N_YEARS:9999999)", "Born"),
        ("SELECT Id FROM Contact WHERE Size > 1234567890123456789012345678901234567890", "Size"),
    ] {
        let error = error(DynamicSoql::parse(text).unwrap()).await;
        assert!(error.to_string().contains(&format!("field: {field}")), "{text}: {error}");
    }
}

#[tokio::test]
async fn a_plan_names_staged_objects_as_they_are_named() {
    let outcome = circuit()
        .run(|execution| async move {
            execution.insert(Record::new("CONTACT").with("Name", "Ada")).await?;
            Ok(execution.explain(Query::of("contact")).await?.to_string())
        })
        .await
        .unwrap();
    assert!(outcome.value.contains("staged writes of Contact over"), "{}", outcome.value);
}

#[test]
fn the_debug_text_of_a_query_shows_no_values() {
    let places = Place { latitude: 12.345, longitude: 67.89 };
    let distance = Distance {
        latitude: "Lat".into(),
        longitude: "Lon".into(),
        place: places,
        unit: DistanceUnit::Miles,
    };
    let inner =
        Query::of("Account").filter(Filter::eq("Name", "hush")).columns([Column::field("Id")]);
    let filter = Filter::eq("Name", "hush")
        .and(Filter::is_in("Name", ["hush"]))
        .and(Filter::like("Name", "hush%").or(Filter::in_query("AccountId", inner)))
        .and(Operand::Distance(Box::new(distance)).less(4_711))
        .and(
            Filter::Includes { operand: Operand::field("Tags"), sets: vec![vec!["hush".into()]] }
                .negated(),
        );
    let shown = format!("{:?} {:#?}", filter, contacts().filter(filter.clone()));
    for value in ["hush", "4711", "12.345", "67.89"] {
        assert!(!shown.contains(value), "{shown}");
    }
    assert!(shown.contains("Tags") && shown.contains("text"), "{shown}");
}

#[tokio::test]
async fn the_log_tells_once_of_an_object_that_may_be_misspelt() {
    let circuit = circuit();
    circuit.insert(Record::new("Contacts").with("Name", "Ada")).await.unwrap();
    let outcome = circuit
        .run(|execution| async move {
            execution.count(Query::of("Contacto").limit(0)).await?;
            for object in ["Contcat", "contcat", "Contact", "Invoice", "Cntct"] {
                assert!(execution.query::<Record>(Query::of(object)).await?.is_empty());
            }
            let none = Query::of("Contacts").filter(Filter::eq("Name", "Bob"));
            assert!(execution.query::<Record>(none).await?.is_empty());
            Ok(())
        })
        .await
        .unwrap();
    let told: Vec<String> = outcome.log().iter().map(|entry| entry.message.to_string()).collect();
    assert_eq!(told, ["the store has no record of this object; is it `Contact`?"]);
}

#[tokio::test]
async fn the_empty_text_beside_an_id_is_null() {
    let circuit = circuit();
    circuit.insert(Record::new("Contact").with("Name", "Ada")).await.unwrap();
    let count = async |filter| circuit.count(contacts().filter(filter)).await.unwrap();
    assert_eq!(count(Filter::eq("AccountId", "")).await, 1);
    assert_eq!(count(Filter::ne("AccountId", "")).await, 0);
    assert_eq!(count(Filter::is_in("AccountId", ["", "001"])).await, 1);
    let text = DynamicSoql::parse("SELECT Id FROM Contact WHERE AccountId = ''").unwrap();
    assert_eq!(circuit.count(text).await.unwrap(), 1);
    let error = error(contacts().filter(Filter::eq("AccountId", "no id"))).await;
    assert!(error.to_string().ends_with("found: text that is no id)"), "{error}");
}

#[tokio::test]
async fn groups_have_no_rows_to_lock_and_each_key_once() {
    let mut locked = grouped(&["Name"]);
    locked.lock = true;
    assert!(rows_error(locked).await.message().starts_with("groups and numbers have no rows"));
    let error = rows_error(grouped(&["Name", "NAME"])).await;
    assert_eq!(error.context("field"), Some("NAME"));
}
