//! All that generated code may name.

pub use std::boxed::Box;
pub use std::default::Default;
pub use std::marker::PhantomData;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::Ok;

pub use inventory;

pub use crate::engine::watch::checkpoint;
pub use crate::error::Result;
pub use crate::event::TriggerEvent;
pub use crate::governor::Limit;
pub use crate::record::{
    AnyFields, Deeper, Depth, FieldSpec, Here, Holds, Layout, Record, RecordReader, RecordWriter,
    Related, StructField, StructFields,
};
pub use crate::registry::{Declaration, HandlerFuture, Source, Submitted};
pub use crate::soql::fit;
pub use crate::soql::{
    GiveGroups, GiveRecords, Groups, Mistaken, Number, ObjectTag, Over, RecordOf, Records,
    Selected, SelectedField, SelectedFields, Soql, SoqlQuery, Spot, Statement, Under,
};
pub use crate::trigger::{
    Absent, Condition, Invocation, Literal, Mutable, Phase, Present, ReadOnly, Varies,
};
pub use crate::value::FieldValue;

use crate::error::BoxError;
use crate::record::SObject;
use crate::soql::{Bind, BindList, BindValue, IntoBind};
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

/// Hands a value on; what looks at it is never called, only compiled.
pub fn looked_at<V>(value: V, _: impl FnOnce(&V)) -> V {
    value
}

/// Takes the value of a variable that may be one value or a list.
pub fn bind(value: impl IntoBind) -> Bind {
    value.into_bind()
}

/// Takes the value of a variable that is one value.
pub fn bind_one(value: impl BindValue) -> Bind {
    Bind::One(value.into_bind_value())
}

/// Takes the value of a variable that is a list.
pub fn bind_list(value: impl BindList) -> Bind {
    value.into_bind()
}

/// Stands in for a query with a mistake.
pub fn mistaken() -> Mistaken {
    Mistaken(())
}
