//! The seven trigger events: one table, from which all else derives.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, ErrorKind};

/// Whether an event comes before or after the save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventPhase {
    /// The record is not stored yet.
    Before,
    /// The record is stored, though not committed.
    After,
}

/// What is done to the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// New records.
    Insert,
    /// Changes to stored records.
    Update,
    /// Removal into the recycle bin.
    Delete,
    /// Return from the recycle bin.
    Undelete,
}

impl Operation {
    /// Returns the word that people read, such as `insert`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Undelete => "undelete",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What `Trigger.new` is in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewState {
    /// The records can be changed.
    Mutable,
    /// The records can be read.
    ReadOnly,
    /// There are none.
    Absent,
}

/// What `Trigger.old` is in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldState {
    /// The records as they were, read-only.
    Present,
    /// There are none.
    Absent,
}

macro_rules! events {
    ($(($variant:ident, $name:literal, $constant:literal, $phase:ident, $operation:ident, $new:ident, $old:ident),)+) => {
        /// When a handler runs (Apex: "Trigger Context Variables").
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TriggerEvent {
            $(#[doc = concat!("`", $name, "`.")] $variant,)+
        }

        impl TriggerEvent {
            /// The seven events, in the order of the save path.
            pub const ALL: [Self; 7] = [$(Self::$variant,)+];

            /// Returns the name as `#[trigger]` takes it, such as `beforeInsert`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the name that Apex's `operationType` has, such as `BEFORE_INSERT`.
            pub fn operation_type(self) -> &'static str {
                match self { $(Self::$variant => $constant,)+ }
            }

            /// Returns whether the event comes before or after the save.
            pub fn phase(self) -> EventPhase {
                match self { $(Self::$variant => EventPhase::$phase,)+ }
            }

            /// Returns what is done to the records.
            pub fn operation(self) -> Operation {
                match self { $(Self::$variant => Operation::$operation,)+ }
            }

            /// Returns what the new records are.
            pub fn new_state(self) -> NewState {
                match self { $(Self::$variant => NewState::$new,)+ }
            }

            /// Returns what the old records are.
            pub fn old_state(self) -> OldState {
                match self { $(Self::$variant => OldState::$old,)+ }
            }
        }
    };
}

events! {
    // variant      Apex name         operation type    phase   operation  new      old
    (BeforeInsert, "beforeInsert", "BEFORE_INSERT", Before, Insert, Mutable, Absent),
    (AfterInsert, "afterInsert", "AFTER_INSERT", After, Insert, ReadOnly, Absent),
    (BeforeUpdate, "beforeUpdate", "BEFORE_UPDATE", Before, Update, Mutable, Present),
    (AfterUpdate, "afterUpdate", "AFTER_UPDATE", After, Update, ReadOnly, Present),
    (BeforeDelete, "beforeDelete", "BEFORE_DELETE", Before, Delete, Absent, Present),
    (AfterDelete, "afterDelete", "AFTER_DELETE", After, Delete, Absent, Present),
    (AfterUndelete, "afterUndelete", "AFTER_UNDELETE", After, Undelete, ReadOnly, Absent),
}

impl TriggerEvent {
    /// Returns the event of a phase of an operation; there is no before undelete.
    pub(crate) fn of(phase: EventPhase, operation: Operation) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.phase() == phase && event.operation() == operation)
    }
}

impl fmt::Display for TriggerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TriggerEvent {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::InvalidInput`] naming the seven events.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|event| event.name() == name).ok_or_else(|| {
            let all = Self::ALL.map(Self::name).join(", ");
            Error::new(ErrorKind::InvalidInput, "unknown trigger event").with("events", all)
        })
    }
}

impl Serialize for TriggerEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TriggerEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = crate::Text::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for event in TriggerEvent::ALL {
            assert_eq!(event.name().parse::<TriggerEvent>().unwrap(), event);
        }
    }

    #[test]
    fn there_is_no_before_undelete() {
        assert_eq!(TriggerEvent::of(EventPhase::Before, Operation::Undelete), None);
    }
}
