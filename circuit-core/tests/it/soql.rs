//! Queries written as SOQL, run.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use circuit_core::prelude::*;
use circuit_core::{
    Circuit, DynamicSoql, ErrorKind, FieldSchema, FieldType, ObjectSchema, OnDelete, Registry,
};
use circuit_db::Memory;
use circuit_testkit::ManualClock;

type Result<T> = circuit_core::Result<T>;

#[derive(SObject, Debug, Clone, Default, PartialEq)]
#[sobject("Contact")]
struct Contact {
    id: Option<RecordId>,
    name: Option<String>,
    size: Option<i64>,
}

#[derive(AggregateRow, Debug, Clone, Default, PartialEq)]
struct BySize {
    size: Option<i64>,
    n: i64,
}

fn store() -> Memory {
    let text = |name| FieldSchema::new(name, FieldType::Text);
    let account = ObjectSchema::new("Account").with_field(text("Name"));
    let contact = ObjectSchema::new("Contact")
        .with_field(text("Name"))
        .with_field(FieldSchema::new("Size", FieldType::Integer))
        .with_field(FieldSchema::new("Tags", FieldType::MultiPicklist))
        .with_field(FieldSchema::new("Met", FieldType::DateTime))
        .with_field(
            FieldSchema::new("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear),
        );
    Memory::builder().schema(account).schema(contact).build().unwrap()
}

/// Two accounts and four contacts; it is the evening of 31 December in New York.
async fn circuit() -> Circuit {
    let now: DateTime<Utc> = "2027-01-01T03:00:00Z".parse().unwrap();
    let clock = ManualClock::default();
    clock.advance(now.signed_duration_since(DateTime::UNIX_EPOCH).to_std().unwrap());
    let circuit = Circuit::builder()
        .backend(store())
        .registry(Registry::default())
        .clock(clock)
        .time_zone(chrono_tz::America::New_York)
        .build()
        .unwrap();
    let account = |id: &str, name: &str| {
        Record::new("Account").with_id(id.parse().unwrap()).with("Name", name)
    };
    circuit.insert([account("a1", "Acme"), account("a2", "Bolt")]).await.unwrap();
    let contact = |id: &str, name: &str, size: i64, account: Option<&str>| {
        let account = account.map(|id| id.parse::<RecordId>().unwrap());
        Record::new("Contact")
            .with_id(id.parse().unwrap())
            .with("Name", name)
            .with("Size", size)
            .with("AccountId", account)
    };
    circuit
        .insert([
            contact("c1", "Ada", 1, Some("a1"))
                .with("Tags", "red;green")
                .with("Met", "2026-12-31T12:00:00Z"),
            contact("c2", "bob", 2, Some("a1"))
                .with("Tags", "green")
                .with("Met", "2027-01-01T04:59:00Z"),
            contact("c3", "Cy", 2, Some("a2")).with("Met", "2027-01-01T05:00:00Z"),
            contact("c4", "Dee", 3, None),
        ])
        .await
        .unwrap();
    circuit
}

async fn names(circuit: &Circuit, text: &str) -> Result<String> {
    let found: Vec<Record> = circuit.query(DynamicSoql::parse(text)?).await?;
    let names = found.iter().map(|record| record.read::<String>("Name"));
    Ok(names.collect::<Result<Vec<_>>>()?.join(" "))
}

#[tokio::test]
async fn variables_take_values_and_lists() {
    let circuit = circuit().await;
    let least = 2;
    let found: Vec<Contact> = circuit
        .query(soql!(
            "SELECT Id, Name, Size FROM Contact WHERE Size >= :least ORDER BY Name",
            least
        ))
        .await
        .unwrap();
    assert_eq!(
        found.iter().filter_map(|c| c.name.as_deref()).collect::<Vec<_>>(),
        ["bob", "Cy", "Dee"]
    );
    let wanted = vec!["ADA", "dee"];
    let query = soql!("SELECT Id, Name FROM Contact WHERE Name IN :names", names = &wanted);
    let found: Vec<Contact> = circuit.query(query).await.unwrap();
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn parents_children_and_lists_are_found() {
    let circuit = circuit().await;
    let all = [
        ("SELECT Name FROM Contact WHERE Account.Name = 'acme'", "Ada bob"),
        ("SELECT Name FROM Contact WHERE Account.Name != 'acme' ORDER BY Name DESC", "Dee Cy"),
        ("SELECT c.Name FROM Contact c, c.Account a WHERE a.Name LIKE 'b%'", "Cy"),
        (
            "SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Size = 2)",
            "Acme Bolt",
        ),
        (
            "SELECT Name FROM Contact WHERE AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'Bolt')",
            "Ada bob Dee",
        ),
        ("SELECT Name FROM Contact WHERE Tags INCLUDES ('red', 'blue;green')", "Ada"),
        ("SELECT Name FROM Contact WHERE Tags EXCLUDES ('green')", "Cy Dee"),
        (
            "SELECT Name FROM Contact WHERE NOT (Size > 1 AND Size < 3) ORDER BY Size LIMIT 1 OFFSET 1",
            "Dee",
        ),
    ];
    for (text, expected) in all {
        assert_eq!(names(&circuit, text).await.unwrap(), expected, "{text}");
    }
    let query = DynamicSoql::parse(
        "SELECT Name, (SELECT Name FROM Contacts ORDER BY Name DESC LIMIT 1) FROM Account",
    )
    .unwrap();
    let accounts: Vec<Record> = circuit.query(query).await.unwrap();
    let children = |n: usize| accounts[n].get("Contacts").and_then(Value::as_records).unwrap();
    assert_eq!(children(0)[0].get("Name"), Some(&Value::from("bob")));
    assert_eq!((children(0).len(), children(1).len()), (1, 1));
    let query = DynamicSoql::parse("SELECT Account.Name FROM Contact WHERE Size = 3").unwrap();
    let lone: Record = circuit.query_one(query).await.unwrap();
    assert_eq!(lone.get("Account"), Some(&Value::Null));
}

#[derive(SObject, Debug)]
#[sobject("Account")]
struct WithContacts {
    name: String,
    #[sobject(related)]
    contacts: Vec<WithAccount>,
}

#[derive(SObject, Debug)]
#[sobject("Contact")]
struct WithAccount {
    id: Option<RecordId>,
    name: String,
    #[sobject("Account", related)]
    home: Option<Box<Home>>,
    #[sobject(flatten)]
    other: FieldMap,
}

#[derive(SObject, Debug)]
#[sobject("Account")]
struct Home {
    name: String,
}

#[tokio::test]
async fn parents_and_children_become_structs() {
    let circuit = circuit().await;
    let accounts: Vec<WithContacts> = circuit
        .query(soql!("SELECT Name, (SELECT Name, Account.Name, Size FROM Contacts) FROM Account"))
        .await
        .unwrap();
    let found: Vec<String> = accounts
        .iter()
        .flat_map(|account| account.contacts.iter().map(move |own| (account, own)))
        .map(|(account, own)| {
            let home = own.home.as_ref().map_or("", |home| &home.name);
            format!("{}/{}/{home}/{:?}", account.name, own.name, own.other.get("Size"))
        })
        .collect();
    assert_eq!(
        found,
        [
            "Acme/Ada/Acme/Some(Integer(1))",
            "Acme/bob/Acme/Some(Integer(2))",
            "Bolt/Cy/Bolt/Some(Integer(2))"
        ]
    );
}

#[tokio::test]
async fn a_record_queried_with_its_parent_can_be_written() {
    let circuit = circuit().await;
    let query = soql!("SELECT Id, Name, Account.Name FROM Contact WHERE Name = 'Ada'");
    let mut ada: WithAccount = circuit.query_one(query).await.unwrap();
    ada.name = "Ada Lovelace".into();
    circuit.update(ada).await.unwrap();
    let ada: Record =
        circuit.query_one(Query::of("Contact").filter(Filter::eq("Id", "c1"))).await.unwrap();
    assert_eq!(ada.get("Name"), Some(&Value::from("Ada Lovelace")));
    assert_eq!(ada.get("AccountId").and_then(Value::as_id).map(RecordId::as_str), Some("a1"));
}

#[tokio::test]
async fn words_for_dates_are_meant_in_the_users_time_zone() {
    let circuit = circuit().await;
    let today = "SELECT Name FROM Contact WHERE Met = TODAY";
    assert_eq!(names(&circuit, today).await.unwrap(), "Ada bob");
    assert_eq!(names(&circuit, "SELECT Name FROM Contact WHERE Met > TODAY").await.unwrap(), "Cy");
    assert_eq!(
        names(&circuit, "SELECT Name FROM Contact WHERE Met = NEXT_YEAR").await.unwrap(),
        "Cy"
    );
    let berlin = circuit.session().with_time_zone(chrono_tz::Europe::Berlin);
    let query = DynamicSoql::parse(today).unwrap();
    let found: Vec<Record> = berlin.query(query).await.unwrap();
    assert_eq!(found.len(), 2, "bob and Cy: it is New Year's Day in Berlin");
}

#[tokio::test]
async fn groups_become_rows_of_a_struct() {
    let circuit = circuit().await;
    let rows: Vec<BySize> = circuit
        .aggregate(soql!("SELECT Size, COUNT(Id) n FROM Contact GROUP BY Size HAVING COUNT(Id) > 0 ORDER BY Size DESC"))
        .await
        .unwrap();
    let row = |size, n| BySize { size: Some(size), n };
    assert_eq!(rows, [row(3, 1), row(2, 2), row(1, 1)]);
    assert_eq!(
        circuit.count(soql!("SELECT COUNT() FROM Contact WHERE Size = 2")).await.unwrap(),
        2
    );
    let total: Vec<Record> =
        circuit.aggregate(soql!("SELECT SUM(Size), AVG(Size) FROM Contact")).await.unwrap();
    assert_eq!(total[0].read::<i64>("expr0").unwrap(), 8);
    assert_eq!(total[0].read::<i64>("expr1").unwrap(), 2);
}

#[tokio::test]
async fn a_row_names_columns_keeps_the_others_and_skips_what_is_none() {
    #[derive(AggregateRow, Debug)]
    struct ByAccount {
        name: Option<String>,
        #[sobject("expr0")]
        contacts: i64,
        #[sobject(skip)]
        seen: bool,
        #[sobject(flatten)]
        other: FieldMap,
    }
    let circuit = circuit().await;
    let rows: Vec<ByAccount> = circuit
        .aggregate(soql!(
            "SELECT Account.Name, COUNT(Id), MAX(Size) most FROM Contact GROUP BY Account.Name"
        ))
        .await
        .unwrap();
    let acme = rows.iter().find(|row| row.name.as_deref() == Some("Acme")).unwrap();
    assert_eq!((acme.contacts, acme.seen), (2, false));
    assert_eq!(acme.other.get("most"), Some(&Value::Integer(2)));
    // What a builder selects is seen at run time only.
    let sizes = circuit_core::Groups {
        columns: vec![(circuit_core::Operand::field("Size"), "expr0".into())],
        keys: vec![circuit_core::Operand::field("Size")],
        ..circuit_core::Groups::default()
    };
    let with_null = Record::new("Contact").with("Name", "Eve");
    circuit.insert(with_null).await.unwrap();
    let error =
        circuit.aggregate::<ByAccount>(Query::of("Contact").groups(sizes)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conversion);
    assert_eq!(error.context("field"), Some("expr0"));
}

#[tokio::test]
async fn a_text_is_checked_against_the_store() {
    let circuit = circuit().await;
    let error = names(&circuit, "SELECT Nmae FROM Contact").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.message().contains("did you mean `Name`?"), "{error}");
    assert_eq!(error.context("offset"), Some("7"));
    let error = names(&circuit, "SELECT Name FROM Contact WHERE Name = :who").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a variable of the query has no value (object: Contact, bind: who)"
    );
    let error = names(&circuit, "SELECT Name FROM Contact WITH USER_MODE").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_stream_comes_in_pages_and_counts_once() {
    let circuit = circuit().await;
    let many = (0..450).map(|n| Record::new("Contact").with("Name", "x").with("Size", 10 + n));
    circuit.insert(many.collect::<Vec<_>>()).await.unwrap();
    let outcome = circuit.run(|execution| async move {
        let query = soql!("SELECT Id, Name, Size FROM Contact WHERE Size >= 10 ORDER BY Size DESC");
        let mut stream = execution.query_stream::<Contact>(query)?;
        let mut sizes = Vec::new();
        while let Some(contact) = stream.next().await? {
            sizes.extend(contact.size);
            if sizes.len() == 1 {
                let last: Contact = execution
                    .query_one(soql!("SELECT Id, Size FROM Contact WHERE Size = 10"))
                    .await?;
                execution.delete(last).await?;
            }
        }
        Ok(sizes)
    });
    let outcome = outcome.await.unwrap();
    assert_eq!(outcome.value, (11..460).rev().collect::<Vec<_>>());
    assert_eq!(outcome.usage().queries(), 2);
    assert_eq!(outcome.usage().query_rows(), 451);
}

#[tokio::test]
async fn one_record_is_asked_for_as_such() {
    let circuit = circuit().await;
    let ada = soql!("SELECT Id, Name, Size FROM Contact WHERE Name = 'ada'");
    assert_eq!(circuit.query_one::<Contact>(ada.clone()).await.unwrap().size, Some(1));
    let many = soql!("SELECT Id, Name FROM Contact");
    let error = circuit.query_opt::<Contact>(many).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RowCount);
    let none = soql!("SELECT Id, Name FROM Contact WHERE Name = 'nobody'");
    assert!(circuit.query_opt::<Contact>(none).await.unwrap().is_none());
}

#[tokio::test]
async fn a_builder_makes_the_same_query_as_the_text() {
    let circuit = circuit().await;
    let built = Query::from::<Contact>().filter(Filter::eq("Account.Name", "O'Hara' OR Name != '"));
    assert!(circuit.query::<Contact>(built).await.unwrap().is_empty());
    let built = Query::from::<Contact>().filter(Filter::eq("Account.Name", "Acme"));
    assert_eq!(circuit.query::<Contact>(built).await.unwrap().len(), 2);
    let plan =
        circuit.explain(soql!("SELECT Id FROM Contact WHERE AccountId = 'a1'")).await.unwrap();
    assert_eq!(plan.to_string(), "memory: index Contact.AccountId (2 records)\n");
    let _shared: Arc<Circuit> = Arc::new(circuit);
}

#[tokio::test]
async fn a_value_of_another_type_than_the_field_is_refused() {
    let circuit = circuit().await;
    let wrong = DynamicSoql::parse("SELECT Id FROM Contact WHERE Size = :s").unwrap();
    let error = circuit.query::<Record>(wrong.bind("S", "abc")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert_eq!(error.context("field"), Some("Size"));
    assert_eq!(
        (error.context("expected"), error.context("found")),
        (Some("integer"), Some("text"))
    );
    let wrong = DynamicSoql::parse("SELECT Id FROM Contact WHERE Account.Name IN :names").unwrap();
    assert!(circuit.query::<Record>(wrong.bind("names", vec![1, 2])).await.is_err());
    let right = DynamicSoql::parse("SELECT Id FROM Contact WHERE AccountId = :id").unwrap();
    assert_eq!(circuit.query::<Record>(right.bind("id", "a1")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_query_of_another_shape_than_its_call_is_refused() {
    let circuit = circuit().await;
    let groups =
        || DynamicSoql::parse("SELECT Size, COUNT(Id) n FROM Contact GROUP BY Size").unwrap();
    let number = || DynamicSoql::parse("SELECT COUNT() FROM Contact").unwrap();
    assert!(circuit.query::<Record>(groups()).await.is_err());
    assert!(circuit.query_opt::<Record>(number()).await.is_err());
    assert!(circuit.aggregate::<Record>(number()).await.is_err());
    let records = DynamicSoql::parse("SELECT Size FROM Contact").unwrap();
    let error = circuit.aggregate::<BySize>(records).await.unwrap_err();
    assert!(error.message().ends_with("use query"), "{error}");
    let error = circuit.count(groups()).await.unwrap_err();
    assert!(error.message().ends_with("use aggregate"), "{error}");
    let streamed = circuit
        .run(|execution| async move { Ok(execution.query_stream::<Record>(groups()).is_err()) });
    assert!(streamed.await.unwrap().value);
    let twice = "SELECT Account.Name, Name, COUNT(Id) FROM Contact GROUP BY Account.Name, Name";
    let error = circuit.aggregate::<Record>(DynamicSoql::parse(twice).unwrap()).await.unwrap_err();
    assert_eq!(error.context("column"), Some("Name"));
    let by_count = Query::of("Contact").filter(circuit_core::Operand::count().at_least(1));
    assert!(circuit.query::<Record>(by_count).await.is_err());
    let broken = Query::of("Contact").filter(Filter::eq("Account..Name", "x"));
    assert!(circuit.query::<Record>(broken).await.is_err());
}

#[tokio::test]
async fn a_mere_parent_is_no_record_of_the_query_over_staged_writes() {
    let field = FieldSchema::new;
    let account =
        ObjectSchema::new("Account").with_field(field("Name", FieldType::Text)).with_field(
            field("ParentId", FieldType::Id)
                .with_reference("Account", OnDelete::Clear)
                .with_relationship("Parent", "Subsidiaries"),
        );
    let contact = ObjectSchema::new("Contact")
        .with_field(field("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear));
    let store = Memory::builder().schema(account).schema(contact).build().unwrap();
    let circuit = Circuit::builder().backend(store).registry(Registry::default()).build().unwrap();
    let id = |text: &str| text.parse::<RecordId>().unwrap();
    let account =
        |own: &str, name: &str| Record::new("Account").with_id(id(own)).with("Name", name);
    let child = account("a2", "Child").with("ParentId", id("a1"));
    circuit.insert(account("a1", "Top")).await.unwrap();
    circuit.insert(child).await.unwrap();

    // The contact leads to `Child`, whose own parent nobody asks the store for on that way.
    let text = "SELECT Name, (SELECT Account.Name FROM Contacts) FROM Account \
                WHERE Parent.Name != 'Top' AND Name = 'Child'";
    let outcome = circuit
        .run(|execution| async move {
            execution.insert(Record::new("Contact").with("AccountId", id("a2"))).await?;
            execution.query::<Record>(DynamicSoql::parse(text)?).await
        })
        .await
        .unwrap();
    assert_eq!(outcome.value, []);
}

#[tokio::test]
async fn format_makes_texts_of_keys_and_aggregates() {
    let circuit = circuit().await;
    let text = "SELECT FORMAT(Size) size, FORMAT(COUNT(Id)) n, FORMAT(MAX(Met)) latest FROM Contact \
                GROUP BY Size HAVING FORMAT(MIN(Size)) != '3' ORDER BY FORMAT(COUNT(Id)) DESC";
    let rows: Vec<Record> = circuit.aggregate(DynamicSoql::parse(text).unwrap()).await.unwrap();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| ["size", "n", "latest"].map(|name| row.read::<String>(name).unwrap()).join(" "))
        .collect();
    assert_eq!(shown, ["2 2 2027-01-01T05:00:00Z", "1 1 2026-12-31T12:00:00Z"]);

    let text = "SELECT FORMAT(MAX(Name)) most FROM Contact";
    let error = circuit.aggregate::<Record>(DynamicSoql::parse(text).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
}

#[tokio::test]
async fn a_text_of_an_aggregate_makes_groups() {
    let circuit = circuit().await;
    let text = "SELECT FORMAT(MAX(Size)) most FROM Contact";
    let rows: Vec<Record> = circuit.aggregate(DynamicSoql::parse(text).unwrap()).await.unwrap();
    let all: Vec<Record> =
        circuit.query(DynamicSoql::parse("SELECT Size FROM Contact").unwrap()).await.unwrap();
    let most = all.iter().filter_map(|own| own.get("Size")?.as_i64()).max().unwrap();
    assert_eq!(rows[0].read::<String>("most").unwrap(), most.to_string());
}

#[tokio::test]
async fn what_having_asks_of_parents_is_seen_as_it_is_staged() {
    let circuit = circuit().await;
    let id = |text: &str| text.parse::<RecordId>().unwrap();
    circuit.insert(Record::new("Account").with_id(id("h1")).with("Name", "A")).await.unwrap();
    let child = Record::new("Contact").with("Name", "Child").with("AccountId", id("h1"));
    circuit.insert(child).await.unwrap();
    let outcome = circuit
        .run(|execution| async move {
            let ask = || {
                DynamicSoql::parse(
                    "SELECT COUNT(Id) n FROM Contact WHERE AccountId = 'h1' GROUP BY Name \
                     HAVING MAX(Account.Name) = 'B'",
                )
            };
            let before = execution.aggregate::<Record>(ask()?).await?.len();
            let renamed = Record::new("Account").with_id("h1".parse()?).with("Name", "B");
            execution.update(renamed).await?;
            Ok((before, execution.aggregate::<Record>(ask()?).await?.len()))
        })
        .await
        .unwrap();
    assert_eq!(outcome.value, (0, 1));
}
