//! The set of registrations that an engine runs.

use super::registration::{Submitted, TriggerRegistration};
use crate::governor::Budgets;

/// The registrations that an engine runs, in the order in which they run.
///
/// # Examples
/// ```
/// use circuit_core::{Registry, TriggerEvent, TriggerRegistration};
///
/// let late = TriggerRegistration::sync("Contact", [TriggerEvent::AfterInsert], "late", |_| Ok(()));
/// let early = TriggerRegistration::sync("Contact", [TriggerEvent::AfterInsert], "early", |_| Ok(()));
/// let registry = Registry::builder()
///     .register(late.with_order(20))
///     .register(early.with_order(10))
///     .build();
/// let names: Vec<_> = registry.registrations().iter().map(|r| r.name().as_str()).collect();
/// assert_eq!(names, ["early", "late"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry {
    registrations: Vec<TriggerRegistration>,
}

impl Registry {
    /// Starts an empty registry.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// Returns what `#[trigger]` registered in every crate that is linked into this program.
    pub fn from_inventory() -> Self {
        let found = inventory::iter::<Submitted>;
        let found = found.into_iter().map(|submitted| TriggerRegistration::from(submitted.0));
        Self::sorted(found.collect())
    }

    /// Returns the registrations, by object, order, package, module and name.
    pub fn registrations(&self) -> &[TriggerRegistration] {
        &self.registrations
    }

    /// Returns what handlers may use themselves, where that is less than their execution.
    pub(crate) fn budgets(&self) -> Budgets {
        let mut budgets = Budgets::default();
        for registration in &self.registrations {
            budgets.set(registration.name(), registration.object(), registration.limits());
        }
        budgets
    }

    fn sorted(mut registrations: Vec<TriggerRegistration>) -> Self {
        registrations.sort_by_cached_key(|registration| {
            let source = registration.source();
            (
                registration.object().to_ascii_lowercase(),
                registration.order().unwrap_or(0),
                source.package,
                source.module,
                registration.name().clone(),
            )
        });
        Self { registrations }
    }
}

/// Collects registrations one by one.
#[derive(Debug, Default)]
pub struct RegistryBuilder {
    registrations: Vec<TriggerRegistration>,
}

impl RegistryBuilder {
    /// Adds a registration.
    #[must_use]
    pub fn register(mut self, registration: impl Into<TriggerRegistration>) -> Self {
        self.registrations.push(registration.into());
        self
    }

    /// Adds what `#[trigger]` registered in every linked crate.
    #[must_use]
    pub fn inventory(mut self) -> Self {
        self.registrations.extend(Registry::from_inventory().registrations);
        self
    }

    /// Returns the registry; contradictions are found by `Circuit::builder().build()`.
    pub fn build(self) -> Registry {
        Registry::sorted(self.registrations)
    }
}
