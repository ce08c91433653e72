//! Queries and fetches: from a question to records.

use circuit_core::{
    Error, ErrorKind, FetchKey, FetchRequest, FetchScope, Query, QueryAnswer, QueryPlan, QueryStep,
    Record, RecordId, Result, Rows, Select, Stored, Value, Version, eval,
};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params_from_iter};

use super::encode::from_column;
use super::error::{corrupt, mapped};
use super::filter::{Condition, compile, order_by};
use super::table::{Table, unique_column};
use crate::tagged::from_rest;

/// A query in SQL; where SQL cannot say all of it, Circuit finishes.
struct Statement {
    sql: String,
    values: Vec<Sql>,
    whole: bool,
}

/// Translates a query: to SQL alone where SQL means the same, else SQL narrows.
fn translate(table: &Table, query: &Query) -> Result<Statement> {
    let mut condition =
        query.filter.as_ref().map_or_else(Condition::all, |filter| compile(table, filter));
    let order = order_by(table, &query.order);
    let rows = match &query.rows {
        Rows::DeletedWith(root) => {
            condition.values.insert(0, Sql::Text(root.key().to_owned()));
            "_deleted = 1 AND _deleted_with = ?"
        }
        Rows::Live => "_deleted = 0",
        Rows::All => "1",
        _ => return Err(unknown_rows()),
    };
    let narrowed = format!("FROM {} WHERE {rows} AND {}", table.name, condition.sql);
    let plain = matches!(query.select, Select::Records | Select::Count);
    let (Some(order), true, true) = (order, condition.exact, plain) else {
        let sql = format!("SELECT {} {narrowed}", table.columns());
        return Ok(Statement { sql, values: condition.values, whole: false });
    };
    let limit = query.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
    let mut values = condition.values;
    values.extend([Sql::Integer(limit), Sql::Integer(offset)]);
    let sql = if query.select == Select::Count {
        format!("SELECT count(*) FROM (SELECT 1 {narrowed} LIMIT ? OFFSET ?)")
    } else {
        format!("SELECT {} {narrowed} ORDER BY {order} LIMIT ? OFFSET ?", table.columns())
    };
    Ok(Statement { sql, values, whole: true })
}

/// Answers a query.
pub(super) fn run(connection: &Connection, table: &Table, query: &Query) -> Result<QueryAnswer> {
    let Statement { sql, values, whole } = translate(table, query)?;
    if whole && query.select == Select::Count {
        let mut statement = connection.prepare_cached(&sql).map_err(mapped)?;
        let number = |row: &Row<'_>| row.get::<_, i64>(0);
        let count = statement.query_row(params_from_iter(values), number).map_err(mapped)?;
        return Ok(answer(usize::try_from(count).unwrap_or_default(), Vec::new()));
    }
    let records = select(connection, table, &sql, values)?;
    if whole { Ok(answer(records.len(), records)) } else { eval::finish(query, records) }
}

/// Tells how a query is answered.
pub(super) fn explain(
    connection: &Connection,
    table: &Table,
    query: &Query,
    plan: QueryPlan,
) -> Result<QueryPlan> {
    let Statement { sql, values, whole } = translate(table, query)?;
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(mapped)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(mapped)?;
    let mut plan = plan.with(QueryStep::Statement(sql));
    while let Some(row) = rows.next().map_err(mapped)? {
        plan = plan.with(QueryStep::Detail(row.get(3).map_err(mapped)?));
    }
    if !whole {
        let why = "filters, sorts and cuts what the statement finds".to_owned();
        plan = plan.with(QueryStep::Finish(why));
    }
    Ok(plan)
}

fn unknown_rows() -> Error {
    Error::new(ErrorKind::Unsupported, "the store does not know such a query")
}

fn answer(count: usize, records: Vec<Stored>) -> QueryAnswer {
    let mut answer = QueryAnswer::default();
    (answer.count, answer.records) = (count, records);
    answer
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
