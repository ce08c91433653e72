//! Queries and fetches: from a question to records.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{
    Error, ErrorKind, FetchKey, FetchRequest, FetchScope, Query, QueryAnswer, Record, RecordId,
    Result, Rows, Stored, Text, Version,
};
use deadpool_postgres::{Client, ClientWrapper};
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row, Statement};

use super::encode::{decode, unique_key};
use super::error::{corrupt, mapped};
use super::filter::{Condition, MARK, compile, order_by};
use super::table::{Table, read_columns, unique_column};
use super::value::{Array, Cell, Param};
use crate::tagged::from_rest;

/// Programs have a limited number of queries; who makes them up pays for preparing them again.
const MAX_STATEMENTS: usize = 1_000;

/// Prepares a statement, or returns it from those that this connection knows.
pub(super) async fn prepare(client: &ClientWrapper, sql: &str) -> Result<Statement> {
    if client.statement_cache.size() > MAX_STATEMENTS {
        client.statement_cache.clear();
    }
    client.prepare_cached(sql).await.map_err(mapped)
}

/// Answers a query: by SQL alone where SQL means the same, else SQL narrows and Circuit finishes.
pub(super) async fn run(client: &Client, table: &Table, query: &Query) -> Result<QueryAnswer> {
    let condition =
        query.filter.as_ref().map_or_else(Condition::all, |filter| compile(table, filter));
    let order = order_by(table, &query.order);
    let mut params = Vec::new();
    let rows = match &query.rows {
        Rows::DeletedWith(root) => {
            params.push(Param::One(Cell::Text(root.key().to_owned())));
            format!("_deleted AND _deleted_with = {MARK}::text")
        }
        Rows::Live => "NOT _deleted".to_owned(),
        _ => return Err(unknown_rows()),
    };
    params.extend(condition.params);
    let narrowed = format!("FROM {} AS o WHERE {rows} AND {}", table.name, condition.sql);
    let (Some(order), true) = (order, condition.exact) else {
        let sql = format!("SELECT {} {narrowed}", table.columns());
        let mut records = select(client, table, &sql, &params).await?;
        if let Some(filter) = &query.filter {
            records.retain(|stored| filter.matches(&stored.record));
        }
        return Ok(query.finish(records));
    };
    let number = |number: usize| Cell::Bigint(i64::try_from(number).unwrap_or(i64::MAX));
    params.push(Param::One(query.limit.map_or(Cell::Null, number)));
    params.push(Param::One(number(query.offset)));
    let page = format!("LIMIT {MARK}::bigint OFFSET {MARK}::bigint");
    if query.count {
        let sql = format!("SELECT count(*) FROM (SELECT 1 {narrowed} {page}) AS found");
        let rows = ask(client, &sql, &params).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(mapped)?;
        return Ok(answer(usize::try_from(count).unwrap_or_default(), Vec::new()));
    }
    let sql = format!("SELECT {} {narrowed} ORDER BY {order} {page}", table.columns());
    let records = select(client, table, &sql, &params).await?;
    Ok(answer(records.len(), records))
}

fn unknown_rows() -> Error {
    Error::new(ErrorKind::Unsupported, "the store does not know such a query")
}

fn answer(count: usize, records: Vec<Stored>) -> QueryAnswer {
    let mut answer = QueryAnswer::default();
    (answer.count, answer.records) = (count, records);
    answer
}

/// Puts numbers where the marks are.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split(MARK);
    let first = parts.next().unwrap_or_default().to_owned();
    (1..).zip(parts).fold(first, |sql, (i, part)| format!("{sql}${i}{part}"))
}

async fn ask(client: &ClientWrapper, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
    let statement = prepare(client, &numbered(sql)).await?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
    client.query(&statement, &params).await.map_err(mapped)
}

async fn select(
    client: &ClientWrapper,
    table: &Table,
    sql: &str,
    params: &[Param],
) -> Result<Vec<Stored>> {
    let rows = ask(client, sql, params).await?;
    rows.iter().map(|row| read(table, row, 0)).collect()
}

/// Records by what names them: the column's field, or the id where there is none.
type Found = HashMap<(Option<Text>, String), Stored>;

/// Answers each key in order, all from one state of the database.
pub(super) async fn fetch(
    client: &mut Client,
    table: &Table,
    request: &FetchRequest,
) -> Result<Vec<Option<Stored>>> {
    let mut wanted: Vec<(Option<Text>, Vec<String>)> = Vec::new();
    let names: Vec<Option<(Option<Text>, String)>> = request.keys.iter().map(named).collect();
    for (field, key) in names.iter().flatten() {
        match wanted.iter_mut().find(|(known, _)| known == field) {
            Some((_, keys)) => keys.push(key.clone()),
            None => wanted.push((field.clone(), vec![key.clone()])),
        }
    }
    let found = match wanted.len() {
        0 => Found::new(),
        1 => find(client, table, request.scope, wanted).await?,
        // A statement sees one state by itself; several need a snapshot.
        _ => {
            let transaction = client
                .build_transaction()
                .isolation_level(IsolationLevel::RepeatableRead)
                .read_only(true);
            let transaction = transaction.start().await.map_err(mapped)?;
            let mut found = Found::new();
            for (field, keys) in wanted {
                let (sql, lead) = finder(table, request.scope, field.as_ref());
                let statement = transaction.prepare_cached(&sql).await.map_err(mapped)?;
                let rows = transaction.query(&statement, &[&Array::texts(keys)]).await;
                gather(table, &rows.map_err(mapped)?, lead.as_ref(), &mut found)?;
            }
            transaction.commit().await.map_err(mapped)?;
            found
        }
    };
    Ok(names.into_iter().map(|name| found.get(&name?).cloned()).collect())
}

/// Returns what names a record; `None` for a value that no record can hold.
fn named(key: &FetchKey) -> Option<(Option<Text>, String)> {
    match key {
        FetchKey::Id(id) => Some((None, id.key().to_owned())),
        FetchKey::Unique { field, value } => {
            let field = Text::from(field.to_ascii_lowercase());
            Some((Some(field), unique_key(value)?))
        }
    }
}

async fn find(
    client: &ClientWrapper,
    table: &Table,
    scope: FetchScope,
    wanted: Vec<(Option<Text>, Vec<String>)>,
) -> Result<Found> {
    let mut found = Found::new();
    for (field, keys) in wanted {
        let (sql, lead) = finder(table, scope, field.as_ref());
        let statement = prepare(client, &sql).await?;
        let rows = client.query(&statement, &[&Array::texts(keys)]).await.map_err(mapped)?;
        gather(table, &rows, lead.as_ref(), &mut found)?;
    }
    Ok(found)
}

/// Returns the statement that finds records by one column, and the column's field.
fn finder(table: &Table, scope: FetchScope, field: Option<&Text>) -> (String, Option<Text>) {
    let column = field.map_or_else(|| "_key".to_owned(), |field| unique_column(field));
    let rows = match (field, scope) {
        (Some(_), _) | (None, FetchScope::Live) => " AND NOT _deleted",
        (None, FetchScope::RecycleBin) => " AND _deleted",
        (None, FetchScope::Anywhere) => "",
    };
    let sql = format!(
        "SELECT {column}, {} FROM {} WHERE {column} = ANY($1::text[]){rows}",
        table.columns(),
        table.name
    );
    (sql, field.cloned())
}

fn gather(table: &Table, rows: &[Row], field: Option<&Text>, found: &mut Found) -> Result<()> {
    for row in rows {
        let key: String = row.try_get(0).map_err(mapped)?;
        found.insert((field.cloned(), key), read(table, row, 1)?);
    }
    Ok(())
}

/// Reads the columns that [`Table::columns`] names, from a place on.
fn read(table: &Table, row: &Row, at: usize) -> Result<Stored> {
    let unreadable = |field: &str| corrupt(&table.object, field, "another type was expected");
    let id: &str = row.try_get(at).map_err(mapped)?;
    let id: RecordId = id.parse().map_err(|_| unreadable("Id"))?;
    let version: i64 = row.try_get(at + 1).map_err(mapped)?;
    let mut record = Record::of_shape(Arc::clone(&table.shape)).with_id(id);
    let slots = record.slots_mut();
    let mut place = at + 3;
    for (i, field) in table.fields().iter().enumerate() {
        let value = decode(field.field_type(), row, place);
        slots[i + 1] = Some(value.ok_or_else(|| unreadable(field.name()))?);
        place += read_columns(field).count();
    }
    if let Some(text) = row.try_get::<_, Option<&str>>(at + 2).map_err(mapped)? {
        for (name, value) in from_rest(text).ok_or_else(|| unreadable("_rest"))? {
            record.set(&name, value);
        }
    }
    let version = Version(u64::try_from(version).map_err(|_| unreadable("_version"))?);
    Ok(Stored { record, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_from_left_to_right() {
        assert_eq!(numbered("a = \0::text AND b = \0"), "a = $1::text AND b = $2");
        assert_eq!(numbered("true"), "true");
    }
}
