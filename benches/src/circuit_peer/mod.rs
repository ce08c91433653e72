//! Circuit as a peer: handlers over the memory store, everything on.

mod dynamic;
mod typed;

use std::cell::Cell;
use std::sync::Arc;

use circuit_core::{Circuit, Outcome, Query, Record, Registry, Value};
use circuit_db::Memory;
use tokio::runtime::{Builder, Runtime};

use crate::{CHUNK, ContactLine, Dump, Lead, Peer, Result, Summary, TaskLine};

thread_local! {
    /// The sum of the scores; the handlers add to it once per chunk, on the thread of the peer.
    static SCORES: Cell<i64> = const { Cell::new(0) };
}

fn add_to_scores(points: i64) {
    SCORES.set(SCORES.get() + points);
}

/// Runs the handlers of one module of this crate over a memory store.
#[derive(Debug)]
pub struct CircuitPeer {
    name: &'static str,
    runtime: Runtime,
    circuit: Circuit,
    registry: Registry,
    held: Held,
    input: Vec<Vec<Record>>,
}

impl CircuitPeer {
    /// Creates the peer whose handlers read and write [`Record`]s by slot.
    ///
    /// # Errors
    /// If the engine cannot be built.
    pub fn dynamic() -> Result<Self> {
        Self::new("circuit", "circuit_peer::dynamic")
    }

    /// Creates the same peer without what watches handlers and without a log.
    ///
    /// # Errors
    /// If the engine cannot be built.
    pub fn bare() -> Result<Self> {
        Self::held(Held::Off, "circuit-bare", "circuit_peer::dynamic")
    }

    /// Creates the peer whose handlers read and write structs.
    ///
    /// # Errors
    /// If the engine cannot be built.
    pub fn typed() -> Result<Self> {
        Self::new("circuit-typed", "circuit_peer::typed")
    }

    fn new(name: &'static str, module: &str) -> Result<Self> {
        Self::held(Held::On, name, module)
    }

    fn held(held: Held, name: &'static str, module: &str) -> Result<Self> {
        let all = Registry::from_inventory();
        let own = all.registrations().iter().filter(|one| one.source().module.ends_with(module));
        let registry = own.fold(Registry::builder(), |all, one| all.register(one.clone())).build();
        Ok(Self {
            name,
            runtime: Builder::new_current_thread().enable_time().build()?,
            circuit: engine(&registry, held)?,
            registry,
            held,
            input: Vec::new(),
        })
    }

    fn stored(&self, object: &str) -> Result<Vec<Record>> {
        let query = Query::of(object);
        let answer = self.runtime.block_on(self.circuit.backend().query(&query))?;
        Ok(answer.records.into_iter().map(|stored| stored.record).collect())
    }
}

/// Whether handlers are watched and the log is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    On,
    Off,
}

/// Everything at its default: transaction, old images, governor and log; or the last two off.
fn engine(registry: &Registry, held: Held) -> Result<Circuit> {
    let builder = Circuit::builder().backend(Memory::new()).registry(registry.clone());
    Ok(match held {
        Held::On => builder,
        Held::Off => builder.unwatched().log_filter("off".parse()?),
    }
    .build()?)
}

impl Peer for CircuitPeer {
    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&mut self, rows: &[Lead]) -> Result<()> {
        self.input.clear();
        self.circuit = engine(&self.registry, self.held)?;
        self.input = records(rows)?;
        Ok(())
    }

    fn run(&mut self) -> Result<Summary> {
        SCORES.set(0);
        let (circuit, input) = (&self.circuit, std::mem::take(&mut self.input));
        let mut summary = self.runtime.block_on(insert_all(circuit, input))?;
        summary.score_sum = SCORES.get();
        Ok(summary)
    }

    fn dump(&self) -> Result<Dump> {
        let contacts = self.stored("Contact")?;
        let tasks = self.stored("Task")?;
        Ok(Dump::new(
            contacts.iter().map(contact_line).collect(),
            tasks.iter().map(task_line).collect::<Result<_>>()?,
        ))
    }
}

/// Each chunk is one execution: one DML call of the host, one transaction.
async fn insert_all(circuit: &Circuit, input: Vec<Vec<Record>>) -> Result<Summary> {
    let mut summary = Summary::default();
    for chunk in input {
        let outcome: Outcome = circuit.insert(chunk).await?;
        let records = outcome.results().len();
        summary.records += records;
        summary.tasks += usize::try_from(outcome.usage().dml_rows())? - records;
    }
    Ok(summary)
}

/// The names of the fields, in the order of [`values`]; the id comes before them.
#[rustfmt::skip]
const FIELDS: [&str; 22] = [
    "email", "firstName", "lastName", "phone", "companyName", "source", "country", "status",
    "medianIncome", "ownerOccupiedPct", "seniority", "companySize", "distanceKm", "rating10",
    "pageViews", "emailOpens", "emailClicks", "formSubmits", "demoRequested", "timelineDays",
    "lastActivityHours", "budget",
];

/// The rows as a host would make records of them, one shape for all: before the clock starts.
fn records(rows: &[Lead]) -> Result<Vec<Vec<Record>>> {
    let empty = FIELDS.iter().fold(Record::new("Contact"), |all, name| all.with(name, Value::Null));
    let record = |lead: &Lead| {
        let mut record = Record::of_shape(Arc::clone(empty.shape())).with_id(lead.id.parse()?);
        for (slot, value) in record.slots_mut()[1..].iter_mut().zip(values(lead)) {
            *slot = Some(value);
        }
        Ok(record)
    };
    rows.chunks(CHUNK).map(|chunk| chunk.iter().map(record).collect()).collect()
}

fn values(lead: &Lead) -> [Value; FIELDS.len()] {
    let text = |text: &Option<String>| Value::from(text.as_deref());
    [
        text(&lead.email),
        text(&lead.first_name),
        text(&lead.last_name),
        text(&lead.phone),
        text(&lead.company_name),
        text(&lead.source),
        text(&lead.country),
        text(&lead.status),
        lead.median_income.into(),
        lead.owner_occupied_pct.into(),
        text(&lead.seniority),
        lead.company_size.into(),
        lead.distance_km.into(),
        lead.rating10.into(),
        lead.page_views.into(),
        lead.email_opens.into(),
        lead.email_clicks.into(),
        lead.form_submits.into(),
        lead.demo_requested.into(),
        lead.timeline_days.into(),
        lead.last_activity_hours.into(),
        lead.budget.into(),
    ]
}

fn text(record: &Record, field: &str) -> String {
    record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn id_text(record: &Record, field: &str) -> String {
    record.get(field).and_then(Value::as_id).map(ToString::to_string).unwrap_or_default()
}

fn contact_line(record: &Record) -> ContactLine {
    ContactLine {
        id: id_text(record, "Id"),
        email: text(record, "email"),
        source: text(record, "source"),
        country: text(record, "country"),
        status: text(record, "status"),
    }
}

fn task_line(record: &Record) -> Result<TaskLine> {
    Ok(TaskLine {
        contact_id: id_text(record, "contactId"),
        score: record.read("score")?,
        grade: text(record, "grade"),
        next_action: text(record, "nextAction"),
        subject: text(record, "subject"),
    })
}
