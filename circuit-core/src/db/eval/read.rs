//! Reading operands from records.

use std::borrow::Cow;
use std::cell::Cell;

use chrono::Utc;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::super::query::{DistanceUnit, FieldPath, Operand, Place, Rows, is_object_name};
use super::date::date_part;
use super::{Finder, Source};
use crate::record::Record;
use crate::value::{Text, Value};

/// Where a field is in the shape of the last record.
#[derive(Debug, Default)]
struct SlotMemo(Cell<(u64, usize)>);

const NO_SLOT: usize = usize::MAX;

impl SlotMemo {
    #[inline]
    fn read<'r>(&self, record: &'r Record, field: &str) -> Option<&'r Value> {
        let (shape, slot) = self.0.get();
        let number = record.shape().number();
        let slot = if shape == number {
            slot
        } else {
            let slot = record.shape().slot(field).unwrap_or(NO_SLOT);
            self.0.set((number, slot));
            slot
        };
        if slot == NO_SLOT { None } else { record.get_slot(slot) }
    }
}

/// Reads a field of a record itself.
pub(super) struct OwnReader<'a> {
    field: &'a str,
    memo: SlotMemo,
}

impl<'a> OwnReader<'a> {
    pub(super) fn new(field: &'a str) -> Self {
        Self { field, memo: SlotMemo::default() }
    }

    pub(super) fn field(&self) -> &'a str {
        self.field
    }

    #[inline]
    pub(super) fn read<'r>(&self, record: &'r Record) -> Option<&'r Value> {
        self.memo.read(record, self.field)
    }
}

/// Reads a field of a record or of a parent.
pub(super) struct PathReader<'a> {
    path: &'a FieldPath,
    memos: Vec<SlotMemo>,
    /// For each step, what finds a parent of each object that it can be of.
    finders: Vec<Vec<Finder<'a>>>,
}

impl<'a> PathReader<'a> {
    pub(super) fn new(path: &'a FieldPath, rows: &'a Rows, source: &'a dyn Source) -> Self {
        let memos = (0..=path.hops.len()).map(|_| SlotMemo::default()).collect();
        let finders = path
            .hops
            .iter()
            .map(|hop| hop.objects.iter().map(|object| source.finder(object, rows)).collect());
        Self { path, memos, finders: finders.collect() }
    }

    #[inline]
    pub(super) fn read<'r>(&self, record: &'r Record) -> Option<Cow<'r, Value>>
    where
        'a: 'r,
    {
        if self.path.hops.is_empty() {
            return self.memos[0].read(record, &self.path.field).map(Cow::Borrowed);
        }
        let (parent, object) = self.parent(record)?;
        let known = self.memos[self.path.hops.len()].read(parent, &self.path.field);
        match known {
            None if is_object_name(self.path) => Some(Cow::Owned(Value::Text(object.clone()))),
            known => known.map(Cow::Borrowed),
        }
    }

    /// Returns the name of the first relationship, or of the field.
    pub(super) fn relationship(&self) -> &'a str {
        self.path.hops.first().map_or(&self.path.field, |hop| &hop.relationship)
    }

    /// Returns whether the path leads to parents of several objects.
    pub(super) fn is_polymorphic(&self) -> bool {
        self.path.hops.last().is_some_and(|hop| hop.objects.len() > 1)
    }

    /// Follows the hops; `None` as soon as there is no parent.
    pub(super) fn parent<'r>(&self, record: &'r Record) -> Option<(&'r Record, &'a Text)>
    where
        'a: 'r,
    {
        let mut at = record;
        let mut object = None;
        for ((hop, memo), finders) in self.path.hops.iter().zip(&self.memos).zip(&self.finders) {
            let id = match memo.read(at, &hop.reference)? {
                Value::Id(id) => Cow::Borrowed(id),
                Value::Text(text) => Cow::Owned(text.parse().ok()?),
                _ => return None,
            };
            let mut parents = hop.objects.iter().zip(finders);
            let (name, parent) = parents.find_map(|(name, find)| Some((name, find(&id)?)))?;
            (at, object) = (parent, Some(name));
        }
        Some((at, object?))
    }
}

/// Reads an operand that is about one record.
pub(super) struct Reader<'a> {
    operand: &'a Operand,
    paths: Vec<PathReader<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(operand: &'a Operand, rows: &'a Rows, source: &'a dyn Source) -> Self {
        let mut paths = Vec::new();
        operand.paths(&mut |path| paths.push(PathReader::new(path, rows, source)));
        Self { operand, paths }
    }

    /// Returns the value; `None` where the record has none.
    #[inline]
    pub(super) fn read<'r>(&self, record: &'r Record) -> Option<Cow<'r, Value>>
    where
        'a: 'r,
    {
        let path = self.paths.first()?;
        match self.operand {
            Operand::Field(_) => path.read(record),
            other => self.computed(other, path, record).map(Cow::Owned),
        }
    }

    fn computed(&self, operand: &Operand, path: &PathReader<'a>, record: &Record) -> Option<Value> {
        match operand {
            Operand::Date(part, _, zone) => date_part(*part, path.read(record)?.as_ref(), *zone),
            Operand::Format(_) => formatted(path.read(record)?.as_ref()),
            Operand::Distance(to) => {
                let latitude = degrees(path.read(record)?.as_ref())?;
                let longitude = degrees(self.paths.get(1)?.read(record)?.as_ref())?;
                let own = Place { latitude, longitude };
                Decimal::from_f64(distance(own, to.place, to.unit)).map(Value::Decimal)
            }
            Operand::Aggregate(_, Some(_)) => path.read(record).map(Cow::into_owned),
            _ => None,
        }
    }
}

fn degrees(value: &Value) -> Option<f64> {
    match value {
        Value::Decimal(number) => number.to_f64(),
        Value::Integer(number) => number.to_f64(),
        _ => None,
    }
}

/// Returns the value as text; without a locale, as it is in JSON. `None` for null and JSON.
pub fn formatted(value: &Value) -> Option<Value> {
    Some(Value::Text(match value {
        Value::Text(text) => text.clone(),
        Value::Boolean(value) => value.to_string().into(),
        Value::Integer(value) => value.to_string().into(),
        Value::Decimal(value) => value.to_string().into(),
        Value::Date(value) => value.to_string().into(),
        Value::DateTime(value) => value.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string().into(),
        Value::Time(value) => value.to_string().into(),
        Value::Id(value) => value.as_str().into(),
        Value::MultiPicklist(value) => value.to_string().into(),
        _ => return None,
    }))
}

/// Returns the distance between two places on a sphere of the earth's mean radius.
///
/// # Examples
/// ```
/// use circuit_core::eval::distance;
/// use circuit_core::{DistanceUnit, Place};
///
/// let (paris, london) = (
///     Place { latitude: 48.8566, longitude: 2.3522 },
///     Place { latitude: 51.5074, longitude: -0.1278 },
/// );
/// let km = distance(paris, london, DistanceUnit::Kilometers);
/// assert!((343.0..345.0).contains(&km));
/// ```
pub fn distance(from: Place, to: Place, unit: DistanceUnit) -> f64 {
    let radius = match unit {
        DistanceUnit::Kilometers => 6_371.008_8,
        DistanceUnit::Miles => 3_958.761_3,
    };
    let (a, b) = (from.latitude.to_radians(), to.latitude.to_radians());
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let square =
        half(from.latitude, to.latitude) + a.cos() * b.cos() * half(from.longitude, to.longitude);
    2.0 * radius * square.sqrt().min(1.0).asin()
}

/// The zone in which dates are looked at where a query says nothing.
pub(super) const UTC: Tz = Tz::UTC;

/// Returns a moment's local date and time.
pub(super) fn local(at: chrono::DateTime<Utc>, zone: Tz) -> chrono::NaiveDateTime {
    if zone == UTC { at.naive_utc() } else { at.with_timezone(&zone).naive_local() }
}
