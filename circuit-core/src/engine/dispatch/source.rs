//! Sources of events, as far as the engine has to know them: whose events they bring.

use crate::db::CircuitDB;
use crate::engine::catalog::Catalog;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{EventPhase, TriggerEvent};
use crate::value::Text;

/// A source of events that a host binds: its name, and the objects whose changes it brings.
///
/// # Examples
/// ```no_run
/// # fn example(store: impl circuit_core::CircuitDB) -> circuit_core::Result<()> {
/// use circuit_core::{Circuit, EventSource};
///
/// let circuit = Circuit::builder()
///     .backend(store)
///     .source(EventSource::new("crm webhooks", ["Contact", "Deal"]))
///     .build()?; // refuses a source whose object has only handlers that never fire for it
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSource {
    name: Text,
    objects: Vec<Text>,
}

impl EventSource {
    /// Names a source and its objects.
    pub fn new<T: Into<Text>>(name: impl Into<Text>, objects: impl IntoIterator<Item = T>) -> Self {
        Self { name: name.into(), objects: objects.into_iter().map(Into::into).collect() }
    }
}

/// Refuses sources for which no handler can fire; answers what is odd but not wrong.
pub(in crate::engine) fn verify_sources(
    sources: &[EventSource],
    catalog: &Catalog,
    snapshots: Option<&dyn CircuitDB>,
) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    for (source, object) in sources.iter().flat_map(|s| s.objects.iter().map(move |o| (s, o))) {
        let entry = catalog.get(object);
        let of = |phase: EventPhase| {
            let events = TriggerEvent::ALL.into_iter().filter(move |event| event.phase() == phase);
            events.flat_map(|event| entry.handlers(event)).collect::<Vec<_>>()
        };
        let (before, after) = (of(EventPhase::Before), of(EventPhase::After));
        let problem = |message: String| {
            Error::new(ErrorKind::Configuration, message)
                .with("source", &source.name)
                .with("object", object)
        };
        if let (Some(handler), true) = (before.first(), after.is_empty()) {
            let message = "the object has only before handlers, which never run for changes that \
                           somebody else made; register one for an after-event";
            return Err(problem(message.to_owned())
                .with("handler", handler.name())
                .with("at", handler.source()));
        }
        if after.is_empty() {
            warnings
                .push(problem("no handler is registered for the object".to_owned()).to_string());
        }
        for handler in before {
            let message = format!("the before events of `{}` never run for it", handler.name());
            warnings.push(problem(message).to_string());
        }
        if snapshots.is_none() {
            let reads_old = after
                .iter()
                .filter(|handler| handler.when().is_some_and(crate::Condition::needs_old));
            for handler in reads_old {
                let message = format!(
                    "the condition of `{}` needs old values, and there is no snapshot store",
                    handler.name()
                );
                warnings.push(problem(message).to_string());
            }
        }
    }
    warnings.dedup();
    Ok(warnings)
}
