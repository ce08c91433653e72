//! Building an engine.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};

use chrono_tz::Tz;

use super::catalog::Catalog;
use super::circuit::Circuit;
use super::dispatch::{EventSource, Subscriptions, verify_sources};
use super::execution::Execution;
use super::hook::{Committed, EngineHooks, RolledBack, each};
use super::panic::install_hook;
use super::verify::verify;
use super::watch::start_watchdog;
use crate::db::{CircuitDB, IdPolicy};
use crate::engine::executor::{Executor, HostStore, Inline, Protection};
use crate::engine::watch::Stuck;
use crate::env::{Clock, IdSource, SystemClock, SystemIds};
use crate::error::{Error, ErrorKind, HandlerError, Result};
use crate::governor::{Budgets, LimitPolicy, MemorySource, memory_source};
use crate::log::{LogCaps, LogFilter, LogSink, Redaction, Setup};
use crate::registry::{Plan, Registry};
use crate::report::IndexedFields;
use crate::soql::Checked;
use crate::value::Text;

/// What all executions share.
#[derive(Debug)]
pub(in crate::engine) struct Engine {
    pub(super) db: Arc<dyn CircuitDB>,
    pub(super) executor: Arc<dyn Executor>,
    pub(super) catalog: Catalog,
    pub(super) plan: Plan,
    pub(super) warnings: Vec<String>,
    pub(super) limits: LimitPolicy,
    pub(super) budgets: Arc<Budgets>,
    pub(super) on_stuck: Option<StuckCallback>,
    pub(super) watch: Watch,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) zone: Tz,
    pub(super) checked: Checked,
    /// Objects without a schema of which it was asked whether they are misspelt.
    pub(super) doubted: Mutex<HashSet<Text>>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) hooks: EngineHooks,
    pub(super) log: Arc<Setup>,
    pub(super) snapshots: Option<Arc<dyn CircuitDB>>,
    pub(super) subscriptions: Subscriptions,
    pub(super) indexed: IndexedFields,
    pub(super) host: Text,
    pub(super) build: Text,
}

/// What the host does about a stuck handler.
#[derive(Clone)]
pub(super) struct StuckCallback(pub(super) Arc<dyn Fn(&Stuck) + Send + Sync>);

impl fmt::Debug for StuckCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StuckCallback").finish()
    }
}

/// Whether handlers are measured and watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Watch {
    #[default]
    On,
    Off,
}

/// How equal explicit orders on one event of an object are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Strictness {
    #[default]
    Warn,
    Refuse,
}

/// Builds a [`Circuit`].
///
/// # Examples
/// ```no_run
/// # async fn example(store: impl circuit_core::CircuitDB) -> circuit_core::Result<()> {
/// use circuit_core::{Circuit, Limits};
///
/// let circuit = Circuit::builder()
///     .backend(store)
///     .limits(Limits::circuit())
///     .expect_crates(["my_triggers"])
///     .build()?;
/// println!("{}", circuit.plan());
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct CircuitBuilder {
    backend: Option<Arc<dyn CircuitDB>>,
    registry: Option<Registry>,
    executor: Option<Arc<dyn Executor>>,
    limits: LimitPolicy,
    on_stuck: Option<StuckCallback>,
    watch: Watch,
    clock: Option<Arc<dyn Clock>>,
    zone: Option<Tz>,
    ids: Option<Arc<dyn IdSource>>,
    strictness: Strictness,
    expected: Vec<String>,
    hooks: EngineHooks,
    log: Setup,
    sources: Vec<EventSource>,
    snapshots: Option<Arc<dyn CircuitDB>>,
    indexed: IndexedFields,
    host: Option<Text>,
    build: Text,
}

impl CircuitBuilder {
    /// Sets the store.
    #[must_use]
    pub fn backend(mut self, backend: impl CircuitDB) -> Self {
        self.backend = Some(Arc::new(backend));
        self
    }

    /// Sets the registrations; without it, what `#[trigger]` registered in all linked crates.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Sets the limits of each execution, or which a tenant has; without it,
    /// [`Limits::circuit`](crate::Limits::circuit).
    #[must_use]
    pub fn limits(mut self, limits: impl Into<LimitPolicy>) -> Self {
        self.limits = limits.into();
        self
    }

    /// Sets where handlers run; without it, [`Inline`], on the host's own threads.
    #[must_use]
    pub fn executor(mut self, executor: impl Executor) -> Self {
        self.executor = Some(Arc::new(executor));
        self
    }

    /// Measures neither processor time nor memory of handlers and watches none: for a host that
    /// isolates them itself. Calls, rows and the wall clock count as ever.
    #[must_use]
    pub fn unwatched(mut self) -> Self {
        self.watch = Watch::Off;
        self
    }

    /// Calls the host when a handler has passed a limit and keeps its thread: it is stuck in code
    /// that has no [`checkpoint`](crate::checkpoint). Called on the watchdog's thread, so it should
    /// return soon.
    #[must_use]
    pub fn on_stuck(mut self, tell: impl Fn(&Stuck) + Send + Sync + 'static) -> Self {
        self.on_stuck = Some(StuckCallback(Arc::new(tell)));
        self
    }

    /// Sets where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Sets the time zone in which SOQL's words for dates are meant; without it, UTC.
    #[must_use]
    pub fn time_zone(mut self, zone: Tz) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Sets where new ids come from.
    #[must_use]
    pub fn ids(mut self, ids: impl IdSource) -> Self {
        self.ids = Some(Arc::new(ids));
        self
    }

    /// Sets which entries are written to the log; without it, [`LogFilter::default`].
    #[must_use]
    pub fn log_filter(mut self, filter: LogFilter) -> Self {
        self.log.filter = filter;
        self
    }

    /// Sets what is taken out of entries before anybody sees them; without it,
    /// [`Redaction::default`].
    #[must_use]
    pub fn redaction(mut self, redaction: Redaction) -> Self {
        self.log.redaction = redaction;
        self
    }

    /// Sets how large entries and logs get.
    #[must_use]
    pub fn log_caps(mut self, caps: LogCaps) -> Self {
        self.log.caps = caps;
        self
    }

    /// Adds a sink: each takes every entry that is written, and every report.
    #[must_use]
    pub fn log_sink(mut self, sink: impl LogSink) -> Self {
        self.log.sinks.push(Arc::new(sink));
        self
    }

    /// Refuses handlers with the same explicit order on one event, instead of a warning.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strictness = Strictness::Refuse;
        self
    }

    /// Demands handlers from each of these packages: one that is not linked registers nothing.
    #[must_use]
    pub fn expect_crates<T: Into<String>>(mut self, packages: impl IntoIterator<Item = T>) -> Self {
        self.expected.extend(packages.into_iter().map(Into::into));
        self
    }

    /// Binds a source of events, so that `build()` can tell which handlers never run for it.
    #[must_use]
    pub fn source(mut self, source: EventSource) -> Self {
        self.sources.push(source);
        self
    }

    /// Sets a store that keeps what records were like: events have old images then.
    ///
    /// Any store will do that lets the caller choose ids; it is written after each batch.
    #[must_use]
    pub fn snapshots(mut self, store: impl CircuitDB) -> Self {
        self.snapshots = Some(Arc::new(store));
        self
    }

    /// Runs work before the commit of every execution, after what its handlers registered.
    ///
    /// An error of it rolls the execution back. Hooks run in the order in which they were added.
    #[must_use]
    pub fn before_commit<F, Fut>(mut self, name: impl Into<Text>, hook: F) -> Self
    where
        F: Fn(Execution) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.hooks.before_commit.push((name.into(), each(hook)));
        self
    }

    /// Runs work after the commit of every execution, after what its handlers registered.
    ///
    /// An error of it is in the outcome, and stops no other hook.
    #[must_use]
    pub fn after_commit<F, Fut>(mut self, name: impl Into<Text>, hook: F) -> Self
    where
        F: Fn(Committed) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.hooks.after_commit.push((name.into(), each(hook)));
        self
    }

    /// Runs work after every execution that failed, after what its handlers registered.
    #[must_use]
    pub fn after_rollback<F, Fut>(mut self, name: impl Into<Text>, hook: F) -> Self
    where
        F: Fn(RolledBack) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.hooks.after_rollback.push((name.into(), each(hook)));
        self
    }

    /// Makes executions findable by the values of a field, such as the `Email` of `Contact`.
    ///
    /// Reports name ids of records, but no values of fields, unless you index them: what you
    /// index is in [`ExecutionReport::keys`](crate::ExecutionReport::keys), readable, in lower
    /// case, up to 255 bytes, and goes wherever reports go.
    #[must_use]
    pub fn index_field(mut self, object: impl Into<Text>, field: impl Into<Text>) -> Self {
        self.indexed.add(object.into(), field.into());
        self
    }

    /// Names the machine in reports; without it, what the variable `HOSTNAME` says.
    #[must_use]
    pub fn host(mut self, host: impl Into<Text>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Names the version of the program in reports, such as `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn build_version(mut self, version: impl Into<Text>) -> Self {
        self.build = version.into();
        self
    }

    /// Checks every registration and returns the engine.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] naming handler, package, file and line of what cannot run.
    pub fn build(self) -> Result<Circuit> {
        let db = self.backend.ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "no store; call `.backend(..)` before `.build()`")
        })?;
        let given = self.registry.is_some();
        let registry = self.registry.unwrap_or_else(Registry::from_inventory);
        if !given && registry.registrations().is_empty() {
            return Err(Error::new(
                ErrorKind::Configuration,
                "no triggers are linked in: a dependency in Cargo.toml is not enough; \
                 add `use my_triggers as _;` to main.rs and to each test file",
            ));
        }
        let executor = self.executor.unwrap_or_else(|| Arc::new(Inline));
        let db = if executor.protection().own_threads {
            Arc::new(HostStore::new(db, Arc::clone(&executor)))
        } else {
            db
        };
        if self.watch == Watch::Off && executor.protection().own_threads {
            let message = "`.unwatched()` leaves stuck handlers unseen, so their threads are never \
                           given up; leave out one of it and `.executor(..)`";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        start_watchdog();
        let mut warnings = verify(&registry, &*db, self.strictness, &self.expected)?;
        let catalog = Catalog::new(&registry, &*db);
        let snapshots = self.snapshots;
        if snapshots.as_ref().is_some_and(|store| store.capability().ids == IdPolicy::Store) {
            let message = "the snapshot store assigns ids, so it cannot hold records of others";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        warnings.extend(verify_sources(&self.sources, &catalog, snapshots.as_deref())?);
        install_hook();
        report(&registry, &warnings, executor.protection());
        Ok(Circuit::new(Engine {
            catalog,
            plan: Plan::of(&registry),
            warnings,
            limits: self.limits,
            budgets: Arc::new(registry.budgets()),
            on_stuck: self.on_stuck,
            watch: self.watch,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            zone: self.zone.unwrap_or(Tz::UTC),
            checked: Checked::default(),
            doubted: Mutex::default(),
            ids: self.ids.unwrap_or_else(|| Arc::new(SystemIds)),
            hooks: self.hooks,
            log: Arc::new(self.log),
            executor,
            snapshots,
            subscriptions: Subscriptions::default(),
            indexed: self.indexed,
            host: self.host.unwrap_or_else(host_name),
            build: self.build,
            db,
        }))
    }
}

fn host_name() -> Text {
    std::env::var("HOSTNAME").map(Text::from).unwrap_or_default()
}

/// Tells how many handlers each package brought, so that a missing one is seen at the start.
fn report(registry: &Registry, warnings: &[String], protection: Protection) {
    let mut counts = std::collections::BTreeMap::new();
    for registration in registry.registrations() {
        *counts.entry(registration.source().package).or_insert(0_usize) += 1;
    }
    for (package, handlers) in counts {
        tracing::info!(target: "circuit", package, handlers, "handlers registered");
    }
    let memory = match memory_source() {
        MemorySource::Measured => "measured",
        MemorySource::Estimated => {
            "estimated; the program's allocator is no circuit_alloc::Metered"
        }
    };
    tracing::info!(target: "circuit", executor = %protection, memory, "how handlers are held");
    for warning in warnings {
        tracing::warn!(target: "circuit", "{warning}");
    }
}

impl fmt::Debug for CircuitBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBuilder")
            .field("backend", &self.backend)
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
