//! Changes that others made, as a source hands them over (A14).

use chrono::{DateTime, Utc};

use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};
use crate::value::Text;

/// What somebody did to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// New records.
    Create,
    /// Changed records.
    Update,
    /// Deleted records.
    Delete,
    /// Records that came back.
    Undelete,
    /// Something happened of which the source knows no more (CDC: `GAP_*`): the record is read
    /// again, and its handlers run as for an update.
    Gap,
}

impl ChangeKind {
    /// Returns the event whose handlers run.
    pub fn event(self) -> TriggerEvent {
        match self {
            Self::Create => TriggerEvent::AfterInsert,
            Self::Update | Self::Gap => TriggerEvent::AfterUpdate,
            Self::Delete => TriggerEvent::AfterDelete,
            Self::Undelete => TriggerEvent::AfterUndelete,
        }
    }
}

/// A change that somebody else made to one or several records of an object.
///
/// The record holds what the event says: in an update only the fields that changed. A field that
/// it lacks is unknown, which is another thing than null.
///
/// # Examples
/// ```
/// use circuit_core::{ChangeEvent, ChangeKind, Record};
///
/// let fields = Record::new("Contact").with("Email", "ada@example.com");
/// let event = ChangeEvent::new(ChangeKind::Update, fields)
///     .with_ids(["003000000000001".parse()?])
///     .with_replay_id("42");
/// assert!(event.has_changed("email"));
/// assert!(!event.has_changed("Phone"));
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChangeEvent {
    /// What was done.
    pub kind: ChangeKind,
    /// The fields that the event names, with their new values.
    pub fields: Record,
    /// The records; several where the source merged equal changes.
    pub ids: Vec<RecordId>,
    /// Where the event stands in its source; to go on after it.
    pub replay_id: Text,
    /// Who made the change; empty if the source does not say.
    pub user: Text,
    /// When it was made.
    pub time: Option<DateTime<Utc>>,
    /// The fields that changed, where the source tells more than `fields` does.
    pub changed_fields: Option<Vec<Text>>,
}

impl ChangeEvent {
    /// Creates an event; the id of `fields`, if it has one, is the record's.
    pub fn new(kind: ChangeKind, fields: Record) -> Self {
        Self {
            kind,
            ids: fields.id().cloned().into_iter().collect(),
            fields,
            replay_id: Text::default(),
            user: Text::default(),
            time: None,
            changed_fields: None,
        }
    }

    /// Sets the records that were changed alike.
    #[must_use]
    pub fn with_ids(mut self, ids: impl IntoIterator<Item = RecordId>) -> Self {
        self.ids = ids.into_iter().collect();
        self
    }

    /// Sets where the event stands in its source.
    #[must_use]
    pub fn with_replay_id(mut self, replay_id: impl Into<Text>) -> Self {
        self.replay_id = replay_id.into();
        self
    }

    /// Sets who made the change.
    #[must_use]
    pub fn with_user(mut self, user: impl Into<Text>) -> Self {
        self.user = user.into();
        self
    }

    /// Sets when the change was made.
    #[must_use]
    pub fn with_time(mut self, time: DateTime<Utc>) -> Self {
        self.time = Some(time);
        self
    }

    /// Sets which fields changed, where `fields` also has others.
    #[must_use]
    pub fn with_changed_fields<T: Into<Text>>(
        mut self,
        fields: impl IntoIterator<Item = T>,
    ) -> Self {
        self.changed_fields = Some(fields.into_iter().map(Into::into).collect());
        self
    }

    /// Returns whether a field changed, as far as the event says; of a gap nothing is known, so
    /// every field may have.
    pub fn has_changed(&self, field: &str) -> bool {
        match (&self.changed_fields, self.kind) {
            (Some(fields), _) => fields.iter().any(|name| name.eq_ignore_ascii_case(field)),
            (None, ChangeKind::Gap) => true,
            (None, _) => self.fields.get(field).is_some(),
        }
    }
}
