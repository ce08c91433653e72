//! Registrations: which handler runs for which object and event, in which order.

mod plan;
mod registration;
mod set;

pub use plan::{Plan, PlanEntry};
pub use registration::{Declaration, HandlerFuture, Source, Submitted, TriggerRegistration};
pub use set::{Registry, RegistryBuilder};
