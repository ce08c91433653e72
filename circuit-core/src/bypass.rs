//! Scopes in which handlers do not run.

use std::sync::{Arc, Mutex, PoisonError};

use crate::event::TriggerEvent;
use crate::registry::TriggerRegistration;
use crate::value::Text;

/// Which handlers a scope leaves out; every part that is set must fit.
///
/// # Examples
/// ```
/// use circuit_core::{Bypass, TriggerEvent};
///
/// let imports = Bypass::object("Contact").and_event(TriggerEvent::AfterInsert).and_user("loader");
/// assert_ne!(imports, Bypass::object("Contact"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bypass {
    object: Option<Text>,
    handler: Option<Text>,
    event: Option<TriggerEvent>,
    name: Option<Text>,
    user: Option<Text>,
    permission: Option<Text>,
}

impl Bypass {
    /// Leaves out the handlers of an object.
    pub fn object(object: impl Into<Text>) -> Self {
        Self { object: Some(object.into()), ..Self::default() }
    }

    /// Leaves out one handler by its name.
    pub fn handler(name: impl Into<Text>) -> Self {
        Self { handler: Some(name.into()), ..Self::default() }
    }

    /// Leaves out the handlers of an event.
    pub fn event(event: TriggerEvent) -> Self {
        Self { event: Some(event), ..Self::default() }
    }

    /// Leaves out the handlers that say `disabled_by = "name"`.
    pub fn named(name: impl Into<Text>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Leaves out every handler where this user runs the execution.
    pub fn user(user: impl Into<Text>) -> Self {
        Self::default().and_user(user)
    }

    /// Leaves out every handler where the user has this permission.
    pub fn permission(permission: impl Into<Text>) -> Self {
        Self::default().and_permission(permission)
    }

    /// Keeps to handlers of this object.
    #[must_use]
    pub fn and_object(mut self, object: impl Into<Text>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Keeps to handlers of this event.
    #[must_use]
    pub fn and_event(mut self, event: TriggerEvent) -> Self {
        self.event = Some(event);
        self
    }

    /// Keeps to executions of this user.
    #[must_use]
    pub fn and_user(mut self, user: impl Into<Text>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Keeps to executions whose user has this permission.
    #[must_use]
    pub fn and_permission(mut self, permission: impl Into<Text>) -> Self {
        self.permission = Some(permission.into());
        self
    }

    fn fits(&self, handler: &TriggerRegistration, event: TriggerEvent, who: &Who) -> bool {
        let all_open = *self == Self::default();
        let fits = |part: &Option<Text>, fit: &dyn Fn(&Text) -> bool| part.as_ref().is_none_or(fit);
        !all_open
            && fits(&self.object, &|object| object.eq_ignore_ascii_case(handler.object()))
            && fits(&self.handler, &|name| name == handler.name())
            && self.event.is_none_or(|own| own == event)
            && fits(&self.name, &|name| handler.disabled_by() == Some(name))
            && fits(&self.user, &|user| *user == who.user)
            && fits(&self.permission, &|permission| who.permissions.contains(permission))
    }
}

/// Who runs an execution.
#[derive(Debug, Clone, Default)]
pub(crate) struct Who {
    pub(crate) user: Text,
    pub(crate) tenant: Text,
    pub(crate) permissions: Vec<Text>,
}

/// The scopes that are open in an execution.
#[derive(Debug, Default)]
pub(crate) struct BypassScopes {
    open: Mutex<(u64, Vec<(u64, Bypass)>)>,
}

impl BypassScopes {
    /// Opens a scope; it ends when the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>, bypass: Bypass) -> BypassGuard {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.0 += 1;
        let number = open.0;
        open.1.push((number, bypass));
        BypassGuard { scopes: Arc::clone(self), number }
    }

    /// Returns whether an open scope leaves the handler out.
    pub(crate) fn cover(
        &self,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        who: &Who,
    ) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.1.iter().any(|(_, bypass)| bypass.fits(handler, event, who))
    }
}

/// Keeps a bypass scope open until it is dropped; an inner scope never ends an outer one.
#[derive(Debug)]
#[must_use = "the scope ends when the guard is dropped"]
pub struct BypassGuard {
    scopes: Arc<BypassScopes>,
    number: u64,
}

impl Drop for BypassGuard {
    fn drop(&mut self) {
        let mut open = self.scopes.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.1.retain(|(number, _)| *number != self.number);
    }
}
