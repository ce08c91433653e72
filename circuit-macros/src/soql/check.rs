//! What is wrong with a query: its syntax, its variables, and what it says of the schema.

use std::path::PathBuf;

use circuit_soql::ast::{Bind, Expression, Query, SelectItem};
use circuit_soql::visit::Visit;
use circuit_soql::{Dialect, Error, check as check_meaning, parse};

use super::args::{self, Args};
use super::manifest;
use super::mistake::Mistake;
use super::schema::Folder;
use crate::error::Errors;
use crate::suggest::nearest;

/// A query without mistakes.
pub(super) struct Checked {
    /// The object that it is over.
    pub(super) object: String,
    /// The fields of the object itself that it selects.
    pub(super) selected: Vec<String>,
    /// Whether it selects no others.
    pub(super) complete: bool,
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
    let mut mistakes = variables(&query, text, binds, errors);
    let mut files = Vec::new();
    match manifest::folder() {
        Ok(Some(folder)) => {
            let folder = Folder::new(&folder);
            if let Err(found) = check_meaning(&query, &folder) {
                mistakes
                    .extend(found.iter().map(|error| mistake(error, text, Some(folder.shown()))));
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
    let (selected, complete) = selected(&query);
    let object = query.from.object.names.first().map(|name| name.text.clone());
    Ok(Checked { object: object.unwrap_or_default(), selected, complete, files })
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

/// Collects the variables in the order of the text.
#[derive(Default)]
struct Variables<'q>(Vec<&'q Bind>);

impl<'q> Visit<'q> for Variables<'q> {
    fn bind(&mut self, bind: &'q Bind) {
        self.0.push(bind);
    }
}

/// Compares the variables of the text with the values beside it.
fn variables(query: &Query, text: &str, given: &[args::Bind], errors: &mut Errors) -> Vec<Mistake> {
    let mut found = Variables::default();
    found.query(query);
    let mut mistakes = Vec::new();
    let known = |name: &str| given.iter().any(|bind| bind.text == name);
    let used = |name: &str| found.0.iter().any(|bind| bind.text == name);
    let unused = || given.iter().map(|bind| bind.text.as_str()).filter(|name| !used(name));
    for bind in &found.0 {
        if known(&bind.text) {
            continue;
        }
        let (message, suggestion) = if is_name(&bind.text) {
            let near = nearest(&bind.text, unused()).map(str::to_owned);
            let message = format!(
                "the variable `{0}` has no value: add `{0} = ..` beside the query",
                bind.text
            );
            (message, near)
        } else {
            let name = named_after(&bind.text);
            let message = format!(
                "a variable is a name, not an expression: write `:{name}`, and `{name} = {}` \
                 beside the query",
                bind.text
            );
            (message, None)
        };
        mistakes.push(Mistake::new(message, suggestion, text, bind.span.range()));
    }
    let open = || found.0.iter().map(|bind| bind.text.as_str()).filter(|name| !known(name));
    for bind in given.iter().filter(|bind| !used(&bind.text)) {
        let near = nearest(&bind.text, open());
        let hint = near.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        errors.at(&bind.name, format!("the query has no variable `:{}`{hint}", bind.text));
    }
    mistakes
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

/// Returns the fields of the object itself that are selected, and whether there are no others.
fn selected(query: &Query) -> (Vec<String>, bool) {
    let (mut fields, mut complete) = (Vec::new(), query.group.is_none());
    for item in &query.select {
        match item {
            SelectItem::Expression(selected) => match &selected.expression {
                Expression::Path(path) => match path.names.as_slice() {
                    [name] => fields.push(name.text.clone()),
                    [alias, name] if is_alias(query, &alias.text) => fields.push(name.text.clone()),
                    _ => {}
                },
                // What a function gives is named after it.
                Expression::Call(_) => complete = false,
            },
            SelectItem::Count(_) | SelectItem::Fields(..) => complete = false,
            SelectItem::SubQuery(_) | SelectItem::TypeOf(_) => {}
        }
    }
    if !complete {
        // Groups are no records of the object.
        let groups = query.group.is_some();
        fields.retain(|_| !groups);
    }
    (fields, complete)
}

fn is_alias(query: &Query, name: &str) -> bool {
    query.from.alias.as_ref().is_some_and(|alias| alias.is(name))
        || query.from.object.names.last().is_some_and(|object| object.is(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Vec<String>, bool) {
        selected(&parse(text, Dialect::Apex).unwrap())
    }

    #[test]
    fn only_fields_of_the_object_itself_are_compared_with_a_struct() {
        let text = "SELECT Id, c.Email, Account.Name, (SELECT Id FROM Cases) FROM Contact c";
        assert_eq!(of(text), (vec!["Id".to_owned(), "Email".to_owned()], true));
        assert!(!of("SELECT Email, FIELDS(STANDARD) FROM Contact").1);
        assert_eq!(of("SELECT Email FROM Contact GROUP BY Email"), (Vec::new(), false));
    }

    #[test]
    fn an_expression_gets_a_name() {
        assert_eq!(named_after("account.OwnerId"), "account_owner_id");
        assert_eq!(named_after("ids[0]"), "ids_0");
        assert_eq!(named_after("(5)"), "value");
    }
}
