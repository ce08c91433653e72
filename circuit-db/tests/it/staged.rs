//! A query inside an execution answers as the same query after the commit.

use std::sync::Arc;

use circuit_core::{
    Aggregate, Circuit, CircuitDB, Column, Execution, FieldPath, FieldSchema, FieldType, Filter,
    Grouping, Groups, Hop, ObjectSchema, OnDelete, Operand, OrderBy, Query, Record, RecordId,
    Registry, Result, TypeOf,
};
use circuit_db::{Memory, MemoryBuilder};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const NAMES: [&str; 5] = ["ada", "Ada", "bob", "", "\u{c4}rger"];

fn schemas() -> Vec<ObjectSchema> {
    let name = || FieldSchema::new("Name", FieldType::Text);
    let size = || FieldSchema::new("Size", FieldType::Integer);
    let to = |field: &str, object: &str| {
        FieldSchema::new(field, FieldType::Id).with_reference(object, OnDelete::Clear)
    };
    let who = to("WhoId", "Contact").or_reference("Account");
    vec![
        ObjectSchema::new("Account")
            .with_field(name())
            .with_field(size())
            .with_field(to("ParentId", "Account").with_relationship("Parent", "Subsidiaries")),
        ObjectSchema::new("Contact")
            .with_field(name().indexed())
            .with_field(size())
            .with_field(to("AccountId", "Account")),
        ObjectSchema::new("Task").with_field(name()).with_field(size()).with_field(who),
    ]
}

fn id(object: &str, n: u8) -> RecordId {
    format!("{}{n}", &object[..1].to_lowercase()).parse().unwrap()
}

/// One change of a record.
#[derive(Debug, Clone)]
enum Step {
    Save(&'static str, u8, &'static str, i64, Option<(bool, u8)>),
    Delete(&'static str, u8),
    Undelete(&'static str, u8),
}

fn object() -> impl Strategy<Value = &'static str> + Clone {
    select(vec!["Account", "Contact", "Task"])
}

fn step() -> impl Strategy<Value = Step> {
    let save = (object(), 0..4_u8, select(NAMES.to_vec()), -2..3_i64);
    let parent = prop::option::of((any::<bool>(), 0..4_u8));
    prop_oneof![
        5 => (save, parent).prop_map(|((o, n, name, size), p)| Step::Save(o, n, name, size, p)),
        1 => (object(), 0..4_u8).prop_map(|(object, n)| Step::Delete(object, n)),
        1 => (object(), 0..4_u8).prop_map(|(object, n)| Step::Undelete(object, n)),
    ]
}

fn record(object: &str, n: u8, name: &str, size: i64, parent: Option<(bool, u8)>) -> Record {
    let record = Record::new(object).with_id(id(object, n)).with("Name", name).with("Size", size);
    let Some((other, n)) = parent else { return record };
    match object {
        "Account" => record.with("ParentId", id("Account", n)),
        "Contact" => record.with("AccountId", id("Account", n)),
        _ if other => record.with("WhoId", id("Account", n)),
        _ => record.with("WhoId", id("Contact", n)),
    }
}

/// Does a step; one that is refused does nothing.
async fn apply(execution: &Execution, step: &Step) {
    let by_id = |object: &str, n: u8| Record::new(object).with_id(id(object, n));
    let _refused = match step {
        Step::Save(object, n, name, size, parent) => {
            execution.upsert(record(object, *n, name, *size, *parent)).await.err()
        }
        Step::Delete(object, n) => execution.delete(by_id(object, *n)).await.err(),
        Step::Undelete(object, n) => execution.undelete(by_id(object, *n)).await.err(),
    };
}

fn paths(object: &str) -> Vec<&'static str> {
    let own = ["Id", "Name", "Size"];
    let parents = match object {
        "Account" => vec!["ParentId", "Parent.Name", "Parent.Parent.Size"],
        "Contact" => vec!["AccountId", "Account.Name", "Account.Parent.Name"],
        _ => vec!["WhoId", "Who.Name", "Who.Type"],
    };
    own.into_iter().chain(parents).collect()
}

fn condition(object: &'static str, depth: u32) -> BoxedStrategy<Filter> {
    let text = (select(paths(object)), select(NAMES.to_vec()));
    let leaf = prop_oneof![
        text.clone().prop_map(|(path, name)| Filter::eq(path, name)),
        text.prop_map(|(path, name)| Filter::ne(path, name)),
        (select(paths(object)), -2..3_i64).prop_map(|(path, n)| Filter::less(path, n)),
        select(paths(object)).prop_map(|path| Filter::like(path, "%a%")),
        vec(select(NAMES.to_vec()), 0..3).prop_map(|names| Filter::is_in("Name", names)),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = move || condition(object, depth - 1);
    prop_oneof![
        4 => leaf,
        1 => (inner(), inner()).prop_map(|(a, b)| a.and(b)),
        1 => (inner(), inner()).prop_map(|(a, b)| a.or(b)),
        1 => inner().prop_map(Filter::negated),
        1 => condition("Contact", depth - 1).prop_map(move |filter| {
            let list = Query::of("Contact").filter(filter);
            let (field, selected) = match object {
                "Account" => ("Id", "AccountId"),
                "Contact" => ("Id", "Id"),
                _ => ("WhoId", "Id"),
            };
            Filter::in_query(field, list.columns([Column::field(selected)]))
        }),
    ]
    .boxed()
}

fn query() -> impl Strategy<Value = Query> {
    object().prop_flat_map(|object| {
        let filter = prop::option::of(condition(object, 2));
        let order = vec((select(paths(object)), any::<bool>(), any::<bool>()), 0..3);
        let page = (prop::option::of(0..5_usize), 0..3_usize, any::<bool>());
        let child = condition(if object == "Account" { "Contact" } else { "Task" }, 1);
        (filter, order, page, 0..6_u8, child, vec(select(paths(object)), 1..4)).prop_map(
            move |(filter, order, (limit, offset, all), kind, child, columns)| {
                let mut query = Query::of(object).offset(offset);
                (query.filter, query.limit) = (filter, limit);
                if all {
                    query = query.all_rows();
                }
                for (path, up, last) in order {
                    let key = if up { OrderBy::ascending(path) } else { OrderBy::descending(path) };
                    query = query.order_by(if last { key.nulls_last() } else { key });
                }
                selected(query, kind, child, &columns)
            },
        )
    })
}

fn selected(query: Query, kind: u8, child: Filter, columns: &[&str]) -> Query {
    let object = query.object.to_string();
    match kind {
        0 => query.count(),
        1 => query,
        2 => {
            let keys: Vec<Operand> = columns.iter().take(2).map(Operand::field).collect();
            let mut columns: Vec<_> = keys
                .iter()
                .enumerate()
                .map(|(n, key)| (key.clone(), format!("k{n}").into()))
                .collect();
            columns.push((Operand::count(), "n".into()));
            columns.push((Operand::aggregate(Aggregate::Sum, "Size"), "sum".into()));
            columns.push((Operand::aggregate(Aggregate::Max, "Name"), "max".into()));
            let grouping = if query.offset == 0 { Grouping::Rollup } else { Grouping::Plain };
            let having = Some(Operand::count().at_least(1));
            let mut query = query.groups(Groups { keys, grouping, columns, having });
            query.order.clear();
            query
        }
        3 if object != "Task" => {
            let (relationship, field) = if object == "Account" {
                ("Contacts", "Account.Name")
            } else {
                ("Tasks", "Who.Name")
            };
            let inner = Query::of("").filter(child).limit(2);
            let inner = inner.order_by(OrderBy::descending("Name"));
            let inner = inner.columns([Column::field("Name"), Column::field(field)]);
            query.columns([Column::field("Name"), Column::children(relationship, inner)])
        }
        4 if object == "Task" => query.columns([Column::TypeOf(TypeOf {
            hop: Hop::new("Who"),
            branches: vec![("Contact".into(), vec![FieldPath::from("Account.Name")])],
            otherwise: vec![FieldPath::from("Size")],
        })]),
        _ => query.columns(columns.iter().map(Column::field)),
    }
}

/// What a query finds: the rows, or their number.
async fn answer(execution: &Execution, query: &Query) -> Result<(usize, Vec<Record>)> {
    if query.select == circuit_core::Select::Count {
        return Ok((execution.count(query.clone()).await?, Vec::new()));
    }
    let records: Vec<Record> = match query.select {
        circuit_core::Select::Groups(_) => execution.aggregate(query.clone()).await?,
        _ => execution.query(query.clone()).await?,
    };
    Ok((records.len(), records))
}

async fn inside_is_as_after(
    store: Arc<dyn CircuitDB>,
    stored: Vec<Step>,
    staged: Vec<Step>,
    queries: Vec<Query>,
) {
    let circuit = Circuit::builder().backend(store).registry(Registry::default()).build().unwrap();
    let (stored, staged) = (&stored, &staged);
    let before = circuit.run(|execution| async move {
        for step in stored {
            apply(&execution, step).await;
        }
        Ok(())
    });
    before.await.unwrap();
    let asked = &queries;
    let inside = circuit.run(|execution| async move {
        for step in staged {
            apply(&execution, step).await;
        }
        let mut answers = Vec::new();
        for query in asked {
            answers.push(answer(&execution, query).await?);
        }
        Ok(answers)
    });
    let inside = inside.await.unwrap().value;
    let after = circuit.run(|execution| async move {
        let mut answers = Vec::new();
        for query in asked {
            answers.push(answer(&execution, query).await?);
        }
        Ok(answers)
    });
    let after = after.await.unwrap().value;
    for ((query, inside), after) in queries.iter().zip(inside).zip(after) {
        assert_eq!(inside, after, "{query:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_query_sees_what_will_be_committed(
        stored in vec(step(), 0..14),
        staged in vec(step(), 1..8),
        queries in vec(query(), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let builder = schemas().into_iter().fold(Memory::builder(), MemoryBuilder::schema);
            let store = Arc::new(builder.build().unwrap());
            inside_is_as_after(store, stored, staged, queries).await;
        });
    }
}
