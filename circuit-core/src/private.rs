//! All that generated code may name.

pub use std::boxed::Box;
pub use std::default::Default;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::Ok;

pub use inventory;

pub use crate::error::Result;
pub use crate::event::TriggerEvent;
pub use crate::record::{FieldSpec, Record, RecordReader, RecordWriter, Related};
pub use crate::registry::{Declaration, HandlerFuture, Source, Submitted};
pub use crate::soql::{
    Mistaken, ObjectTag, RecordOf, SelectedFields, Soql, SoqlQuery, Statement, StructField,
    StructFields,
};
pub use crate::trigger::{
    Absent, Condition, Invocation, Literal, Mutable, Phase, Present, ReadOnly, Varies,
};
pub use crate::value::FieldValue;

use crate::error::BoxError;
use crate::record::SObject;
use crate::soql::{Bind, IntoBind};
use crate::trigger::TriggerContext;

/// Gives an invocation the handler's types.
pub fn context<T: SObject, P>(invocation: Invocation<'_>) -> TriggerContext<'_, T, P> {
    TriggerContext::new(invocation)
}

/// Hands the handler's changes and its result back to the engine.
pub fn finish<T, P, E: Into<BoxError>>(
    context: TriggerContext<'_, T, P>,
    result: std::result::Result<(), E>,
) -> std::result::Result<(), BoxError> {
    context.finish(result)
}

/// Makes a query of a statement, as yet without the values of its variables.
pub fn statement<Q: SoqlQuery>(statement: &'static Statement) -> Soql<Q> {
    Soql::new(statement)
}

/// Gives a query the values of its variables.
pub fn soql<Q, const N: usize>(query: Soql<Q>, binds: [(&'static str, Bind); N]) -> Soql<Q> {
    query.with_binds(binds.into())
}

/// Takes the value of a variable.
pub fn bind(value: impl IntoBind) -> Bind {
    value.into_bind()
}

/// Stands in for a query with a mistake.
pub fn mistaken() -> Mistaken {
    Mistaken(())
}
