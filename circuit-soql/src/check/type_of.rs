//! The objects that `TYPEOF` chooses from.

use super::Checker;
use super::expression::path_text;
use super::scope::{Node, Scope};
use super::suggest::nearest;
use crate::ast::{Name, Path, TypeOf};

impl Checker<'_> {
    /// Returns the objects that a relationship leads to; `None` where nothing is known of it.
    pub(super) fn targets(&mut self, path: &Path, scope: &Scope) -> Option<Vec<String>> {
        let (node, _, names) = scope.start(path);
        let (last, before) = names.split_last()?;
        let node = before.iter().try_fold(node, |node, name| self.step(&node, name))?;
        let Node::Object(object) = node else {
            return None;
        };
        let Some(field) = object.parent(&last.text) else {
            self.unknown_relationship(&object, last);
            return None;
        };
        if !field.is_polymorphic() {
            let message = format!(
                "`{}` leads to {} alone; TYPEOF is for relationships to several objects",
                path_text(path),
                field.references.first().map_or("one object", String::as_str)
            );
            self.report.at(path.span, message);
            return None;
        }
        Some(field.references.clone())
    }

    pub(super) fn not_a_target(&mut self, type_of: &TypeOf, object: &Name, targets: &[String]) {
        let near = nearest(&object.text, targets.iter().map(String::as_str)).map(str::to_owned);
        let mut message =
            format!("`{}` does not lead to `{object}`", path_text(&type_of.relationship));
        if targets.len() <= 8 {
            message = format!("{message}, but to {}", targets.join(", "));
        }
        self.report.suggest(object.span, message, near);
    }
}
