//! What is wrong with a query: its syntax, its variables, and what it says of the schema.

use std::path::PathBuf;

use circuit_soql::ast::{Bind, Comparison, Operator, Query, Right};
use circuit_soql::visit::{Visit, walk_comparison};
use circuit_soql::{ComparedBind, Dialect, Error, check_binds, parse};

use super::args::{self, Args};
use super::manifest;
use super::mistake::Mistake;
use super::schema::Folder;
use super::select::{Gives, Selected};
use crate::error::Errors;
use crate::suggest::nearest;

/// A query without mistakes.
pub(super) struct Checked {
    /// The object that it is over.
    pub(super) object: String,
    pub(super) gives: Gives,
    pub(super) selected: Selected,
    /// What each of the variables takes.
    pub(super) takes: Vec<Takes>,
    /// What the variables are compared with, as far as the schema tells.
    pub(super) compared: Vec<ComparedBind>,
    /// The files that the check rests on.
    pub(super) files: Vec<PathBuf>,
}

/// Checks a query; what is wrong beside the text goes to `errors`.
pub(super) fn check(
    args: &Args,
    binds: &[args::Bind],
    errors: &mut Errors,
) -> Result<Checked, Vec<Mistake>> {
    let text = &args.source.value;
    let query = match parse(text, Dialect::Apex) {
        Ok(query) => query,
        Err(found) => {
            return Err(found.iter().map(|error| mistake(error, text, None)).collect());
        }
    };
    let mut mistakes = Vec::new();
    let takes = variables(&query, text, binds, &mut mistakes, errors);
    let (mut files, mut compared) = (Vec::new(), Vec::new());
    match manifest::folder() {
        Ok(Some(folder)) => {
            let folder = Folder::new(&folder);
            match check_binds(&query, &folder) {
                Ok(found) => compared = found,
                Err(found) => mistakes
                    .extend(found.iter().map(|error| mistake(error, text, Some(folder.shown())))),
            }
            for problem in folder.problems() {
                errors.span(args.source.token.span(), problem);
            }
            files = folder.files();
        }
        Ok(None) => {}
        Err(problem) => errors.span(args.source.token.span(), problem),
    }
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|mistake| mistake.span.start);
        return Err(mistakes);
    }
    let (gives, selected) = (Gives::of(&query), Selected::of(&query));
    let object = query.from.object.names.first().map(|name| name.text.to_string());
    Ok(Checked { object: object.unwrap_or_default(), gives, selected, takes, compared, files })
}

fn mistake(error: &Error, text: &str, folder: Option<&str>) -> Mistake {
    let lacks_file = error.message().starts_with("unknown object")
        || error.message().ends_with("there is no description of that object");
    let label = match (error.suggestion(), folder) {
        (Some(suggestion), _) => format!("did you mean `{suggestion}`?"),
        (None, Some(folder)) if lacks_file => format!("no file for it in {folder}"),
        _ => String::new(),
    };
    Mistake {
        message: error.to_string(),
        rendered: error.render(text),
        label,
        span: error.span().range(),
    }
}

/// What the place of a variable takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    One,
    List,
    /// Either, as behind LIKE.
    Any,
}

/// Collects the variables in the order of the text.
#[derive(Default)]
struct Variables<'q>(Vec<(&'q Bind, Takes)>);

impl<'q> Visit<'q> for Variables<'q> {
    fn comparison(&mut self, comparison: &'q Comparison) {
        let Right::Bind(bind) = &comparison.right else {
            return walk_comparison(self, comparison);
        };
        self.expression(&comparison.left);
        let takes = match comparison.operator {
            Operator::In | Operator::NotIn | Operator::Includes | Operator::Excludes => Takes::List,
            Operator::Like => Takes::Any,
            _ => Takes::One,
        };
        self.0.push((bind, takes));
    }

    fn bind(&mut self, bind: &'q Bind) {
        self.0.push((bind, Takes::One));
    }
}

/// Compares the variables of the text with the values beside it; returns what each takes.
fn variables(
    query: &Query,
    text: &str,
    given: &[args::Bind],
    mistakes: &mut Vec<Mistake>,
    errors: &mut Errors,
) -> Vec<Takes> {
    let mut found = Variables::default();
    found.query(query);
    let known = |name: &str| given.iter().any(|bind| bind.text == name);
    let used = |name: &str| found.0.iter().any(|(bind, _)| bind.text == name);
    let unused: Vec<_> = given.iter().filter(|bind| !used(&bind.text)).collect();
    let names = || unused.iter().map(|bind| bind.text.as_str());
    for (bind, _) in found.0.iter().filter(|(bind, _)| !known(&bind.text)) {
        let (message, near) = without_value(&bind.text, names());
        mistakes.push(Mistake::new(message, near, text, bind.span.range()));
    }
    let open = || found.0.iter().map(|(bind, _)| bind.text.as_str()).filter(|name| !known(name));
    for bind in &unused {
        let near = nearest(&bind.text, open());
        let hint = near.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        errors.at(&bind.name, format!("the query has no variable `:{}`{hint}", bind.text));
    }
    given.iter().map(|bind| takes(&found.0, &bind.text, text, mistakes)).collect()
}

/// Says that a variable has no value, and which was perhaps meant.
fn without_value<'a>(
    name: &str,
    unused: impl Iterator<Item = &'a str>,
) -> (String, Option<String>) {
    if is_name(name) {
        let message =
            format!("the variable `{name}` has no value: add `{name} = ..` beside the query");
        return (message, nearest(name, unused).map(str::to_owned));
    }
    let plain = named_after(name);
    let message = format!(
        "a variable is a name, not an expression: write `:{plain}`, and `{plain} = {name}` beside \
         the query"
    );
    (message, None)
}

/// Returns what the places of a variable take; reports one that takes something else.
fn takes(found: &[(&Bind, Takes)], name: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Takes {
    let mut all = Takes::Any;
    for (bind, takes) in found.iter().filter(|(bind, _)| bind.text == name) {
        match (all, *takes) {
            (Takes::Any, takes) => all = takes,
            (Takes::One, Takes::List) | (Takes::List, Takes::One) => {
                let message = format!(
                    "`:{name}` is one value at one place and a list at another: make it two \
                     variables"
                );
                mistakes.push(Mistake::new(message, None, text, bind.span.range()));
            }
            _ => {}
        }
    }
    all
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `account.OwnerId` becomes `account_owner_id`.
fn named_after(expression: &str) -> String {
    let mut name = String::new();
    for c in expression.chars() {
        let end = name.chars().last();
        match c {
            c if c.is_ascii_uppercase() => {
                if end.is_some_and(|end| end.is_ascii_lowercase()) {
                    name.push('_');
                }
                name.push(c.to_ascii_lowercase());
            }
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if end.is_some_and(|end| end != '_') => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_matches('_');
    if is_name(name) { name.to_owned() } else { "value".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_gets_a_name() {
        assert_eq!(named_after("account.OwnerId"), "account_owner_id");
        assert_eq!(named_after("ids[0]"), "ids_0");
        assert_eq!(named_after("(5)"), "value");
    }
}
