//! From a filter to a condition in SQL that means the same; values are always bound.
//!
//! A condition on a column without a value is null, which counts as false everywhere but under NOT:
//! so only NOT asks for it, and indexes stay usable.

use circuit_core::{
    Comparison, Direction, FieldSchema, FieldType, Filter, Nulls, Operand, OrderBy, RecordId, Text,
    Value,
};
use rusqlite::types::Value as Sql;

use super::encode::to_column;
use super::table::{Table, compared};

/// A condition; null counts as false.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) values: Vec<Sql>,
    /// Whether it keeps exactly what the filter keeps; else it keeps more.
    pub(super) exact: bool,
}

/// Deeper trees and longer lists than SQLite's own limits are finished by Circuit.
const MAX_DEPTH: usize = 200;
const MAX_VALUES: usize = 30_000;

impl Condition {
    pub(super) fn all() -> Self {
        Self { sql: "1".to_owned(), values: Vec::new(), exact: true }
    }

    fn exact(sql: String, values: Vec<Sql>) -> Self {
        Self { sql, values, exact: true }
    }

    /// Keeps what this drops, rows without a value among them.
    fn negated(self) -> Self {
        Self::exact(format!("NOT ifnull({}, 0)", self.sql), self.values)
    }

    fn constant(holds: bool) -> Self {
        Self::exact(i32::from(holds).to_string(), Vec::new())
    }
}

/// Compiles a filter; what SQL cannot say is left open.
pub(super) fn compile(table: &Table, filter: &Filter) -> Condition {
    let compiled = exact(table, filter, 0).filter(|condition| condition.values.len() <= MAX_VALUES);
    match (compiled, filter) {
        (Some(condition), _) => condition,
        (None, Filter::And(all)) => {
            let parts = all.iter().filter_map(|filter| exact(table, filter, 0)).collect();
            let all = joined(parts, " AND ", true);
            if all.values.len() > MAX_VALUES {
                return Condition { exact: false, ..Condition::all() };
            }
            Condition { exact: false, ..all }
        }
        (None, _) => Condition { exact: false, ..Condition::all() },
    }
}

/// Returns the condition of a filter; `None` if SQL would mean something else.
fn exact(table: &Table, filter: &Filter, depth: usize) -> Option<Condition> {
    if depth > MAX_DEPTH {
        return None;
    }
    let parts = |filters: &[Filter]| -> Option<Vec<Condition>> {
        filters.iter().map(|filter| exact(table, filter, depth + 1)).collect()
    };
    match filter {
        Filter::And(all) => Some(joined(parts(all)?, " AND ", true)),
        Filter::Or(any) => Some(joined(parts(any)?, " OR ", false)),
        Filter::Not(inner) => {
            let inner = exact(table, inner, depth + 1)?;
            Some(inner.negated())
        }
        Filter::Compare { operand, comparison, value } => {
            compare(table, operand, *comparison, value)
        }
        Filter::In { operand, values } => is_in(table, operand, values),
        Filter::Like { operand, pattern } => like(table, operand, pattern),
        _ => None,
    }
}

fn joined(parts: Vec<Condition>, word: &str, empty: bool) -> Condition {
    if parts.is_empty() {
        return Condition::constant(empty);
    }
    let sql: Vec<String> = parts.iter().map(|part| part.sql.clone()).collect();
    let values = parts.into_iter().flat_map(|part| part.values).collect();
    Condition::exact(format!("({})", sql.join(word)), values)
}

/// Where a field is and what it holds.
struct Place {
    column: String,
    field_type: FieldType,
}

fn place(table: &Table, operand: &Operand) -> Option<Place> {
    let Operand::Field(path) = operand else { return None };
    let field = path.is_own().then_some(path.field.as_str())?;
    if field.eq_ignore_ascii_case("Id") {
        return Some(Place { column: "_key".to_owned(), field_type: FieldType::Id });
    }
    let found: &FieldSchema = table.schema.as_ref()?.field(field)?;
    let comparable = !matches!(found.field_type(), FieldType::Any | FieldType::Json);
    comparable.then(|| Place {
        column: compared(field, found.field_type()),
        field_type: found.field_type(),
    })
}

impl Place {
    /// Returns a value as the column compares it; `None` if only Circuit can compare the two.
    fn bind(&self, value: &Value) -> Option<Bound> {
        use FieldType as F;

        Some(match (self.field_type, value) {
            (_, Value::Null) => Bound::Empty,
            (_, Value::Text(text)) if text.is_empty() => Bound::Empty,
            (F::Id, Value::Id(id)) => Bound::Value(self.id(id)),
            (F::Id, Value::Text(text)) => Bound::Value(self.id(&text.parse().ok()?)),
            (F::Text, Value::Id(_)) | (F::Integer, Value::Decimal(_)) => return None,
            (F::Decimal, Value::Integer(number)) => Bound::Value(Sql::Text(number.to_string())),
            (F::MultiPicklist, Value::Text(text)) => Bound::Value(Sql::Text(text.to_string())),
            (field_type, value) => {
                to_column(field_type, value).map_or(Bound::Stranger, Bound::Value)
            }
        })
    }

    fn id(&self, id: &RecordId) -> Sql {
        Sql::Text(if self.column == "_key" { id.key() } else { id.as_str() }.to_owned())
    }

    /// Returns the condition that the field has no value: null, or the empty text.
    fn empty(&self) -> String {
        let column = &self.column;
        match self.field_type {
            FieldType::Text => format!("({column} IS NULL OR {column} = '')"),
            _ => format!("{column} IS NULL"),
        }
    }
}

/// A value beside a column.
enum Bound {
    /// No value.
    Empty,
    /// A value of a type that the column never has.
    Stranger,
    /// A value to bind.
    Value(Sql),
}

fn compare(
    table: &Table,
    field: &Operand,
    comparison: Comparison,
    value: &Value,
) -> Option<Condition> {
    let place = place(table, field)?;
    let bound = place.bind(value)?;
    let operator = match comparison {
        Comparison::Eq => return Some(equal(&place, bound)),
        Comparison::Ne => {
            return Some(equal(&place, bound).negated());
        }
        Comparison::Lt => "<",
        Comparison::Le => "<=",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
    };
    match (bound, value) {
        (Bound::Value(sql), _) => {
            Some(Condition::exact(format!("{} {operator} ?", place.column), vec![sql]))
        }
        // The empty text has an order, though it counts as no value when compared for equality.
        (Bound::Empty, Value::Text(_)) if place.field_type == FieldType::Text => {
            Some(Condition::exact(format!("{} {operator} ''", place.column), Vec::new()))
        }
        (Bound::Empty, Value::Text(_)) if place.field_type != FieldType::Text => None,
        _ => Some(Condition::constant(false)),
    }
}

fn equal(place: &Place, bound: Bound) -> Condition {
    match bound {
        Bound::Empty => Condition::exact(place.empty(), Vec::new()),
        Bound::Stranger => Condition::constant(false),
        Bound::Value(sql) => Condition::exact(format!("{} = ?", place.column), vec![sql]),
    }
}

fn is_in(table: &Table, field: &Operand, values: &[Value]) -> Option<Condition> {
    let place = place(table, field)?;
    let mut list = Vec::with_capacity(values.len());
    let mut empty = false;
    for value in values {
        match place.bind(value)? {
            Bound::Empty => empty = true,
            Bound::Stranger => {}
            Bound::Value(sql) => list.push(sql),
        }
    }
    let marks = vec!["?"; list.len()].join(",");
    let mut parts = vec![Condition::exact(format!("{} IN ({marks})", place.column), list)];
    if empty {
        parts.push(Condition::exact(place.empty(), Vec::new()));
    }
    Some(joined(parts, " OR ", false))
}

fn like(table: &Table, field: &Operand, pattern: &Text) -> Option<Condition> {
    let place = place(table, field)?;
    if place.field_type != FieldType::Text {
        return Some(Condition::constant(false));
    }
    let values = vec![Sql::Text(pattern.to_string())];
    Some(Condition::exact(format!("circuit_like({}, ?)", place.column), values))
}

/// Returns the sort keys in SQL, ids last; `None` if a key has no column of its own.
pub(super) fn order_by(table: &Table, order: &[OrderBy]) -> Option<String> {
    let mut keys = Vec::new();
    for key in order {
        let column = place(table, &key.operand)?.column;
        let nulls = if key.nulls == Nulls::First { "DESC" } else { "ASC" };
        let direction = if key.direction == Direction::Ascending { "ASC" } else { "DESC" };
        keys.push(format!("{column} IS NULL {nulls}, {column} {direction}"));
    }
    keys.push("_key".to_owned());
    Some(keys.join(", "))
}
