//! What Salesforce refuses is refused, at the token at fault.

use circuit_soql::parse;

use crate::corpus;
use crate::support::bad;

/// Stands in front of the token at fault.
const MARK: char = '¦';

#[test]
fn every_invalid_query_is_refused_at_its_place() {
    let mut wrong = Vec::new();
    for sample in corpus::invalid() {
        let Some(offset) = sample.text.find(MARK) else {
            wrong.push(format!("line {}: no mark", sample.line));
            continue;
        };
        let query = sample.text.replace(MARK, "");
        for dialect in sample.dialects {
            let errors = match parse(&query, *dialect) {
                Ok(tree) => {
                    wrong.push(format!("line {} ({dialect:?}) accepted: {tree}", sample.line));
                    continue;
                }
                Err(errors) => errors,
            };
            let (message, at) = (errors.first().to_string(), errors.first().offset());
            let named = sample.message.as_ref().is_none_or(|part| message.contains(part));
            if at != offset || !named {
                wrong.push(format!(
                    "line {} ({dialect:?}): at {at}, not {offset}\n{}",
                    sample.line,
                    errors.render(&query)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_at_least_300_invalid_queries() {
    assert!(corpus::invalid().len() >= 300);
}

#[test]
fn every_error_shows_its_line_with_carets() {
    for sample in corpus::invalid() {
        let query = sample.text.replace(MARK, "");
        for error in bad(&query, sample.dialects[0]) {
            let shown = error.render(&query);
            assert!(shown.lines().last().is_some_and(|line| line.ends_with('^')), "{shown}");
            assert!(!error.message().is_empty());
            assert!(error.span().end() <= query.len());
        }
    }
}
