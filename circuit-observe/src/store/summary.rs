//! What a search shows of an execution.

use std::time::Duration;

use chrono::{DateTime, Utc};
use circuit_core::{ExecutionEnd, ExecutionReport, Failure, Level, Text, TriggerEvent, Used};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a search shows of an execution; [`ReportStore::get`](super::ReportStore::get) has the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// The execution.
    pub id: Uuid,
    /// The execution whose hook started it.
    pub parent: Option<Uuid>,
    /// When it began.
    pub start: DateTime<Utc>,
    /// When it ended.
    #[serde(default)]
    pub end: DateTime<Utc>,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: ExecutionEnd,
    /// The object that it was about.
    pub object: Text,
    /// The event that it delivered, for an event trigger.
    #[serde(default)]
    pub event: Option<TriggerEvent>,
    /// The records of its first DML call, or those that it delivered.
    pub records: u64,
    /// What the host named as the reason.
    pub origin: Text,
    /// The user.
    pub user: Text,
    /// The tenant.
    pub tenant: Text,
    /// Why it failed.
    pub error: Option<Failure>,
    /// What it used as a whole.
    #[serde(default)]
    pub used: Used,
    /// How often it was run again because of a conflict.
    #[serde(default)]
    pub reruns: u32,
    /// The machine that it ran on.
    #[serde(default)]
    pub host: Text,
    /// The version of the program that it ran in, as the host told it.
    #[serde(default)]
    pub build: Text,
    /// The highest level in its log.
    pub level: Option<Level>,
    /// How many entries its log has.
    pub entries: u64,
    /// Its place among all, for the next page: see [`Search::after`](super::Search::after).
    #[serde(skip)]
    pub(super) place: i64,
}

impl Summary {
    pub(super) fn of(report: &ExecutionReport) -> Self {
        Self {
            id: report.id,
            parent: report.parent,
            start: report.start,
            end: report.end,
            duration: report.duration,
            outcome: report.outcome,
            object: report.object.clone(),
            event: report.event,
            records: report.records,
            origin: report.origin.clone(),
            user: report.user.clone(),
            tenant: report.tenant.clone(),
            error: report.error.clone(),
            used: *report.usage.total(),
            reruns: report.reruns,
            host: report.host.clone(),
            build: report.build.clone(),
            level: report.log.iter().map(|entry| entry.level).max(),
            entries: report.log.len() as u64,
            place: 0,
        }
    }
}
