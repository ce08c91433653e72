//! One entry of a log.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::event::TriggerEvent;
use crate::value::Text;

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    pub event: Option<TriggerEvent>,
    /// What happened.
    pub message: Text,
    /// Named values.
    pub data: Vec<(Text, serde_json::Value)>,
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
                    data = ?self.data,
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
