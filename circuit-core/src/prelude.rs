//! What a trigger file needs.

pub use crate::{
    AggregateRow, Bypass, FieldMap, Filter, Query, Record, RecordId, SObject, Text, TriggerContext,
    Value, soql, trigger, triggers,
};

/// The result of a handler: `?` takes any error.
pub type Result<T, E = crate::HandlerError> = std::result::Result<T, E>;
