//! Metrics of executions and sinks, through the `metrics` facade.

mod bounded;
mod meter;
mod table;

pub(crate) use meter::SinkMeter;
pub use table::{MetricKind, MetricRow};

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::metrics::{Counter, Histogram, Label, counter, histogram};
use async_trait::async_trait;
use circuit_core::{
    ExecutionReport, Failure, Level, Limit, LogEntry, LogSink, Result, Step, StepKind, Stuck, Text,
};
use serde::{Deserialize, Serialize};

use self::bounded::Bounded;

/// Which labels the metrics have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MetricsConfig {
    /// The most names of objects, of handlers and of tenants; 200 each. Those after them count as
    /// `other`.
    pub max_names: usize,
    /// Whether `circuit_executions_total` has the label `tenant`; no.
    pub has_tenant: bool,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { max_names: 200, has_tenant: false }
    }
}

impl MetricsConfig {
    /// Sets the most names of objects, of handlers and of tenants.
    #[must_use]
    pub fn with_max_names(mut self, most: usize) -> Self {
        self.max_names = most;
        self
    }

    /// Counts executions per tenant too.
    #[must_use]
    pub fn with_tenant(mut self) -> Self {
        self.has_tenant = true;
        self
    }
}

/// A sink that counts and measures executions and entries.
///
/// Install the recorder of the `metrics` facade first: some metrics look it up only once, when the
/// first execution ends. Names of records and users are in no label.
///
/// # Examples
/// ```
/// use circuit_core::LogSink;
/// use circuit_observe::{Metrics, MetricsConfig};
///
/// let metrics = Metrics::new(MetricsConfig::default());
/// assert_eq!(metrics.dropped(), 0);
/// assert!(Metrics::TABLE.iter().any(|row| row.name == "circuit_executions_total"));
/// ```
#[derive(Debug)]
pub struct Metrics {
    config: MetricsConfig,
    objects: Bounded<Text>,
    tenants: Bounded<Text>,
    handlers: Bounded<Handler>,
    /// Hooks are named when they are registered, so there may be many: they are bounded apart.
    hooks: Bounded<Handler>,
    entries: OnceLock<Levels>,
    shares: OnceLock<Shares>,
}

/// The metrics of one handler.
struct Handler {
    label: Text,
    duration: Histogram,
    cpu: Histogram,
}

struct Levels([Counter; 4]);

struct Shares(Vec<(Limit, Histogram)>);

impl Metrics {
    /// Every metric of this crate, those of the sinks' queues among them.
    pub const TABLE: &'static [MetricRow] = table::ALL;

    /// Starts with nothing counted.
    pub fn new(config: MetricsConfig) -> Self {
        let most = config.max_names;
        Self {
            config,
            objects: Bounded::new(most),
            tenants: Bounded::new(most),
            handlers: Bounded::new(most),
            hooks: Bounded::new(most),
            entries: OnceLock::new(),
            shares: OnceLock::new(),
        }
    }

    /// Counts a handler that the watchdog found stuck: give this to the engine.
    ///
    /// # Examples
    /// ```
    /// let builder = circuit_core::Circuit::builder().on_stuck(circuit_observe::Metrics::stuck);
    /// # drop(builder);
    /// ```
    pub fn stuck(stuck: &Stuck) {
        table::describe();
        counter!(table::STUCK.name, "handler" => stuck.handler.to_string()).increment(1);
    }

    fn handler(&self, name: &str) -> Arc<Handler> {
        self.handlers.of(name, Handler::new)
    }

    fn execution(&self, report: &ExecutionReport) {
        let object = self.objects.of(&report.object, |label| Text::from(label));
        let mut labels = vec![
            Label::new("outcome", word(report.outcome)),
            Label::new("quiddity", word(report.quiddity)),
            Label::new("object", object.to_string()),
        ];
        histogram!(table::EXECUTION_DURATION.name, labels.clone()).record(report.duration);
        if self.config.has_tenant {
            let tenant = self.tenants.of(&report.tenant, |label| Text::from(label));
            labels.push(Label::new("tenant", tenant.to_string()));
        }
        counter!(table::EXECUTIONS.name, labels).increment(1);
        if report.reruns > 0 {
            counter!(table::RERUNS.name, "object" => object.to_string())
                .increment(report.reruns.into());
        }
    }

    fn step(&self, step: &Step) {
        if matches!(step.kind, StepKind::Handler | StepKind::Hook) {
            let of = if step.kind == StepKind::Hook { &self.hooks } else { &self.handlers };
            let handler = of.of(&step.name, Handler::new);
            handler.duration.record(step.duration);
            if step.cpu > Duration::ZERO {
                handler.cpu.record(step.cpu);
            }
        }
    }

    fn error(&self, failure: &Failure) {
        let handler = self.handler(&failure.handler).label.to_string();
        counter!(table::ERRORS.name, "code" => failure.code.to_string(), "handler" => handler)
            .increment(1);
    }

    fn shares(&self, report: &ExecutionReport) {
        let shares = self.shares.get_or_init(Shares::new);
        for (limit, share) in &shares.0 {
            let most = report.limits.of(*limit);
            if most > 0 {
                share.record(ratio(report.usage.of(*limit), most));
            }
        }
    }
}

#[async_trait]
impl LogSink for Metrics {
    fn write(&self, entry: &Arc<LogEntry>) {
        self.entries.get_or_init(Levels::new).0[entry.level as usize].increment(1);
    }

    fn ended(&self, report: &Arc<ExecutionReport>) {
        self.execution(report);
        self.shares(report);
        report.steps.iter().for_each(|step| self.step(step));
        report.error.iter().for_each(|failure| self.error(failure));
    }

    /// Metrics are counted when they come: nothing waits.
    async fn flush(&self) -> Result<()> {
        Ok(())
    }

    fn dropped(&self) -> u64 {
        0
    }
}

impl Handler {
    fn new(label: &str) -> Self {
        Self {
            label: Text::from(label),
            duration: histogram!(table::HANDLER_DURATION.name, "handler" => label.to_owned()),
            cpu: histogram!(table::HANDLER_CPU.name, "handler" => label.to_owned()),
        }
    }
}

impl Levels {
    fn new() -> Self {
        table::describe();
        let levels = [Level::Debug, Level::Info, Level::Warn, Level::Error];
        Self(levels.map(|level| counter!(table::LOG_ENTRIES.name, "level" => word(level))))
    }
}

impl Shares {
    fn new() -> Self {
        table::describe();
        let share =
            |limit: &Limit| (*limit, histogram!(table::LIMIT_SHARE.name, "limit" => limit.name()));
        Self(Limit::ALL.iter().map(share).collect())
    }
}

/// Returns the name that a variant has where it is stored, such as `rolled_back`.
fn word(variant: impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "other".to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no 53 bits")]
fn ratio(used: u64, most: u64) -> f64 {
    used as f64 / most as f64
}

macro_rules! opaque {
    ($($name:ident)+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}
opaque!(Handler Levels Shares);
