//! What Salesforce takes is taken, and printed as what it is.

use circuit_soql::{Dialect, parse};

use crate::corpus;
use crate::support::good;

#[test]
fn every_valid_query_is_accepted() {
    let mut refused = Vec::new();
    for sample in corpus::valid() {
        for dialect in sample.dialects {
            if let Err(errors) = parse(&sample.text, *dialect) {
                let shown = errors.render(&sample.text);
                refused.push(format!("line {} ({dialect:?}): {shown}", sample.line));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn what_one_dialect_has_alone_the_other_refuses() {
    for sample in corpus::valid().iter().filter(|sample| sample.dialects.len() == 1) {
        let other = match sample.dialects[0] {
            Dialect::Rest => Dialect::Apex,
            Dialect::Apex => Dialect::Rest,
        };
        assert!(parse(&sample.text, other).is_err(), "line {}: {}", sample.line, sample.text);
    }
}

#[test]
fn there_are_at_least_400_valid_queries() {
    assert!(corpus::valid().len() >= 400);
}

#[test]
fn a_printed_query_gives_the_same_tree_and_the_same_text() {
    for sample in corpus::valid() {
        for dialect in sample.dialects {
            let query = good(&sample.text, *dialect);
            let printed = query.to_string();
            let again = good(&printed, *dialect);
            assert_eq!(again, query, "line {}: {printed}", sample.line);
            assert_eq!(again.to_string(), printed, "line {}", sample.line);
        }
    }
}

#[test]
fn a_query_on_several_lines_gives_the_same_tree() {
    for sample in corpus::valid() {
        for dialect in sample.dialects {
            let query = good(&sample.text, *dialect);
            let lines = query.to_pretty_string();
            let again = good(&lines, *dialect);
            assert_eq!(again, query, "line {}: {lines}", sample.line);
            assert_eq!(again.to_pretty_string(), lines, "line {}", sample.line);
        }
    }
}

#[test]
fn every_span_holds_what_was_read() {
    for sample in corpus::valid() {
        let query = good(&sample.text, sample.dialects[0]);
        let span = query.span;
        let text = sample.text[span.range()].to_owned();
        assert!(text.to_ascii_uppercase().starts_with("SELECT"), "line {}", sample.line);
        assert!(sample.text[span.end()..].trim().is_empty() || sample.text.contains('/'));
        for name in &query.from.object.names {
            assert_eq!(sample.text[name.span.range()], name.text, "line {}", sample.line);
        }
    }
}
