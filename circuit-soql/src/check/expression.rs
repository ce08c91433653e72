//! What expressions are: the kind of their values, and where they may stand.

use super::Checker;
use super::scope::{FieldRef, Scope};
use crate::ast::{Argument, Call, Expression, Path};
use crate::schema::{FieldKind, IdForm};
use crate::span::Span;

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Select,
    Where,
    Having,
    GroupBy,
    OrderBy,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Where => "WHERE",
            Self::Having => "HAVING",
            Self::GroupBy => "GROUP BY",
            Self::OrderBy => "ORDER BY",
        }
    }
}

/// What is known about an expression.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    /// What its values are.
    pub(super) kind: FieldKind,
    /// The expression as messages name it.
    pub(super) text: String,
    /// What ids look like, and whose they are.
    pub(super) ids: (IdForm, Vec<String>),
}

impl Typed {
    pub(super) fn of(found: &FieldRef, text: String) -> Self {
        let field = found.field();
        let targets = match field.kind {
            FieldKind::Id => vec![found.object.name.clone()],
            _ => field.references.clone(),
        };
        Self { kind: field.kind, text, ids: (found.object.ids, targets) }
    }

    pub(super) fn new(kind: FieldKind, text: String) -> Self {
        Self { kind, text, ids: (IdForm::Any, Vec::new()) }
    }
}

/// Returns where an expression stands.
pub(super) fn span(expression: &Expression) -> Span {
    match expression {
        Expression::Path(path) => path.span,
        Expression::Call(call) => call.span,
    }
}

/// Returns the expression as it is written, aliases aside.
pub(super) fn text(expression: &Expression) -> String {
    match expression {
        Expression::Path(path) => path_text(path),
        Expression::Call(call) => call_text(call),
    }
}

pub(super) fn call_text(call: &Call) -> String {
    let arguments = call.arguments.iter().map(|argument| match argument {
        Argument::Expression(inner) => text(inner),
        Argument::Literal(_) | Argument::Bind(_) => "..".to_owned(),
    });
    format!("{}({})", call.function.name(), arguments.collect::<Vec<_>>().join(", "))
}

pub(super) fn path_text(path: &Path) -> String {
    let names: Vec<&str> = path.names.iter().map(|name| name.text.as_str()).collect();
    names.join(".")
}

/// Returns the expression in a form that is equal for equal expressions.
pub(super) fn canonical(expression: &Expression, scope: &Scope) -> String {
    match expression {
        Expression::Path(path) => scope.canonical(path),
        Expression::Call(call) => {
            let arguments = call.arguments.iter().map(|argument| match argument {
                Argument::Expression(inner) => canonical(inner, scope),
                Argument::Literal(literal) => format!("{:?}", literal.kind),
                Argument::Bind(bind) => format!(":{}", bind.text),
            });
            let name = call.function.name().to_ascii_lowercase();
            format!("{name}({})", arguments.collect::<Vec<_>>().join(","))
        }
    }
}

impl Checker<'_> {
    /// Checks an expression; `None` where nothing is known of its values.
    pub(super) fn expression(
        &mut self,
        expression: &Expression,
        scope: &Scope,
        place: Place,
    ) -> Option<Typed> {
        match expression {
            Expression::Path(path) => {
                let found = self.field(path, scope)?;
                let allowed = self.allowed(path, &found, place);
                allowed.then(|| Typed::of(&found, path_text(path)))
            }
            Expression::Call(call) => self.call(call, scope),
        }
    }

    /// Reports a field that may not stand by itself where it stands.
    fn allowed(&mut self, path: &Path, found: &FieldRef, place: Place) -> bool {
        let field = found.field();
        let (can, done) = match place {
            Place::Select | Place::Having => (true, ""),
            Place::Where => (field.filterable, "be filtered by"),
            Place::GroupBy => (field.groupable, "be grouped by"),
            Place::OrderBy => (field.sortable, "be ordered by"),
        };
        if can {
            return true;
        }
        let name = path_text(path);
        let why =
            if field.calculated { "a calculated field".to_owned() } else { field.kind.article() };
        let mut message = format!("`{name}`, {why}, can't {done}");
        if field.kind == FieldKind::Location && place != Place::GroupBy {
            message.push_str("; its DISTANCE can");
        }
        // Salesforce groups date-times by a date function only.
        let instead = (field.kind == FieldKind::DateTime && place == Place::GroupBy)
            .then(|| format!("DAY_ONLY({name})"));
        self.report.suggest(path.span, message, instead);
        false
    }
}
