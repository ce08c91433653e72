//! Names, paths, functions: what stands for a value of a record.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::{Names, Text};
use crate::span::Span;
use crate::table::Table;

/// A name as it was written; names that differ in case alone are equal.
#[derive(Debug, Clone)]
pub struct Name {
    /// The name.
    pub text: Text,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// Creates a name that stands nowhere.
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), span: Span::default() }
    }

    /// Returns whether this is the name, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.text.as_bytes().eq_ignore_ascii_case(name.as_bytes())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text.as_bytes().eq_ignore_ascii_case(other.text.as_bytes())
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.as_bytes().iter().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A field, or a field of a parent: `Email`, `Account.Owner.Name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// The relationships, then the field; never empty.
    pub names: Names,
    /// Where it stands.
    pub span: Span,
}

/// What stands for a value of a record, or of a group of records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expression {
    /// A field.
    Path(Path),
    /// A function.
    Call(Call),
}

impl Expression {
    /// Returns whether this is a value of a group of records: an aggregate, perhaps in another
    /// function.
    ///
    /// # Examples
    /// ```
    /// use circuit_soql::ast::SelectItem;
    /// use circuit_soql::{Dialect, parse};
    ///
    /// let query = parse("SELECT FORMAT(MAX(CloseDate)), Name FROM Deal__c", Dialect::Rest)?;
    /// let aggregated = |item: &SelectItem| match item {
    ///     SelectItem::Expression(selected) => selected.expression.is_aggregated(),
    ///     _ => false,
    /// };
    /// assert!(aggregated(&query.select[0]) && !aggregated(&query.select[1]));
    /// # Ok::<(), circuit_soql::Errors>(())
    /// ```
    pub fn is_aggregated(&self) -> bool {
        let Self::Call(call) = self else { return false };
        matches!(call.function.kind(), FunctionKind::Aggregate | FunctionKind::Group)
            || call.arguments.iter().any(
                |argument| matches!(argument, Argument::Expression(inner) if inner.is_aggregated()),
            )
    }
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// Which.
    pub function: Function,
    /// What it is applied to; empty for `COUNT()` alone.
    pub arguments: Vec<Argument>,
    /// Where the name stands.
    pub name: Span,
    /// Where the call stands.
    pub span: Span,
}

/// One argument of a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Argument {
    /// A field or another call.
    Expression(Expression),
    /// A literal: the unit of `DISTANCE`, the coordinates of `GEOLOCATION`.
    Literal(super::Literal),
    /// A variable of the host's language.
    Bind(Bind),
}

/// A variable of the host's language: `:owner`, `:account.Id`, `:ids`.
///
/// What stands after the colon is kept as it was written: its grammar is the host's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bind {
    /// What stands after the colon.
    pub text: Text,
    /// Where it stands, the colon included.
    pub span: Span,
}

/// One row per function: the variant, its name as Salesforce writes it, and its kind.
macro_rules! functions {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $kind:ident;)+) => {
        /// The functions of SOQL.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Function {$(
            $(#[doc = $doc])+
            $variant,
        )+}

        /// What a function is applied to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FunctionKind {
            /// To a group of records.
            Aggregate,
            /// To a date or a date-time.
            Date,
            /// To a value that is shown.
            Format,
            /// To places.
            Place,
            /// To the keys of `ROLLUP` and `CUBE`.
            Group,
            /// To a text that is an expression of its own.
            Formula,
        }

        impl Function {
            /// All functions.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            const NAMES: &[&str] = &[$($name),+];

            /// Returns the name as Salesforce writes it.
            pub fn name(self) -> &'static str {
                match self {$(Self::$variant => $name,)+}
            }

            /// Returns what the function is applied to.
            pub fn kind(self) -> FunctionKind {
                match self {$(Self::$variant => FunctionKind::$kind,)+}
            }
        }
    };
}

functions! {
    /// The average of a number.
    Avg "AVG" Aggregate;
    /// The number of records, or of values that are not null.
    Count "COUNT" Aggregate;
    /// The number of different values that are not null.
    CountDistinct "COUNT_DISTINCT" Aggregate;
    /// The smallest value.
    Min "MIN" Aggregate;
    /// The largest value.
    Max "MAX" Aggregate;
    /// The sum of a number.
    Sum "SUM" Aggregate;
    /// 1 in a subtotal over the key, 0 elsewhere.
    Grouping "GROUPING" Group;
    /// The month, 1 to 12.
    CalendarMonth "CALENDAR_MONTH" Date;
    /// The quarter, 1 to 4.
    CalendarQuarter "CALENDAR_QUARTER" Date;
    /// The year.
    CalendarYear "CALENDAR_YEAR" Date;
    /// The day of the month, 1 to 31.
    DayInMonth "DAY_IN_MONTH" Date;
    /// The day of the week, 1 for Sunday to 7.
    DayInWeek "DAY_IN_WEEK" Date;
    /// The day of the year, 1 to 366.
    DayInYear "DAY_IN_YEAR" Date;
    /// The date of a date-time.
    DayOnly "DAY_ONLY" Date;
    /// The month of the fiscal year.
    FiscalMonth "FISCAL_MONTH" Date;
    /// The quarter of the fiscal year.
    FiscalQuarter "FISCAL_QUARTER" Date;
    /// The fiscal year.
    FiscalYear "FISCAL_YEAR" Date;
    /// The hour, 0 to 23.
    HourInDay "HOUR_IN_DAY" Date;
    /// The week of the month, 1 to 5.
    WeekInMonth "WEEK_IN_MONTH" Date;
    /// The week of the year, 1 to 53.
    WeekInYear "WEEK_IN_YEAR" Date;
    /// A date-time in the user's time zone; only inside a date function.
    ConvertTimezone "convertTimezone" Date;
    /// A currency in the user's currency.
    ConvertCurrency "convertCurrency" Format;
    /// A value in the user's format.
    Format "FORMAT" Format;
    /// A picklist's value in the user's language.
    ToLabel "toLabel" Format;
    /// The distance between two places.
    Distance "DISTANCE" Place;
    /// A place by latitude and longitude.
    Geolocation "GEOLOCATION" Place;
    /// Sums and differences of fields, written in a text; only in `WHERE`.
    Formula "FORMULA" Formula;
}

impl Function {
    /// Finds a function by its name, without regard to case.
    ///
    /// # Examples
    /// ```
    /// use circuit_soql::ast::Function;
    ///
    /// assert_eq!(Function::named("tolabel"), Some(Function::ToLabel));
    /// assert_eq!(Function::named("LOWER"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        static TABLE: Table<Function, 64> = Table::new(Function::NAMES, Function::ALL);
        TABLE.named(name, Self::name)
    }

    /// Returns whether the function is applied to a group of records.
    pub fn is_aggregate(self) -> bool {
        self.kind() == FunctionKind::Aggregate
    }
}
