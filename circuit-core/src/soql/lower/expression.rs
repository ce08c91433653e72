//! Fields and functions as operands.

use chrono_tz::Tz;
use circuit_soql::ast::{Argument, Call, Expression, Function, FunctionKind};
use rust_decimal::prelude::ToPrimitive;

use super::Lower;
use crate::db::{Aggregate, DatePart, Distance, DistanceUnit, FieldPath, Operand, Place};
use crate::error::Result;
use crate::value::Value;

impl Lower<'_, '_> {
    pub(super) fn operand(&self, expression: &Expression) -> Result<Operand> {
        match expression {
            Expression::Path(path) => Ok(Operand::Field(self.path(path))),
            Expression::Call(call) => self.call(call),
        }
    }

    fn call(&self, call: &Call) -> Result<Operand> {
        let function = call.function;
        if let Some(aggregate) = aggregate(function) {
            let field = match call.arguments.as_slice() {
                [] => None,
                [first, ..] => Some(self.field(call, first)?),
            };
            return Ok(Operand::Aggregate(aggregate, field));
        }
        let Some(first) = call.arguments.first() else {
            return Err(self
                .invalid("a function has no argument")
                .with("function", function.name()));
        };
        match function {
            Function::ToLabel | Function::ConvertCurrency => {
                self.field(call, first).map(Operand::Field)
            }
            Function::Format => match self.argument(call, first)? {
                Operand::Field(path) => Ok(Operand::Format(path)),
                total @ Operand::Aggregate(..) => Ok(Operand::FormatOf(Box::new(total))),
                _ => Err(self.unknown(call)),
            },
            Function::Grouping => Ok(Operand::Grouping(Box::new(self.argument(call, first)?))),
            Function::Distance => self.distance(call),
            other if other.kind() == FunctionKind::Date => self.date(call, first),
            _ => Err(self.unknown(call)),
        }
    }

    fn unknown(&self, call: &Call) -> crate::error::Error {
        let message = "Circuit has no meaning for the function here";
        self.unsupported(message).with("function", call.function.name())
    }

    fn argument(&self, call: &Call, argument: &Argument) -> Result<Operand> {
        match argument {
            Argument::Expression(expression) => self.operand(expression),
            _ => Err(self.unknown(call)),
        }
    }

    fn field(&self, call: &Call, argument: &Argument) -> Result<FieldPath> {
        match self.argument(call, argument)? {
            Operand::Field(path) => Ok(path),
            _ => Err(self.unknown(call)),
        }
    }

    fn date(&self, call: &Call, argument: &Argument) -> Result<Operand> {
        let part = part(call.function).ok_or_else(|| self.unknown(call))?;
        match argument {
            Argument::Expression(Expression::Call(inner))
                if inner.function == Function::ConvertTimezone =>
            {
                let argument = inner.arguments.first().ok_or_else(|| self.unknown(call))?;
                Ok(Operand::Date(part, self.field(inner, argument)?, self.time.zone))
            }
            other => Ok(Operand::Date(part, self.field(call, other)?, Tz::UTC)),
        }
    }

    fn distance(&self, call: &Call) -> Result<Operand> {
        let [first, second, unit] = call.arguments.as_slice() else {
            return Err(self.unknown(call));
        };
        let (field, place) = match (self.place(first)?, self.place(second)?) {
            (None, Some(place)) => (first, place),
            (Some(place), None) => (second, place),
            _ => return Err(self.invalid("DISTANCE compares a field with a GEOLOCATION")),
        };
        let unit = match unit {
            Argument::Literal(literal) => self.value(literal)?,
            Argument::Bind(bind) => self.one(bind)?.clone(),
            Argument::Expression(_) => Value::Null,
        };
        let unit = match unit.as_str() {
            Some("mi") => DistanceUnit::Miles,
            Some("km") => DistanceUnit::Kilometers,
            _ => return Err(self.invalid("a distance is in 'mi' or in 'km'")),
        };
        let (latitude, longitude) = coordinates(&self.field(call, field)?);
        Ok(Operand::Distance(Box::new(Distance { latitude, longitude, place, unit })))
    }

    /// Returns the place of a GEOLOCATION; `None` for a field.
    fn place(&self, argument: &Argument) -> Result<Option<Place>> {
        let Argument::Expression(Expression::Call(call)) = argument else { return Ok(None) };
        let degrees = |argument: Option<&Argument>| -> Result<f64> {
            let value = match argument {
                Some(Argument::Literal(literal)) => self.value(literal)?,
                Some(Argument::Bind(bind)) => self.one(bind)?.clone(),
                _ => Value::Null,
            };
            let number = match value {
                Value::Integer(number) => number.to_f64(),
                Value::Decimal(number) => number.to_f64(),
                _ => None,
            };
            number.ok_or_else(|| self.invalid("GEOLOCATION takes two numbers"))
        };
        if call.function != Function::Geolocation {
            return Ok(None);
        }
        let latitude = degrees(call.arguments.first())?;
        Ok(Some(Place { latitude, longitude: degrees(call.arguments.get(1))? }))
    }
}

/// Returns the number fields of a location field or an address.
fn coordinates(location: &FieldPath) -> (FieldPath, FieldPath) {
    let name = location.field.as_str();
    let named = |latitude: String| FieldPath { field: latitude.into(), ..location.clone() };
    let parts = |part: &str| match (name.strip_suffix("__c"), name.strip_suffix("Address")) {
        (Some(name), _) => format!("{name}__{part}__s"),
        (_, Some(name)) => format!("{name}{part}"),
        _ => format!("{name}{part}"),
    };
    (named(parts("Latitude")), named(parts("Longitude")))
}

fn aggregate(function: Function) -> Option<Aggregate> {
    Some(match function {
        Function::Count => Aggregate::Count,
        Function::CountDistinct => Aggregate::CountDistinct,
        Function::Min => Aggregate::Min,
        Function::Max => Aggregate::Max,
        Function::Sum => Aggregate::Sum,
        Function::Avg => Aggregate::Avg,
        _ => return None,
    })
}

/// Fiscal years are calendar years.
fn part(function: Function) -> Option<DatePart> {
    Some(match function {
        Function::CalendarMonth | Function::FiscalMonth => DatePart::Month,
        Function::CalendarQuarter | Function::FiscalQuarter => DatePart::Quarter,
        Function::CalendarYear | Function::FiscalYear => DatePart::Year,
        Function::DayInMonth => DatePart::DayInMonth,
        Function::DayInWeek => DatePart::DayInWeek,
        Function::DayInYear => DatePart::DayInYear,
        Function::DayOnly => DatePart::DayOnly,
        Function::HourInDay => DatePart::HourInDay,
        Function::WeekInMonth => DatePart::WeekInMonth,
        Function::WeekInYear => DatePart::WeekInYear,
        _ => return None,
    })
}
