//! Whether a value fits what it is compared with.

use super::Checker;
use super::expression::Typed;
use crate::ast::{Item, Literal, LiteralKind, Operator};
use crate::schema::{FieldKind, IdForm};

impl Checker<'_> {
    /// Checks the values of a list.
    pub(super) fn items(&mut self, left: &Typed, operator: Operator, items: &[Item]) {
        for item in items {
            match item {
                Item::Literal(literal) => self.value(left, operator, literal),
                Item::Bind(bind) => self.bind(left, operator, bind),
            }
        }
    }

    /// Checks one value.
    pub(super) fn value(&mut self, left: &Typed, operator: Operator, literal: &Literal) {
        if literal.kind == LiteralKind::Null {
            if !matches!(operator, Operator::Eq | Operator::Ne | Operator::In | Operator::NotIn) {
                let message =
                    format!("null is compared with = and != only, not with {}", operator.text());
                self.report.at(literal.span, message);
            }
            return;
        }
        if left.kind == FieldKind::Any {
            return;
        }
        if !fits(left.kind, &literal.kind) {
            let message = format!(
                "`{}` is {}, and this is {}",
                left.text,
                left.kind.article(),
                described(&literal.kind)
            );
            self.report.suggest(literal.span, message, rewritten(left.kind, &literal.kind));
            return;
        }
        if let LiteralKind::Text(text) = &literal.kind
            && left.kind.is_id()
            && left.ids.0 == IdForm::Salesforce
            && !text.is_empty()
            && !is_id(text)
        {
            // Salesforce: INVALID_QUERY_FILTER_OPERATOR, "invalid ID field".
            let message = format!(
                "`{}` is {}, and an id has 15 or 18 letters and digits",
                left.text,
                left.kind.article()
            );
            self.report.at(literal.span, message);
        }
    }
}

fn fits(kind: FieldKind, literal: &LiteralKind) -> bool {
    match literal {
        LiteralKind::Boolean(_) => kind == FieldKind::Boolean,
        LiteralKind::Text(_) => kind.is_text() || kind.is_id() || kind == FieldKind::MultiPicklist,
        LiteralKind::Number(_) | LiteralKind::Currency { .. } => kind.is_number(),
        LiteralKind::Date(_) => kind == FieldKind::Date,
        LiteralKind::DateTime(_) => kind == FieldKind::DateTime,
        LiteralKind::Time(_) => kind == FieldKind::Time,
        LiteralKind::DateRange { .. } => kind.is_day(),
        LiteralKind::Null => true,
    }
}

fn described(literal: &LiteralKind) -> &'static str {
    match literal {
        LiteralKind::Boolean(_) => "a boolean",
        LiteralKind::Text(_) => "a text",
        LiteralKind::Number(_) => "a number",
        LiteralKind::Currency { .. } => "an amount of money",
        LiteralKind::Date(_) => "a date",
        LiteralKind::DateTime(_) => "a date-time",
        LiteralKind::Time(_) => "a time",
        LiteralKind::DateRange { .. } => "a range of days",
        LiteralKind::Null => "null",
    }
}

/// Returns the same value as it is written for the kind, where that is plain.
fn rewritten(kind: FieldKind, literal: &LiteralKind) -> Option<String> {
    let text_kind = kind.is_text() || kind == FieldKind::MultiPicklist;
    match literal {
        LiteralKind::Number(number) if text_kind => Some(format!("'{}'", number.0)),
        LiteralKind::Boolean(value) if text_kind => Some(format!("'{value}'")),
        LiteralKind::Date(day) if kind == FieldKind::DateTime => Some(format!("{day}T00:00:00Z")),
        LiteralKind::DateTime(moment) if kind == FieldKind::Date => {
            moment.split(['T', 't']).next().map(str::to_owned)
        }
        LiteralKind::Text(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let number = digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.parse::<f64>().is_ok()
                && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let word = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
            let day = text.len() == 10
                && text.bytes().enumerate().all(|(i, b)| match i {
                    4 | 7 => b == b'-',
                    _ => b.is_ascii_digit(),
                });
            let plain = (kind.is_number() && number)
                || (kind == FieldKind::Boolean && word)
                || (kind == FieldKind::Date && day);
            plain.then(|| text.to_string())
        }
        _ => None,
    }
}

/// Salesforce's two forms of an id.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
