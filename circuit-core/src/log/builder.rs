//! An entry in the making.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{CircuitLog, Level};
use crate::record::RecordId;
use crate::value::Text;

/// What an entry is made of.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) level: Level,
    pub(super) target: Text,
    pub(super) message: Text,
    pub(super) record: Option<RecordId>,
    pub(super) data: Vec<(Text, Value)>,
}

impl Draft {
    pub(super) fn new(level: Level, message: Text) -> Self {
        Self { level, target: Text::default(), message, record: None, data: Vec::new() }
    }
}

/// An entry in the making; dropping it writes it.
///
/// Where the filter leaves the entry out, nothing that it is given is looked at.
pub struct LogBuilder<'a> {
    log: &'a CircuitLog,
    draft: Option<Draft>,
}

#[expect(clippy::return_self_not_must_use, reason = "dropping it is the point")]
impl<'a> LogBuilder<'a> {
    #[inline]
    pub(super) fn new(log: &'a CircuitLog, draft: Option<Draft>) -> Self {
        Self { log, draft }
    }

    /// Adds a named value. In the place of one that is not serialisable stands that it is not.
    #[inline]
    pub fn with(self, name: impl Into<Text>, value: impl Serialize) -> Self {
        self.with_lazy(name, || value)
    }

    /// Adds a named value that is made only if the entry is written.
    #[inline]
    pub fn with_lazy<V: Serialize>(
        mut self,
        name: impl Into<Text>,
        value: impl FnOnce() -> V,
    ) -> Self {
        if let Some(draft) = &mut self.draft {
            let value = serde_json::to_value(value()).unwrap_or_else(|error| not_told(&error));
            draft.data.push((name.into(), value));
        }
        self
    }

    /// Adds a named value as the text that it is shown as, such as an error's.
    #[inline]
    pub fn with_display(mut self, name: impl Into<Text>, value: impl fmt::Display) -> Self {
        if let Some(draft) = &mut self.draft {
            draft.data.push((name.into(), Value::String(value.to_string())));
        }
        self
    }

    /// Names the record that the entry is about; also takes what may be none, as before an insert.
    #[inline]
    pub fn record<'i>(mut self, id: impl Into<Option<&'i RecordId>>) -> Self {
        if let Some(draft) = &mut self.draft {
            draft.record = id.into().cloned();
        }
        self
    }
}

#[cold]
fn not_told(error: &serde_json::Error) -> Value {
    Value::String(format!("[not serialisable: {error}]"))
}

impl Drop for LogBuilder<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(draft) = self.draft.take() {
            self.log.write(draft);
        }
    }
}

impl fmt::Debug for LogBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogBuilder").field(&self.draft).finish()
    }
}
