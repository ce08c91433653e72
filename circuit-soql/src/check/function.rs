//! Calls: what each function takes, and what it gives.

use super::Checker;
use super::expression::{Place, Typed, span};
use super::scope::Scope;
use crate::ast::{Argument, Call, Expression, Function, FunctionKind};
use crate::schema::FieldKind;

impl Checker<'_> {
    /// Checks a call; `None` where nothing is known of its values.
    pub(super) fn call(&mut self, call: &Call, scope: &Scope) -> Option<Typed> {
        let kind = match call.function.kind() {
            FunctionKind::Aggregate => self.aggregate(call, scope)?,
            FunctionKind::Date => self.date(call, scope),
            FunctionKind::Format => self.format(call, scope)?,
            FunctionKind::Place => self.distance(call, scope),
            FunctionKind::Group => self.grouping(call, scope),
            // What stands in the text of a formula is Salesforce's to read.
            FunctionKind::Formula => FieldKind::Any,
        };
        Some(Typed::new(kind, super::expression::call_text(call)))
    }

    /// Checks the field that a function is applied to; what it may do by itself does not matter.
    fn inner(&mut self, inner: &Expression, scope: &Scope) -> Option<Typed> {
        self.expression(inner, scope, Place::Select)
    }

    /// Salesforce: "Support for field types in aggregate functions".
    fn aggregate(&mut self, call: &Call, scope: &Scope) -> Option<FieldKind> {
        let function = call.function;
        let counts = matches!(function, Function::Count | Function::CountDistinct);
        let inner = argument(call);
        let known = inner.and_then(|inner| self.inner(inner, scope));
        let (Some(inner), Some(known)) = (inner, known) else {
            return counts.then_some(FieldKind::Integer);
        };
        let aggregatable = match inner {
            Expression::Path(path) => {
                self.found(path, scope).is_none_or(|found| found.field().aggregatable)
            }
            Expression::Call(_) => true,
        };
        let numbers = matches!(function, Function::Sum | Function::Avg);
        let (name, kind) = (function.name(), known.kind);
        if numbers && !kind.is_number() && kind != FieldKind::Any {
            let message =
                format!("{name} takes a number, and `{}` is {}", known.text, kind.article());
            self.report.at(span(inner), message);
        } else if !aggregatable {
            let message = format!("{name} can't take `{}`, {}", known.text, kind.article());
            self.report.at(span(inner), message);
        }
        Some(match function {
            _ if counts => FieldKind::Integer,
            Function::Avg => FieldKind::Decimal,
            _ => kind,
        })
    }

    fn date(&mut self, call: &Call, scope: &Scope) -> FieldKind {
        let function = call.function;
        let zoned = |inner: &Expression| matches!(inner, Expression::Call(_));
        if let Some(inner) = argument(call)
            && let Some(known) = self.inner(inner, scope)
            && !zoned(inner)
        {
            let moment = matches!(
                function,
                Function::HourInDay | Function::DayOnly | Function::ConvertTimezone
            );
            let fits = known.kind == FieldKind::DateTime
                || (known.kind == FieldKind::Date && !moment)
                || known.kind == FieldKind::Any;
            if !fits {
                let wanted = if moment { "a date-time" } else { "a date or a date-time" };
                self.unfit(call, wanted, &known, inner);
            }
        }
        match function {
            Function::DayOnly => FieldKind::Date,
            Function::ConvertTimezone => FieldKind::DateTime,
            _ => FieldKind::Integer,
        }
    }

    fn format(&mut self, call: &Call, scope: &Scope) -> Option<FieldKind> {
        let inner = argument(call)?;
        let known = self.inner(inner, scope)?;
        let kind = known.kind;
        let (fits, wanted) = match call.function {
            Function::ConvertCurrency => (kind == FieldKind::Currency, "a currency"),
            Function::ToLabel => (kind.is_text() || kind == FieldKind::MultiPicklist, "a picklist"),
            _ => (
                kind.is_number() || kind.is_day() || kind == FieldKind::Time,
                "a number, a currency, a date, a date-time or a time",
            ),
        };
        if !fits && kind != FieldKind::Any {
            self.unfit(call, wanted, &known, inner);
        }
        let converted = call.function == Function::ConvertCurrency;
        Some(if converted { kind } else { FieldKind::Text })
    }

    fn unfit(&mut self, call: &Call, wanted: &str, known: &Typed, inner: &Expression) {
        let message = format!(
            "{} takes {wanted}, and `{}` is {}",
            call.function.name(),
            known.text,
            known.kind.article()
        );
        self.report.at(span(inner), message);
    }

    /// Salesforce: the first is a field, the second a field or GEOLOCATION.
    fn distance(&mut self, call: &Call, scope: &Scope) -> FieldKind {
        for argument in &call.arguments {
            let Argument::Expression(inner @ Expression::Path(_)) = argument else {
                continue;
            };
            let places = [FieldKind::Location, FieldKind::Address, FieldKind::Any];
            if let Some(known) = self.inner(inner, scope)
                && !places.contains(&known.kind)
            {
                self.unfit(call, "a location", &known, inner);
            }
        }
        FieldKind::Decimal
    }

    fn grouping(&mut self, call: &Call, scope: &Scope) -> FieldKind {
        if let Some(inner) = argument(call) {
            self.inner(inner, scope);
        }
        FieldKind::Integer
    }
}

/// Returns the one argument of most functions.
pub(super) fn argument(call: &Call) -> Option<&Expression> {
    match call.arguments.as_slice() {
        [Argument::Expression(inner)] => Some(inner),
        _ => None,
    }
}
