//! Whether fields have the types that operators, functions and values ask for: a text was checked
//! before, but for its variables; a query that was built was not.

use circuit_soql::schema::{Field, FieldKind};

use super::catalog::kind;
use crate::db::{
    Aggregate, CircuitDB, Column, Comparison, DatePart, FieldPath, Filter, Operand, Query, Select,
};
use crate::error::{Error, ErrorKind, Result};
use crate::record::RecordId;
use crate::schema::FieldSchema;
use crate::value::{FieldType, Text, Value};

/// Refuses what no value of a field can meet, and what Salesforce's table of types forbids.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`] naming object, field and type.
pub(super) fn check(query: &Query, db: &dyn CircuitDB) -> Result<()> {
    let types = Types { object: &query.object, db };
    if let Some(filter) = &query.filter {
        types.filter(filter)?;
    }
    let sorted = |own: &Operand| types.stands(own, "sorted by", |field| field.sortable);
    let is_grouped = matches!(query.select, Select::Groups(_));
    // What is grouped by can be sorted by.
    query.order.iter().filter(|_| !is_grouped).try_for_each(|key| sorted(&key.operand))?;
    match &query.select {
        Select::Groups(groups) => {
            let grouped = |own: &Operand| types.stands(own, "grouped by", |field| field.groupable);
            groups.keys.iter().try_for_each(grouped)?;
            groups.columns.iter().try_for_each(|(operand, _)| types.function(operand))?;
            query.order.iter().try_for_each(|key| types.function(&key.operand))?;
            groups.having.iter().try_for_each(|own| types.filter(own))
        }
        Select::Columns(columns) => columns.iter().try_for_each(|column| match column {
            Column::Children(children) => check(&children.query, db),
            Column::Value { operand, .. } => types.function(operand),
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
        use FieldKind::{Boolean, MultiPicklist};

        let mut tested = Ok(());
        filter.operands(&mut |own| {
            tested = self.stands(own, "filtered by", |field| field.filterable);
        });
        tested?;
        match filter {
            Filter::Compare { operand, comparison, value } => {
                if !matches!(comparison, Comparison::Eq | Comparison::Ne) {
                    let has_order = |kind| !matches!(kind, Boolean | MultiPicklist);
                    self.takes(operand, "order", has_order)?;
                }
                self.values(operand, std::slice::from_ref(value))
            }
            Filter::In { operand, values } => {
                self.takes(operand, "IN", |kind| kind != MultiPicklist)?;
                self.values(operand, values)
            }
            Filter::Like { operand, .. } => self.takes(operand, "LIKE", FieldKind::is_text),
            Filter::Within { operand, .. } => self.takes(operand, "days", FieldKind::is_day),
            Filter::Includes { operand, .. } => {
                self.takes(operand, "INCLUDES", |kind| kind == MultiPicklist)
            }
            Filter::InQuery { query, .. } => check(query, self.db),
            _ => Ok(()),
        }
    }

    /// Refuses an operator that the operand has not.
    fn takes(&self, operand: &Operand, what: &str, fits: fn(FieldKind) -> bool) -> Result<()> {
        let known = self.value(operand);
        let message = || format!("the field has no {what}");
        self.refused(operand, known, |kind| kind == FieldKind::Any || fits(kind), message)
    }

    /// Returns what the values of an operand are.
    fn value(&self, operand: &Operand) -> Option<FieldKind> {
        match operand {
            Operand::Field(path)
            | Operand::Aggregate(Aggregate::Min | Aggregate::Max, Some(path)) => self.kind(path),
            Operand::Date(DatePart::DayOnly, ..) => Some(FieldKind::Date),
            Operand::Format(_) | Operand::FormatOf(_) => Some(FieldKind::Text),
            _ => Some(FieldKind::Integer),
        }
    }

    /// Refuses a field that may not stand by itself where it stands, and a function that it has not.
    fn stands(&self, operand: &Operand, done: &str, can: fn(&Field) -> bool) -> Result<()> {
        let Operand::Field(path) = operand else { return self.function(operand) };
        let may = |kind| can(&Field::new("", kind));
        self.refused(operand, self.kind(path), may, || format!("the field can't be {done}"))
    }

    /// Refuses a function of a field of another type.
    fn function(&self, operand: &Operand) -> Result<()> {
        let is_number = |kind| kind == FieldKind::Any || FieldKind::is_number(kind);
        let is_day = |kind| kind == FieldKind::Any || FieldKind::is_day(kind);
        let is_moment = |kind| matches!(kind, FieldKind::DateTime | FieldKind::Any);
        let number = || "the function takes a number".to_owned();
        match operand {
            Operand::Date(DatePart::HourInDay | DatePart::DayOnly, path, _) => {
                let message = || "the function takes a date-time".to_owned();
                self.refused(operand, self.kind(path), is_moment, message)
            }
            Operand::Date(_, path, _) => {
                let message = || "the function takes a date or a date-time".to_owned();
                self.refused(operand, self.kind(path), is_day, message)
            }
            Operand::Aggregate(Aggregate::Sum | Aggregate::Avg, Some(path)) => {
                self.refused(operand, self.kind(path), is_number, number)
            }
            Operand::Aggregate(_, Some(path)) => {
                let may = |kind| Field::new("", kind).aggregatable;
                let message = || "the field can't be aggregated".to_owned();
                self.refused(operand, self.kind(path), may, message)
            }
            Operand::Grouping(key) => self.function(key),
            Operand::Format(_) | Operand::FormatOf(_) => {
                let kind = match operand {
                    Operand::Format(path) => self.kind(path),
                    Operand::FormatOf(inner) => {
                        self.function(inner)?;
                        self.value(inner)
                    }
                    _ => None,
                };
                let may = |kind| is_number(kind) || is_day(kind) || kind == FieldKind::Time;
                let message = || "FORMAT takes a number, a date, a date-time or a time".to_owned();
                self.refused(operand, kind, may, message)
            }
            Operand::Distance(distance) => {
                self.refused(operand, self.kind(&distance.latitude), is_number, number)?;
                self.refused(operand, self.kind(&distance.longitude), is_number, number)
            }
            _ => Ok(()),
        }
    }

    fn refused(
        &self,
        operand: &Operand,
        known: Option<FieldKind>,
        may: impl Fn(FieldKind) -> bool,
        message: impl Fn() -> String,
    ) -> Result<()> {
        match known.filter(|kind| !may(*kind)) {
            None => Ok(()),
            Some(kind) => Err(Error::new(ErrorKind::InvalidQuery, message())
                .with("object", self.object)
                .with("field", operand.name())
                .with("type", kind.name())),
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
                    .with("found", found(expected, value)))
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
            Operand::Format(_) | Operand::FormatOf(_) => Some(FieldType::Text),
        }
    }

    fn kind(&self, path: &FieldPath) -> Option<FieldKind> {
        if path.field.eq_ignore_ascii_case("Id") {
            return Some(FieldKind::Id);
        }
        self.declared(path, kind)
    }

    fn field(&self, path: &FieldPath) -> Option<FieldType> {
        if path.field.eq_ignore_ascii_case("Id") {
            return Some(FieldType::Id);
        }
        self.declared(path, FieldSchema::field_type)
    }

    fn declared<T>(&self, path: &FieldPath, read: fn(&FieldSchema) -> T) -> Option<T> {
        let parents = path.hops.last().map(|hop| hop.objects.as_slice());
        let objects = parents.unwrap_or(std::slice::from_ref(self.object));
        let [object] = objects else { return None };
        Some(read(self.db.describe(object)?.field(&path.field)?))
    }
}

/// Names what came: a text is as good as an id, if it is one.
fn found(expected: FieldType, value: &Value) -> &'static str {
    match (expected, value) {
        (FieldType::Id, Value::Text(_)) => "text that is no id",
        _ => value.type_name(),
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
        // The empty text is null.
        (F::Id, Value::Text(text)) => text.is_empty() || text.parse::<RecordId>().is_ok(),
        (expected, value) => expected.admits(value),
    }
}
