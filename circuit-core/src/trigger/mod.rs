//! What a handler sees: the context, its rows and the conditions on them.

mod condition;
mod context;
mod forward;
mod invocation;
mod phase;
mod row;

pub(crate) use condition::Images;
pub use condition::{Condition, Literal};
pub use context::TriggerContext;
pub use invocation::{ChunkInfo, Invocation};
pub(crate) use invocation::{FieldUpdate, RowState, Thrown};
pub use phase::{
    Absent, Checked, Mutable, NewMutable, NewPresent, OldPresent, Phase, Present, ReadOnly, Varies,
};
pub use row::TriggerRow;
