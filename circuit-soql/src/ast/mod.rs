//! The syntax tree of SOQL. Every node knows where it stands in the text.

mod condition;
mod expression;
mod literal;
mod names;
mod query;
mod text;

pub use condition::{Comparison, Condition, Item, Operator, Right};
pub use expression::{Argument, Bind, Call, Expression, Function, FunctionKind, Name, Path};
pub use literal::{DateLiteral, Literal, LiteralKind, Number};
pub use names::Names;
pub use query::{
    CategoryFilter, CategoryOperator, Count, Direction, FieldSet, For, From, GroupBy, Grouping,
    Lookup, LookupBind, Nulls, OrderBy, Query, Relation, Scope, SelectItem, Selected, SetOption,
    SetOptions, TypeOf, Update, When, With,
};
pub(crate) use text::ROOM;
pub use text::Text;
