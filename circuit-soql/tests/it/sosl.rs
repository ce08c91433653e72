//! SOSL: what is taken, what is refused, and how it is printed.

use circuit_soql::{Dialect, sosl};

use crate::corpus;

#[test]
fn every_valid_search_is_accepted_and_printed_as_what_it_is() {
    for sample in corpus::valid_sosl() {
        for dialect in sample.dialects {
            let search = sosl::parse(&sample.text, *dialect)
                .unwrap_or_else(|errors| panic!("{}", errors.render(&sample.text)));
            let printed = search.to_string();
            for text in [&printed, &search.to_pretty_string()] {
                let again = sosl::parse(text, *dialect)
                    .unwrap_or_else(|errors| panic!("{}", errors.render(text)));
                assert_eq!(again, search, "line {}: {text}", sample.line);
                assert_eq!(again.to_string(), printed, "line {}", sample.line);
            }
        }
    }
}

#[test]
fn every_invalid_search_is_refused_at_its_place() {
    let mut wrong = Vec::new();
    for sample in corpus::invalid_sosl() {
        let offset = sample.text.find('¦').expect("a mark");
        let text = sample.text.replace('¦', "");
        for dialect in sample.dialects {
            let errors = match sosl::parse(&text, *dialect) {
                Ok(search) => {
                    wrong.push(format!("line {}: accepted: {search}", sample.line));
                    continue;
                }
                Err(errors) => errors,
            };
            let (message, at) = (errors.first().to_string(), errors.first().offset());
            if at != offset || sample.message.as_ref().is_some_and(|part| !message.contains(part)) {
                let shown = errors.render(&text);
                wrong.push(format!("line {}: at {at}, not {offset}\n{shown}", sample.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn prefixes_of_searches_are_answered() {
    for sample in corpus::valid_sosl() {
        for end in 0..sample.text.len() {
            if let Some(prefix) = sample.text.get(..end) {
                let _ = sosl::parse(prefix, Dialect::Rest);
                let _ = sosl::parse(prefix, Dialect::Apex);
            }
        }
    }
}

#[test]
fn a_search_on_several_lines_has_a_line_per_clause() {
    let text = "FIND {a} IN NAME FIELDS RETURNING Lead(Id), Task LIMIT 5";
    let search = sosl::parse(text, Dialect::Rest).unwrap();

    let lines = search.to_pretty_string();

    assert_eq!(lines, "FIND {a}\nIN NAME FIELDS\nRETURNING Lead(Id), Task\nLIMIT 5");
}
