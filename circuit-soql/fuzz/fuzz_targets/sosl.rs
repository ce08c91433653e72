//! Any text is answered; a search is printed as what it is.
#![no_main]

use circuit_soql::{Dialect, sosl};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Rest, Dialect::Apex] {
        match sosl::parse(text, dialect) {
            Ok(search) => {
                let printed = search.to_string();
                let again = sosl::parse(&printed, dialect).expect("a printed search is valid");
                assert_eq!(again, search);
                assert_eq!(again.to_string(), printed);
            }
            Err(errors) => assert!(!errors.render(text).is_empty()),
        }
    }
});
