//! SQLite beside SQL by hand: the same driver, the same file, rows that become the same records.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDateTime;
use circuit_benches::measure::least;
use circuit_core::{
    Aggregate, CircuitDB, Column, Filter, Groups, Operand, OrderBy, Query, Record, Shape, Stored,
    Value, Version, compare_text,
};
use circuit_db::{Sqlite, SqliteBuilder};
use rusqlite::{Connection, Params, Row, params};

use super::{Result, data, show};

const PASSES: usize = 9;

/// The file, which one peer at a time has open: connections of one process share what SQLite keeps in
/// memory, and the one that came first has most of it.
struct Peers {
    runtime: tokio::runtime::Runtime,
    file: PathBuf,
}

pub(crate) fn run() -> Result {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bench.db");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let peers = Peers { runtime, file };
    peers.runtime.block_on(data::fill(&peers.store()?))?;
    columns(&peers)?;
    records(&peers)?;
    parents(&peers)?;
    children(&peers)?;
    groups(&peers)?;
    by_key(&peers)?;
    list(&peers)
}

fn shape(object: &str, names: &[&str]) -> Arc<Shape> {
    let record =
        names.iter().fold(Record::new(object), |record, name| record.with(name, Value::Null));
    Arc::clone(record.shape())
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

impl Peers {
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

    fn compare<P: Params>(
        &self,
        name: &str,
        query: &Query,
        sql: &str,
        bound: impl Fn() -> P,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<Record>,
    ) -> Result {
        let by_hand = |connection: &Connection| -> rusqlite::Result<Vec<Stored>> {
            let mut statement = connection.prepare_cached(sql)?;
            let stored = |row: &Row<'_>| Ok(Stored { record: read(row)?, version: Version(0) });
            statement.query_map(bound(), stored)?.collect()
        };
        let store = self.store()?;
        let ask = || self.runtime.block_on(store.query(query));
        let one = ask()?.records;
        let circuit = least(PASSES, || (), |()| ask().map(|answer| answer.count));
        drop(store);
        let connection = self.hand()?;
        let two = by_hand(&connection)?;
        let same = |(one, two): (&Stored, &Stored)| one.record == two.record;
        if one.len() != two.len() || !one.iter().zip(&two).all(same) {
            return Err(format!("{name}: {:?} and {:?}", one.first(), two.first()).into());
        }
        let hand = least(PASSES, || (), |()| by_hand(&connection).map(|rows| rows.len()));
        show(&format!("sqlite: {name}"), one.len(), circuit, hand);
        Ok(())
    }
}

fn columns(peers: &Peers) -> Result {
    let query = Query::of("Contact")
        .filter(Filter::greater("Score", 49))
        .columns(["Name", "Score"].map(Column::field));
    let shape = shape("Contact", &["Name", "Score"]);
    let sql = "SELECT _id, f_name, f_score, _version FROM o_contact
               WHERE _deleted = 0 AND f_score > ? ORDER BY _key";
    peers.compare(
        "columns of half the records",
        &query,
        sql,
        || params![49],
        |row| {
            let mut record = Record::of_shape(Arc::clone(&shape));
            let slots = record.slots_mut();
            slots[0] = id(row, 0)?;
            slots[1] = Some(text(row, 1)?);
            slots[2] = Some(integer(row, 2)?);
            row.get::<_, i64>(3)?;
            Ok(record)
        },
    )
}

fn records(peers: &Peers) -> Result {
    let query = Query::of("Contact").order_by(OrderBy::descending("Created")).limit(200);
    let schema = data::schemas().remove(1);
    let sql = "SELECT _id, f_name, f_email, f_stage, f_score, f_amount, f_created, f_accountid
               FROM o_contact WHERE _deleted = 0
               ORDER BY f_created DESC NULLS FIRST, _key LIMIT ? OFFSET 0";
    peers.compare(
        "the latest 200, whole",
        &query,
        sql,
        || params![200],
        |row| {
            let mut record = Record::of_shape(schema.shape());
            let slots = record.slots_mut();
            slots[0] = id(row, 0)?;
            for (at, slot) in slots.iter_mut().enumerate().skip(1).take(3) {
                *slot = Some(text(row, at)?);
            }
            slots[4] = Some(integer(row, 4)?);
            slots[5] = row.get_ref(5)?.as_str()?.parse().ok().map(Value::Decimal);
            let created =
                NaiveDateTime::parse_from_str(row.get_ref(6)?.as_str()?, "%Y-%m-%dT%H:%M:%S%.9f");
            slots[6] = created.ok().map(|at| Value::DateTime(at.and_utc()));
            slots[7] = id(row, 7)?;
            Ok(record)
        },
    )
}

fn parents(peers: &Peers) -> Result {
    let query = Query::of("Contact")
        .filter(Filter::less("Score", 20))
        .columns(["Name", "Account.Name"].map(Column::field));
    let (own, parent) = (shape("Contact", &["Name", "Account"]), shape("Account", &["Name"]));
    // A hand-written join may know that all ids have 15 characters.
    let sql = "SELECT c._id, c.f_name, a._id, a.f_name FROM o_contact c
               LEFT JOIN o_account a ON a._key = c.f_accountid AND a._deleted = 0
               WHERE c._deleted = 0 AND c.f_score < ? ORDER BY c._key";
    peers.compare(
        "a parent's name",
        &query,
        sql,
        || params![20],
        |row| {
            let mut account = Record::of_shape(Arc::clone(&parent));
            let slots = account.slots_mut();
            slots[0] = id(row, 2)?;
            slots[1] = Some(text(row, 3)?);
            let mut record = Record::of_shape(Arc::clone(&own));
            let slots = record.slots_mut();
            slots[0] = id(row, 0)?;
            slots[1] = Some(text(row, 1)?);
            slots[2] = Some(Value::Record(Arc::new(account)));
            Ok(record)
        },
    )
}

fn children(peers: &Peers) -> Result {
    let inner = Query::of("Contact").columns(["Name", "Score"].map(Column::field));
    let query = Query::of("Account")
        .columns([Column::field("Name"), Column::children("Contacts", inner)])
        .limit(500);
    let (own, child) =
        (shape("Account", &["Name", "Contacts"]), shape("Contact", &["Name", "Score"]));
    let sql = "SELECT a._id, a.f_name, (SELECT json_group_array(json_array(i, n, s)) FROM
                 (SELECT c._id i, c.f_name n, c.f_score s FROM o_contact c WHERE c._deleted = 0
                  AND c.f_accountid COLLATE circuit_id = a._key ORDER BY c._key LIMIT -1))
               FROM o_account a WHERE a._deleted = 0 ORDER BY a._key LIMIT ?";
    peers.compare(
        "children of 500",
        &query,
        sql,
        || params![500],
        |row| {
            let rows: Vec<(&str, &str, i64)> =
                serde_json::from_str(row.get_ref(2)?.as_str()?).unwrap_or_default();
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
            slots[1] = Some(text(row, 1)?);
            slots[2] = Some(Value::Records(contacts.collect()));
            Ok(record)
        },
    )
}

fn groups(peers: &Peers) -> Result {
    let score = || Some("Score".into());
    let columns = vec![
        (Operand::field("Stage"), "Stage".into()),
        (Operand::Aggregate(Aggregate::Count, None), "n".into()),
        (Operand::Aggregate(Aggregate::Max, score()), "most".into()),
    ];
    let groups = Groups { keys: vec![Operand::field("Stage")], columns, ..Groups::default() };
    let query = Query::of("Contact").groups(groups);
    let shape = shape("AggregateResult", &["Stage", "n", "most"]);
    let sql = "SELECT min(nullif(f_stage, '') COLLATE BINARY), count(*), max(f_score)
               FROM o_contact WHERE _deleted = 0
               GROUP BY nullif(f_stage, '') COLLATE circuit_text
               ORDER BY 1 COLLATE circuit_text";
    peers.compare(
        "groups",
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

fn by_key(peers: &Peers) -> Result {
    let query = Query::of("Contact")
        .filter(Filter::eq("Email", "PERSON77@example.com"))
        .columns([Column::field("Name")]);
    let shape = shape("Contact", &["Name"]);
    let sql = "SELECT _id, f_name, _version FROM o_contact WHERE _deleted = 0 AND u_email = ?";
    let bound = || params!["person77@example.com"];
    peers.compare("one by a unique field", &query, sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0)?;
        slots[1] = Some(text(row, 1)?);
        Ok(record)
    })
}

fn list(peers: &Peers) -> Result {
    let ids: Vec<String> = (0..1_000).map(|n| format!("003{:012}", n * 97)).collect();
    let query = Query::of("Contact")
        .filter(Filter::is_in("Id", ids.iter().map(String::as_str)))
        .columns([Column::field("Name")]);
    let shape = shape("Contact", &["Name"]);
    let marks = vec!["?"; ids.len()].join(",");
    let sql = format!(
        "SELECT _id, f_name FROM o_contact WHERE _deleted = 0 AND _key IN ({marks}) ORDER BY _key"
    );
    let bound = || rusqlite::params_from_iter(&ids);
    peers.compare("1,000 by a list of ids", &query, &sql, bound, |row| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        let slots = record.slots_mut();
        slots[0] = id(row, 0)?;
        slots[1] = Some(text(row, 1)?);
        Ok(record)
    })
}
