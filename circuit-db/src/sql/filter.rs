//! From a filter to a condition that means the same.

use circuit_core::{
    Column, Comparison, FieldType, Filter, Operand, Period, Query, Select, Text, Value,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::dialect::{Bound, Dialect, Lists, Typed};
use super::fragment::Fragment;
use super::scope::Scope;
use super::template::{Part, Slot};

/// Deeper trees are finished by Circuit: databases limit how deep an expression is.
const MAX_DEPTH: usize = 40;

/// What a filter's operands are.
pub(super) trait Terms<D: Dialect> {
    /// Returns an operand; `None` if SQL cannot say it.
    fn operand(&mut self, operand: &Operand) -> Option<Typed<D::Param>>;

    fn dialect(&self) -> &D;

    /// Returns a unique field's index, if it can be asked for the value.
    fn unique(&self, operand: &Operand, value: &Value) -> Option<Unique<D::Param>>;

    /// Returns which of the conditions this is whose values are bound again.
    fn test(&self, filter: &Filter) -> Option<usize>;

    /// Returns the condition that a value is found by a query.
    fn in_query(&mut self, own: &Typed<D::Param>, query: &Query) -> Option<Fragment<D::Param>>;
}

/// The index of a unique field, and what is looked up in it.
pub(super) struct Unique<P> {
    pub(super) column: Fragment<P>,
    pub(super) kind: FieldType,
    pub(super) key: Fragment<P>,
}

impl<D: Dialect> Terms<D> for Scope<'_, D> {
    fn operand(&mut self, operand: &Operand) -> Option<Typed<D::Param>> {
        Scope::operand(self, operand)
    }

    fn dialect(&self) -> &D {
        self.generator.dialect
    }

    fn unique(&self, operand: &Operand, value: &Value) -> Option<Unique<D::Param>> {
        Scope::unique(self, operand, value)
    }

    fn test(&self, filter: &Filter) -> Option<usize> {
        self.tests.iter().position(|test| std::ptr::eq(*test, filter))
    }

    fn in_query(&mut self, own: &Typed<D::Param>, query: &Query) -> Option<Fragment<D::Param>> {
        let Select::Columns(columns) = &query.select else { return None };
        let [Column::Value { operand, .. }] = columns.as_slice() else { return None };
        // Of an object that was never stored nothing is found.
        let Some(mut inner) = Scope::new(self.generator, &query.object, &query.rows) else {
            return Some(Fragment::constant(false));
        };
        // The empty text is null, and null is none of the values.
        let found = inner.operand(operand)?.filled();
        let Some((left, right)) = self.generator.dialect.semi_join(own, &found) else {
            return never_equal(own.kind, found.kind).then(|| Fragment::constant(false));
        };
        let sql = inner.list(Fragment::list(right, ", "), query)?;
        Some(left.text(" IN (").then(sql).text(")"))
    }
}

/// Returns whether no value of one type equals one of the other, so that SQL need not compare.
fn never_equal(own: FieldType, found: FieldType) -> bool {
    use FieldType::{Decimal, Id, Integer, MultiPicklist, Text};

    own != found
        && !matches!(
            (own, found),
            (Integer, Decimal) | (Decimal, Integer) | (Id | MultiPicklist, Text) | (Text, Id)
        )
}

/// Returns the condition of a filter; `None` if SQL would mean something else.
pub(super) fn condition<D: Dialect>(
    terms: &mut dyn Terms<D>,
    filter: &Filter,
) -> Option<Fragment<D::Param>> {
    compiled(terms, filter, false, 0)
}

/// Returns the conditions that narrow a conjunction as far as SQL can say.
pub(super) fn narrowed<D: Dialect>(
    terms: &mut dyn Terms<D>,
    filter: &Filter,
) -> Vec<Fragment<D::Param>> {
    match filter {
        Filter::And(all) => all.iter().filter_map(|filter| condition(terms, filter)).collect(),
        other => condition(terms, other).into_iter().collect(),
    }
}

/// Negation moves to the tests, where it stands for what null is: no tree is deep by it alone.
fn compiled<D: Dialect>(
    terms: &mut dyn Terms<D>,
    filter: &Filter,
    mut negated: bool,
    depth: usize,
) -> Option<Fragment<D::Param>> {
    let mut filter = filter;
    while let Filter::Not(inner) = filter {
        (filter, negated) = (inner, !negated);
    }
    let (parts, is_and) = match filter {
        Filter::And(all) => (all, !negated),
        Filter::Or(any) => (any, negated),
        test => {
            let test = tested(terms, test)?;
            return Some(if negated { test.negated() } else { test });
        }
    };
    if depth > MAX_DEPTH {
        return None;
    }
    let parts: Option<Vec<_>> =
        parts.iter().map(|part| compiled(terms, part, negated, depth + 1)).collect();
    Some(Fragment::joined(parts?, if is_and { " AND " } else { " OR " }, is_and))
}

#[inline(never)]
fn tested<D: Dialect>(terms: &mut dyn Terms<D>, filter: &Filter) -> Option<Fragment<D::Param>> {
    match filter {
        Filter::Compare { operand, comparison, value } => {
            let test = terms.test(filter);
            compare(terms, operand, *comparison, value, test)
        }
        Filter::In { operand, values } => {
            let test = terms.test(filter);
            is_in(terms, operand, values, test)
        }
        Filter::Like { operand, pattern } => {
            let own = terms.operand(operand)?;
            if own.kind == FieldType::Text {
                terms.dialect().like(&own, pattern)
            } else {
                Some(Fragment::constant(false))
            }
        }
        Filter::Within { operand, comparison, period } => {
            within(terms, operand, *comparison, period)
        }
        Filter::Includes { operand, sets } => includes(terms, operand, sets),
        Filter::InQuery { operand, query } => {
            let own = terms.operand(operand)?;
            terms.in_query(&own, query)
        }
        _ => None,
    }
}

fn compare<D: Dialect>(
    terms: &mut dyn Terms<D>,
    operand: &Operand,
    comparison: Comparison,
    value: &Value,
    test: Option<usize>,
) -> Option<Fragment<D::Param>> {
    let own = terms.operand(operand)?;
    let (comparison, value) = match (own.kind, value) {
        (FieldType::Integer, Value::Decimal(number)) => match whole(comparison, *number)? {
            Whole::Never => return Some(Fragment::constant(comparison == Comparison::Ne)),
            Whole::Same(comparison, number) => (comparison, Value::Integer(number)),
        },
        _ => (comparison, value.clone()),
    };
    let operator = match comparison {
        Comparison::Eq => return equal(terms, operand, &own, &value, test),
        Comparison::Ne => return Some(equal(terms, operand, &own, &value, test)?.negated()),
        Comparison::Lt => " < ",
        Comparison::Le => " <= ",
        Comparison::Gt => " > ",
        Comparison::Ge => " >= ",
    };
    ordered(terms.dialect(), &own, operator, &value, test)
}

/// Returns cells as one thing to compare with.
fn marked<D: Dialect>(
    dialect: &D,
    kind: FieldType,
    cells: Vec<D::Cell>,
    test: Option<usize>,
) -> Fragment<D::Param> {
    let marks = dialect.marks(kind, cells).into_iter().enumerate();
    let slot = |at| test.map(|test| Slot { test, part: Part::Cell(kind, at) });
    Fragment::tuple(marks.map(|(at, mark)| mark.of(slot(at))).collect())
}

fn ordered<D: Dialect>(
    dialect: &D,
    own: &Typed<D::Param>,
    operator: &str,
    value: &Value,
    test: Option<usize>,
) -> Option<Fragment<D::Param>> {
    // An id has a place even beside a text that is none.
    if own.kind == FieldType::Id && value.as_str().is_some_and(|text| !is_id(text)) {
        return None;
    }
    match (dialect.bind(own.kind, value)?, value) {
        (Bound::Cells(cells), _) => {
            Some(own.tuple().text(operator).then(marked(dialect, own.kind, cells, test)))
        }
        // The empty text has an order, though it counts as no value when compared for equality.
        (Bound::Empty, Value::Text(_)) if own.kind == FieldType::Text => {
            Some(own.tuple().text(operator).text("''"))
        }
        (Bound::Empty, Value::Text(_)) if own.kind == FieldType::MultiPicklist => None,
        _ => Some(Fragment::constant(false)),
    }
}

pub(super) fn is_id(text: &str) -> bool {
    text.parse::<circuit_core::RecordId>().is_ok()
}

fn equal<D: Dialect>(
    terms: &mut dyn Terms<D>,
    operand: &Operand,
    own: &Typed<D::Param>,
    value: &Value,
    test: Option<usize>,
) -> Option<Fragment<D::Param>> {
    let bound = terms.dialect().bind(own.kind, value)?;
    Some(match bound {
        Bound::Empty => own.empty(),
        Bound::Stranger => Fragment::constant(false),
        Bound::Cells(cells) => {
            if let Some(Unique { column, kind, key }) = terms.unique(operand, value) {
                let slot = test.map(|test| Slot { test, part: Part::Unique(kind) });
                return Some(column.text(" = ").then(key.of(slot)));
            }
            own.tuple().text(" = ").then(marked(terms.dialect(), own.kind, cells, test))
        }
    })
}

/// What a comparison of integers with a decimal is.
enum Whole {
    Never,
    Same(Comparison, i64),
}

/// Returns the comparison with an integer that means the same; `None` beyond 64 bits.
fn whole(comparison: Comparison, number: Decimal) -> Option<Whole> {
    use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};

    let below = number.floor().to_i64();
    Some(match comparison {
        Eq | Ne => match below.filter(|below| Decimal::from(*below) == number) {
            Some(same) => Whole::Same(comparison, same),
            None => Whole::Never,
        },
        Le | Gt => Whole::Same(comparison, below?),
        Lt | Ge => Whole::Same(comparison, number.ceil().to_i64()?),
    })
}

fn is_in<D: Dialect>(
    terms: &mut dyn Terms<D>,
    operand: &Operand,
    values: &[Value],
    test: Option<usize>,
) -> Option<Fragment<D::Param>> {
    let own = terms.operand(operand)?;
    let dialect = terms.dialect();
    let (lists, empty) = lists(dialect, own.kind, values)?;
    let slot = |at| test.map(|test| Slot { test, part: Part::List(own.kind, at) });
    let list = dialect.list(own.kind, lists).into_iter().enumerate();
    let found = dialect.is_in(&own, list.map(|(at, part)| part.of(slot(at))).collect());
    let parts = if empty { vec![found, own.empty()] } else { vec![found] };
    Some(Fragment::joined(parts, " OR ", false))
}

/// Returns the values of a list that a column of the type can have, and whether no value is among
/// them too; `None` if only Circuit can compare one.
pub(super) fn lists<D: Dialect>(
    dialect: &D,
    kind: FieldType,
    values: &[Value],
) -> Option<(Lists<D::Cell>, bool)> {
    let mut lists = Vec::with_capacity(values.len());
    let mut empty = false;
    for value in values {
        let bound = match (kind, value) {
            (FieldType::Integer, Value::Decimal(number)) => match whole(Comparison::Eq, *number)? {
                Whole::Never => Bound::Stranger,
                Whole::Same(_, number) => dialect.bind(kind, &Value::Integer(number))?,
            },
            _ => dialect.bind(kind, value)?,
        };
        match bound {
            Bound::Empty => empty = true,
            Bound::Stranger => {}
            Bound::Cells(cells) => lists.push(cells),
        }
    }
    Some((lists, empty))
}

fn within<D: Dialect>(
    terms: &mut dyn Terms<D>,
    operand: &Operand,
    comparison: Comparison,
    period: &Period,
) -> Option<Fragment<D::Param>> {
    let own = terms.operand(operand)?;
    let (from, to) = match own.kind {
        FieldType::Date => (Value::Date(period.from), Value::Date(period.to)),
        FieldType::DateTime => (Value::DateTime(period.from_at), Value::DateTime(period.to_at)),
        _ => return Some(Fragment::constant(comparison == Comparison::Ne)),
    };
    let dialect = terms.dialect();
    let inside = |dialect: &D| {
        let from = ordered(dialect, &own, " >= ", &from, None)?;
        Some(Fragment::joined(vec![from, ordered(dialect, &own, " < ", &to, None)?], " AND ", true))
    };
    match comparison {
        Comparison::Eq => inside(dialect),
        Comparison::Ne => inside(dialect).map(Fragment::negated),
        Comparison::Lt => ordered(dialect, &own, " < ", &from, None),
        Comparison::Le => ordered(dialect, &own, " < ", &to, None),
        Comparison::Gt => ordered(dialect, &own, " >= ", &to, None),
        Comparison::Ge => ordered(dialect, &own, " >= ", &from, None),
    }
}

fn includes<D: Dialect>(
    terms: &mut dyn Terms<D>,
    operand: &Operand,
    sets: &[Vec<Text>],
) -> Option<Fragment<D::Param>> {
    let own = terms.operand(operand)?;
    if own.kind != FieldType::MultiPicklist {
        return Some(Fragment::constant(false));
    }
    let dialect = terms.dialect();
    let chosen = |value: &Text| {
        // No chosen value is empty, has a `;` in it or space around it.
        if value.is_empty() || value.contains([';', '\0']) || value.trim() != value.as_str() {
            Fragment::constant(false)
        } else {
            dialect.chosen(&own, value)
        }
    };
    let every = |set: &Vec<Text>| {
        let parts: Vec<_> = set.iter().map(chosen).collect();
        // A set without values is in every multi-picklist, but not in null.
        let some = own.bare()[0].clone().text(" IS NOT NULL");
        if parts.is_empty() { some } else { Fragment::joined(parts, " AND ", true) }
    };
    Some(Fragment::joined(sets.iter().map(every).collect(), " OR ", false))
}
