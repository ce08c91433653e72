//! Any text is answered; a query is printed as what it is.
#![no_main]

use circuit_soql::{Dialect, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Rest, Dialect::Apex] {
        match parse(text, dialect) {
            Ok(query) => {
                let printed = query.to_string();
                let again = parse(&printed, dialect).expect("a printed query is valid");
                assert_eq!(again, query);
                assert_eq!(again.to_string(), printed);
                let lines = parse(&query.to_pretty_string(), dialect);
                assert_eq!(lines.expect("a query on several lines is valid"), query);
            }
            Err(errors) => {
                assert!(errors.iter().all(|error| error.span().end() <= text.len()));
                assert!(!errors.render(text).is_empty());
            }
        }
    }
});
