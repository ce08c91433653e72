//! Paths and functions.

use std::fmt;

use super::Printer;
use crate::ast::{Argument, Bind, Call, Expression, Path};

impl Printer<'_> {
    pub(crate) fn expression(&mut self, expression: &Expression) -> fmt::Result {
        match expression {
            Expression::Path(path) => self.path(path),
            Expression::Call(call) => self.call(call),
        }
    }

    pub(crate) fn path(&mut self, path: &Path) -> fmt::Result {
        let Some((first, others)) = path.names.split_first() else { return Ok(()) };
        self.short(&first.text)?;
        others.iter().try_for_each(|name| {
            self.text(".")?;
            self.short(&name.text)
        })
    }

    pub(crate) fn call(&mut self, call: &Call) -> fmt::Result {
        self.text(call.function.name())?;
        self.text("(")?;
        self.list(&call.arguments, |printer, argument| match argument {
            Argument::Expression(expression) => printer.expression(expression),
            Argument::Literal(literal) => printer.literal(literal),
            Argument::Bind(bind) => printer.bind(bind),
        })?;
        self.text(")")
    }

    pub(crate) fn bind(&mut self, bind: &Bind) -> fmt::Result {
        self.text(":")?;
        self.short(&bind.text)
    }
}
