//! What runs for each object and event, as text and as data.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::Registry;
use crate::event::TriggerEvent;
use crate::value::Text;

/// What runs for each object and event, in which order and from which package.
///
/// Prints as a table and serialises as a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plan {
    entries: Vec<PlanEntry>,
}

/// One handler for one event of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanEntry {
    /// The object.
    pub object: Text,
    /// The event.
    pub event: TriggerEvent,
    /// The place among the event's handlers, from 1.
    pub place: usize,
    /// The handler's name.
    pub handler: Text,
    /// The explicit order.
    pub order: Option<i32>,
    /// The condition on records, as it was written.
    pub when: Option<String>,
    /// Whether the handler is not shown what it brings about itself.
    pub once_per_record: bool,
    /// The name of the bypass that leaves the handler out.
    pub disabled_by: Option<Text>,
    /// The permission that the user must have.
    pub required_permission: Option<Text>,
    /// The permission that leaves the handler out.
    pub bypass_permission: Option<Text>,
    /// What the handler itself may use, where that is less than the execution.
    pub limits: BTreeMap<&'static str, u64>,
    /// The package.
    pub package: &'static str,
    /// File and line.
    pub source: String,
}

impl Plan {
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut entries: Vec<PlanEntry> = Vec::new();
        for registration in registry.registrations() {
            for event in registration.events() {
                entries.push(PlanEntry {
                    object: registration.object().clone(),
                    event: *event,
                    place: 0,
                    handler: registration.name().clone(),
                    order: registration.order(),
                    when: registration.when().map(ToString::to_string),
                    once_per_record: registration.is_once_per_record(),
                    disabled_by: registration.disabled_by().cloned(),
                    required_permission: registration.required_permission().cloned(),
                    bypass_permission: registration.bypass_permission().cloned(),
                    limits: registration.limits().iter().map(|(l, n)| (l.name(), *n)).collect(),
                    package: registration.source().package,
                    source: registration.source().to_string(),
                });
            }
        }
        entries.sort_by_key(|entry| (entry.object.to_ascii_lowercase(), entry.event));
        for i in 0..entries.len() {
            let same = i > 0
                && entries[i - 1].object.eq_ignore_ascii_case(&entries[i].object)
                && entries[i - 1].event == entries[i].event;
            entries[i].place = if same { entries[i - 1].place + 1 } else { 1 };
        }
        Self { entries }
    }

    /// Returns the entries by object, event and place.
    pub fn entries(&self) -> &[PlanEntry] {
        &self.entries
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str("no handlers");
        }
        let mut object = "";
        let mut event = None;
        for entry in &self.entries {
            if !object.eq_ignore_ascii_case(&entry.object) {
                let lead = if object.is_empty() { "" } else { "\n" };
                write!(f, "{lead}{}", entry.object)?;
                (object, event) = (&entry.object, None);
            }
            if event != Some(entry.event) {
                write!(f, "\n  {}", entry.event)?;
                event = Some(entry.event);
            }
            write!(f, "\n    {entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PlanEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.place, self.handler)?;
        if let Some(order) = self.order {
            write!(f, "  order {order}")?;
        }
        if let Some(when) = &self.when {
            write!(f, "  when {when}")?;
        }
        if self.once_per_record {
            f.write_str("  once per record")?;
        }
        if let Some(name) = &self.disabled_by {
            write!(f, "  disabled by {name}")?;
        }
        if let Some(permission) = &self.required_permission {
            write!(f, "  requires {permission}")?;
        }
        if let Some(permission) = &self.bypass_permission {
            write!(f, "  not with {permission}")?;
        }
        for (limit, most) in &self.limits {
            write!(f, "  {limit} <= {most}")?;
        }
        write!(f, "  ({} {})", self.package, self.source)
    }
}
