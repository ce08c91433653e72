//! SQLite beside SQL by hand: the same driver, the same file, rows that become the same records.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use chrono::NaiveDateTime;
use circuit_benches::measure::{in_turns, pass};
use circuit_core::{CircuitDB, Query, Record, Stored, Value, Version, compare_text};
use circuit_db::{Sqlite, SqliteBuilder};
use rusqlite::{Connection, Params, Row, params};
use tokio::sync::oneshot;

use super::question::{self, EMAIL, shape};
use super::{Result, Wanted, data, show};

const PASSES: usize = 15;

/// How often a query for one record is repeated for one measurement.
const TIMES: u32 = 1_000;

/// The file, which one peer at a time has open: connections of one process share what SQLite keeps in
/// memory, and the one that came first has most of it.
struct Peers<'w> {
    runtime: tokio::runtime::Runtime,
    file: PathBuf,
    wanted: &'w Wanted,
}

pub(crate) fn run(wanted: &Wanted) -> Result {
    if !wanted.store("sqlite") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bench.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let peers = Peers { runtime, file, wanted };
    peers.runtime.block_on(data::fill(&peers.store()?))?;
    columns(&peers)?;
    records(&peers)?;
    parents(&peers)?;
    children(&peers)?;
    groups(&peers)?;
    by_key(&peers)?;
    list(&peers)
}

fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Value> {
    let column = row.get_ref(at)?;
    Ok(column.as_str_or_null()?.map_or(Value::Null, Value::from))
}

fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Value>> {
    Ok(row.get_ref(at)?.as_str_or_null()?.and_then(|id| id.parse().ok()).map(Value::Id))
}

fn integer(row: &Row<'_>, at: usize) -> rusqlite::Result<Value> {
    Ok(row.get::<_, Option<i64>>(at)?.map_or(Value::Null, Value::from))
}

/// Reads the rows of a statement; the second column is the version, if they have one.
fn by_hand(
    connection: &Connection,
    sql: &str,
    bound: impl Params,
    versions: bool,
    read: &impl Fn(&Row<'_>) -> rusqlite::Result<Record>,
) -> rusqlite::Result<Vec<Stored>> {
    let mut statement = connection.prepare_cached(sql)?;
    let stored = |row: &Row<'_>| {
        let version = if versions { row.get::<_, i64>(1)? } else { 0 };
        Ok(Stored { record: read(row)?, version: Version(version.unsigned_abs()) })
    };
    statement.query_map(bound, stored)?.collect()
}

impl Peers<'_> {
    fn store(&self) -> Result<Sqlite> {
        let builder = data::schemas().into_iter().fold(Sqlite::builder(), SqliteBuilder::schema);
        Ok(self.runtime.block_on(builder.readers(1).open(&self.file))?)
    }

    /// Opens a session of our own, with the settings of the store's.
    fn hand(&self) -> Result<Connection> {
        let hand = Connection::open(&self.file)?;
        hand.pragma_update(None, "cache_size", -16_000)?;
        hand.create_collation("circuit_text", compare_text)?;
        // The index of references has this collation.
        hand.create_collation("circuit_id", str::cmp)?;
        Ok(hand)
    }

    /// Asks the store, then by hand on a thread that has the connection, then on this one.
    fn compare<P: Params>(
        &self,
        name: &str,
        times: u32,
        query: &Query,
        sql: &str,
        bound: impl Fn() -> P + Sync,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<Record> + Sync,
    ) -> Result {
        let name = format!("sqlite: {name}");
        if !self.wanted.wants(&name) {
            return Ok(());
        }
        let versions = sql.contains("_version");
        let ask = |connection: &Connection| by_hand(connection, sql, bound(), versions, &read);
        let one = self.runtime.block_on(self.store()?.query(query))?.records;
        check(&name, &one, &ask(&self.hand()?)?)?;
        let records = one.len();
        // What is kept decides where the allocator finds memory.
        drop(one);
        let (store, here, there) = (self.store()?, self.hand()?, self.hand()?);
        let [circuit, own_thread, same_thread] = std::thread::scope(|scope| {
            let (questions, waiting) = mpsc::channel::<oneshot::Sender<_>>();
            let ask = &ask;
            scope.spawn(move || waiting.iter().for_each(|to| drop(to.send(ask(&there)))));
            let asked = || {
                let (to, answer) = oneshot::channel();
                questions.send(to).map_err(|_| "the thread has ended")?;
                Ok::<_, Box<dyn std::error::Error>>(self.runtime.block_on(answer)??)
            };
            let peers: [&mut dyn FnMut() -> f64; 3] = [
                &mut || pass(times, || self.runtime.block_on(store.query(query))),
                &mut || pass(times, asked),
                &mut || pass(times, || ask(&here)),
            ];
            in_turns(PASSES, peers)
        });
        show(&name, records, circuit, own_thread);
        show("  by hand on the same thread", records, circuit, same_thread);
        Ok(())
    }
}

fn check(name: &str, one: &[Stored], two: &[Stored]) -> Result {
    let same =
        |(one, two): (&Stored, &Stored)| one.record == two.record && one.version == two.version;
    if one.len() == two.len() && one.iter().zip(two).all(same) {
        return Ok(());
    }
    Err(format!("{name}: {:?} and {:?}", one.first(), two.first()).into())
}

fn columns(peers: &Peers<'_>) -> Result {
    let query = question::columns();
    let shape = shape("Contact", &["Name", "Score"]);
    let sql = "SELECT _id, _version, f_name, f_score FROM o_contact
               WHERE +_deleted = 0 AND f_score > ? ORDER BY _key";
    peers.compare(
        "columns of half the records",
        1,
        &query,
        sql,
        || params![49],
        |row| {
            let mut record = Record::of_shape(Arc::clone(&shape));
            let slots = record.slots_mut();
            slots[0] = id(row, 0)?;
            slots[1] = Some(text(row, 2)?);
            slots[2] = Some(integer(row, 3)?);
            Ok(record)
        },
    )
}

fn records(peers: &Peers<'_>) -> Result {
    let query = question::records();
    let schema = data::schemas().remove(1);
    let sql =
        "SELECT _id, _version, f_name, f_email, f_stage, f_score, f_amount, f_created, f_accountid
               FROM o_contact WHERE +_deleted = 0
               ORDER BY f_created DESC NULLS FIRST, _key LIMIT ? OFFSET 0";
    peers.compare(
        "the latest 200, whole",
        1,
        &query,
        sql,
        || params![200],
        |row| {
            let mut record = Record::of_shape(schema.shape());
            let slots = record.slots_mut();
            slots[0] = id(row, 0)?;
            for (at, slot) in slots.iter_mut().enumerate().skip(1).take(3) {
                *slot = Some(text(row, at + 1)?);
            }
            slots[4] = Some(integer(row, 5)?);
            slots[5] = row.get_ref(6)?.as_str()?.parse().ok().map(Value::Decimal);
            let created =
                NaiveDateTime::parse_from_str(row.get_ref(7)?.as_str()?, "%Y-%m-%dT%H:%M:%S%.9f");
            slots[6] = created.ok().map(|at| Value::DateTime(at.and_utc()));
            slots[7] = id(row, 8)?;
            Ok(record)
        },
    )
}

fn parents(peers: &Peers<'_>) -> Result {
    let query = question::parents();
    let (own, parent) = (shape("Contact", &["Name", "Account"]), shape("Account", &["Name"]));
    // A hand-written join may know that all ids have 15 characters.
    let sql = "SELECT c._id, c._version, c.f_name, a._id, a.f_name FROM o_contact c
               LEFT JOIN o_account a ON a._key = c.f_accountid AND a._deleted = 0
               WHERE +c._deleted = 0 AND c.f_score < ? ORDER BY c._key";
    peers.compare(
        "a parent's name",
        1,
        &query,
        sql,
        || params![20],
        |row| {
            let mut account = Record::of_shape(Arc::clone(&parent));
            let slots = account.slots_mut();
            slots[0] = id(row, 3)?;
            slots[1] = Some(text(row, 4)?);
            let mut record = Record::of_shape(Arc::clone(&own));
            let slots = record.slots_mut();
            slots[0] = id(row, 0)?;
            slots[1] = Some(text(row, 2)?);
            slots[2] = Some(Value::Record(Arc::new(account)));
            Ok(record)
        },
    )
}

fn children(peers: &Peers<'_>) -> Result {
    let query = question::children();
    let (own, child) =
        (shape("Account", &["Name", "Contacts"]), shape("Contact", &["Name", "Score"]));
    let sql =
        "SELECT a._id, a._version, a.f_name, (SELECT json_group_array(json_array(i, n, s)) FROM
                 (SELECT c._id i, c.f_name n, c.f_score s FROM o_contact c WHERE +c._deleted = 0
                  AND c.f_accountid COLLATE circuit_id = a._key ORDER BY c._key LIMIT -1))
               FROM o_account a WHERE +a._deleted = 0 ORDER BY a._key LIMIT ?";
    peers.compare(
        "children of 500",
        1,
        &query,
        sql,
        || params![500],
        |row| {
            let rows: Vec<(&str, &str, i64)> =
                serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default();
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
            slots[0] = id(row, 0)?;
            slots[1] = Some(text(row, 2)?);
            slots[2] = Some(Value::Records(contacts.collect()));
            Ok(record)
        },
    )
}

fn groups(peers: &Peers<'_>) -> Result {
    let query = question::groups();
    let shape = shape("AggregateResult", &["Stage", "n", "most"]);
    let sql = "SELECT min(nullif(f_stage, '') COLLATE BINARY), count(*), max(f_score)
               FROM o_contact WHERE +_deleted = 0
               GROUP BY nullif(f_stage, '') COLLATE circuit_text
               ORDER BY 1 COLLATE circuit_text";
    peers.compare(
        "groups",
        1,
        &query,
        sql,
        || params![],
        |row| {
            let mut record = Record::of_shape(Arc::clone(&shape));
            let slots = record.slots_mut();
            slots[1] = Some(text(row, 0)?);
            slots[2] = Some(integer(row, 1)?);
            slots[3] = Some(integer(row, 2)?);
            Ok(record)
        },
    )
}

fn by_key(peers: &Peers<'_>) -> Result {
    let shape = shape("Contact", &["Name"]);
    let sql = "SELECT _id, _version, f_name FROM o_contact WHERE _deleted = 0 AND u_email = ?";
    // As a program would get it from somewhere: to be lower-cased and owned.
    let bound = || [EMAIL.to_ascii_lowercase()];
    peers.compare("one by a unique field", TIMES, &question::by_key(), sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0)?;
        slots[1] = Some(text(row, 2)?);
        Ok(record)
    })
}

fn list(peers: &Peers<'_>) -> Result {
    let ids = question::ids();
    let shape = shape("Contact", &["Name"]);
    let marks = vec!["?"; ids.len()].join(",");
    let sql = format!(
        "SELECT _id, _version, f_name FROM o_contact
         WHERE +_deleted = 0 AND _key IN ({marks}) ORDER BY _key"
    );
    let bound = || rusqlite::params_from_iter(&ids);
    peers.compare("1,000 by a list of ids", 1, &question::list(), &sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0)?;
        slots[1] = Some(text(row, 2)?);
        Ok(record)
    })
}
