//! From a filter to a condition in SQL that means the same; values are always bound.
//!
//! A condition on a column without a value is null, which counts as false everywhere but under NOT:
//! so only NOT asks for it, and indexes stay usable. `encode` tells which columns are compared.

use circuit_core::{
    Comparison, Direction, FieldType, Filter, Nulls, OrderBy, RecordId, Text, Value,
};

use super::encode::{SqlType, cells, fold};
use super::name::quoted;
use super::table::Table;
use super::value::{Array, Cell, Param};

/// Stands for a parameter until all are known; no identifier can hold it.
pub(super) const MARK: char = '\0';

/// Deeper trees are finished by Circuit.
const MAX_DEPTH: usize = 200;

/// A condition; null counts as false.
pub(super) struct Condition {
    /// The text, with a [`MARK`] for each parameter.
    pub(super) sql: String,
    pub(super) params: Vec<Param>,
    /// Whether it keeps exactly what the filter keeps; else it keeps more.
    pub(super) exact: bool,
}

impl Condition {
    pub(super) fn all() -> Self {
        Self { sql: "true".to_owned(), params: Vec::new(), exact: true }
    }

    fn exact(sql: String, params: Vec<Param>) -> Self {
        Self { sql, params, exact: true }
    }

    /// Keeps what this drops, rows without a value among them.
    fn negated(self) -> Self {
        Self::exact(format!("NOT coalesce({}, false)", self.sql), self.params)
    }

    fn constant(holds: bool) -> Self {
        Self::exact(holds.to_string(), Vec::new())
    }
}

/// Compiles a filter; what SQL cannot say is left open.
pub(super) fn compile(table: &Table, filter: &Filter) -> Condition {
    match (exact(table, filter, 0), filter) {
        (Some(condition), _) => condition,
        (None, Filter::And(all)) => {
            let parts = all.iter().filter_map(|filter| exact(table, filter, 0)).collect();
            Condition { exact: false, ..joined(parts, " AND ", true) }
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
        Filter::Not(inner) => Some(exact(table, inner, depth + 1)?.negated()),
        Filter::Compare { field, comparison, value } => compare(table, field, *comparison, value),
        Filter::In { field, values } => is_in(table, field, values),
        Filter::Like { field, pattern } => like(table, field, pattern),
        _ => None,
    }
}

fn joined(parts: Vec<Condition>, word: &str, empty: bool) -> Condition {
    if parts.is_empty() {
        return Condition::constant(empty);
    }
    let sql: Vec<String> = parts.iter().map(|part| part.sql.clone()).collect();
    let params = parts.into_iter().flat_map(|part| part.params).collect();
    Condition::exact(format!("({})", sql.join(word)), params)
}

/// What a field is compared by.
struct Place {
    /// One column, or two where the second counts the nanoseconds.
    columns: Vec<String>,
    types: Vec<SqlType>,
    field_type: FieldType,
}

fn place(table: &Table, field: &str) -> Option<Place> {
    let one = |column: String, sql_type, field_type| Place {
        columns: vec![column],
        types: vec![sql_type],
        field_type,
    };
    if field.eq_ignore_ascii_case("Id") {
        return Some(one("_key".to_owned(), SqlType::Text, FieldType::Id));
    }
    let field_type = table.schema.as_ref()?.field(field)?.field_type();
    let value = quoted("f_", field);
    Some(match field_type {
        FieldType::Boolean => one(value, SqlType::Boolean, field_type),
        FieldType::Integer => one(value, SqlType::Bigint, field_type),
        FieldType::Decimal => one(value, SqlType::Numeric, field_type),
        FieldType::Date => one(value, SqlType::Date, field_type),
        FieldType::Text | FieldType::Id | FieldType::MultiPicklist => {
            one(quoted("c_", field), SqlType::Text, field_type)
        }
        FieldType::DateTime | FieldType::Time => {
            let first =
                if field_type == FieldType::Time { SqlType::Time } else { SqlType::Timestamptz };
            let columns = vec![value, quoted("n_", field)];
            Place { columns, types: vec![first, SqlType::Integer], field_type }
        }
        _ => return None,
    })
}

/// A value beside a field.
enum Bound {
    /// No value.
    Empty,
    /// A value of a type that the field never has.
    Stranger,
    /// The cells of the columns that are compared.
    Cells(Vec<Cell>),
}

impl Place {
    /// Returns a value as the columns compare it; `None` if only Circuit can compare the two.
    fn bind(&self, value: &Value) -> Option<Bound> {
        use FieldType as F;

        let one = |cell| Some(Bound::Cells(vec![cell]));
        match (self.field_type, value) {
            (_, Value::Null) => Some(Bound::Empty),
            (_, Value::Text(text)) if text.is_empty() => Some(Bound::Empty),
            (F::Id, Value::Text(text)) => {
                one(Cell::Text(text.parse::<RecordId>().ok()?.key().to_owned()))
            }
            (F::Text, Value::Id(_)) | (F::Integer, Value::Decimal(_)) => None,
            (F::Decimal, Value::Integer(number)) => one(Cell::Text(number.to_string())),
            (F::MultiPicklist, Value::Text(text)) => {
                (!text.contains('\0')).then(|| Bound::Cells(vec![Cell::Text(fold(text))]))
            }
            (field_type, value) if !field_type.admits(value) => Some(Bound::Stranger),
            (field_type, value) => {
                // What the columns cannot hold has an order all the same.
                let (first, second) = cells(field_type, value).ok()?;
                Some(Bound::Cells(match field_type {
                    F::Text | F::Id | F::MultiPicklist => vec![second],
                    F::DateTime | F::Time => vec![first, second],
                    _ => vec![first],
                }))
            }
        }
    }

    /// Returns the columns as one thing to compare.
    fn left(&self) -> String {
        tuple(&self.columns)
    }

    /// Returns the parameters as one thing to compare.
    fn right(&self) -> String {
        let marks: Vec<String> = self
            .types
            .iter()
            .map(|sql_type| format!("{MARK}::{}{}", sql_type.sent(), sql_type.cast()))
            .collect();
        tuple(&marks)
    }

    /// Returns the condition that the field has no value: null, or the empty text.
    fn empty(&self) -> String {
        let column = &self.columns[0];
        match self.field_type {
            FieldType::Text => format!("({column} IS NULL OR {column} = '')"),
            _ => format!("{column} IS NULL"),
        }
    }

    fn compared(&self, operator: &str, cells: Vec<Cell>) -> Condition {
        let sql = format!("{} {operator} {}", self.left(), self.right());
        Condition::exact(sql, cells.into_iter().map(Param::One).collect())
    }

    fn equal(&self, bound: Bound) -> Condition {
        match bound {
            Bound::Empty => Condition::exact(self.empty(), Vec::new()),
            Bound::Stranger => Condition::constant(false),
            Bound::Cells(cells) => self.compared("=", cells),
        }
    }
}

fn tuple(parts: &[String]) -> String {
    if let [one] = parts { one.clone() } else { format!("({})", parts.join(", ")) }
}

fn compare(
    table: &Table,
    field: &Text,
    comparison: Comparison,
    value: &Value,
) -> Option<Condition> {
    let place = place(table, field)?;
    let bound = place.bind(value)?;
    let operator = match comparison {
        Comparison::Eq => return Some(place.equal(bound)),
        Comparison::Ne => return Some(place.equal(bound).negated()),
        Comparison::Lt => "<",
        Comparison::Le => "<=",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
    };
    match (bound, value) {
        (Bound::Cells(cells), _) => Some(place.compared(operator, cells)),
        // The empty text has an order, though it counts as no value when compared for equality.
        (Bound::Empty, Value::Text(_)) if place.field_type == FieldType::Text => {
            Some(Condition::exact(format!("{} {operator} ''", place.left()), Vec::new()))
        }
        (Bound::Empty, Value::Text(_)) => None,
        _ => Some(Condition::constant(false)),
    }
}

fn is_in(table: &Table, field: &Text, values: &[Value]) -> Option<Condition> {
    let place = place(table, field)?;
    let mut lists: Vec<Array> = place.types.iter().map(|sql_type| Array::of(*sql_type)).collect();
    let mut empty = false;
    for value in values {
        match place.bind(value)? {
            Bound::Empty => empty = true,
            Bound::Stranger => {}
            Bound::Cells(cells) => {
                lists.iter_mut().zip(cells).for_each(|(list, cell)| list.push(cell));
            }
        }
    }
    let arrays: Vec<String> = place
        .types
        .iter()
        .map(|sql_type| {
            let cast = sql_type.cast();
            let cast = if cast.is_empty() { String::new() } else { format!("{cast}[]") };
            format!("{MARK}::{}[]{cast}", sql_type.sent())
        })
        .collect();
    let sql = if let [array] = arrays.as_slice() {
        format!("{} = ANY({array})", place.left())
    } else {
        format!("{} IN (SELECT * FROM unnest({}))", place.left(), arrays.join(", "))
    };
    let mut parts = vec![Condition::exact(sql, lists.into_iter().map(Param::Many).collect())];
    if empty {
        parts.push(Condition::exact(place.empty(), Vec::new()));
    }
    Some(joined(parts, " OR ", false))
}

fn like(table: &Table, field: &Text, pattern: &Text) -> Option<Condition> {
    let place = place(table, field)?;
    if place.field_type != FieldType::Text {
        return Some(Condition::constant(false));
    }
    if pattern.contains('\0') {
        return None;
    }
    Some(place.compared("LIKE", vec![Cell::Text(folded_pattern(pattern))]))
}

/// Returns a pattern for folded text, in which PostgreSQL sees what Circuit sees.
fn folded_pattern(pattern: &str) -> String {
    let mut folded = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let literal = match c {
            '%' | '_' => {
                folded.push(c);
                continue;
            }
            // At the end it stands for itself.
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        for c in literal.to_lowercase() {
            if matches!(c, '%' | '_' | '\\') {
                folded.push('\\');
            }
            folded.push(c);
        }
    }
    folded
}

/// Returns the sort keys of the table `o` in SQL, ids last; `None` if a key has no column of its own.
pub(super) fn order_by(table: &Table, order: &[OrderBy]) -> Option<String> {
    let mut keys = Vec::new();
    for key in order {
        let nulls = if key.nulls == Nulls::First { "FIRST" } else { "LAST" };
        let direction = if key.direction == Direction::Ascending { "ASC" } else { "DESC" };
        for column in place(table, &key.field)?.columns {
            // Unqualified, it would be the column of the answer, where numbers are text.
            keys.push(format!("o.{column} {direction} NULLS {nulls}"));
        }
    }
    keys.push("o._key".to_owned());
    Some(keys.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_keeps_its_meaning() {
        assert_eq!(folded_pattern(r"A%_\%\\"), r"a%_\%\\");
        assert_eq!(folded_pattern(r"a\"), r"a\\");
        assert_eq!(folded_pattern(r"\Ä"), "ä");
    }
}
