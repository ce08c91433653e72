//! Events of `tracing` become entries of the log.

use std::cell::Cell;
use std::error::Error;
use std::fmt::Debug;

use circuit_core::{CircuitLog, Level, Text};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// The target of Circuit's own events, which are in the log already.
const OWN: &str = "circuit";

/// Takes the events that handlers and libraries emit inside an execution into its log.
///
/// An entry tells target, level, message and fields of its event; filter, redaction and caps are those
/// of the execution. Events outside of executions, of spawned tasks and of level `TRACE` are not
/// taken, nor Circuit's own. The layer turns no event off; `.with_filter(LevelFilter::INFO)` spares the
/// program what the log would leave out anyway.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, Registry};
/// use circuit_observe::CollectLayer;
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(CollectLayer::default());
/// // A host says `subscriber.init()` once.
/// let _guard = tracing::subscriber::set_default(subscriber);
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let circuit = Circuit::builder()
///     .backend(circuit_db::Memory::new())
///     .registry(Registry::builder().build())
///     .build()?;
/// let run = circuit.run(|_| async {
///     tracing::warn!(target: "geo", attempts = 3, "no answer");
///     Ok(())
/// });
/// let outcome = run.await?;
/// let entry = &outcome.log()[0];
/// assert_eq!((entry.target.as_str(), entry.message.as_str()), ("geo", "no answer"));
/// assert_eq!(entry.data, [("attempts".into(), 3.into())]);
/// # Ok::<(), circuit_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CollectLayer;

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// While there is one, events on this thread are the collecting's own: a field may log when shown.
struct AtWork;

impl AtWork {
    fn begin() -> Option<Self> {
        let begun = AT_WORK.try_with(|at_work| !at_work.replace(true));
        begun.unwrap_or(false).then_some(Self)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // A thread that ends collects nothing any more.
        AT_WORK.try_with(|at_work| at_work.set(false)).unwrap_or_default();
    }
}

impl<S: Subscriber> Layer<S> for CollectLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let Some(level) = level(metadata).filter(|_| metadata.target() != OWN) else { return };
        let Some(log) = CircuitLog::current() else { return };
        if !log.takes(level, metadata.target()) {
            return;
        }
        let Some(_at_work) = AtWork::begin() else { return };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let target = fields.target.as_deref().unwrap_or(metadata.target());
        let entry = log.collected(level, target, fields.message);
        drop(fields.data.into_iter().fold(entry, |entry, (name, value)| entry.with(name, value)));
    }
}

fn level(metadata: &Metadata<'_>) -> Option<Level> {
    match *metadata.level() {
        tracing::Level::ERROR => Some(Level::Error),
        tracing::Level::WARN => Some(Level::Warn),
        tracing::Level::INFO => Some(Level::Info),
        tracing::Level::DEBUG => Some(Level::Debug),
        _ => None,
    }
}

/// What an event tells.
#[derive(Default)]
struct Fields {
    message: String,
    /// Where an event of the crate `log` comes from, whose own target is always the same.
    target: Option<String>,
    data: Vec<(Text, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.data.push((Text::from_static(field.name()), value.into()));
    }

    fn add_text(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = text,
            "log.target" => self.target = Some(text),
            "log.module_path" | "log.file" => {}
            _ => self.add(field, text),
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() != "log.line" {
            self.add(field, value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add_text(field, value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add_text(field, format!("{value:?}"));
    }
}
