//! What the semantic check lets pass, and what it says of the rest.

mod fixture;

use circuit_soql::schema::{Field, FieldKind, IdForm, Object, Schema};
use circuit_soql::{Dialect, ErrorKind, Errors, check, parse};

fn checked(query: &str, schema: &Schema) -> Result<(), Errors> {
    let parsed = parse(query, Dialect::Apex).unwrap_or_else(|errors| {
        panic!("the table is for queries that can be read:\n{}", errors.render(query))
    });
    check(&parsed, schema)
}

/// Returns the lines that `wrong.txt` has under a query: `token => message`.
fn told(query: &str, schema: &Schema) -> Vec<String> {
    let Err(errors) = checked(query, schema) else {
        return Vec::new();
    };
    let line = |error: &circuit_soql::Error| format!("{} => {error}", &query[error.span().range()]);
    errors.iter().map(line).collect()
}

#[test]
fn every_wrong_query_of_the_table_gets_its_messages() {
    let schema = fixture::schema();
    let mut lines = include_str!("wrong.txt").lines().peekable();
    let mut count = 0;
    while let Some(query) = lines.next() {
        if query.starts_with('#') {
            continue;
        }
        let mut expected = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("    ")) {
            expected.push(line.trim_start().to_owned());
        }
        assert_eq!(told(query, &schema), expected, "{query}");
        count += 1;
    }
    assert!(count >= 165, "{count} queries");
}

#[test]
fn every_right_query_of_the_table_passes() {
    let schema = fixture::schema();
    let queries: Vec<&str> = include_str!("right.txt").lines().collect();
    for query in &queries {
        if let Err(errors) = checked(query, &schema) {
            panic!("{}", errors.render(query));
        }
    }
    assert!(queries.len() >= 140, "{} queries", queries.len());
}

#[test]
fn the_mistakes_come_in_the_order_of_the_text() {
    let query = "SELECT Id, (SELECT Nope FROM Contacts) FROM Account WHERE Bad = 1 ORDER BY Worse";
    let errors = checked(query, &fixture::schema()).unwrap_err();
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Meaning));
    let tokens: Vec<_> = errors.iter().map(|error| &query[error.span().range()]).collect();
    assert_eq!(tokens, ["Nope", "Bad", "Worse"]);
}

#[test]
fn nothing_is_said_of_objects_that_an_open_schema_does_not_know() {
    let contact = Object::new("Contact")
        .with(Field::new("Email", FieldKind::Text))
        .with(Field::to("AccountId", ["Account"], "Account"));
    let schema = Schema::open([contact]);
    let open =
        "SELECT Any, Thing.Other, COUNT(X) FROM Lead WHERE Y > 'x' GROUP BY Any, Thing.Other";
    assert!(told(open, &schema).is_empty());
    let half = "SELECT Account.Anything, Emial FROM Contact";
    assert_eq!(
        told(half, &schema),
        ["Emial => unknown field `Emial` of Contact; did you mean `Email`?"]
    );
}

#[test]
fn ids_of_other_services_have_any_form() {
    let contact = Object { ids: IdForm::Any, ..Object::new("Contact") };
    let query = "SELECT Id FROM Contact WHERE Id = 'ocQHyuzHvysMo5N5VsXc'";
    assert!(checked(query, &Schema::closed([contact])).is_ok());
    assert!(checked(query, &Schema::closed([Object::new("Contact")])).is_err());
}

#[test]
fn an_object_named_name_gives_the_fields_that_several_objects_have() {
    let task = Object::new("Task").with(Field::to("WhoId", ["Contact", "Lead"], "Who"));
    let name = Object::new("Name").with(Field::new("Nickname", FieldKind::Text));
    let schema = Schema::closed([task, name]);
    assert!(checked("SELECT Who.Nickname FROM Task", &schema).is_ok());
    assert!(checked("SELECT Who.Phone FROM Task", &schema).is_err());
}
