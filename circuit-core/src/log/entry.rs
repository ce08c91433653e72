//! One entry of a log.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::TriggerEvent;
use crate::governor::Used;
use crate::record::RecordId;
use crate::value::Text;

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For somebody who looks for a fault.
    Debug,
    /// The normal course of things.
    Info,
    /// Should be looked at.
    Warn,
    /// Failed.
    Error,
}

/// One entry of an execution's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// The execution.
    pub execution: Uuid,
    /// When it was written.
    pub time: DateTime<Utc>,
    /// How much it matters.
    pub level: Level,
    /// The handler that wrote it; `host` outside of handlers.
    pub handler: Text,
    /// The event that the handler ran for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<TriggerEvent>,
    /// The object of the handler; empty outside of handlers.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub object: Text,
    /// The record that the entry is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// How many triggers deep the handler ran; 0 outside of handlers.
    pub depth: u32,
    /// The user who runs the execution; empty if the host named none.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub user: Text,
    /// The tenant for whom it runs; empty if the host named none.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub tenant: Text,
    /// Where a `tracing` event came from that was collected, such as `hyper::client`; empty for an
    /// entry that was written to the log itself.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub target: Text,
    /// What happened.
    pub message: Text,
    /// Named values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<(Text, serde_json::Value)>,
    /// What the execution had used by then.
    pub used: Used,
}

impl LogEntry {
    /// Hands the entry to `tracing`; costs next to nothing without a subscriber.
    pub(super) fn trace(&self) {
        macro_rules! emit {
            ($level:ident) => {
                tracing::event!(
                    target: "circuit",
                    tracing::Level::$level,
                    execution = %self.execution,
                    handler = %self.handler,
                    event = self.event.map(TriggerEvent::name),
                    object = named(&self.object),
                    record = self.record.as_ref().map(tracing::field::display),
                    user = named(&self.user),
                    tenant = named(&self.tenant),
                    data = (!self.data.is_empty()).then(|| tracing::field::display(Data(&self.data))),
                    "{}",
                    self.message
                )
            };
        }
        match self.level {
            Level::Debug => emit!(DEBUG),
            Level::Info => emit!(INFO),
            Level::Warn => emit!(WARN),
            Level::Error => emit!(ERROR),
        }
    }
}

/// A field of `tracing` is left out where there is nothing to tell.
pub(crate) fn named(text: &Text) -> Option<&str> {
    (!text.is_empty()).then_some(text.as_str())
}

/// The named values of an entry, as a JSON object.
struct Data<'a>(&'a [(Text, serde_json::Value)]);

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            let lead = if i == 0 { "{" } else { "," };
            write!(f, "{lead}{}:{value}", serde_json::Value::from(name.as_str()))?;
        }
        f.write_str("}")
    }
}
