//! What PostgreSQL says in its own way.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use circuit_core::{
    Aggregate, DatePart, Distance, DistanceUnit, FieldSchema, FieldType, ObjectSchema, RecordId,
    Shape, Text, Value,
};
use rust_decimal::Decimal;
use tokio_postgres::Row;

use super::encode::{SqlType, cells, columns, decode, fold, from_text, unique_key};
use super::name::quoted;
use super::table::{Table, unique_column};
use super::value::{Array, Cell, Param};
use crate::sql::{
    Bound, Cells, Decode, Dialect, Fragment, JsonCell, JsonRows, Lists, Sides, SqlTable, Typed,
};

/// What PostgreSQL says in its own way.
#[derive(Debug, Clone, Copy)]
pub(super) struct PostgresDialect;

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

type Sql = Fragment<Param>;

fn text(text: impl Into<String>) -> Sql {
    Fragment::bound(Param::One(Cell::Text(text.into())), "::text")
}

/// Returns a value of one column, which is compared itself.
fn typed(kind: FieldType, value: Sql) -> Typed<Param> {
    Typed { kind, decode: Decode::Field(kind), value: vec![value], key: None, collate: "" }
}

/// Returns a text and what it is compared by.
fn folded(kind: FieldType, value: Sql, key: Sql) -> Typed<Param> {
    Typed { key: Some(vec![key]), ..typed(kind, value) }
}

fn is_number(of: &Typed<Param>) -> bool {
    matches!(of.kind, FieldType::Decimal | FieldType::Integer)
}

/// The types of the columns that are compared.
fn compared(kind: FieldType) -> &'static [(&'static str, SqlType)] {
    match kind {
        FieldType::Text | FieldType::Id | FieldType::MultiPicklist => &[("c_", SqlType::Text)],
        kind => columns(kind),
    }
}

impl Dialect for PostgresDialect {
    type Cell = Cell;
    type Param = Param;
    type Table = Table;

    const GROUPING_SETS: bool = true;
    const KEEPS_ORDER: bool = true;
    const FENCE: &str = " OFFSET 0";
    const MAX_JOINS: usize = 60;
    const MAX_PARAMS: usize = 60_000;

    fn field(&self, alias: &str, field: &FieldSchema) -> Typed<Param> {
        let kind = field.field_type();
        let column = |lead: &str| Fragment::new(format!("{alias}.{}", quoted(lead, field.name())));
        match columns(kind) {
            [_, ("c_", _)] => folded(kind, column("f_"), column("c_")),
            parts => {
                let value = parts.iter().map(|(lead, _)| column(lead)).collect();
                Typed { value, ..typed(kind, Fragment::new("")) }
            }
        }
    }

    fn id(&self, alias: &str) -> Typed<Param> {
        let column = |name: &str| Fragment::new(format!("{alias}.{name}"));
        folded(FieldType::Id, column("_id"), column("_key"))
    }

    fn text(&self, name: &str) -> Typed<Param> {
        let constant = |name: String| text(name).within("(", " COLLATE \"C\")");
        folded(FieldType::Text, constant(name.to_owned()), constant(fold(name)))
    }

    fn unique(&self, alias: &str, field: &FieldSchema) -> Sql {
        Fragment::new(format!("{alias}.{}", unique_column(field.name())))
    }

    fn unique_key(&self, value: &Value) -> Option<Sql> {
        unique_key(value).map(text)
    }

    fn reference(&self, of: &Typed<Param>) -> Option<Sql> {
        (of.kind == FieldType::Id).then(|| of.bare()[0].clone())
    }

    fn semi_join(&self, own: &Typed<Param>, found: &Typed<Param>) -> Option<Sides<Param>> {
        let alike = own.kind == found.kind || is_number(own) && is_number(found);
        alike.then(|| (own.tuple(), found.keys()))
    }

    fn read(&self, value: &Typed<Param>) -> Vec<Sql> {
        let cast = match (value.decode, value.kind) {
            (Decode::Number, _) | (_, FieldType::Decimal | FieldType::Json | FieldType::Any) => {
                "::text"
            }
            (_, FieldType::Integer) => "::bigint",
            _ => "",
        };
        value.value.iter().map(|part| part.clone().text(cast)).collect()
    }

    fn read_json(&self, value: &Typed<Param>) -> Vec<Sql> {
        let first = || value.value[0].clone();
        match value.kind {
            FieldType::Date => vec![first().within("(", " - DATE '2000-01-01')")],
            FieldType::DateTime | FieldType::Time => {
                let micros = first().within("(extract(epoch FROM ", ") * 1000000)::bigint");
                vec![micros, value.value[1].clone()]
            }
            _ => self.read(value),
        }
    }

    fn width(decode: Decode) -> usize {
        match decode {
            Decode::Field(FieldType::DateTime | FieldType::Time) => 2,
            _ => 1,
        }
    }

    fn from_json(decode: Decode, cells: &[JsonCell<'_>]) -> Option<Value> {
        let nanos = || match cells.get(1)? {
            JsonCell::Integer(left) => Some(*left),
            _ => None,
        };
        match (decode, cells.first()?) {
            (_, JsonCell::Null) => Some(Value::Null),
            (_, JsonCell::Boolean(value)) => Some(Value::Boolean(*value)),
            (Decode::Field(FieldType::Date), JsonCell::Integer(days)) => {
                let first = NaiveDate::from_ymd_opt(2000, 1, 1)?;
                first.checked_add_signed(TimeDelta::try_days(*days)?).map(Value::Date)
            }
            (Decode::Field(FieldType::DateTime), JsonCell::Integer(micros)) => {
                let at = DateTime::from_timestamp_micros(*micros)?;
                at.with_nanosecond(leap(at.nanosecond(), nanos()?)?).map(Value::DateTime)
            }
            (Decode::Field(FieldType::Time), JsonCell::Integer(micros)) => {
                let second = u32::try_from(micros / 1_000_000).ok()?;
                let nanos_of = u32::try_from(micros % 1_000_000).ok()? * 1_000;
                let at = NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?;
                at.with_nanosecond(leap(nanos_of, nanos()?)?).map(Value::Time)
            }
            (_, JsonCell::Integer(number)) => Some(Value::Integer(*number)),
            (Decode::Field(kind), JsonCell::Text(text)) => from_text(kind, text),
            (Decode::Number, JsonCell::Text(text)) => number(text),
            _ => None,
        }
    }

    fn rest(&self, alias: &str) -> String {
        format!("{alias}._rest::text")
    }

    fn bind(&self, kind: FieldType, value: &Value) -> Option<Bound<Cell>> {
        use FieldType as F;

        let one = |cell| Some(Bound::Cells(vec![cell]));
        match (kind, value) {
            (_, Value::Null) => Some(Bound::Empty),
            (_, Value::Text(text)) if text.is_empty() => Some(Bound::Empty),
            (_, Value::Text(text)) if text.contains('\0') => None,
            (F::Id, Value::Text(text)) => match text.parse::<RecordId>() {
                Ok(id) => one(Cell::Text(id.key().to_owned())),
                Err(_) => Some(Bound::Stranger),
            },
            (F::Text, Value::Id(_)) | (F::Integer, Value::Decimal(_)) => None,
            (F::Decimal, Value::Integer(number)) => one(Cell::Text(number.to_string())),
            (F::MultiPicklist, Value::Text(text)) => one(Cell::Text(fold(text))),
            (kind, value) if !kind.admits(value) => Some(Bound::Stranger),
            (kind, value) => {
                // What the columns cannot hold has an order all the same.
                let (first, second) = cells(kind, value).ok()?;
                Some(Bound::Cells(match kind {
                    F::Text | F::Id | F::MultiPicklist => vec![second],
                    F::DateTime | F::Time => vec![first, second],
                    _ => vec![first],
                }))
            }
        }
    }

    fn marks(&self, kind: FieldType, cells: Vec<Cell>) -> Vec<Sql> {
        let parts = compared(kind).iter().zip(cells);
        parts
            .map(|((_, sql_type), cell)| Fragment::bound(Param::One(cell), mark(*sql_type)))
            .collect()
    }

    fn list(&self, kind: FieldType, lists: Lists<Cell>) -> Vec<Sql> {
        let types = compared(kind);
        let mut arrays: Vec<Array> =
            types.iter().map(|(_, sql_type)| Array::of(*sql_type)).collect();
        for cells in lists {
            arrays.iter_mut().zip(cells).for_each(|(array, cell)| array.push(cell));
        }
        let parts = types.iter().zip(arrays);
        parts
            .map(|((_, sql_type), array)| Fragment::bound(Param::Many(array), marks(*sql_type)))
            .collect()
    }

    fn is_in(&self, own: &Typed<Param>, list: Vec<Sql>) -> Sql {
        let one = list.len() == 1;
        let (lead, end) = if one { (" = ANY(", ")") } else { (" IN (SELECT * FROM unnest(", "))") };
        own.tuple().text(lead).then(Fragment::list(list, ", ")).text(end)
    }

    fn like(&self, own: &Typed<Param>, pattern: &str) -> Option<Sql> {
        if pattern.contains('\0') {
            return None;
        }
        Some(own.tuple().text(" LIKE ").then(text(folded_pattern(pattern))))
    }

    fn chosen(&self, own: &Typed<Param>, value: &str) -> Sql {
        let value = text(format!(";{};", value.to_ascii_lowercase()));
        // In the collation of the column, `lower` is about ASCII alone.
        let all = own.value[0].clone().within("strpos(';' || lower(", ") || ';', ");
        all.then(value).text(") > 0")
    }

    fn number(&self, number: Option<usize>) -> Sql {
        let cell = number.map(|number| Cell::Bigint(i64::try_from(number).unwrap_or(i64::MAX)));
        Fragment::bound(Param::One(cell.unwrap_or(Cell::Null)), "::bigint")
    }

    fn key(&self, key: &str) -> Sql {
        text(key)
    }

    fn scanned(&self, alias: &str) -> String {
        self.deleted(alias, false)
    }

    fn deleted(&self, alias: &str, deleted: bool) -> String {
        format!("{}{alias}._deleted", if deleted { "" } else { "NOT " })
    }

    fn date_part(&self, part: DatePart, of: &Typed<Param>, zone: Tz) -> Option<Typed<Param>> {
        let day = match of.kind {
            FieldType::Date if part == DatePart::HourInDay => return None,
            FieldType::Date => of.value[0].clone(),
            FieldType::DateTime => {
                let local = of.value[0].clone().text(" AT TIME ZONE ");
                local.then(text(zone.name())).within("(", ")")
            }
            _ => return None,
        };
        let number = |field: &str, before: &str, after: &str| {
            let extract = day.clone().within(&format!("extract({field} FROM "), ")::bigint");
            typed(FieldType::Integer, extract.within(before, after))
        };
        Some(match part {
            DatePart::Month => number("month", "", ""),
            DatePart::Quarter => number("quarter", "", ""),
            // The year before the first is -1 there.
            DatePart::Year => {
                number("year", "(SELECT y + (y < 0)::int FROM (SELECT ", " AS y) AS y)")
            }
            DatePart::DayInMonth => number("day", "", ""),
            DatePart::DayInWeek => number("dow", "(", " + 1)"),
            DatePart::DayInYear => number("doy", "", ""),
            DatePart::DayOnly => typed(FieldType::Date, day.within("", "::date")),
            DatePart::HourInDay => number("hour", "", ""),
            DatePart::WeekInMonth => number("day", "((", " - 1) / 7 + 1)"),
            DatePart::WeekInYear => number("doy", "((", " - 1) / 7 + 1)"),
            _ => return None,
        })
    }

    fn distance(
        &self,
        distance: &Distance,
        latitude: &Typed<Param>,
        longitude: &Typed<Param>,
    ) -> Option<Typed<Param>> {
        if !is_number(latitude) || !is_number(longitude) {
            return None;
        }
        let diameter = match distance.unit {
            DistanceUnit::Kilometers => "2 * 6371.0088",
            DistanceUnit::Miles => "2 * 3958.7613",
        };
        let own = |of: &Typed<Param>| of.value[0].clone().within("(", "::float8)");
        let place = |number: f64| {
            let cell = Cell::Text(number.to_string());
            Fragment::bound(Param::One(cell), "::text::float8")
        };
        let half = |own: Sql, place: Sql| {
            own.text(" - ").then(place).within("power(sin(radians(", ") / 2), 2)")
        };
        let parts = [
            half(own(latitude), place(distance.place.latitude)),
            Fragment::new(" + cos(radians(").then(own(latitude)).text(")) * cos(radians("),
            place(distance.place.latitude).text(")) * "),
            half(own(longitude), place(distance.place.longitude)),
        ];
        let square = Fragment::list(parts, "");
        // `least` looks past null, and a cast of its own would keep 15 digits.
        let asin = square
            .within(&format!("({diameter} * asin(least(1, sqrt("), "))))::text::numeric END)");
        let places = Fragment::list([latitude.value[0].clone(), longitude.value[0].clone()], ", ");
        let known = places.within("(CASE WHEN num_nulls(", ") = 0 THEN ");
        Some(typed(FieldType::Decimal, known.then(asin)))
    }

    fn format(&self, of: &Typed<Param>) -> Option<Typed<Param>> {
        match of.kind {
            FieldType::Text | FieldType::MultiPicklist => Some(Typed {
                kind: FieldType::Text,
                decode: Decode::Field(FieldType::Text),
                ..of.clone()
            }),
            FieldType::Boolean | FieldType::Integer | FieldType::Decimal => {
                let text = of.value[0].clone().within("(", "::text COLLATE \"C\")");
                Some(folded(FieldType::Text, text.clone(), text))
            }
            // Only Circuit lower-cases ids and writes dates as it does.
            _ => None,
        }
    }

    fn aggregate(&self, aggregate: Aggregate, of: &Typed<Param>) -> Option<Typed<Param>> {
        let call = |name: &str| of.value[0].clone().within(&format!("{name}("), ")");
        Some(match aggregate {
            Aggregate::Count => typed(FieldType::Integer, call("count")),
            Aggregate::CountDistinct => {
                let distinct = of.tuple().within("count(DISTINCT ", ") FILTER (WHERE ");
                let some = of.bare()[0].clone().text(" IS NOT NULL)");
                typed(FieldType::Integer, distinct.then(some))
            }
            Aggregate::Min => extreme(of, "min", "ASC"),
            Aggregate::Max => extreme(of, "max", "DESC"),
            Aggregate::Sum if of.kind == FieldType::Integer => {
                Typed { decode: Decode::Number, ..typed(FieldType::Decimal, call("sum")) }
            }
            Aggregate::Sum if is_number(of) => typed(FieldType::Decimal, held(&call("sum"))),
            Aggregate::Avg if is_number(of) => {
                // The scale of a quotient is that of its dividend at least.
                let total = call("sum").text(" * 1.000000000000000000000 / ").then(call("count"));
                let average =
                    typed(FieldType::Decimal, total.within("trim_scale(round(", ", 10))"));
                Typed { decode: Decode::Average, ..average }
            }
            _ => return None,
        })
    }

    fn first(&self, kind: FieldType, part: Sql) -> Sql {
        shown(kind, part.within("min(", ")"))
    }

    fn json_row(&self, parts: Vec<Sql>) -> Sql {
        Fragment::list(parts, ", ").within("json_build_array(", ")")
    }

    fn json_rows(&self, row: Sql) -> Sql {
        row.within("coalesce(json_agg(", "), '[]')::text")
    }
}

/// Returns a sum if a decimal can hold it; else the statement fails, as a division by zero.
fn held(sum: &Sql) -> Sql {
    let total = || sum.clone().within("trim_scale(", ")");
    let parts = [
        total().within("CASE WHEN scale(", ") <= 28 AND abs("),
        total().text(") * power(10::numeric, scale("),
        total().text(&format!(")) <= {} THEN ", Decimal::MAX)),
        total().text(" ELSE "),
        total().text(" / 0 END"),
    ];
    Fragment::list(parts, "").within("(", ")")
}

/// Returns a value as a group shows it: a number without zeros at its end.
fn shown(kind: FieldType, value: Sql) -> Sql {
    match kind {
        FieldType::Decimal => value.within("trim_scale(", ")"),
        _ => value,
    }
}

/// Returns the smallest or largest value; of texts that count as one, the first by their bytes.
fn extreme(of: &Typed<Param>, name: &str, direction: &str) -> Typed<Param> {
    let call = |part: &Sql| part.clone().within(&format!("{name}("), ")");
    let first = |part: &Sql, order: Vec<Sql>| {
        let some = of.value[0].clone().text(" IS NOT NULL))[1]");
        let order = Fragment::list(order, ", ").text(") FILTER (WHERE ");
        part.clone().within("(array_agg(", " ORDER BY ").then(order).then(some)
    };
    let value = match (of.kind, &of.key, &of.value[..]) {
        (FieldType::Boolean, ..) => {
            let all = if name == "min" { "bool_and(" } else { "bool_or(" };
            vec![of.value[0].clone().within(all, ")")]
        }
        (_, Some(keys), [value]) => {
            let mut order: Vec<_> =
                keys.iter().map(|key| key.clone().text(" ").text(direction)).collect();
            order.push(value.clone());
            vec![first(value, order)]
        }
        (_, _, [value, left]) => {
            let order = [value, left].map(|part| part.clone().text(" ").text(direction));
            vec![call(value), first(left, order.to_vec())]
        }
        _ => of.value.iter().map(|part| shown(of.kind, call(part))).collect(),
    };
    let key = of.key.as_ref().map(|keys| keys.iter().map(call).collect());
    Typed { value, key, ..of.clone() }
}

fn mark(sql_type: SqlType) -> &'static str {
    match sql_type {
        SqlType::Boolean => "::boolean",
        SqlType::Bigint => "::bigint",
        SqlType::Integer => "::integer",
        SqlType::Numeric => "::text::numeric",
        SqlType::Text => "::text",
        SqlType::Date => "::date",
        SqlType::Timestamptz => "::timestamptz",
        SqlType::Time => "::time",
        SqlType::Jsonb => "::text::jsonb",
    }
}

fn marks(sql_type: SqlType) -> &'static str {
    match sql_type {
        SqlType::Boolean => "::boolean[]",
        SqlType::Bigint => "::bigint[]",
        SqlType::Integer => "::integer[]",
        SqlType::Numeric => "::text[]::numeric[]",
        SqlType::Text => "::text[]",
        SqlType::Date => "::date[]",
        SqlType::Timestamptz => "::timestamptz[]",
        SqlType::Time => "::time[]",
        SqlType::Jsonb => "::text[]::jsonb[]",
    }
}

/// Adds the nanoseconds that a column of their own has; a leap second has more than a second.
fn leap(nanos: u32, left: i64) -> Option<u32> {
    nanos.checked_add_signed(i32::try_from(left).ok()?)
}

/// Reads a sum: an integer if it is one of 64 bits.
fn number(text: &str) -> Option<Value> {
    match text.parse() {
        Ok(whole) => Some(Value::Integer(whole)),
        Err(_) => from_text(FieldType::Decimal, text),
    }
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

/// A row of a result.
pub(super) struct RowCells<'a>(pub(super) &'a Row);

impl Cells for RowCells<'_> {
    fn value(&self, at: usize, how: Decode) -> Option<Value> {
        match how {
            Decode::Field(kind) => decode(kind, self.0, at),
            Decode::Number => match self.0.try_get::<_, Option<&str>>(at).ok()? {
                None => Some(Value::Null),
                Some(text) => number(text),
            },
            Decode::Average => match self.0.try_get::<_, Option<&str>>(at).ok()? {
                None => Some(Value::Null),
                Some(text) => Some(Value::Decimal(text.parse::<Decimal>().ok()?.normalize())),
            },
        }
    }

    fn text(&self, at: usize) -> Option<&str> {
        self.0.try_get(at).ok()?
    }

    fn integer(&self, at: usize) -> Option<i64> {
        self.0.try_get(at).ok()
    }

    fn rows(&self, at: usize) -> Option<JsonRows<'_>> {
        self.text(at).map(JsonRows::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::name::Namespace;
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
            .map(|schema| {
                Table::new(
                    &Namespace::new("crm"),
                    schema.object(),
                    Some(std::sync::Arc::new(schema.clone())),
                )
            })
            .map(std::sync::Arc::new)
            .collect();
        let get = |object: &str| {
            tables.iter().find(|table| table.object.eq_ignore_ascii_case(object)).cloned()
        };
        let mut shown = String::new();
        for (name, query) in sample::all(&memory.build().unwrap()) {
            let statement = Generator::new(&PostgresDialect, &get).whole(&query).unwrap();
            let ready = statement.render(|number, cast| format!("${number}{cast}"));
            writeln!(shown, "{name}:\n{}\n", ready.text.sql).unwrap();
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn a_pattern_keeps_its_meaning() {
        assert_eq!(folded_pattern(r"A%_\%\\"), r"a%_\%\\");
        assert_eq!(folded_pattern(r"a\"), r"a\\");
        assert_eq!(folded_pattern(r"\Ä"), "ä");
    }
}
