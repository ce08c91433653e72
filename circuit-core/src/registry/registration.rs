//! One registration: a handler with its object, events, order and conditions.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::{BoxError, HandlerError};
use crate::event::TriggerEvent;
use crate::governor::Limit;
use crate::record::Record;
use crate::trigger::{Condition, Invocation, TriggerContext};
use crate::value::Text;

/// The future of a running handler.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// What a handler made of a closure returns.
type ClosureFuture<'a> = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>;

/// Where a handler was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The package.
    pub package: &'static str,
    /// The module.
    pub module: &'static str,
    /// The file.
    pub file: &'static str,
    /// The line.
    pub line: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A registration as `#[trigger]` writes it down at compile time.
#[derive(Debug)]
pub struct Declaration {
    /// The handler's name.
    pub name: &'static str,
    /// The object.
    pub object: &'static str,
    /// The events.
    pub events: &'static [TriggerEvent],
    /// The explicit order.
    pub order: Option<i32>,
    /// The condition on records.
    pub when: Option<&'static Condition>,
    /// Whether the handler is not shown what it brings about itself.
    pub once_per_record: bool,
    /// The name of the bypass that leaves the handler out.
    pub disabled_by: Option<&'static str>,
    /// The permission that the user must have.
    pub required_permission: Option<&'static str>,
    /// The permission that leaves the handler out.
    pub bypass_permission: Option<&'static str>,
    /// What the handler itself may use, where that is less than the execution.
    pub limits: &'static [(Limit, u64)],
    /// Where the handler was written.
    pub source: Source,
    /// Runs the handler.
    pub handler: for<'a> fn(Invocation<'a>) -> HandlerFuture<'a>,
}

/// What `#[trigger]` hands to `inventory`.
#[derive(Debug)]
pub struct Submitted(pub &'static Declaration);

inventory::collect!(Submitted);

type Handler = Arc<dyn for<'a> Fn(Invocation<'a>) -> HandlerFuture<'a> + Send + Sync>;

/// A handler with its object, events, order and conditions.
///
/// `#[trigger]` makes one of a function; tests and hosts can make one of a closure.
///
/// # Examples
/// ```
/// use circuit_core::{TriggerEvent, TriggerRegistration};
///
/// let guard = TriggerRegistration::sync("Contact", [TriggerEvent::BeforeInsert], "guard", |ctx| {
///     for contact in ctx.try_new_records_mut()? {
///         contact.set("Status", "NEW");
///     }
///     Ok(())
/// });
/// assert_eq!(guard.name(), &"guard");
/// ```
#[derive(Clone)]
pub struct TriggerRegistration {
    name: Text,
    object: Text,
    events: Vec<TriggerEvent>,
    order: Option<i32>,
    when: Option<&'static Condition>,
    once_per_record: bool,
    disabled_by: Option<Text>,
    required_permission: Option<Text>,
    bypass_permission: Option<Text>,
    limits: Vec<(Limit, u64)>,
    source: Source,
    handler: Handler,
}

impl TriggerRegistration {
    /// Registers an asynchronous closure.
    #[track_caller]
    pub fn new<F>(
        object: impl Into<Text>,
        events: impl IntoIterator<Item = TriggerEvent>,
        name: impl Into<Text>,
        handler: F,
    ) -> Self
    where
        F: for<'c, 'i> Fn(&'c mut TriggerContext<'i, Record>) -> ClosureFuture<'c>
            + Send
            + Sync
            + 'static,
    {
        let handler = Arc::new(handler);
        Self::from_handler(object.into(), events, name.into(), move |invocation| {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let mut context = TriggerContext::new(invocation);
                let result = handler(&mut context).await;
                context.finish(result)
            })
        })
    }

    /// Registers a closure that waits for nothing.
    #[track_caller]
    pub fn sync<F>(
        object: impl Into<Text>,
        events: impl IntoIterator<Item = TriggerEvent>,
        name: impl Into<Text>,
        handler: F,
    ) -> Self
    where
        F: for<'c, 'i> Fn(&'c mut TriggerContext<'i, Record>) -> Result<(), HandlerError>
            + Send
            + Sync
            + 'static,
    {
        let handler = Arc::new(handler);
        Self::from_handler(object.into(), events, name.into(), move |invocation| {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let mut context = TriggerContext::new(invocation);
                let result = handler(&mut context);
                context.finish(result)
            })
        })
    }

    #[track_caller]
    fn from_handler(
        object: Text,
        events: impl IntoIterator<Item = TriggerEvent>,
        name: Text,
        handler: impl for<'a> Fn(Invocation<'a>) -> HandlerFuture<'a> + Send + Sync + 'static,
    ) -> Self {
        let location = std::panic::Location::caller();
        Self {
            name,
            object,
            events: events.into_iter().collect(),
            order: None,
            when: None,
            once_per_record: false,
            disabled_by: None,
            required_permission: None,
            bypass_permission: None,
            limits: Vec::new(),
            source: Source {
                package: "(closure)",
                module: "(closure)",
                file: location.file(),
                line: location.line(),
            },
            handler: Arc::new(handler),
        }
    }

    /// Sets the explicit order; lower runs first, and 0 is the place of handlers without one.
    #[must_use]
    pub fn with_order(mut self, order: i32) -> Self {
        self.order = Some(order);
        self
    }

    /// Shows the handler only records that meet the condition.
    #[must_use]
    pub fn with_when(mut self, when: &'static Condition) -> Self {
        self.when = Some(when);
        self
    }

    /// Shows the handler a record only if it is not being shown it for the event already: what it
    /// brings about itself is left out, a second independent DML call is not.
    #[must_use]
    pub fn once_per_record(mut self) -> Self {
        self.once_per_record = true;
        self
    }

    /// Lets [`Bypass::named`](crate::Bypass::named) leave the handler out.
    #[must_use]
    pub fn with_disabled_by(mut self, name: impl Into<Text>) -> Self {
        self.disabled_by = Some(name.into());
        self
    }

    /// Runs the handler only where the user has this permission.
    #[must_use]
    pub fn with_required_permission(mut self, permission: impl Into<Text>) -> Self {
        self.required_permission = Some(permission.into());
        self
    }

    /// Leaves the handler out where the user has this permission.
    #[must_use]
    pub fn with_bypass_permission(mut self, permission: impl Into<Text>) -> Self {
        self.bypass_permission = Some(permission.into());
        self
    }

    /// Sets what the handler itself may use in an execution, over all its calls; what it sets off
    /// counts for others. More than the execution's own limit changes nothing.
    #[must_use]
    pub fn with_limit(mut self, limit: Limit, most: u64) -> Self {
        self.limits.retain(|(known, _)| *known != limit);
        self.limits.push((limit, most));
        self
    }

    /// Returns the handler's name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Returns the object.
    pub fn object(&self) -> &Text {
        &self.object
    }

    /// Returns the events.
    pub fn events(&self) -> &[TriggerEvent] {
        &self.events
    }

    /// Returns the explicit order.
    pub fn order(&self) -> Option<i32> {
        self.order
    }

    /// Returns the condition on records.
    pub fn when(&self) -> Option<&'static Condition> {
        self.when
    }

    /// Returns whether the handler is not shown what it brings about itself.
    pub fn is_once_per_record(&self) -> bool {
        self.once_per_record
    }

    /// Returns the name of the bypass that leaves the handler out.
    pub fn disabled_by(&self) -> Option<&Text> {
        self.disabled_by.as_ref()
    }

    /// Returns the permission that the user must have.
    pub fn required_permission(&self) -> Option<&Text> {
        self.required_permission.as_ref()
    }

    /// Returns the permission that leaves the handler out.
    pub fn bypass_permission(&self) -> Option<&Text> {
        self.bypass_permission.as_ref()
    }

    /// Returns what the handler itself may use, where that is less than the execution.
    pub fn limits(&self) -> &[(Limit, u64)] {
        &self.limits
    }

    /// Returns where the handler was written.
    pub fn source(&self) -> Source {
        self.source
    }

    pub(crate) fn call<'a>(&self, invocation: Invocation<'a>) -> HandlerFuture<'a> {
        (self.handler)(invocation)
    }
}

impl From<&'static Declaration> for TriggerRegistration {
    fn from(declaration: &'static Declaration) -> Self {
        Self {
            name: Text::from_static(declaration.name),
            object: Text::from_static(declaration.object),
            events: declaration.events.to_vec(),
            order: declaration.order,
            when: declaration.when,
            once_per_record: declaration.once_per_record,
            disabled_by: declaration.disabled_by.map(Text::from_static),
            required_permission: declaration.required_permission.map(Text::from_static),
            bypass_permission: declaration.bypass_permission.map(Text::from_static),
            limits: declaration.limits.to_vec(),
            source: declaration.source,
            handler: Arc::new(declaration.handler),
        }
    }
}

impl fmt::Debug for TriggerRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TriggerRegistration")
            .field("name", &self.name)
            .field("object", &self.object)
            .field("events", &self.events)
            .field("order", &self.order)
            .field("source", &format_args!("{}", self.source))
            .finish_non_exhaustive()
    }
}
