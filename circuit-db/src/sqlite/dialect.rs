//! What SQLite says in its own way.

use std::sync::Arc;

use chrono_tz::Tz;
use circuit_core::{
    Aggregate, DatePart, Distance, DistanceUnit, FieldSchema, FieldType, ObjectSchema, RecordId,
    Shape, Text, Value,
};
use rusqlite::Row;
use rusqlite::types::{Value as Sql, ValueRef};
use serde::{Serialize, Serializer};

use super::encode::{from_column, to_column};
use super::function::name_of;
use super::table::{Table, collation, column, unique_column};
use crate::sql::{
    Bound, Cells, Decode, Dialect, Fragment, JsonCell, JsonRows, Lists, Sides, SqlTable, Typed,
};

/// What SQLite says in its own way.
#[derive(Debug, Clone, Copy)]
pub(super) struct SqliteDialect;

impl SqlTable for Table {
    fn name(&self) -> &str {
        &self.name
    }

    fn object(&self) -> &Text {
        &self.object
    }

    fn schema(&self) -> Option<&Arc<ObjectSchema>> {
        self.schema.as_ref()
    }

    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }
}

fn bound(value: Sql) -> Fragment<Sql> {
    Fragment::bound(value, "")
}

/// Returns a value of one column that is compared as its type is.
fn typed(kind: FieldType, value: Fragment<Sql>) -> Typed<Sql> {
    let decode = Decode::Field(kind);
    Typed { kind, decode, value: vec![value], key: None, collate: collation(kind) }
}

/// A cell as JSON.
struct JsonSql(Sql);

impl Serialize for JsonSql {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Sql::Integer(number) => serializer.serialize_i64(*number),
            Sql::Text(text) => serializer.serialize_str(text),
            _ => serializer.serialize_unit(),
        }
    }
}

/// Returns a value as a group shows it: a number without zeros at its end.
fn shown(kind: FieldType, value: Fragment<Sql>) -> Fragment<Sql> {
    match kind {
        FieldType::Decimal => value.within("circuit_number(", ")"),
        _ => value,
    }
}

fn as_text(number: Fragment<Sql>) -> Fragment<Sql> {
    number.within("CAST(", " AS TEXT)")
}

impl Dialect for SqliteDialect {
    type Cell = Sql;
    type Param = Sql;
    type Table = Table;

    const GROUPING_SETS: bool = false;
    const KEEPS_ORDER: bool = false;
    const FENCE: &str = " LIMIT -1";
    const MAX_JOINS: usize = 60;
    const MAX_PARAMS: usize = 30_000;

    fn field(&self, alias: &str, field: &FieldSchema) -> Typed<Sql> {
        let column = format!("{alias}.{}", column(field.name()));
        typed(field.field_type(), Fragment::new(column))
    }

    fn id(&self, alias: &str) -> Typed<Sql> {
        let key = Some(vec![Fragment::new(format!("{alias}._key"))]);
        Typed { key, collate: "", ..typed(FieldType::Id, Fragment::new(format!("{alias}._id"))) }
    }

    fn text(&self, text: &str) -> Typed<Sql> {
        typed(FieldType::Text, bound(Sql::Text(text.to_owned())))
    }

    fn unique(&self, alias: &str, field: &FieldSchema) -> Fragment<Sql> {
        Fragment::new(format!("{alias}.{}", unique_column(field.name())))
    }

    fn unique_key(&self, value: &Value) -> Option<Fragment<Sql>> {
        Some(bound(Sql::Text(value.unique_key()?.to_string())))
    }

    fn reference(&self, of: &Typed<Sql>) -> Option<Fragment<Sql>> {
        if of.kind != FieldType::Id {
            return None;
        }
        let value = of.bare()[0].clone();
        // An own id is compared by its key already.
        let is_key = of.key.is_some() && of.collate.is_empty();
        Some(if is_key { value } else { value.within("circuit_key(", ")") })
    }

    fn semi_join(&self, own: &Typed<Sql>, found: &Typed<Sql>) -> Option<Sides<Sql>> {
        use FieldType::{Decimal, Id, Integer};

        Some(match (own.kind, found.kind) {
            (Id, Id) => (own.tuple(), vec![self.reference(found)?]),
            (Integer, Decimal) => {
                let text = as_text(own.bare()[0].clone()).text(collation(Decimal));
                (text, found.bare().to_vec())
            }
            (Decimal, Integer) => (own.tuple(), vec![as_text(found.bare()[0].clone())]),
            (a, b) if a == b => (own.tuple(), found.bare().to_vec()),
            _ => return None,
        })
    }

    fn read(&self, value: &Typed<Sql>) -> Vec<Fragment<Sql>> {
        value.value.clone()
    }

    fn read_json(&self, value: &Typed<Sql>) -> Vec<Fragment<Sql>> {
        value.value.clone()
    }

    fn width(_: Decode) -> usize {
        1
    }

    fn from_json(decode: Decode, cells: &[JsonCell<'_>]) -> Option<Value> {
        let cell = match cells.first()? {
            JsonCell::Null => ValueRef::Null,
            JsonCell::Integer(number) => ValueRef::Integer(*number),
            JsonCell::Text(text) => ValueRef::Text(text.as_bytes()),
            _ => return None,
        };
        read(decode, cell)
    }

    fn rest(&self, alias: &str) -> String {
        format!("{alias}._rest")
    }

    fn bind(&self, kind: FieldType, value: &Value) -> Option<Bound<Sql>> {
        use FieldType as F;

        let one = |value| Some(Bound::Cells(vec![value]));
        match (kind, value) {
            (_, Value::Null) => Some(Bound::Empty),
            (_, Value::Text(text)) if text.is_empty() => Some(Bound::Empty),
            // JSON, in which lists are bound, may end there.
            (_, Value::Text(text)) if text.contains('\0') => None,
            (F::Id, Value::Id(id)) => one(Sql::Text(id.key().to_owned())),
            (F::Id, Value::Text(text)) => match text.parse::<RecordId>() {
                Ok(id) => one(Sql::Text(id.key().to_owned())),
                Err(_) => Some(Bound::Stranger),
            },
            (F::Text, Value::Id(_)) | (F::Integer, Value::Decimal(_)) => None,
            (F::Decimal, Value::Integer(number)) => one(Sql::Text(number.to_string())),
            (F::MultiPicklist, Value::Text(text)) => one(Sql::Text(text.to_string())),
            (kind, value) => to_column(kind, value).map_or(Some(Bound::Stranger), one),
        }
    }

    fn marks(&self, _: FieldType, cells: Vec<Sql>) -> Vec<Fragment<Sql>> {
        cells.into_iter().map(bound).collect()
    }

    fn list(&self, _: FieldType, lists: Lists<Sql>) -> Vec<Fragment<Sql>> {
        let cells: Vec<JsonSql> = lists.into_iter().flatten().map(JsonSql).collect();
        vec![bound(Sql::Text(serde_json::to_string(&cells).unwrap_or_default()))]
    }

    fn is_in(&self, own: &Typed<Sql>, list: Vec<Fragment<Sql>>) -> Fragment<Sql> {
        let list = Fragment::list(list, ", ").within("json_each(", ")");
        own.tuple().text(" IN (SELECT value FROM ").then(list).text(")")
    }

    fn like(&self, own: &Typed<Sql>, pattern: &str) -> Option<Fragment<Sql>> {
        let like = own.bare()[0].clone().within("circuit_like(", ", ");
        Some(like.then(bound(Sql::Text(pattern.to_owned()))).text(")"))
    }

    fn chosen(&self, own: &Typed<Sql>, value: &str) -> Fragment<Sql> {
        let value = format!(";{};", value.to_ascii_lowercase());
        let all = own.bare()[0].clone().within("instr(';' || lower(", ") || ';', ");
        all.then(bound(Sql::Text(value))).text(") > 0")
    }

    fn number(&self, number: Option<usize>) -> Fragment<Sql> {
        let number = number.map_or(-1, |number| i64::try_from(number).unwrap_or(i64::MAX));
        bound(Sql::Integer(number))
    }

    fn key(&self, key: &str) -> Fragment<Sql> {
        bound(Sql::Text(key.to_owned()))
    }

    fn scanned(&self, alias: &str) -> String {
        // Without the sign, SQLite walks through a whole table by an index of unique values, which is
        // over live records, and looks up each of them.
        format!("+{alias}._deleted = 0")
    }

    fn deleted(&self, alias: &str, deleted: bool) -> String {
        format!("{alias}._deleted = {}", i32::from(deleted))
    }

    fn date_part(&self, part: DatePart, of: &Typed<Sql>, zone: Tz) -> Option<Typed<Sql>> {
        let kind = match (of.kind, part) {
            (FieldType::Date, DatePart::HourInDay) => return None,
            (FieldType::Date | FieldType::DateTime, DatePart::DayOnly) => FieldType::Date,
            (FieldType::Date | FieldType::DateTime, _) => FieldType::Integer,
            _ => return None,
        };
        let call = Fragment::new(format!("circuit_date_part('{}', ", name_of(part)?));
        let zone = bound(Sql::Text(zone.name().to_owned()));
        Some(typed(kind, call.then(of.bare()[0].clone()).text(", ").then(zone).text(")")))
    }

    fn distance(
        &self,
        distance: &Distance,
        latitude: &Typed<Sql>,
        longitude: &Typed<Sql>,
    ) -> Option<Typed<Sql>> {
        let is_number =
            |of: &Typed<Sql>| matches!(of.kind, FieldType::Decimal | FieldType::Integer);
        if !is_number(latitude) || !is_number(longitude) {
            return None;
        }
        let unit = if distance.unit == DistanceUnit::Miles { "'mi'" } else { "'km'" };
        let degrees = |number: f64| bound(Sql::Real(number));
        let parts = [
            latitude.value[0].clone(),
            longitude.value[0].clone(),
            degrees(distance.place.latitude),
            degrees(distance.place.longitude),
            Fragment::new(unit),
        ];
        let call = Fragment::list(parts, ", ").within("circuit_distance(", ")");
        Some(typed(FieldType::Decimal, call))
    }

    fn format(&self, of: &Typed<Sql>) -> Option<Typed<Sql>> {
        let value = of.value[0].clone();
        let text = match of.kind {
            FieldType::Text | FieldType::Id | FieldType::MultiPicklist => value,
            kind => value.within(&format!("circuit_format('{}', ", kind.name()), ")"),
        };
        Some(typed(FieldType::Text, text))
    }

    fn aggregate(&self, aggregate: Aggregate, of: &Typed<Sql>) -> Option<Typed<Sql>> {
        let call = |name: &str| of.value[0].clone().within(&format!("{name}("), ")");
        let is_number = matches!(of.kind, FieldType::Integer | FieldType::Decimal);
        Some(match aggregate {
            Aggregate::Count => typed(FieldType::Integer, call("count")),
            Aggregate::CountDistinct => {
                let distinct = of.keys().remove(0).within("count(DISTINCT ", ")");
                typed(FieldType::Integer, distinct)
            }
            Aggregate::Min | Aggregate::Max => {
                let name = if aggregate == Aggregate::Min { "min" } else { "max" };
                let value = match of.kind {
                    FieldType::Text | FieldType::MultiPicklist => {
                        call(&format!("circuit_{name}_text"))
                    }
                    kind => {
                        let own = of.value[0].clone().text(collation(kind));
                        shown(kind, own.within(&format!("{name}("), ")"))
                    }
                };
                typed(of.kind, value)
            }
            Aggregate::Sum if of.kind == FieldType::Integer => {
                let sum = typed(FieldType::Decimal, call("circuit_sum"));
                let key = Some(vec![as_text(call("circuit_sum"))]);
                Typed { decode: Decode::Number, key, ..sum }
            }
            Aggregate::Sum if is_number => typed(FieldType::Decimal, call("circuit_sum")),
            Aggregate::Avg if is_number => {
                let average = typed(FieldType::Decimal, call("circuit_avg"));
                Typed { decode: Decode::Average, ..average }
            }
            _ => return None,
        })
    }

    fn first(&self, kind: FieldType, part: Fragment<Sql>) -> Fragment<Sql> {
        shown(kind, part.within("min(", " COLLATE BINARY)"))
    }

    fn json_row(&self, parts: Vec<Fragment<Sql>>) -> Fragment<Sql> {
        Fragment::list(parts, ", ").within("json_array(", ")")
    }

    fn json_rows(&self, row: Fragment<Sql>) -> Fragment<Sql> {
        row.within("json_group_array(", ")")
    }
}

fn read(decode: Decode, cell: ValueRef<'_>) -> Option<Value> {
    match (decode, cell) {
        (Decode::Field(kind), cell) => from_column(kind, cell),
        (Decode::Number, ValueRef::Text(_)) | (Decode::Average, _) => {
            from_column(FieldType::Decimal, cell)
        }
        (Decode::Number, cell) => from_column(FieldType::Integer, cell),
    }
}

/// A row of a result.
pub(super) struct RowCells<'a, 's>(pub(super) &'a Row<'s>);

impl Cells for RowCells<'_, '_> {
    fn value(&self, at: usize, decode: Decode) -> Option<Value> {
        read(decode, self.0.get_ref(at).ok()?)
    }

    fn text(&self, at: usize) -> Option<&str> {
        self.0.get_ref(at).ok()?.as_str().ok()
    }

    fn integer(&self, at: usize) -> Option<i64> {
        self.0.get_ref(at).ok()?.as_i64().ok()
    }

    fn rows(&self, at: usize) -> Option<JsonRows<'_>> {
        self.text(at).map(JsonRows::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(feature = "memory")]
    fn statements_say_what_queries_mean() {
        use std::fmt::Write;

        use crate::sql::{Generator, sample};

        let schemas = sample::schemas();
        let memory =
            schemas.iter().cloned().fold(crate::Memory::builder(), crate::MemoryBuilder::schema);
        let tables: Vec<_> = schemas
            .iter()
            .map(|schema| Table::new(schema.object(), Some(std::sync::Arc::new(schema.clone()))))
            .map(std::sync::Arc::new)
            .collect();
        let get = |object: &str| {
            tables.iter().find(|table| table.object.eq_ignore_ascii_case(object)).cloned()
        };
        let mut shown = String::new();
        for (name, query) in sample::all(&memory.build().unwrap()) {
            let statement = Generator::new(&SqliteDialect, &get).whole(&query).unwrap();
            let ready = statement.render(|_, _| "?".to_owned());
            writeln!(shown, "{name}:\n{}\n", ready.text.sql).unwrap();
        }
        insta::assert_snapshot!(shown);
    }
}
