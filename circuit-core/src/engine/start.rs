//! What an execution begins with.

use std::sync::Arc;

use chrono_tz::Tz;
use uuid::Uuid;

use super::callout::CalloutRule;
use super::cause::Quiddity;
use super::dispatch::Delivering;
use crate::bypass::{Bypass, Who};
use crate::governor::Limits;
use crate::log::{LogFilter, Setup};
use crate::value::Text;

/// What an execution begins with: who, why, and with which limits.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub(super) who: Who,
    pub(super) quiddity: Quiddity,
    /// What the host names as the reason, such as `webhook 42`.
    pub(super) origin: Text,
    /// The limits; `None` for those of the tenant.
    pub(super) limits: Option<Limits>,
    /// The user's time zone; `None` for the engine's.
    pub(super) zone: Option<Tz>,
    /// Which entries are written; `None` for the engine's.
    pub(super) log_filter: Option<Arc<LogFilter>>,
    /// How many hooks led to it, each in an execution that the one before began.
    pub(super) hooks: u32,
    pub(super) bypasses: Vec<Bypass>,
    pub(super) callouts: CalloutRule,
    /// The execution whose hook starts it.
    pub(super) parent: Option<Uuid>,
    /// What it delivers, if it runs a handler for changes that somebody else made.
    pub(super) delivering: Option<Arc<Delivering>>,
}

impl Start {
    /// Returns what spans, logs and reports may show: an origin may be a URL with a secret.
    pub(super) fn redacted(self: &Arc<Self>, setup: &Setup) -> Arc<Self> {
        match setup.redacted(&self.origin) {
            Some(origin) => Arc::new(Self { origin: origin.into(), ..Self::clone(self) }),
            None => Arc::clone(self),
        }
    }

    pub(super) fn new() -> Self {
        Self {
            who: Who::default(),
            quiddity: Quiddity::default(),
            origin: Text::default(),
            limits: None,
            zone: None,
            log_filter: None,
            hooks: 0,
            bypasses: Vec::new(),
            callouts: CalloutRule::default(),
            parent: None,
            delivering: None,
        }
    }
}
