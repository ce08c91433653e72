//! A query and its clauses.

use super::{Bind, Condition, Expression, Literal, Name, Path};
use crate::span::Span;

/// A `SELECT` statement, or a sub-query. Clauses that most queries lack are boxed, so that a query
/// stays small.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// What is selected; never empty.
    pub select: Vec<SelectItem>,
    /// The object, or the child relationship of a sub-query.
    pub from: From,
    /// `USING SCOPE`.
    pub scope: Option<Box<Scope>>,
    /// `USING LOOKUP`, with `BIND`.
    pub lookup: Option<Box<Lookup>>,
    /// `WHERE`.
    pub filter: Option<Condition>,
    /// `WITH`.
    pub with: Option<Box<With>>,
    /// `GROUP BY`.
    pub group: Option<Box<GroupBy>>,
    /// `HAVING`; only beside `GROUP BY`.
    pub having: Option<Condition>,
    /// `ORDER BY`.
    pub order: Vec<OrderBy>,
    /// `LIMIT`.
    pub limit: Option<Count>,
    /// `OFFSET`.
    pub offset: Option<Count>,
    /// `FOR`.
    pub purpose: Vec<For>,
    /// `UPDATE`.
    pub update: Vec<Update>,
    /// `ALL ROWS`: deleted and archived records too.
    pub all_rows: bool,
    /// `SET OPTIONS`.
    pub options: Option<Box<SetOptions>>,
    /// Where the query stands, without parentheses around it.
    pub span: Span,
}

/// One thing that is selected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SelectItem {
    /// A field or a function, with an alias.
    Expression(Selected),
    /// `COUNT()`, the only item then.
    Count(Span),
    /// `FIELDS(ALL)`.
    Fields(FieldSet, Span),
    /// A query over a child relationship.
    SubQuery(Box<Query>),
    /// `TYPEOF`.
    TypeOf(TypeOf),
}

/// A field or a function that is selected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selected {
    /// What is selected.
    pub expression: Expression,
    /// Its name in the result.
    pub alias: Option<Name>,
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldSet {
    /// `ALL`.
    All,
    /// `STANDARD`.
    Standard,
    /// `CUSTOM`.
    Custom,
}

/// `TYPEOF What WHEN Account THEN Phone ELSE Name END`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeOf {
    /// The relationship that leads to records of several objects.
    pub relationship: Path,
    /// The branches; never empty.
    pub branches: Vec<When>,
    /// The fields of all other objects.
    pub otherwise: Vec<Path>,
    /// Where it stands.
    pub span: Span,
}

/// One branch of `TYPEOF`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct When {
    /// The object.
    pub object: Name,
    /// Its fields; never empty.
    pub fields: Vec<Path>,
}

/// `FROM`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct From {
    /// The object, or the child relationship of a sub-query; a path after the alias of an outer one.
    pub object: Path,
    /// Another name for it.
    pub alias: Option<Name>,
    /// Parents with names of their own: `FROM Contact c, c.Account a`.
    pub relations: Vec<Relation>,
}

/// A parent with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Relation {
    /// The relationship.
    pub path: Path,
    /// Its name.
    pub alias: Option<Name>,
}

/// `USING SCOPE`: whose records are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The scope: `Mine`, `Everything`, `Team`.
    pub name: Name,
}

/// `USING LOOKUP`: only the records that the filter of a lookup field lets through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// The lookup field behind its object: `Account.Partner__c`.
    pub field: Path,
    /// `BIND`: the values of the fields that the filter compares with.
    pub binds: Vec<LookupBind>,
}

/// One value of `BIND`: `ParentId = '001...'`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LookupBind {
    /// The field.
    pub field: Name,
    /// Its value.
    pub value: Literal,
}

/// `WITH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum With {
    /// `SECURITY_ENFORCED`.
    SecurityEnforced,
    /// `USER_MODE`.
    UserMode,
    /// `SYSTEM_MODE`.
    SystemMode,
    /// `DATA CATEGORY`, all of these.
    DataCategory(Vec<CategoryFilter>),
    /// A field of the statement itself: `UserId = '005...'`, `RecordVisibilityContext (...)`.
    Other {
        /// Its name.
        name: Path,
        /// Its operator and value, or its parameters, as they were written.
        value: String,
    },
    /// Several, each behind a `WITH` of its own; at least two.
    Several(Vec<Self>),
}

/// One data category: `Geography__c ABOVE_OR_BELOW europe__c`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CategoryFilter {
    /// The group.
    pub group: Name,
    /// Which categories of it.
    pub operator: CategoryOperator,
    /// The categories; never empty.
    pub categories: Vec<Name>,
}

/// Which categories are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CategoryOperator {
    /// `AT`.
    At,
    /// `ABOVE`.
    Above,
    /// `BELOW`.
    Below,
    /// `ABOVE_OR_BELOW`.
    AboveOrBelow,
}

/// `GROUP BY`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupBy {
    /// Whether subtotals are made, and which.
    pub grouping: Grouping,
    /// The keys; never empty.
    pub keys: Vec<Expression>,
    /// Where it stands.
    pub span: Span,
}

/// Which subtotals are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// None.
    Plain,
    /// Over the keys from the last to the first.
    Rollup,
    /// Over each set of keys.
    Cube,
}

/// One key of `ORDER BY`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderBy {
    /// By what.
    pub expression: Expression,
    /// Which way; ascending where nothing is written.
    pub direction: Option<Direction>,
    /// Where nulls stand; first where nothing is written.
    pub nulls: Option<Nulls>,
}

/// Which way an order runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `ASC`.
    Ascending,
    /// `DESC`.
    Descending,
}

/// Where nulls stand in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nulls {
    /// `NULLS FIRST`.
    First,
    /// `NULLS LAST`.
    Last,
}

/// A number of records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Count {
    /// As written.
    Number(u32, Span),
    /// A variable.
    Bind(Box<Bind>),
}

/// `FOR`: what the records are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum For {
    /// `VIEW`.
    View,
    /// `REFERENCE`.
    Reference,
    /// `UPDATE`: nobody else may change them until this execution commits.
    Update,
}

/// `UPDATE`: which statistics are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Update {
    /// `TRACKING`.
    Tracking,
    /// `VIEWSTAT`.
    ViewStat,
}

/// `SET OPTIONS`: how the query is run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SetOptions {
    /// `(honorEmptyStrings = true)`; never empty, and not in Apex.
    List(Vec<SetOption>),
    /// A variable that holds the options; in Apex only.
    Bind(Bind),
}

/// One option of `SET OPTIONS`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SetOption {
    /// Its name.
    pub name: Name,
    /// Its value: a text, `true` or `false`.
    pub value: Literal,
}
