//! The store on a PostgreSQL server.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls};

use super::backend::{Backend, Found, VERSION, check_version};
use super::row::Row;
use super::search::{Bound, Dialect, Search, quoted};

/// No call of ours takes longer.
const LONGEST: Duration = Duration::from_secs(30);

const CONNECT: Duration = Duration::from_secs(10);

/// The first statement keeps two hosts from making the tables at once.
const TABLES: &str = "
    SELECT pg_advisory_xact_lock(7316490215);
    CREATE TABLE IF NOT EXISTS circuit_report_version (version BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS circuit_reports (
        seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        started BIGINT NOT NULL,
        summary TEXT NOT NULL,
        report TEXT NOT NULL,
        words TSVECTOR NOT NULL
    );
    CREATE INDEX IF NOT EXISTS circuit_reports_started ON circuit_reports (started);
    CREATE INDEX IF NOT EXISTS circuit_reports_words ON circuit_reports USING GIN (words)
        WITH (fastupdate = off);
    CREATE TABLE IF NOT EXISTS circuit_report_terms (
        kind TEXT COLLATE \"C\" NOT NULL,
        value TEXT COLLATE \"C\" NOT NULL,
        seq BIGINT NOT NULL REFERENCES circuit_reports ON DELETE CASCADE,
        PRIMARY KEY (kind, value, seq)
    );
    CREATE INDEX IF NOT EXISTS circuit_report_terms_seq ON circuit_report_terms (seq);
    INSERT INTO circuit_report_version SELECT $VERSION
    WHERE NOT EXISTS (SELECT 1 FROM circuit_report_version);";

const REPORTS: &str = "
    INSERT INTO circuit_reports (id, started, summary, report, words)
    SELECT id, started, summary, report, words::tsvector
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
        AS new (id, started, summary, report, words)
    ON CONFLICT DO NOTHING RETURNING id, seq";

const TERMS: &str = "
    INSERT INTO circuit_report_terms (kind, value, seq)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING";

const PRUNE: &str = "
    DELETE FROM circuit_reports WHERE seq IN
    (SELECT seq FROM circuit_reports WHERE started < $1 ORDER BY started LIMIT $2)";

/// The words come split, so that the server's parser is not asked; they need no other quoting.
const DIALECT: Dialect = Dialect {
    words_are: " AND r.words @@ $::text::tsquery",
    words_lead: " WHERE r.words @@ $::text::tsquery",
    words_place: "r.seq",
    quote: '\'',
    and: " & ",
};

/// One connection, and the runtime that drives it; made anew after it was lost.
pub(super) struct Postgres {
    /// `None` once it is dropped.
    runtime: Option<Runtime>,
    config: Config,
    client: Option<Client>,
}

impl Postgres {
    /// Opens two connections. On a thread of its own: a runtime cannot be waited for inside another.
    pub(super) async fn open_two(url: &str) -> Result<(Self, Self)> {
        let config = read(url)?;
        let (told, answer) = oneshot::channel();
        let opening = std::thread::spawn(move || {
            let two = Self::open(config.clone()).and_then(|one| Ok((one, Self::open(config)?)));
            // Who asked may not wait any more.
            drop(told.send(two));
        });
        let opened = answer.await;
        drop(opening);
        opened.map_err(|_| unavailable("the connection to PostgreSQL was not made"))?
    }

    fn open(config: Config) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            unavailable("the store of reports has no runtime").with_source(error)
        })?;
        let mut store = Self { runtime: Some(runtime), config, client: None };
        let version = store.run(&async |client: &mut Client| make(client).await)?;
        check_version(version)?;
        Ok(store)
    }

    /// Runs calls on the connection; one that fails or takes too long ends the connection. If it was
    /// lost since the last call, they are run once more on a new one.
    fn run<T>(
        &mut self,
        call: &impl AsyncFn(&mut Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        let runtime = self.runtime.as_ref().ok_or_else(|| unavailable("the store has ended"))?;
        let client = self.client.take().filter(|client| !client.is_closed());
        let config = &self.config;
        let answer = runtime.block_on(within(async {
            if let Some(mut client) = client {
                match call(&mut client).await {
                    Err(error) if is_lost(&error) => {}
                    answer => return answer.map(|answer| (client, answer)),
                }
            }
            let mut client = connect(config).await?;
            let answer = call(&mut client).await?;
            Ok((client, answer))
        }));
        let (client, answer) = answer?;
        self.client = Some(client);
        Ok(answer)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn read(url: &str) -> Result<Config> {
    let wrong = |message| Error::new(ErrorKind::Configuration, message);
    let mut config: Config = url
        .parse()
        .map_err(|_| wrong("the URL of the store of reports is not one of PostgreSQL"))?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(wrong("the store of reports does not speak TLS; use sslmode=disable"));
    }
    config.ssl_mode(SslMode::Disable);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    Ok(config)
}

async fn within<T>(call: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
    match tokio::time::timeout(LONGEST, call).await {
        Ok(answer) => answer.map_err(failed),
        Err(_) => Err(unavailable("PostgreSQL did not answer in time")),
    }
}

async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // The client tells what becomes of it.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// Makes the tables if there are none; answers the version of those that are there.
async fn make(client: &mut Client) -> Result<i64, tokio_postgres::Error> {
    let known = "SELECT to_regclass('circuit_report_version') IS NOT NULL";
    if !client.query_one(known, &[]).await?.get::<_, bool>(0) {
        let transaction = client.transaction().await?;
        transaction.batch_execute(&TABLES.replace("$VERSION", &VERSION.to_string())).await?;
        transaction.commit().await?;
    }
    let version = client.query_one("SELECT version FROM circuit_report_version", &[]).await?;
    Ok(version.get(0))
}

async fn insert(client: &mut Client, rows: &[Row]) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let started: Vec<i64> = rows.iter().map(|row| row.started).collect();
    let summaries: Vec<&str> = rows.iter().map(|row| row.summary.as_str()).collect();
    let reports: Vec<&str> = rows.iter().map(|row| row.report.as_str()).collect();
    let words: Vec<String> = rows.iter().map(|row| quoted(&row.words, '\'', " ")).collect();
    let new = transaction.query(REPORTS, &[&ids, &started, &summaries, &reports, &words]).await?;
    let places: HashMap<&str, i64> = new.iter().map(|row| (row.get(0), row.get(1))).collect();
    let (mut kinds, mut values, mut seqs) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let Some(seq) = places.get(row.id.as_str()) else { continue };
        for (kind, value) in &row.terms {
            kinds.push(kind.as_str());
            values.push(value.as_str());
            seqs.push(*seq);
        }
    }
    transaction.execute(TERMS, &[&kinds, &values, &seqs]).await?;
    transaction.commit().await
}

impl Backend for Postgres {
    fn write(&mut self, rows: &[Row]) -> Result<()> {
        self.run(&async |client: &mut Client| insert(client, rows).await)
    }

    fn find(&mut self, search: &Search, what: Found) -> Result<Vec<(i64, String)>> {
        let (sql, values) = search.statement(what.column(), &DIALECT);
        self.run(&async |client: &mut Client| {
            let values: Vec<&(dyn ToSql + Sync)> = values
                .iter()
                .map(|value| match value {
                    Bound::Number(number) => number as &(dyn ToSql + Sync),
                    Bound::Text(text) => text,
                })
                .collect();
            let found = client.query(&sql, &values).await?;
            Ok(found.iter().map(|row| (row.get(0), row.get(1))).collect())
        })
    }

    fn prune(&mut self, before: i64, most: i64) -> Result<u64> {
        self.run(&async |client: &mut Client| client.execute(PRUNE, &[&before, &most]).await)
    }
}

/// Returns whether it is for the connection, or a server that ends it.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_none_or(|state| ["08", "57P"].iter().any(|class| state.code().starts_with(class)))
}

fn failed(error: tokio_postgres::Error) -> Error {
    // Data, constraints, limits: it is for what was sent, and another try would meet it again.
    let is_data = |code: &str| ["22", "23", "54"].iter().any(|class| code.starts_with(class));
    let is_refused = error.code().is_some_and(|state| is_data(state.code()));
    let kind = if is_refused { ErrorKind::InvalidInput } else { ErrorKind::Unavailable };
    Error::new(kind, "PostgreSQL failed in the store of reports").with_source(error)
}

fn unavailable(message: &str) -> Error {
    Error::new(ErrorKind::Unavailable, message)
}
