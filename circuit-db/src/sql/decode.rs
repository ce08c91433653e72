//! From rows of a result to records.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use circuit_core::{
    Error, ErrorKind, FieldType, Record, RecordId, Result, Shape, Stored, Text, Value, Version,
};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::dialect::{Dialect, JSON_ROW};

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decode {
    /// As a value of the type.
    Field(FieldType),
    /// As a sum: an integer if it is one of 64 bits.
    Number,
    /// As an average: a decimal that may have lost its last digits.
    Average,
}

/// What one row has.
pub(crate) trait Cells {
    /// Reads a value; `None` if it is none of the type.
    fn value(&self, at: usize, decode: Decode) -> Option<Value>;

    /// Reads text; `None` for null and for what is no text.
    fn text(&self, at: usize) -> Option<&str>;

    /// Reads a number that is not null.
    fn integer(&self, at: usize) -> Option<i64>;

    /// Returns the rows of children; `None` if there are none to read.
    fn rows(&self, at: usize) -> Option<JsonRows<'_>>;
}

/// Which columns of a row make which record.
#[derive(Debug)]
pub(crate) struct RowPlan {
    pub(super) object: Text,
    pub(super) shape: Arc<Shape>,
    /// The column of the id; no record where it is null. Rows of groups have none.
    pub(super) id: Option<usize>,
    /// The column of the fields that have no column.
    pub(super) rest: Option<usize>,
    /// Whether those that are in it are fields of the record.
    pub(super) whole: bool,
    pub(super) values: Vec<(usize, Source)>,
    pub(super) parents: Vec<(usize, Vec<Self>)>,
    pub(super) children: Vec<(usize, usize, Self)>,
}

/// Where a value comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A column.
    Column(usize, Decode),
    /// A column, as text.
    Formatted(usize, Decode),
    /// A field that has no column.
    Rest(Text, IfAbsent),
    /// It is the same in all rows.
    Same(Value),
}

/// What stands for a field that has no column and no value.
#[derive(Debug)]
pub(super) struct IfAbsent {
    pub(super) value: Value,
    pub(super) formatted: bool,
}

impl RowPlan {
    /// Returns the plan for rows that have further columns before one.
    #[must_use]
    pub(super) fn moved(mut self, from: usize, by: usize) -> Self {
        let place = |at: usize| if at >= from { at + by } else { at };
        self.rest = self.rest.map(place);
        for (_, source) in &mut self.values {
            if let Source::Column(at, _) = source {
                *at = place(*at);
            }
        }
        self
    }

    fn unreadable(&self, field: &str) -> Error {
        Error::new(ErrorKind::Corrupt, "a stored value cannot be read: another type was expected")
            .with("object", &self.object)
            .with("field", field)
    }

    /// Reads a row with the version in a column; rows of groups have none.
    pub(crate) fn stored<D: Dialect>(
        &self,
        cells: &impl Cells,
        version: Option<usize>,
    ) -> Result<Stored> {
        let number = version.map_or(Some(0), |at| cells.integer(at));
        let version = number.and_then(|number| u64::try_from(number).ok());
        let version = Version(version.ok_or_else(|| self.unreadable("_version"))?);
        let record = self.record::<D>(cells)?.ok_or_else(|| self.unreadable("Id"))?;
        Ok(Stored { record, version })
    }

    /// Reads a record; `None` if there is none.
    fn record<D: Dialect>(&self, cells: &impl Cells) -> Result<Option<Record>> {
        let id: Option<RecordId> = match self.id.map(|at| cells.text(at)) {
            None => None,
            Some(None) => return Ok(None),
            Some(Some(id)) => Some(id.parse().map_err(|_| self.unreadable("Id"))?),
        };
        let mut record = Record::of_shape(Arc::clone(&self.shape));
        let slots = record.slots_mut();
        slots[0] = id.map(Value::Id);
        let rest = self.rest(cells)?;
        for (slot, source) in &self.values {
            slots[*slot] = Some(self.value(*slot, source, &rest, cells)?);
        }
        for (slot, candidates) in &self.parents {
            slots[*slot] = Some(parent::<D>(candidates, cells)?);
        }
        for (slot, at, plan) in &self.children {
            let rows = cells.rows(*at).ok_or_else(|| self.unreadable("*"))?;
            slots[*slot] = Some(Value::Records(plan.list::<D>(rows)?));
        }
        if self.whole {
            for (name, value) in rest {
                record.set(&name, value);
            }
        }
        Ok(Some(record))
    }

    fn rest(&self, cells: &impl Cells) -> Result<Vec<(Text, Value)>> {
        match self.rest.and_then(|at| cells.text(at)) {
            None => Ok(Vec::new()),
            Some(text) => crate::tagged::from_rest(text).ok_or_else(|| self.unreadable("_rest")),
        }
    }

    fn value(
        &self,
        slot: usize,
        source: &Source,
        rest: &[(Text, Value)],
        cells: &impl Cells,
    ) -> Result<Value> {
        let column = |at: usize, decode| {
            let wrong = || match self.id {
                Some(_) => self.unreadable(&self.shape.names()[slot]),
                None => too_large(),
            };
            cells.value(at, decode).ok_or_else(wrong)
        };
        Ok(match source {
            Source::Column(at, decode) => column(*at, *decode)?,
            Source::Formatted(at, decode) => formatted(&column(*at, *decode)?),
            Source::Rest(field, absent) => {
                let found = rest.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
                match found {
                    Some((_, value)) if absent.formatted => formatted(value),
                    Some((_, value)) => value.clone(),
                    None => absent.value.clone(),
                }
            }
            Source::Same(value) => value.clone(),
        })
    }

    /// Reads the rows of children.
    fn list<D: Dialect>(&self, rows: JsonRows<'_>) -> Result<Arc<[Record]>> {
        let mut records = Vec::new();
        let read = |cells: &[JsonCell<'_>]| {
            let record = self.record::<D>(&JsonRow::<D>::new(cells))?;
            records.push(record.ok_or_else(|| self.unreadable("Id"))?);
            Ok(())
        };
        rows.each(read).unwrap_or_else(|| Err(self.unreadable("*")))?;
        Ok(records.into())
    }
}

/// A sum is the only value of a group that a database may know and Circuit cannot hold.
pub(crate) fn too_large() -> Error {
    Error::new(ErrorKind::InvalidQuery, TOO_LARGE)
}

/// What a sum says that cannot be told.
pub(crate) const TOO_LARGE: &str = "a sum has more digits than a decimal can hold (28)";

fn formatted(value: &Value) -> Value {
    circuit_core::eval::formatted(value).unwrap_or_default()
}

/// The parent is of the first object that has it.
fn parent<D: Dialect>(candidates: &[RowPlan], cells: &impl Cells) -> Result<Value> {
    for plan in candidates {
        if let Some(record) = plan.record::<D>(cells)? {
            return Ok(Value::Record(Arc::new(record)));
        }
    }
    Ok(Value::Null)
}

/// A value in JSON that a statement made.
#[derive(Debug, Clone)]
pub(crate) enum JsonCell<'a> {
    Null,
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has none"))]
    Boolean(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    List(Vec<JsonCell<'a>>),
}

/// Rows that a statement made.
#[derive(Debug)]
pub(crate) enum JsonRows<'a> {
    /// As text.
    Text(&'a str),
    /// As part of a row that has been read.
    Read(&'a [JsonCell<'a>]),
}

impl<'a> JsonRows<'a> {
    /// Reads each row; `None` if they are none. Of text there is one row at a time in memory.
    fn each(self, mut read: impl FnMut(&[JsonCell<'a>]) -> Result<()>) -> Option<Result<()>> {
        match self {
            Self::Read(rows) => {
                for row in rows {
                    let JsonCell::List(cells) = row else { return None };
                    if let Err(error) = read(cells) {
                        return Some(Err(error));
                    }
                }
                Some(Ok(()))
            }
            Self::Text(text) => {
                let mut failed = None;
                let rows = RowsVisitor { read, failed: &mut failed };
                let mut input = serde_json::Deserializer::from_str(text);
                let done = input.deserialize_seq(rows);
                match (failed, done.and_then(|()| input.end())) {
                    (Some(error), _) => Some(Err(error)),
                    (None, done) => done.is_ok().then_some(Ok(())),
                }
            }
        }
    }
}

/// Reads rows one after the other into the same memory.
struct RowsVisitor<'e, F> {
    read: F,
    failed: &'e mut Option<Error>,
}

impl<'de, F: FnMut(&[JsonCell<'de>]) -> Result<()>> Visitor<'de> for RowsVisitor<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of children")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<(), A::Error> {
        let mut cells = Vec::new();
        while rows.next_element_seed(RowSeed(&mut cells))?.is_some() {
            if let Err(error) = (self.read)(&cells) {
                *self.failed = Some(error);
                return Err(A::Error::custom("a row cannot be read"));
            }
        }
        Ok(())
    }
}

/// Reads one row in the place of the one before.
struct RowSeed<'c, 'de>(&'c mut Vec<JsonCell<'de>>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn deserialize<T: Deserializer<'de>>(self, input: T) -> Result<(), T::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a child")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<(), A::Error> {
        self.0.clear();
        while let Some(cell) = row.next_element()? {
            self.0.push(cell);
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonCell<'a> {
    fn deserialize<T: Deserializer<'de>>(input: T) -> Result<Self, T::Error> {
        input.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = JsonCell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a child")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(JsonCell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(JsonCell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(JsonCell::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        i64::try_from(value).map(JsonCell::Integer).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(JsonCell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(JsonCell::Text(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::with_capacity(list.size_hint().unwrap_or(8));
        while let Some(cell) = list.next_element()? {
            cells.push(cell);
        }
        Ok(JsonCell::List(cells))
    }
}

/// A row of JSON; a long one is nested.
struct JsonRow<'a, D> {
    cells: &'a [JsonCell<'a>],
    nested: bool,
    dialect: std::marker::PhantomData<D>,
}

impl<'a, D: Dialect> JsonRow<'a, D> {
    fn new(cells: &'a [JsonCell<'a>]) -> Self {
        let nested = matches!(cells, [JsonCell::List(_), ..]);
        Self { cells, nested, dialect: std::marker::PhantomData }
    }

    fn cells(&self, at: usize, width: usize) -> Cow<'_, [JsonCell<'a>]> {
        if !self.nested {
            return Cow::Borrowed(self.cells.get(at..at + width).unwrap_or_default());
        }
        Cow::Owned((at..at + width).filter_map(|at| self.cell(at).cloned()).collect())
    }

    fn cell(&self, at: usize) -> Option<&JsonCell<'a>> {
        if !self.nested {
            return self.cells.get(at);
        }
        match self.cells.get(at / JSON_ROW)? {
            JsonCell::List(part) => part.get(at % JSON_ROW),
            _ => None,
        }
    }
}

impl<D: Dialect> Cells for JsonRow<'_, D> {
    fn value(&self, at: usize, decode: Decode) -> Option<Value> {
        D::from_json(decode, &self.cells(at, D::width(decode)))
    }

    fn text(&self, at: usize) -> Option<&str> {
        match self.cell(at)? {
            JsonCell::Text(text) => Some(text),
            _ => None,
        }
    }

    fn integer(&self, at: usize) -> Option<i64> {
        match self.cell(at)? {
            JsonCell::Integer(number) => Some(*number),
            _ => None,
        }
    }

    fn rows(&self, at: usize) -> Option<JsonRows<'_>> {
        match self.cell(at)? {
            JsonCell::List(rows) => Some(JsonRows::Read(rows)),
            JsonCell::Text(text) => Some(JsonRows::Text(text)),
            _ => None,
        }
    }
}
