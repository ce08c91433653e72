//! Filters: a tree of conditions and what they mean.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use super::query::{Operand, Period, Query};
use crate::record::Record;
use crate::value::{Text, Value};

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same; null equals null and absent, text compares without regard to case.
    Eq,
    /// Not the same; keeps records without a value.
    Ne,
    /// Less; drops records without a value, like the three below.
    Lt,
    /// Less or the same.
    Le,
    /// Greater.
    Gt,
    /// Greater or the same.
    Ge,
}

/// Which records a query keeps. The meaning is SOQL's.
///
/// Values of different types are never the same and have no order; integers and decimals are one
/// type, ids and text too.
///
/// # Examples
/// ```
/// use circuit_core::{Filter, Record};
///
/// let filter = Filter::eq("Email", "ADA@example.com").or(Filter::like("Name", "ada%"));
/// assert!(filter.matches(&Record::new("Contact").with("Email", "ada@example.com")));
/// assert!(!filter.matches(&Record::new("Contact").with("Name", "Bob")));
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// A field compared with a value.
    Compare {
        /// What is compared.
        operand: Operand,
        /// How.
        comparison: Comparison,
        /// The value.
        value: Value,
    },
    /// A field that is one of several values.
    In {
        /// What is looked up.
        operand: Operand,
        /// The values.
        values: Vec<Value>,
    },
    /// A text that matches a pattern: `%` any characters, `_` one, `\` takes the next as it is.
    Like {
        /// The text.
        operand: Operand,
        /// The pattern.
        pattern: Text,
    },
    /// A date or date-time that stands in a relation to some days: the same is in them, less is
    /// before them.
    Within {
        /// The date.
        operand: Operand,
        /// How.
        comparison: Comparison,
        /// The days.
        period: Period,
    },
    /// A multi-picklist in which all values of one of these sets are chosen.
    Includes {
        /// The multi-picklist.
        operand: Operand,
        /// The sets.
        sets: Vec<Vec<Text>>,
    },
    /// A field that is one of the values that a query of one column finds; null is none of them.
    InQuery {
        /// The field.
        operand: Operand,
        /// The query.
        query: Box<Query>,
    },
    /// All of these; true when empty.
    And(Vec<Self>),
    /// Any of these; false when empty.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
}

macro_rules! comparisons {
    ($($(#[doc = $doc:literal])+ $name:ident $comparison:ident;)+) => {
        impl Operand {$(
            $(#[doc = $doc])+
            #[must_use]
            pub fn $name(self, value: impl Into<Value>) -> Filter {
                let comparison = Comparison::$comparison;
                Filter::Compare { operand: self, comparison, value: value.into() }
            }
        )+}

        impl Filter {$(
            $(#[doc = $doc])+
            pub fn $name(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
                Operand::field(field).$name(value)
            }
        )+}
    };
}

comparisons! {
    /// Keeps what is the value.
    eq Eq;
    /// Keeps what is not the value.
    ne Ne;
    /// Keeps what is less than the value.
    less Lt;
    /// Keeps what is the value or less.
    at_most Le;
    /// Keeps what is greater than the value.
    greater Gt;
    /// Keeps what is the value or greater.
    at_least Ge;
}

impl Filter {
    /// Keeps records whose field is one of the values.
    pub fn is_in<T: Into<Value>>(
        field: impl AsRef<str>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::In { operand: Operand::field(field), values }
    }

    /// Keeps records whose text matches the pattern.
    pub fn like(field: impl AsRef<str>, pattern: impl Into<Text>) -> Self {
        Self::Like { operand: Operand::field(field), pattern: pattern.into() }
    }

    /// Keeps what both filters keep.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut all) => {
                all.push(other);
                Self::And(all)
            }
            first => Self::And(vec![first, other]),
        }
    }

    /// Keeps what either filter keeps.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Or(mut any) => {
                any.push(other);
                Self::Or(any)
            }
            first => Self::Or(vec![first, other]),
        }
    }

    /// Keeps what this filter drops.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Keeps records whose field is one of the values that a query of one column finds.
    pub fn in_query(field: impl AsRef<str>, query: Query) -> Self {
        Self::InQuery { operand: Operand::field(field), query: Box::new(query) }
    }

    /// Returns whether a record is kept, by its own fields: those of its parents count as null.
    pub fn matches(&self, record: &Record) -> bool {
        super::eval::Matcher::alone(self).is_ok_and(|matcher| matcher.matches(record))
    }

    /// Calls `visit` with each operand of the filter, without those of queries in it.
    pub fn operands<'a>(&'a self, visit: &mut dyn FnMut(&'a Operand)) {
        match self {
            Self::Compare { operand, .. }
            | Self::In { operand, .. }
            | Self::Like { operand, .. }
            | Self::Within { operand, .. }
            | Self::Includes { operand, .. }
            | Self::InQuery { operand, .. } => visit(operand),
            Self::And(filters) | Self::Or(filters) => {
                for filter in filters {
                    filter.operands(visit);
                }
            }
            Self::Not(filter) => filter.operands(visit),
        }
    }

    /// Calls `visit` with each query in the filter.
    pub fn queries<'a>(&'a self, visit: &mut dyn FnMut(&'a Query)) {
        match self {
            Self::InQuery { query, .. } => visit(query),
            Self::And(filters) | Self::Or(filters) => {
                for filter in filters {
                    filter.queries(visit);
                }
            }
            Self::Not(filter) => filter.queries(visit),
            _ => {}
        }
    }
}

impl fmt::Debug for Filter {
    /// Shows the types of the values, not the values: these are data of records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { operand, comparison, value } => {
                write!(f, "Compare({operand:?}, {comparison:?}, {})", value.type_name())
            }
            Self::In { operand, values } => write!(f, "In({operand:?}, {} values)", values.len()),
            Self::Like { operand, .. } => write!(f, "Like({operand:?})"),
            Self::Within { operand, comparison, period } => {
                write!(f, "Within({operand:?}, {comparison:?}, {period:?})")
            }
            Self::Includes { operand, sets } => {
                write!(f, "Includes({operand:?}, {} sets)", sets.len())
            }
            Self::InQuery { operand, query } => write!(f, "InQuery({operand:?}, {query:?})"),
            Self::And(all) => f.debug_tuple("And").field(all).finish(),
            Self::Or(any) => f.debug_tuple("Or").field(any).finish(),
            Self::Not(inner) => f.debug_tuple("Not").field(inner).finish(),
        }
    }
}

impl Comparison {
    /// Returns whether a field's value stands in this relation to another value.
    pub fn holds(self, own: Option<&Value>, value: &Value) -> bool {
        match self {
            Self::Eq => same(own, value),
            Self::Ne => !same(own, value),
            Self::Lt => order(own, value).is_some_and(Ordering::is_lt),
            Self::Le => order(own, value).is_some_and(Ordering::is_le),
            Self::Gt => order(own, value).is_some_and(Ordering::is_gt),
            Self::Ge => order(own, value).is_some_and(Ordering::is_ge),
        }
    }
}

/// SOQL's equality: absent is null, and the empty text is null too.
pub(super) fn same(own: Option<&Value>, value: &Value) -> bool {
    if let (Some(Value::Text(own)), Value::Text(text)) = (own, value) {
        return equal_text(own, text);
    }
    let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    match own {
        Some(own) if !empty(own) => {
            !empty(value) && order(Some(own), value) == Some(Ordering::Equal)
        }
        _ => empty(value),
    }
}

/// The order of two values of one type; `None` across types and for nulls.
fn order(own: Option<&Value>, value: &Value) -> Option<Ordering> {
    use Value as V;

    Some(match (own?, value) {
        (V::Text(a), V::Text(b)) => compare_text(a, b),
        (V::Integer(a), V::Integer(b)) => a.cmp(b),
        (V::Decimal(a), V::Decimal(b)) => a.cmp(b),
        (V::Integer(a), V::Decimal(b)) => Decimal::from(*a).cmp(b),
        (V::Decimal(a), V::Integer(b)) => a.cmp(&Decimal::from(*b)),
        (V::Boolean(a), V::Boolean(b)) => a.cmp(b),
        (V::Date(a), V::Date(b)) => a.cmp(b),
        (V::DateTime(a), V::DateTime(b)) => a.cmp(b),
        (V::Time(a), V::Time(b)) => a.cmp(b),
        (V::Id(a), V::Id(b)) => a.cmp(b),
        (V::Id(id), V::Text(text)) => order_id(id, text),
        (V::Text(text), V::Id(id)) => order_id(id, text).reverse(),
        (V::MultiPicklist(a), V::MultiPicklist(b)) => compare_text(&a.to_string(), &b.to_string()),
        (V::MultiPicklist(a), V::Text(b)) => compare_text(&a.to_string(), b),
        (V::Json(a), V::Json(b)) if a == b => Ordering::Equal,
        _ => return None,
    })
}

fn order_id(id: &crate::RecordId, text: &str) -> Ordering {
    match text.parse::<crate::RecordId>() {
        Ok(other) => id.cmp(&other),
        Err(_) => id.as_str().cmp(text),
    }
}

/// Returns the order of two texts by their lower-cased characters, as every store must sort them.
///
/// # Examples
/// ```
/// use circuit_core::compare_text;
///
/// assert!(compare_text("ada", "ADA").is_eq());
/// assert!(compare_text("a", "B").is_lt());
/// ```
pub fn compare_text(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a
            .bytes()
            .map(|b| b.to_ascii_lowercase())
            .cmp(b.bytes().map(|b| b.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

/// Returns whether [`compare_text`] finds no difference.
#[inline]
pub(super) fn equal_text(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || !(a.is_ascii() && b.is_ascii()) && compare_text(a, b).is_eq()
}

/// An order over all values, for sorting: by type first, then by value.
pub(super) fn total_order(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let by_rank = rank(a).cmp(&rank(b)).then_with(|| kind_of_text(a).cmp(&kind_of_text(b)));
    by_rank.then_with(|| b.and_then(|b| order(a, b)).unwrap_or(Ordering::Equal))
}

/// Texts, ids and multi-picklists are not mixed when sorted: some of them equal each other one by one
/// and have no order together.
fn kind_of_text(value: Option<&Value>) -> u8 {
    match value {
        Some(Value::Id(_)) => 1,
        Some(Value::MultiPicklist(_)) => 2,
        _ => 0,
    }
}

/// The place of a value's type in the order of all values.
pub(super) fn rank(value: Option<&Value>) -> u8 {
    match value {
        None | Some(Value::Null) => 0,
        Some(Value::Boolean(_)) => 1,
        Some(Value::Integer(_) | Value::Decimal(_)) => 2,
        Some(Value::Date(_)) => 3,
        Some(Value::DateTime(_)) => 4,
        Some(Value::Time(_)) => 5,
        Some(Value::Text(_) | Value::Id(_) | Value::MultiPicklist(_)) => 6,
        Some(Value::Json(_) | Value::Record(_) | Value::Records(_)) => 7,
    }
}

impl Value {
    /// Returns what two values of a unique field have in common when they clash; `None` for no value.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::Value;
    ///
    /// assert_eq!(Value::from("A@b.c").unique_key(), Value::from("a@B.C").unique_key());
    /// assert_eq!(Value::Null.unique_key(), None);
    /// ```
    pub fn unique_key(&self) -> Option<Text> {
        match self {
            Self::Null | Self::Json(_) | Self::Record(_) | Self::Records(_) => None,
            Self::Text(text) if text.is_empty() => None,
            Self::Text(text) => Some(fold(text)),
            Self::Id(id) => Some(id.key().into()),
            Self::Decimal(number) => Some(number.normalize().to_string().into()),
            Self::Integer(number) => Some(number.to_string().into()),
            Self::Boolean(value) => Some(value.to_string().into()),
            Self::Date(value) => Some(value.to_string().into()),
            Self::DateTime(value) => Some(value.to_rfc3339().into()),
            Self::Time(value) => Some(value.to_string().into()),
            Self::MultiPicklist(value) => Some(fold(&value.to_string().into())),
        }
    }
}

/// Lower-cases as [`compare_text`] does; free for ASCII text that is in lower case already.
fn fold(text: &Text) -> Text {
    if !text.is_ascii() {
        let folded: String = text.chars().flat_map(char::to_lowercase).collect();
        folded.into()
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_key_is_the_same_where_the_text_is_the_same() {
        let (one, two) = ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3bf}\u{3c3}");
        assert!(compare_text(one, two).is_eq());
        assert_eq!(Value::from(one).unique_key(), Value::from(two).unique_key());
    }

    fn contact() -> Record {
        Record::new("Contact").with("Name", "Ada").with("Age", 36).with("Fax", Value::Null)
    }

    #[test]
    fn not_equal_keeps_nulls_and_less_drops_them() {
        assert!(Filter::ne("Fax", "1").matches(&contact()));
        assert!(Filter::ne("Gone", "1").matches(&contact()));
        assert!(!Filter::less("Fax", 5).matches(&contact()));
        assert!(Filter::eq("Gone", Value::Null).matches(&contact()));
    }

    #[test]
    fn empty_text_equals_null() {
        assert!(Filter::eq("Fax", "").matches(&contact()));
        assert!(Filter::eq("F", Value::Null).matches(&Record::new("X").with("F", "")));
    }

    #[test]
    fn integers_and_decimals_compare() {
        let half = Value::Decimal(Decimal::new(355, 1));
        assert!(Filter::greater("Age", half).matches(&contact()));
        assert!(Filter::eq("Age", Value::Decimal(Decimal::new(360, 1))).matches(&contact()));
    }

    #[test]
    fn values_of_different_types_differ_and_have_no_order() {
        assert!(Filter::ne("Age", "36").matches(&contact()));
        assert!(!Filter::less("Age", "99").matches(&contact()));
    }

    #[test]
    fn text_ignores_case_beyond_ascii() {
        assert!(Filter::eq("N", "ÄRGER").matches(&Record::new("X").with("N", "ärger")));
    }

    #[test]
    fn values_of_all_types_have_one_order() {
        let list = |text: &str| Value::MultiPicklist(text.into());
        let id: crate::RecordId = "b".parse().unwrap();
        let mut all = [list("b"), "c".into(), list("a"), (&id).into(), "a".into()];
        all.sort_by(|a, b| total_order(Some(a), Some(b)));
        assert_eq!(all, ["a".into(), "c".into(), (&id).into(), list("a"), list("b")]);
    }

    #[test]
    fn a_list_with_null_matches_records_without_a_value() {
        assert!(Filter::is_in("Fax", [Value::Null]).matches(&contact()));
        assert!(!Filter::is_in("Fax", Vec::<Value>::new()).matches(&contact()));
    }
}
