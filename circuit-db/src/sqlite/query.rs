//! Queries and fetches: from a question to records.

use circuit_core::{
    Error, ErrorKind, FetchKey, FetchRequest, FetchScope, Query, QueryAnswer, QueryPlan, QueryStep,
    Record, RecordId, Result, Rows, Stored, Value, Version,
};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params_from_iter};

use super::dialect::{RowCells, SqliteDialect};
use super::encode::from_column;
use super::error::{corrupt, mapped};
use super::table::{Table, Tables, unique_column};
use crate::sql::{Cells, Finish, Generator, LISTS, LOADS, Loaded, Output, Statement, count};
use crate::tagged::from_rest;

/// Checks that the store knows which records are asked for.
pub(super) fn check_rows(query: &Query) -> Result<()> {
    match query.rows {
        Rows::Live | Rows::All | Rows::DeletedWith(_) => Ok(()),
        _ => Err(Error::new(ErrorKind::Unsupported, "the store does not know such a query")),
    }
}

type Ready = crate::sql::Ready<Sql>;

fn rendered(statement: Statement<SqliteDialect>) -> Ready {
    statement.render(|_, _| "?".to_owned())
}

/// Returns the statement that answers a query alone.
pub(super) fn whole(tables: &Tables, query: &Query) -> Option<Ready> {
    let get = |object: &str| tables.get(object);
    Generator::new(&SqliteDialect, &get).whole(query).map(rendered)
}

fn narrowed(tables: &Tables, query: &Query) -> Option<Ready> {
    let get = |object: &str| tables.get(object);
    Generator::new(&SqliteDialect, &get).narrowed(query).map(rendered)
}

/// Answers a query that no statement answers alone, all from one state of the file.
pub(super) fn run(connection: &Connection, tables: &Tables, query: Query) -> Result<QueryAnswer> {
    let transaction = connection.unchecked_transaction().map_err(mapped)?;
    finished(&transaction, tables, query)
}

/// Answers a query in a transaction, and finishes what SQL cannot say.
fn answer(connection: &Connection, tables: &Tables, query: Query) -> Result<QueryAnswer> {
    match whole(tables, &query) {
        Some(statement) => ask(connection, statement),
        None => finished(connection, tables, query),
    }
}

fn finished(connection: &Connection, tables: &Tables, query: Query) -> Result<QueryAnswer> {
    let mut finish = Finish::new(query);
    while let Some(list) = finish.list() {
        finish.give_list(&answer(connection, tables, list)?);
    }
    if let Some(statement) = finish.rewritten().and_then(|query| whole(tables, query)) {
        return ask(connection, statement);
    }
    finish.start();
    while let Some(query) = finish.next() {
        let rows = match narrowed(tables, query) {
            Some(statement) => load(connection, statement)?,
            None => Vec::new(),
        };
        finish.give(rows);
    }
    finish.answer()
}

/// Runs a statement that answers a query alone.
pub(super) fn ask(connection: &Connection, statement: Ready) -> Result<QueryAnswer> {
    let Ready { text, params: values } = statement;
    let sql = &text.sql;
    let (plan, version) = match &text.output {
        Output::Count => {
            let mut statement = connection.prepare_cached(sql).map_err(mapped)?;
            let number = |row: &Row<'_>| row.get::<_, i64>(0);
            return statement
                .query_row(params_from_iter(values), number)
                .map(count)
                .map_err(mapped);
        }
        Output::Rows(plan) => (plan, Some(1)),
        Output::Groups(plan) => (plan, None),
    };
    let read = |row: &Row<'_>| plan.stored::<SqliteDialect>(&RowCells(row), version);
    let mut answer = QueryAnswer::default();
    answer.records = rows(connection, sql, values, read)?;
    answer.count = answer.records.len();
    Ok(answer)
}

fn load(connection: &Connection, statement: Ready) -> Result<Vec<Loaded>> {
    let Ready { text, params: values } = statement;
    let Output::Rows(plan) = &text.output else { return Ok(Vec::new()) };
    rows(connection, &text.sql, values, |row| {
        let cells = RowCells(row);
        Ok(Loaded {
            stored: plan.stored::<SqliteDialect>(&cells, Some(1))?,
            deleted: cells.integer(2) == Some(1),
            deleted_with: cells.text(3).and_then(|root| root.parse().ok()),
            scanned: false,
        })
    })
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    values: Vec<Sql>,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(mapped)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(mapped)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(mapped)? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Tells how a query is answered.
pub(super) fn explain(
    connection: &Connection,
    tables: &Tables,
    query: Query,
    mut plan: QueryPlan,
) -> Result<QueryPlan> {
    if let Some(statement) = whole(tables, &query) {
        return explained(connection, statement, plan);
    }
    let mut finish = Finish::new(query);
    while let Some(list) = finish.list() {
        if let Some(statement) = whole(tables, &list) {
            plan = explained(connection, statement, plan)?;
        }
        finish.give_list(&answer(connection, tables, list)?);
    }
    if let Some(statement) = finish.rewritten().and_then(|query| whole(tables, query)) {
        let plan = plan.with(QueryStep::Finish(LISTS.to_owned()));
        return explained(connection, statement, plan);
    }
    finish.start();
    if let Some(statement) = finish.next().and_then(|query| narrowed(tables, query)) {
        plan = explained(connection, statement, plan)?;
    }
    Ok(plan.with(QueryStep::Finish(LOADS.to_owned())))
}

fn explained(connection: &Connection, statement: Ready, plan: QueryPlan) -> Result<QueryPlan> {
    let Ready { text, params: values } = statement;
    let sql = &text.sql;
    let detail = |row: &Row<'_>| row.get::<_, String>(3).map_err(mapped);
    let details = rows(connection, &format!("EXPLAIN QUERY PLAN {sql}"), values, detail)?;
    let plan = plan.with(QueryStep::Statement(sql.clone()));
    Ok(details.into_iter().map(QueryStep::Detail).fold(plan, QueryPlan::with))
}

/// Answers each key in order, all from one state of the file.
pub(super) fn fetch(
    connection: &Connection,
    table: &Table,
    request: &FetchRequest,
) -> Result<Vec<Option<Stored>>> {
    let transaction = connection.unchecked_transaction().map_err(mapped)?;
    let by = |column: &str, and: &str| {
        format!("SELECT {} FROM {} WHERE {column} = ?{and}", table.columns(), table.name)
    };
    let by_id = by(
        "_key",
        match request.scope {
            FetchScope::Live => " AND _deleted = 0",
            FetchScope::RecycleBin => " AND _deleted = 1",
            FetchScope::Anywhere => "",
        },
    );
    let one = |key: &FetchKey| {
        let (sql, value) = match key {
            FetchKey::Id(id) => (by_id.clone(), Some(id.key().to_owned())),
            FetchKey::Unique { field, value } => (
                by(&unique_column(field), " AND _deleted = 0"),
                value.unique_key().map(String::from),
            ),
        };
        let Some(value) = value else { return Ok(None) };
        Ok(select(&transaction, table, &sql, vec![Sql::Text(value)])?.pop())
    };
    request.keys.iter().map(one).collect()
}

fn select(
    connection: &Connection,
    table: &Table,
    sql: &str,
    values: Vec<Sql>,
) -> Result<Vec<Stored>> {
    let mut statement = connection.prepare_cached(sql).map_err(mapped)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(mapped)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(mapped)? {
        records.push(decode(table, row)?);
    }
    Ok(records)
}

/// Reads the columns that [`Table::columns`] names.
fn decode(table: &Table, row: &Row<'_>) -> Result<Stored> {
    let unreadable = |field: &str| corrupt(&table.object, field, "another type was expected");
    let id: String = row.get(0).map_err(mapped)?;
    let id: RecordId = id.parse().map_err(|_| unreadable("Id"))?;
    let version: i64 = row.get(1).map_err(mapped)?;
    let mut record = Record::of_shape(std::sync::Arc::clone(&table.shape)).with_id(id);
    let slots = record.slots_mut();
    for (i, field) in table.fields().iter().enumerate() {
        let column = row.get_ref(i + 3).map_err(mapped)?;
        let value = from_column(field.field_type(), column);
        slots[i + 1] = Some(value.ok_or_else(|| unreadable(field.name()))?);
    }
    if let Ok(text) = row.get_ref(2).map_err(mapped)?.as_str() {
        for (name, value) in from_rest(text).ok_or_else(|| unreadable("_rest"))? {
            record.set(&name, value);
        }
    }
    let version = Version(u64::try_from(version).map_err(|_| unreadable("_version"))?);
    Ok(stored(record, version))
}

fn stored(record: Record, version: Version) -> Stored {
    debug_assert!(record.get("Id").is_some_and(|id| !matches!(id, Value::Null)));
    Stored { record, version }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use circuit_core::{
        Children, Column, FieldSchema, FieldType, Filter, Groups, ObjectSchema, OnDelete, Operand,
        OrderBy,
    };
    use rust_decimal::Decimal;

    use super::*;
    use crate::sql::Templates;

    fn tables() -> Tables {
        let of = FieldSchema::new;
        let schema = ObjectSchema::new("Contact")
            .with_field(of("Email", FieldType::Text).unique())
            .with_field(of("Score", FieldType::Integer))
            .with_field(of("OwnerId", FieldType::Id).with_reference("Nobody", OnDelete::Restrict));
        Tables::new(vec![Table::new("Contact", Some(Arc::new(schema)))])
    }

    /// Returns the statements after one query.
    fn known(query: &Query) -> (Templates<Sql>, Ready) {
        let templates = Templates::default();
        let ready = whole(&tables(), query).unwrap();
        templates.keep(&SqliteDialect, query, &ready);
        (templates, ready)
    }

    fn of(filter: Filter) -> Query {
        Query::of("Contact").filter(filter).columns([Column::field("Email")]).limit(5)
    }

    #[test]
    fn a_query_with_other_values_has_the_statement_of_the_first() {
        let two = |email: &str, scores: &[i64]| {
            let scores = Filter::is_in("Score", scores.iter().copied());
            of(Filter::eq("Email", email).or(scores.negated()))
        };
        let (templates, first) = known(&two("a@b.c", &[1]));
        let again = templates.find(&SqliteDialect, &two("X@y.z", &[3, 4])).unwrap();
        assert!(Arc::ptr_eq(&first.text, &again.text));
        let made = whole(&tables(), &two("X@y.z", &[3, 4])).unwrap();
        assert_eq!((&again.text.sql, again.params), (&made.text.sql, made.params));
    }

    #[test]
    fn a_value_that_changes_the_text_is_translated_anew() {
        let (templates, _) = known(&of(Filter::eq("Score", 1)));
        let find = |value: Value| templates.find(&SqliteDialect, &of(Filter::eq("Score", value)));
        assert!(find(Value::from(2)).is_some());
        for other in [Value::Null, Value::from("2"), Value::Decimal(Decimal::new(15, 1))] {
            assert!(find(other.clone()).is_none(), "{other:?}");
        }
        let (templates, _) = known(&of(Filter::is_in("Email", ["a"])));
        let list = |values: [Value; 2]| {
            templates.find(&SqliteDialect, &of(Filter::is_in("Email", values))).is_some()
        };
        assert!(list(["a".into(), "b".into()]));
        assert!(!list(["a".into(), Value::Null]));
    }

    #[test]
    fn a_query_that_differs_in_more_than_values_is_another() {
        let (templates, _) = known(&of(Filter::eq("Score", 1)));
        let others = [
            of(Filter::ne("Score", 1)),
            of(Filter::eq("Score", 1)).limit(6),
            of(Filter::eq("Score", 1)).all_rows(),
            of(Filter::eq("Score", 1)).columns([Column::field("Score")]),
            of(Filter::eq("Score", 1).and(Filter::eq("Score", 1))),
        ];
        for other in others {
            assert!(templates.find(&SqliteDialect, &other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn nothing_is_kept_that_a_value_or_a_missing_table_decided() {
        let nobody = Query::of("Nobody").columns([Column::field("Id")]);
        let decided = [
            of(Filter::eq("Email", Value::Null)),
            of(Filter::eq("Score", Value::Decimal(Decimal::new(20, 1)))),
            of(Filter::like("Email", "a%")),
            of(Filter::eq("Score", 1)).offset(2),
            of(Filter::in_query("OwnerId", nobody)),
        ];
        for query in decided {
            let (templates, _) = known(&query);
            assert!(templates.find(&SqliteDialect, &query).is_none(), "{query:?}");
        }
    }

    /// Returns the number of records if it is one that is kept.
    fn counted(having: Filter) -> Groups {
        let columns = vec![(Operand::count(), "n".into())];
        Groups { columns, having: Some(having), ..Groups::default() }
    }

    #[test]
    fn queries_about_the_same_fields_are_remembered_beside_each_other() {
        let sorted = |key: OrderBy| of(Filter::eq("Score", 1)).order_by(key);
        let groups = |having: Filter| of(Filter::eq("Score", 1)).groups(counted(having));
        let count = |value: Value| Operand::count().eq(value);
        let pairs = [
            [of(Filter::eq("Score", 1)), of(Filter::is_in("Score", [1, 2]))],
            [of(Filter::eq("Score", 1)), of(Filter::ne("Score", 1))],
            [of(Filter::eq("Score", 1)), of(Filter::eq("Score", 1)).all_rows()],
            [sorted(OrderBy::ascending("Score")), sorted(OrderBy::descending("Score"))],
            [groups(count(Value::Null)), groups(count(Value::Null).negated())],
        ];
        for pair in pairs {
            let (templates, _) = known(&pair[0]);
            assert!(templates.find(&SqliteDialect, &pair[1]).is_none(), "{pair:?}");
            let second = whole(&tables(), &pair[1]).unwrap();
            templates.keep(&SqliteDialect, &pair[1], &second);
            for query in pair.iter().cycle().take(4) {
                let found = templates.find(&SqliteDialect, query).unwrap();
                let made = whole(&tables(), query).unwrap();
                assert_eq!((&found.text.sql, found.params), (&made.text.sql, made.params));
            }
        }
    }

    #[test]
    fn values_outside_the_conditions_of_a_query_are_not_remembered() {
        let groups = |having: Filter| Query::of("Contact").groups(counted(having));
        let children = |filter: Filter| {
            let query = Query::of("Contact").columns([Column::field("Email")]).filter(filter);
            let children =
                Children { relationship: "Owned".into(), reference: "OwnerId".into(), query };
            Query::of("Contact").columns([Column::Children(Box::new(children))])
        };
        let is_kept = |query: Query| known(&query).0.find(&SqliteDialect, &query).is_some();
        assert!(is_kept(groups(Operand::count().eq(Value::Null))));
        assert!(is_kept(children(Filter::ne("Email", Value::Null))));
        assert!(!is_kept(groups(Operand::count().greater(1))));
        assert!(!is_kept(children(Filter::eq("Email", "a"))));
        assert!(!is_kept(children(Filter::is_in("Score", 0..10_000).negated())));
        assert!(!is_kept(children(
            Filter::ne("Email", Value::Null).and(Filter::like("Email", "a%"))
        )));
    }

    #[test]
    fn the_statements_about_the_same_fields_do_not_grow_without_end() {
        let templates = Templates::default();
        let query = |n: usize| {
            let each = |at: usize| {
                if n >> at & 1 == 0 { Filter::eq("Score", 1) } else { Filter::ne("Score", 1) }
            };
            of(Filter::And((0..6).map(each).collect()))
        };
        for n in 0..64 {
            let query = query(n);
            templates.keep(&SqliteDialect, &query, &whole(&tables(), &query).unwrap());
        }
        let is_found = |n: &usize| templates.find(&SqliteDialect, &query(*n)).is_some();
        assert_eq!((0..64).filter(is_found).collect::<Vec<_>>(), (48..64).collect::<Vec<_>>());
    }

    #[test]
    fn statements_of_ever_new_queries_do_not_grow_without_end() {
        let templates = Templates::default();
        let query = |n| of(Filter::eq("Score", 1)).limit(n);
        for n in 0..1_200 {
            let query = query(n);
            let ready = whole(&tables(), &query).unwrap();
            templates.keep(&SqliteDialect, &query, &ready);
        }
        let found = (0..1_200).filter(|n| templates.find(&SqliteDialect, &query(*n)).is_some());
        assert!((1..=500).contains(&found.count()));
    }
}
