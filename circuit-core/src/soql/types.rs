//! Whether the values of variables have the types of the fields that they are compared with.

use crate::db::{
    Aggregate, CircuitDB, Column, DatePart, FieldPath, Filter, Operand, Query, Select,
};
use crate::error::{Error, ErrorKind, Result};
use crate::record::RecordId;
use crate::value::{FieldType, Text, Value};

/// Refuses a comparison that no value of the field can meet; literals were checked before.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`] naming object, field and both types.
pub(super) fn check(query: &Query, db: &dyn CircuitDB) -> Result<()> {
    let types = Types { object: &query.object, db };
    if let Some(filter) = &query.filter {
        types.filter(filter)?;
    }
    match &query.select {
        Select::Groups(groups) => groups.having.iter().try_for_each(|own| types.filter(own)),
        Select::Columns(columns) => columns.iter().try_for_each(|column| match column {
            Column::Children(children) => check(&children.query, db),
            _ => Ok(()),
        }),
        _ => Ok(()),
    }
}

/// The types of one object's fields.
struct Types<'a> {
    object: &'a Text,
    db: &'a dyn CircuitDB,
}

impl Types<'_> {
    /// Small on the stack, because filters nest.
    fn filter(&self, filter: &Filter) -> Result<()> {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter().try_for_each(|filter| self.filter(filter))
            }
            Filter::Not(filter) => self.filter(filter),
            test => self.test(test),
        }
    }

    #[inline(never)]
    fn test(&self, filter: &Filter) -> Result<()> {
        match filter {
            Filter::Compare { operand, value, .. } => {
                self.values(operand, std::slice::from_ref(value))
            }
            Filter::In { operand, values } => self.values(operand, values),
            Filter::InQuery { query, .. } => check(query, self.db),
            _ => Ok(()),
        }
    }

    fn values(&self, operand: &Operand, values: &[Value]) -> Result<()> {
        let Some(expected) = self.of(operand) else { return Ok(()) };
        match values.iter().find(|value| !fits(expected, value)) {
            None => Ok(()),
            Some(value) => {
                let message = "a field is compared with a value of another type";
                Err(Error::new(ErrorKind::InvalidQuery, message)
                    .with("object", self.object)
                    .with("field", operand.name())
                    .with("expected", expected.name())
                    .with("found", value.type_name()))
            }
        }
    }

    /// Returns the type of an operand; `None` where nothing is known about it.
    fn of(&self, operand: &Operand) -> Option<FieldType> {
        match operand {
            Operand::Field(path) => self.field(path),
            Operand::Date(DatePart::DayOnly, ..) => Some(FieldType::Date),
            Operand::Date(..)
            | Operand::Grouping(_)
            | Operand::Aggregate(Aggregate::Count | Aggregate::CountDistinct, _) => {
                Some(FieldType::Integer)
            }
            Operand::Aggregate(Aggregate::Sum | Aggregate::Avg, _) | Operand::Distance(_) => {
                Some(FieldType::Decimal)
            }
            Operand::Aggregate(_, path) => self.field(path.as_ref()?),
            Operand::Format(_) => Some(FieldType::Text),
        }
    }

    fn field(&self, path: &FieldPath) -> Option<FieldType> {
        if path.field.eq_ignore_ascii_case("Id") {
            return Some(FieldType::Id);
        }
        let parents = path.hops.last().map(|hop| hop.objects.as_slice());
        let objects = parents.unwrap_or(std::slice::from_ref(self.object));
        let [object] = objects else { return None };
        Some(self.db.describe(object)?.field(&path.field)?.field_type())
    }
}

/// Returns whether a value can equal, or have an order with, one of the type.
pub(super) fn fits(expected: FieldType, value: &Value) -> bool {
    use FieldType as F;

    match (expected, value) {
        (F::Any | F::Json, _)
        | (F::Integer, Value::Decimal(_))
        | (F::Decimal, Value::Integer(_))
        | (F::Text, Value::Id(_))
        | (F::MultiPicklist, Value::Text(_)) => true,
        (F::Id, Value::Text(text)) => text.parse::<RecordId>().is_ok(),
        (expected, value) => expected.admits(value),
    }
}
