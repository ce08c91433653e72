//! The names of the events and what their records are; a test compares them with circuit-core's.

/// What the new records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum New {
    Mutable,
    ReadOnly,
    Absent,
    Varies,
}

/// What the old records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Old {
    Present,
    Absent,
    Varies,
}

/// One trigger event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) new: New,
    pub(crate) old: Old,
}

const fn event(name: &'static str, variant: &'static str, new: New, old: Old) -> Event {
    Event { name, variant, new, old }
}

/// The seven events.
pub(crate) const EVENTS: [Event; 7] = [
    event("beforeInsert", "BeforeInsert", New::Mutable, Old::Absent),
    event("afterInsert", "AfterInsert", New::ReadOnly, Old::Absent),
    event("beforeUpdate", "BeforeUpdate", New::Mutable, Old::Present),
    event("afterUpdate", "AfterUpdate", New::ReadOnly, Old::Present),
    event("beforeDelete", "BeforeDelete", New::Absent, Old::Present),
    event("afterDelete", "AfterDelete", New::Absent, Old::Present),
    event("afterUndelete", "AfterUndelete", New::ReadOnly, Old::Absent),
];

/// Returns what the records of all these events have in common.
pub(crate) fn phase(events: &[Event]) -> (New, Old) {
    let new = events.iter().map(|event| event.new).reduce(join_new);
    let old = events.iter().map(|event| event.old).reduce(join_old);
    (new.unwrap_or(New::Varies), old.unwrap_or(Old::Varies))
}

/// Records that can be read in both events can be read.
fn join_new(a: New, b: New) -> New {
    match (a, b) {
        _ if a == b => a,
        (New::Mutable, New::ReadOnly) | (New::ReadOnly, New::Mutable) => New::ReadOnly,
        _ => New::Varies,
    }
}

fn join_old(a: Old, b: Old) -> Old {
    if a == b { a } else { Old::Varies }
}

#[cfg(test)]
mod tests {
    use circuit_core::TriggerEvent;

    use super::*;

    #[test]
    fn the_table_is_that_of_circuit_core() {
        let theirs: Vec<_> = TriggerEvent::ALL
            .iter()
            .map(|e| {
                (
                    e.name(),
                    format!("{e:?}"),
                    format!("{:?}", e.new_state()),
                    format!("{:?}", e.old_state()),
                )
            })
            .collect();
        let ours: Vec<_> = EVENTS
            .iter()
            .map(|e| (e.name, e.variant.to_owned(), format!("{:?}", e.new), format!("{:?}", e.old)))
            .collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_handler_of_both_phases_can_read_its_records() {
        assert_eq!(phase(&[EVENTS[0], EVENTS[1]]), (New::ReadOnly, Old::Absent));
        assert_eq!(phase(&[EVENTS[0], EVENTS[2]]), (New::Mutable, Old::Varies));
        assert_eq!(phase(&[EVENTS[1], EVENTS[5]]), (New::Varies, Old::Varies));
    }
}
