//! Why something runs: the chain of DML calls and handlers up to what came from outside.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::execution::Execution;
use crate::event::{Operation, TriggerEvent};
use crate::value::Text;

/// How an execution began (Apex: `System.Quiddity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quiddity {
    /// A call of the host.
    #[default]
    Synchronous,
    /// A request that came in over HTTP.
    Rest,
    /// A webhook of another service.
    Webhook,
    /// A change that somebody else made, handed to [`dispatch`](crate::Circuit::dispatch).
    Event,
    /// A job that was queued.
    Queueable,
    /// A part of a batch.
    Batch,
    /// The clock.
    Scheduled,
    /// A person, by hand.
    Anonymous,
    /// A test.
    RunTest,
}

/// Why a handler runs: each step from its own event up to what came from outside.
///
/// # Examples
/// ```
/// use circuit_core::prelude::*;
///
/// fn explain(ctx: &TriggerContext<'_, Record>) {
///     // such as: Task inserted by score_contacts, Contact inserted by host, fired by webhook 42
///     ctx.log().info(ctx.cause().to_string());
/// }
/// # let _ = explain;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// The steps, nearest first.
    pub links: Vec<CauseLink>,
    /// What the host named as the reason, such as `webhook 42`; empty if it named none.
    pub origin: Text,
}

/// One step of a cause: who did what to which object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CauseLink {
    /// The event that ran.
    pub event: TriggerEvent,
    /// The object.
    pub object: Text,
    /// The handler whose DML it was; `host` for a call from outside.
    pub by: Text,
}

impl Execution {
    /// Returns why this place is reached: the chain of DML calls up to what came from outside.
    pub fn cause(&self) -> Cause {
        let mut links = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            if let (Some(event), Some(parent)) = (here.event(), here.parent()) {
                let (object, by) = (here.object().clone(), parent.handler().clone());
                links.push(CauseLink { event, object, by });
            }
            place = here.parent();
        }
        Cause { links, origin: self.state().start.origin.clone() }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, link) in self.links.iter().enumerate() {
            let lead = if i == 0 { "" } else { ", " };
            let done = match link.event.operation() {
                Operation::Insert => "inserted",
                Operation::Update => "updated",
                Operation::Delete => "deleted",
                Operation::Undelete => "undeleted",
            };
            write!(f, "{lead}{} {done} by {}", link.object, link.by)?;
        }
        match (self.links.is_empty(), self.origin.is_empty()) {
            (_, true) => Ok(()),
            (true, false) => write!(f, "fired by {}", self.origin),
            (false, false) => write!(f, ", fired by {}", self.origin),
        }
    }
}
