//! PostgreSQL beside SQL by hand: the same driver and kind of pool, the same tables, rows that become
//! the same records.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use circuit_benches::measure::time;
use circuit_core::{CircuitDB, Query, Record, Stored, Value, Version};
use circuit_db::{Postgres, PostgresBuilder};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use super::question::{self, EMAIL, shape};
use super::{Result, Wanted, data, show};

const PASSES: usize = 25;

/// How often a query for one record is repeated for one measurement.
const TIMES: u32 = 500;

/// Where the server is; `cargo xtask bench` sets it.
const VARIABLE: &str = "CIRCUIT_POSTGRES_URL";

type Params = Vec<Box<dyn ToSql + Sync>>;

/// The store and the pool of a program without it, on the same tables.
struct Peers<'w> {
    runtime: tokio::runtime::Runtime,
    store: Postgres,
    pool: Pool,
    wanted: &'w Wanted,
}

pub(crate) fn run(wanted: &Wanted) -> Result {
    if !wanted.store("postgres") {
        return Ok(());
    }
    let Ok(url) = std::env::var(VARIABLE) else {
        println!("postgres: not measured, because {VARIABLE} names no server");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let builder = data::schemas().into_iter().fold(Postgres::builder(), PostgresBuilder::schema);
    let namespace = format!("bench_{}", std::process::id());
    let store = runtime.block_on(builder.namespace(&namespace).connect(&url))?;
    runtime.block_on(data::fill(&store))?;
    let mut config: tokio_postgres::Config = url.parse()?;
    config.options(format!("-c search_path={namespace}"));
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    // A pool as the store's: nobody waits for ever.
    let wait = Some(Duration::from_secs(10));
    let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
        .runtime(Runtime::Tokio1)
        .wait_timeout(wait)
        .create_timeout(wait)
        .recycle_timeout(wait)
        .build()?;
    let peers = Peers { runtime, store, pool, wanted };
    peers.execute("ANALYZE o_account; ANALYZE o_contact")?;
    let measured = all(&peers);
    peers.execute(&format!("DROP SCHEMA {namespace} CASCADE"))?;
    measured
}

fn all(peers: &Peers<'_>) -> Result {
    columns(peers)?;
    records(peers)?;
    parents(peers)?;
    children(peers)?;
    groups(peers)?;
    by_key(peers)?;
    list(peers)
}

fn text(row: &Row, at: usize) -> Value {
    row.get::<_, Option<&str>>(at).map_or(Value::Null, Value::from)
}

fn integer(row: &Row, at: usize) -> Value {
    row.get::<_, Option<i64>>(at).map_or(Value::Null, Value::from)
}

fn id(row: &Row, at: usize) -> Option<Value> {
    row.get::<_, Option<&str>>(at).and_then(|id| id.parse().ok()).map(Value::Id)
}

/// What the passes of one peer took at least.
struct Spent {
    wall: Duration,
    cpu: Duration,
}

impl Peers<'_> {
    fn execute(&self, sql: &str) -> Result {
        let client = self.runtime.block_on(self.pool.get())?;
        Ok(self.runtime.block_on(client.batch_execute(sql))?)
    }

    /// Asks as a program without the store would: a connection of the pool, a prepared statement.
    async fn by_hand(
        &self,
        sql: &str,
        params: &Params,
        read: &impl Fn(&Row) -> Record,
    ) -> Result<Vec<Stored>> {
        let client = self.pool.get().await?;
        let statement = client.prepare_cached(sql).await?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param).collect();
        let rows = client.query(&statement, &params).await?;
        let has_version = statement.columns().get(1).is_some_and(|c| c.name() == "_version");
        let version = |row: &Row| if has_version { row.get::<_, i64>(1) } else { 0 };
        let stored =
            |row: &Row| Stored { record: read(row), version: Version(version(row).unsigned_abs()) };
        Ok(rows.iter().map(stored).collect())
    }

    /// Both take turns, so that a noisy moment meets both.
    fn compare(
        &self,
        name: &str,
        times: u32,
        query: &Query,
        sql: &str,
        bound: impl Fn() -> Params,
        read: impl Fn(&Row) -> Record,
    ) -> Result {
        let name = format!("postgres: {name}");
        if !self.wanted.wants(&name) {
            return Ok(());
        }
        let store = || async { Ok(self.store.query(query).await?.records) };
        let hand = || async { self.by_hand(sql, &bound(), &read).await };
        let (one, two) = (self.runtime.block_on(store())?, self.runtime.block_on(hand())?);
        let same =
            |(one, two): (&Stored, &Stored)| one.record == two.record && one.version == two.version;
        if one.len() != two.len() || !one.iter().zip(&two).all(same) {
            return Err(format!("{name}: {:?} and {:?}", one.first(), two.first()).into());
        }
        let (mut circuit, mut by_hand) = (Spent::new(), Spent::new());
        for _ in 0..PASSES {
            circuit.pass(&self.runtime, times, store)?;
            by_hand.pass(&self.runtime, times, hand)?;
        }
        let wall = |spent: &Spent| spent.wall.as_secs_f64() * 1e9;
        let cpu = |spent: &Spent| spent.cpu.as_secs_f64() * 1e9;
        show(&name, one.len(), wall(&circuit), wall(&by_hand));
        show("  CPU of this process", one.len(), cpu(&circuit), cpu(&by_hand));
        Ok(())
    }
}

impl Spent {
    fn new() -> Self {
        Self { wall: Duration::MAX, cpu: Duration::MAX }
    }

    fn pass<F: Future<Output = Result<Vec<Stored>>>>(
        &mut self,
        runtime: &tokio::runtime::Runtime,
        times: u32,
        ask: impl Fn() -> F,
    ) -> Result {
        let (answer, spent) = time(|| {
            runtime.block_on(async {
                let mut last = Ok(Vec::new());
                for _ in 0..times {
                    last = ask().await;
                }
                last
            })
        });
        answer?;
        self.wall = self.wall.min(spent.wall / times);
        self.cpu = self.cpu.min(spent.cpu / times);
        Ok(())
    }
}

fn columns(peers: &Peers<'_>) -> Result {
    let shape = shape("Contact", &["Name", "Score"]);
    let sql = "SELECT _id, _version, f_name, f_score FROM o_contact
               WHERE NOT _deleted AND f_score > $1 ORDER BY _key";
    let bound = || -> Params { vec![Box::new(49_i64)] };
    peers.compare("columns of half the records", 1, &question::columns(), sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0);
        slots[1] = Some(text(row, 2));
        slots[2] = Some(integer(row, 3));
        record
    })
}

fn records(peers: &Peers<'_>) -> Result {
    let schema = data::schemas().remove(1);
    let sql = "SELECT _id, _version, f_name, f_email, f_stage, f_score, f_amount::text, f_created,
                 n_created, f_accountid
               FROM o_contact WHERE NOT _deleted
               ORDER BY f_created DESC NULLS FIRST, n_created DESC NULLS FIRST, _key LIMIT $1";
    let bound = || -> Params { vec![Box::new(200_i64)] };
    peers.compare("the latest 200, whole", 1, &question::records(), sql, bound, |row| {
        let mut record = Record::of_shape(schema.shape());
        let slots = record.slots_mut();
        slots[0] = id(row, 0);
        for (at, slot) in slots.iter_mut().enumerate().skip(1).take(3) {
            *slot = Some(text(row, at + 1));
        }
        slots[4] = Some(integer(row, 5));
        slots[5] = row.get::<_, &str>(6).parse().ok().map(Value::Decimal);
        let (at, left): (DateTime<Utc>, i32) = (row.get(7), row.get(8));
        let nanos = at.nanosecond().saturating_add_signed(left);
        slots[6] = at.with_nanosecond(nanos).map(Value::DateTime);
        slots[7] = id(row, 9);
        record
    })
}

fn parents(peers: &Peers<'_>) -> Result {
    let (own, parent) = (shape("Contact", &["Name", "Account"]), shape("Account", &["Name"]));
    let sql = "SELECT c._id, c._version, c.f_name, a._id, a.f_name FROM o_contact c
               LEFT JOIN o_account a ON a._key = c.c_accountid AND NOT a._deleted
               WHERE NOT c._deleted AND c.f_score < $1 ORDER BY c._key";
    let bound = || -> Params { vec![Box::new(20_i64)] };
    peers.compare("a parent's name", 1, &question::parents(), sql, bound, |row| {
        let mut account = Record::of_shape(Arc::clone(&parent));
        let slots = account.slots_mut();
        slots[0] = id(row, 3);
        slots[1] = Some(text(row, 4));
        let mut record = Record::of_shape(Arc::clone(&own));
        let slots = record.slots_mut();
        slots[0] = id(row, 0);
        slots[1] = Some(text(row, 2));
        slots[2] = Some(Value::Record(Arc::new(account)));
        record
    })
}

fn children(peers: &Peers<'_>) -> Result {
    let (own, child) =
        (shape("Account", &["Name", "Contacts"]), shape("Contact", &["Name", "Score"]));
    let sql = "SELECT a._id, a._version, a.f_name,
                 (SELECT coalesce(json_agg(json_build_array(i, n, s)), '[]')::text FROM
                   (SELECT c._id i, c.f_name n, c.f_score s FROM o_contact c
                    WHERE NOT c._deleted AND c.c_accountid = a._key ORDER BY c._key) c)
               FROM o_account a WHERE NOT a._deleted ORDER BY a._key LIMIT $1";
    let bound = || -> Params { vec![Box::new(500_i64)] };
    peers.compare("children of 500", 1, &question::children(), sql, bound, |row| {
        let rows: Vec<(&str, &str, i64)> = serde_json::from_str(row.get(3)).unwrap_or_default();
        let contacts = rows.into_iter().map(|(id, name, score)| {
            let mut contact = Record::of_shape(Arc::clone(&child));
            let slots = contact.slots_mut();
            slots[0] = id.parse().ok().map(Value::Id);
            slots[1] = Some(name.into());
            slots[2] = Some(score.into());
            contact
        });
        let mut record = Record::of_shape(Arc::clone(&own));
        let slots = record.slots_mut();
        slots[0] = id(row, 0);
        slots[1] = Some(text(row, 2));
        slots[2] = Some(Value::Records(contacts.collect()));
        record
    })
}

fn groups(peers: &Peers<'_>) -> Result {
    let shape = shape("AggregateResult", &["Stage", "n", "most"]);
    let sql = "SELECT min(nullif(f_stage, '')), count(*), max(f_score)
               FROM o_contact WHERE NOT _deleted
               GROUP BY nullif(c_stage, '') ORDER BY nullif(c_stage, '') NULLS FIRST";
    peers.compare("groups", 1, &question::groups(), sql, Vec::new, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[1] = Some(text(row, 0));
        slots[2] = Some(integer(row, 1));
        slots[3] = Some(integer(row, 2));
        record
    })
}

fn by_key(peers: &Peers<'_>) -> Result {
    let shape = shape("Contact", &["Name"]);
    let sql = "SELECT _id, _version, f_name FROM o_contact WHERE NOT _deleted AND u_email = $1";
    // As a program would get it from somewhere: to be lower-cased and owned.
    let bound = || -> Params { vec![Box::new(EMAIL.to_ascii_lowercase())] };
    peers.compare("one by a unique field", TIMES, &question::by_key(), sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0);
        slots[1] = Some(text(row, 2));
        record
    })
}

fn list(peers: &Peers<'_>) -> Result {
    let shape = shape("Contact", &["Name"]);
    let ids = question::ids();
    let sql = "SELECT _id, _version, f_name FROM o_contact
               WHERE NOT _deleted AND _key = ANY($1) ORDER BY _key";
    let bound = || -> Params { vec![Box::new(ids.clone())] };
    peers.compare("1,000 by a list of ids", 1, &question::list(), sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0);
        slots[1] = Some(text(row, 2));
        record
    })
}
