//! What `build()` refuses: registrations that cannot run.

use std::collections::HashMap;

use super::builder::Strictness;
use super::catalog::key;
use crate::db::CircuitDB;
use crate::error::{Error, ErrorKind, Result};
use crate::event::TriggerEvent;
use crate::governor::Limit;
use crate::registry::{Registry, TriggerRegistration};
use crate::trigger::Condition;
use crate::value::Text;

/// Checks every registration; answers what is odd but not wrong.
pub(super) fn verify(
    registry: &Registry,
    db: &dyn CircuitDB,
    strictness: Strictness,
    expected: &[String],
) -> Result<Vec<String>> {
    expect_packages(registry, expected)?;
    let mut names: HashMap<(Text, &str), &TriggerRegistration> = HashMap::new();
    let mut orders: HashMap<(Text, TriggerEvent, i32), &TriggerRegistration> = HashMap::new();
    let mut warnings = Vec::new();
    for registration in registry.registrations() {
        verify_one(registration, db)?;
        let object = key(registration.object());
        if let Some(other) = names.insert((object.clone(), registration.name()), registration) {
            let message = format!(
                "two handlers of one object have the same name; the other is at {}",
                other.source()
            );
            return Err(problem(registration, message));
        }
        let Some(order) = registration.order() else {
            continue;
        };
        for event in registration.events() {
            let Some(other) = orders.insert((object.clone(), *event, order), registration) else {
                continue;
            };
            let message = format!(
                "two handlers have order {order} for {event}; the other is `{}` at {}",
                other.name(),
                other.source()
            );
            match strictness {
                Strictness::Refuse => return Err(problem(registration, message)),
                Strictness::Warn => warnings.push(problem(registration, message).to_string()),
            }
        }
    }
    Ok(warnings)
}

fn verify_one(registration: &TriggerRegistration, db: &dyn CircuitDB) -> Result<()> {
    if registration.events().is_empty() {
        return Err(problem(registration, "the handler has no events"));
    }
    let shared = [Limit::Depth, Limit::HookDepth, Limit::WallClock];
    if let Some((limit, _)) = registration.limits().iter().find(|(l, _)| shared.contains(l)) {
        let message =
            format!("no handler has {} of its own: the limit is the execution's", limit.name());
        return Err(problem(registration, message));
    }
    let schema = db.describe(registration.object());
    if schema.is_none() && !db.capability().open_objects.is_yes() {
        let known: Vec<String> = db.schemas().iter().map(|s| s.object().to_string()).collect();
        let message = format!(
            "the store `{}` has no such object; it has: {}",
            db.capability(),
            known.join(", ")
        );
        return Err(problem(registration, message));
    }
    if let (Some(schema), Some(when)) = (schema, registration.when()) {
        let mut unknown = None;
        when.fields(&mut |field| {
            if schema.field(field).is_none() && !field.eq_ignore_ascii_case("Id") {
                unknown = Some(field);
            }
        });
        if let Some(field) = unknown {
            let message = "the condition names a field that the object lacks";
            return Err(problem(registration, message).with("field", field));
        }
    }
    Ok(())
}

impl Condition {
    fn fields(&self, visit: &mut impl FnMut(&'static str)) {
        match self {
            Self::Changed(field)
            | Self::ChangedTo(field, _)
            | Self::Was(field, _)
            | Self::Is(field, _) => {
                visit(field);
            }
            Self::And(all) | Self::Or(all) => {
                for condition in *all {
                    condition.fields(visit);
                }
            }
            Self::Not(condition) => condition.fields(visit),
        }
    }
}

fn expect_packages(registry: &Registry, expected: &[String]) -> Result<()> {
    let plain = |name: &str| name.replace('-', "_");
    for package in expected {
        let brought = |r: &&TriggerRegistration| plain(r.source().package) == plain(package);
        if registry.registrations().iter().find(brought).is_none() {
            let message = format!(
                "no handlers from this package are linked in; add `use {} as _;` to main.rs and to each test file",
                plain(package)
            );
            return Err(Error::new(ErrorKind::Configuration, message).with("package", package));
        }
    }
    Ok(())
}

fn problem(registration: &TriggerRegistration, message: impl Into<String>) -> Error {
    let source = registration.source();
    Error::new(ErrorKind::Configuration, message)
        .with("handler", registration.name())
        .with("object", registration.object())
        .with("package", source.package)
        .with("at", source)
}
