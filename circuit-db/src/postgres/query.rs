//! Queries and fetches: from a question to records.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use circuit_core::{
    Error, ErrorKind, FetchKey, FetchRequest, FetchScope, Query, QueryAnswer, QueryPlan, QueryStep,
    Record, RecordId, Result, Rows, Stored, Text, Version,
};
use deadpool_postgres::{Client, ClientWrapper, Transaction};
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row, SimpleQueryMessage, Statement};

use super::dialect::{PostgresDialect, RowCells};
use super::encode::{decode, unique_key};
use super::error::{corrupt, mapped};
use super::table::{Table, Tables, read_columns, unique_column};
use super::value::{Array, Param};
use crate::sql::{Cells, Finish, Generator, LISTS, LOADS, Loaded, Output, count};
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

/// Checks that the store knows which records are asked for.
pub(super) fn check_rows(query: &Query) -> Result<()> {
    match query.rows {
        Rows::Live | Rows::All | Rows::DeletedWith(_) => Ok(()),
        _ => Err(Error::new(ErrorKind::Unsupported, "the store does not know such a query")),
    }
}

type Ready = crate::sql::Ready<Param>;

fn ready(statement: crate::sql::Statement<PostgresDialect>) -> Ready {
    statement.render(|number, cast| format!("${number}{cast}"))
}

/// Returns the statement that answers a query alone.
pub(super) fn whole(tables: &Tables, query: &Query) -> Option<Ready> {
    let get = |object: &str| tables.get(object);
    Generator::new(&PostgresDialect, &get).whole(query).map(ready)
}

fn narrowed(tables: &Tables, query: &Query) -> Option<Ready> {
    let get = |object: &str| tables.get(object);
    Generator::new(&PostgresDialect, &get).narrowed(query).map(ready)
}

/// Answers a query that no statement answers alone, all from one state of the database.
pub(super) async fn run(client: &mut Client, tables: &Tables, query: Query) -> Result<QueryAnswer> {
    let transaction = snapshot(client).await?;
    let answer = finished(&transaction, tables, query).await?;
    transaction.commit().await.map_err(mapped)?;
    Ok(answer)
}

async fn snapshot(client: &mut Client) -> Result<Transaction<'_>> {
    let transaction =
        client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    transaction.start().await.map_err(mapped)
}

/// Answers a query in a transaction, and finishes what SQL cannot say.
fn answer<'a>(
    client: &'a Transaction<'_>,
    tables: &'a Tables,
    query: Query,
) -> Pin<Box<dyn Future<Output = Result<QueryAnswer>> + Send + 'a>> {
    Box::pin(async move {
        match whole(tables, &query) {
            Some(statement) => ask(client, statement).await,
            None => finished(client, tables, query).await,
        }
    })
}

async fn finished(client: &Transaction<'_>, tables: &Tables, query: Query) -> Result<QueryAnswer> {
    let mut finish = Finish::new(query);
    while let Some(list) = finish.list() {
        finish.give_list(&answer(client, tables, list).await?);
    }
    if let Some(statement) = finish.rewritten().and_then(|query| whole(tables, query)) {
        return ask(client, statement).await;
    }
    finish.start();
    while let Some(statement) = finish.next().map(|query| narrowed(tables, query)) {
        let rows = match statement {
            Some(statement) => load(client, statement).await?,
            None => Vec::new(),
        };
        finish.give(rows);
    }
    finish.answer()
}

/// A connection, or a transaction on one.
pub(super) trait Session: Sync {
    fn rows<'a>(
        &'a self,
        sql: &'a str,
        params: &'a [Param],
    ) -> impl Future<Output = Result<Vec<Row>>> + Send + 'a;
}

impl Session for ClientWrapper {
    async fn rows(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let statement = prepare(self, sql).await?;
        self.query(&statement, &refer(params)).await.map_err(mapped)
    }
}

impl Session for Transaction<'_> {
    async fn rows(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        if self.statement_cache.size() > MAX_STATEMENTS {
            self.statement_cache.clear();
        }
        let statement = self.prepare_cached(sql).await.map_err(mapped)?;
        self.query(&statement, &refer(params)).await.map_err(mapped)
    }
}

fn refer(params: &[Param]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as _).collect()
}

/// Runs a statement that answers a query alone.
pub(super) async fn ask(session: &impl Session, statement: Ready) -> Result<QueryAnswer> {
    let rows = session.rows(&statement.text.sql, &statement.params).await?;
    let (plan, version) = match &statement.text.output {
        Output::Count => {
            let number = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(mapped)?;
            return Ok(count(number));
        }
        Output::Rows(plan) => (plan, Some(1)),
        Output::Groups(plan) => (plan, None),
    };
    let mut answer = QueryAnswer::default();
    answer.records.reserve_exact(rows.len());
    for row in &rows {
        answer.records.push(plan.stored::<PostgresDialect>(&RowCells(row), version)?);
    }
    answer.count = answer.records.len();
    Ok(answer)
}

async fn load(session: &impl Session, statement: Ready) -> Result<Vec<Loaded>> {
    let rows = session.rows(&statement.text.sql, &statement.params).await?;
    let Output::Rows(plan) = &statement.text.output else { return Ok(Vec::new()) };
    let read = |row: &Row| {
        let cells = RowCells(row);
        Ok(Loaded {
            stored: plan.stored::<PostgresDialect>(&cells, Some(1))?,
            deleted: cells.integer(2) == Some(1),
            deleted_with: cells.text(3).and_then(|root| root.parse().ok()),
            scanned: false,
        })
    };
    rows.iter().map(read).collect()
}

/// Tells how a query is answered.
pub(super) async fn explain(
    client: &mut Client,
    tables: &Tables,
    query: Query,
    mut plan: QueryPlan,
) -> Result<QueryPlan> {
    let transaction = snapshot(client).await?;
    if let Some(statement) = whole(tables, &query) {
        return explained(&transaction, statement, plan).await;
    }
    let mut finish = Finish::new(query);
    while let Some(list) = finish.list() {
        if let Some(statement) = whole(tables, &list) {
            plan = explained(&transaction, statement, plan).await?;
        }
        finish.give_list(&answer(&transaction, tables, list).await?);
    }
    if let Some(statement) = finish.rewritten().and_then(|query| whole(tables, query)) {
        let plan = plan.with(QueryStep::Finish(LISTS.to_owned()));
        return explained(&transaction, statement, plan).await;
    }
    finish.start();
    if let Some(statement) = finish.next().and_then(|query| narrowed(tables, query)) {
        plan = explained(&transaction, statement, plan).await?;
    }
    Ok(plan.with(QueryStep::Finish(LOADS.to_owned())))
}

/// The server plans the statement without the values, so its answer shows none.
async fn explained(
    client: &Transaction<'_>,
    statement: Ready,
    plan: QueryPlan,
) -> Result<QueryPlan> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);

    let name = format!("circuit_explain_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let nulls = vec!["NULL"; statement.params.len()].join(", ");
    let given = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
    let sql = &statement.text.sql;
    let prepare =
        format!("SET LOCAL plan_cache_mode = force_generic_plan; PREPARE {name} AS {sql}");
    client.batch_execute(&prepare).await.map_err(mapped)?;
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE {name}{given}");
    let said = client.simple_query(&explain).await.map_err(mapped)?;
    client.batch_execute(&format!("DEALLOCATE {name}")).await.map_err(mapped)?;
    let mut plan = plan.with(QueryStep::Statement(sql.clone()));
    for line in said {
        if let SimpleQueryMessage::Row(row) = line {
            plan = plan.with(QueryStep::Detail(row.get(0).unwrap_or_default().to_owned()));
        }
    }
    Ok(plan)
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
