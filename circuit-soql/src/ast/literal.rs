//! Literals.

use super::Text;
use crate::span::Span;
use crate::table::Table;

/// A literal and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Literal {
    /// Its value.
    pub kind: LiteralKind,
    /// Where it stands.
    pub span: Span,
}

/// The value of a literal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LiteralKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A text, its escapes resolved. After `LIKE`, `\%`, `\_` and `\\` are kept: they belong to the
    /// pattern.
    Text(Text),
    /// A number.
    Number(Number),
    /// A number with a currency in front: `USD5000`.
    Currency {
        /// The three letters of the currency, as written.
        code: Text,
        /// The number.
        amount: Number,
    },
    /// A day as written: `2026-02-28`; it exists in the calendar.
    Date(Text),
    /// A moment as written: `2026-02-28T10:00:00Z`, with its offset.
    DateTime(Text),
    /// A time of day as written: `10:00:00.000Z`.
    Time(Text),
    /// A word for a range of days: `TODAY`, `LAST_N_DAYS:30`.
    DateRange {
        /// Which.
        word: DateLiteral,
        /// The number after the colon, where the word takes one.
        n: Option<u32>,
    },
}

/// A number as it was written, so that no digit is lost; equal to itself alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(pub Text);

/// One row per word: the variant, the word, and whether a number follows it.
macro_rules! date_literals {
    ($($variant:ident $word:literal $n:literal;)+) => {
        /// The words that name a range of days, relative to the day on which the query runs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "each is the word that `word` returns")]
        pub enum DateLiteral {$($variant,)+}

        impl DateLiteral {
            /// All words.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            const WORDS: &[&str] = &[$($word),+];

            /// Returns the word as Salesforce writes it, without colon and number.
            pub fn word(self) -> &'static str {
                match self {$(Self::$variant => $word,)+}
            }

            /// Returns whether a colon and a number follow the word.
            pub fn takes_number(self) -> bool {
                match self {$(Self::$variant => $n,)+}
            }
        }
    };
}

date_literals! {
    Yesterday "YESTERDAY" false;
    Today "TODAY" false;
    Tomorrow "TOMORROW" false;
    LastWeek "LAST_WEEK" false;
    ThisWeek "THIS_WEEK" false;
    NextWeek "NEXT_WEEK" false;
    LastMonth "LAST_MONTH" false;
    ThisMonth "THIS_MONTH" false;
    NextMonth "NEXT_MONTH" false;
    Last90Days "LAST_90_DAYS" false;
    Next90Days "NEXT_90_DAYS" false;
    LastNDays "LAST_N_DAYS" true;
    NextNDays "NEXT_N_DAYS" true;
    NDaysAgo "N_DAYS_AGO" true;
    LastNWeeks "LAST_N_WEEKS" true;
    NextNWeeks "NEXT_N_WEEKS" true;
    NWeeksAgo "N_WEEKS_AGO" true;
    LastNMonths "LAST_N_MONTHS" true;
    NextNMonths "NEXT_N_MONTHS" true;
    NMonthsAgo "N_MONTHS_AGO" true;
    ThisQuarter "THIS_QUARTER" false;
    LastQuarter "LAST_QUARTER" false;
    NextQuarter "NEXT_QUARTER" false;
    LastNQuarters "LAST_N_QUARTERS" true;
    NextNQuarters "NEXT_N_QUARTERS" true;
    NQuartersAgo "N_QUARTERS_AGO" true;
    ThisYear "THIS_YEAR" false;
    LastYear "LAST_YEAR" false;
    NextYear "NEXT_YEAR" false;
    LastNYears "LAST_N_YEARS" true;
    NextNYears "NEXT_N_YEARS" true;
    NYearsAgo "N_YEARS_AGO" true;
    ThisFiscalQuarter "THIS_FISCAL_QUARTER" false;
    LastFiscalQuarter "LAST_FISCAL_QUARTER" false;
    NextFiscalQuarter "NEXT_FISCAL_QUARTER" false;
    LastNFiscalQuarters "LAST_N_FISCAL_QUARTERS" true;
    NextNFiscalQuarters "NEXT_N_FISCAL_QUARTERS" true;
    NFiscalQuartersAgo "N_FISCAL_QUARTERS_AGO" true;
    ThisFiscalYear "THIS_FISCAL_YEAR" false;
    LastFiscalYear "LAST_FISCAL_YEAR" false;
    NextFiscalYear "NEXT_FISCAL_YEAR" false;
    LastNFiscalYears "LAST_N_FISCAL_YEARS" true;
    NextNFiscalYears "NEXT_N_FISCAL_YEARS" true;
    NFiscalYearsAgo "N_FISCAL_YEARS_AGO" true;
}

impl DateLiteral {
    /// Finds a word, without regard to case.
    ///
    /// # Examples
    /// ```
    /// use circuit_soql::ast::DateLiteral;
    ///
    /// assert_eq!(DateLiteral::named("last_n_days"), Some(DateLiteral::LastNDays));
    /// ```
    pub fn named(word: &str) -> Option<Self> {
        static TABLE: Table<DateLiteral, 128> = Table::new(DateLiteral::WORDS, DateLiteral::ALL);
        TABLE.named(word, Self::word)
    }
}
