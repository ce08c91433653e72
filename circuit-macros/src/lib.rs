//! The macros of Circuit: `#[trigger]`, `#[triggers]`, `#[derive(SObject)]`,
//! `#[derive(AggregateRow)]` and `soql!`.
//!
//! Use them through `circuit_core`, which re-exports them.

mod error;
mod event;
mod literal;
mod name;
mod sobject;
mod soql;
mod suggest;
mod trigger;

use proc_macro::TokenStream;

/// Registers a function as the handler of events of an object.
///
/// The first argument is the object, then come one or more events: `beforeInsert`,
/// `beforeUpdate`, `beforeDelete`, `afterInsert`, `afterUpdate`, `afterDelete`, `afterUndelete`.
///
/// Further arguments, in any order:
/// - `order = 10`: lower runs first; 0 is the place of handlers without one.
/// - `name = "x"`: the handler's name in plans, logs and errors; else the function's.
/// - `when = changed("Stage") && is("Amount", 5)`: shows only records that meet the condition, old
///   and new aligned. Conditions are `changed(field)`, `changed_to(field, value)`,
///   `was(field, value)` and `is(field, value)`, with `&&`, `||`, `!` and parentheses.
/// - `once_per_record`: does not show the handler what it brings about itself: a record that it is
///   being shown for the same event further up the chain of causes.
/// - `disabled_by = "IMPORT"`: lets the bypass of this name leave the handler out.
/// - `required_permission = "Score_Leads"`: runs only where the user has the permission.
/// - `bypass_permission = "Skip_Triggers"`: does not run where the user has the permission.
/// - `crate = path`: where `circuit_core` is found under another name.
///
/// The function is sync or async, takes `&TriggerContext<'_, T>` or `&mut TriggerContext<'_, T>`
/// and returns a `Result<()>` with any error. It stays callable. What its events cannot do, the
/// compiler refuses: changing records after the save, old records on insert.
///
/// A method of a unit struct is registered too, if its `impl` block carries
/// [`#[triggers]`](macro@triggers).
#[proc_macro_attribute]
pub fn trigger(args: TokenStream, item: TokenStream) -> TokenStream {
    trigger::function(args.into(), &item.into()).into()
}

/// Registers the `#[trigger]` methods of a unit struct.
///
/// `#[triggers]` stands on the `impl` block, `#[trigger(..)]` on each method that takes `&self`
/// and a context.
#[proc_macro_attribute]
pub fn triggers(args: TokenStream, item: TokenStream) -> TokenStream {
    trigger::block(args.into(), item.into()).into()
}

/// Lets a struct stand for the records of an object.
///
/// `#[sobject("Contact")]` on the struct names the object. A field is called by its name in lower
/// camel case (`company_name` is `companyName`, and matches `CompanyName`); on a field,
/// `#[sobject(..)]` takes:
/// - `"vlpr_score__c"`: another name.
/// - `related`: a parent, an `Option` of another record type, or children, a `Vec` of one, as a
///   query finds them beside the record; they are never written.
/// - `flatten`: a `FieldMap` of the fields that the struct does not name.
/// - `skip`: not part of the record; filled by `Default`.
/// - for the schema: `required`, `unique`, `external_id`, `length = 80`, `picklist = ["A", "B"]`,
///   `restricted`, `reference = "Account"`, `on_delete = cascade | restrict | clear`,
///   `default = "x"`.
///
/// Beside the trait the struct gets a constant of type `Field` for each field (`Contact::EMAIL`),
/// `OBJECT_NAME` and `schema()`.
#[proc_macro_derive(SObject, attributes(sobject))]
pub fn sobject(input: TokenStream) -> TokenStream {
    sobject::derive(input.into()).into()
}

/// Lets a struct stand for the rows of a query with aggregates or `GROUP BY`.
///
/// Its fields are the query's columns: an alias, the name of a field that is selected, or `expr0`,
/// `expr1` and so on for what has neither. As for [`SObject`](macro@SObject), a field is called by its
/// name in lower camel case, `#[sobject("expr0")]` calls it otherwise, `flatten` marks a `FieldMap`
/// of the columns that the struct does not name, and `skip` a field that is no column.
///
/// ```
/// use circuit_core::AggregateRow;
///
/// #[derive(AggregateRow)]
/// struct ByStage {
///     stage_name: Option<String>,
///     deals: i64,
///     #[sobject("expr0")]
///     total: Option<i64>,
/// }
///
/// // soql!("SELECT StageName, COUNT(Id) deals, SUM(Amount) FROM Opportunity GROUP BY StageName")
/// let names: Vec<_> = ByStage::fields().iter().map(|field| field.name).collect();
/// assert_eq!(names, ["stageName", "deals", "expr0"]);
/// ```
#[proc_macro_derive(AggregateRow, attributes(sobject))]
pub fn aggregate_row(input: TokenStream) -> TokenStream {
    sobject::derive_row(input.into()).into()
}

/// Writes a query, checked while compiling.
///
/// The query is one string literal, its variables are values of Rust:
///
/// ```
/// use circuit_core::Bind;
/// use circuit_core::prelude::*;
///
/// let people = ["003D000000IRFma", "003D000000IRFmb"];
/// let open = soql!("SELECT Id FROM Task WHERE WhoId IN :ids AND IsClosed = false", ids = people);
/// assert!(matches!(open.bind("ids"), Some(Bind::Many(ids)) if ids.len() == 2));
/// // let tasks: Vec<Task> = ctx.query(open).await?;
/// ```
///
/// - A variable is a name after a colon. `owner = user.id` gives it a value, `owner` alone that of
///   the variable of this name. Values never become part of the text: there is nothing to escape.
///   Behind `IN`, `NOT IN`, `INCLUDES` and `EXCLUDES` stands a list (`Vec`, slice, array, set), behind
///   `LIKE` a list or one value, elsewhere one value; the compiler sees to it.
/// - Mistakes are told at the very characters inside the literal, all at once.
/// - `crate = path` says where `circuit_core` is found under another name.
///
/// The syntax is always checked. Where objects, fields and relationships are to be checked too, a
/// folder holds a file for each object, `Contact.json`: the answer of Salesforce's describe call or
/// the JSON of an `ObjectSchema`. The variable `CIRCUIT_SCHEMA` names the folder, or the crate's
/// `Cargo.toml`, from where a path that is not absolute starts; the variable wins, and turns the
/// check off where it is empty:
///
/// ```toml
/// [package.metadata.circuit]
/// schema = "schema"
/// ```
///
/// Only the files of objects that a query names are read, and a changed one compiles the crate anew.
///
/// `ctx.query::<Contact>(soql!(..))` compiles only where the query is over the object of `Contact`.
/// What it selects is compared with the struct when the program is built (not by `cargo check`): a
/// field that the struct has no room for, and one that is left out though the struct needs it (its
/// type is no `Option`), are errors. So are those of parents and children, in their structs.
///
/// A query with aggregates or `GROUP BY` is for `ctx.aggregate::<Row>(..)`, where its columns are
/// compared with a struct that derives [`AggregateRow`](macro@AggregateRow).
#[proc_macro]
pub fn soql(input: TokenStream) -> TokenStream {
    soql::soql(input.into()).into()
}
