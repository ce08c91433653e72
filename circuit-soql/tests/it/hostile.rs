//! Text that nobody means well: no panic, no overflow of the stack, an answer each time.

use std::thread;

use circuit_soql::{Dialect, ErrorKind, Options, parse, parse_with};

use crate::corpus;
use crate::support::{Random, bad, good};

const DEEP: usize = 100_000;

/// Options under which the length of a statement is no matter.
fn long(dialect: Dialect) -> Options {
    Options::new(dialect).with_max_length(100_000_000)
}

/// Parses on a stack of 2 MB, the usual one of a thread.
fn on_a_small_stack(text: String) -> Option<ErrorKind> {
    let run = move || {
        let parsed = parse_with(&text, &long(Dialect::Apex));
        parsed.err().map(|errors| errors.first().kind())
    };
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn a_hundred_thousand_nested_things_are_too_deep_and_no_more() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(DEEP), close.repeat(DEEP))
    };
    let conditions = [
        nested("(", "A = 1", ")"),
        nested("(NOT ", "A = 1", ")"),
        nested("(A = 1 AND (B = 2 OR ", "C = 3", "))"),
        "(".repeat(DEEP),
    ];
    for condition in conditions {
        let text = format!("SELECT Id FROM Lead WHERE {condition}");
        assert_eq!(on_a_small_stack(text), Some(ErrorKind::TooDeep));
    }
    let selected = nested("(SELECT Id, ", "Id", " FROM A)");
    assert!(on_a_small_stack(format!("SELECT {selected} FROM Lead")).is_some());
    let joined = nested("A IN (SELECT B FROM C WHERE ", "D = 1", ")");
    assert!(on_a_small_stack(format!("SELECT Id FROM Lead WHERE {joined}")).is_some());
    let called = nested("FORMAT(", "A", ")");
    assert!(on_a_small_stack(format!("SELECT {called} FROM Lead")).is_some());
}

#[test]
fn nots_signs_and_closing_parentheses_need_no_stack() {
    for part in ["NOT ", ")", "- ", "+", ",", "' ", "''", "{", ":", "[", "/*", "(a,", "\\"] {
        let text = format!("SELECT Id FROM Lead WHERE {}", part.repeat(DEEP));
        assert!(on_a_small_stack(text).is_some(), "{part}");
    }
}

#[test]
fn variables_nest_without_the_stack() {
    let deep = format!("SELECT Id FROM Lead WHERE A = :{}a{}", "(".repeat(DEEP), ")".repeat(DEEP));
    assert_eq!(on_a_small_stack(deep), None);
    let casts = format!("SELECT Id FROM Lead WHERE A = :{}a", "(b)".repeat(DEEP));
    assert_eq!(on_a_small_stack(casts), None);
    let open = format!("SELECT Id FROM Lead WHERE A = :{}", "a[{(".repeat(DEEP));
    assert_eq!(on_a_small_stack(open), Some(ErrorKind::Syntax));
}

#[test]
fn the_deepest_nesting_that_is_allowed_fits_the_stack() {
    let deepest = Options::MAX_NESTING;
    let text = format!(
        "SELECT Id FROM Lead WHERE {}D = 1{}",
        "(A = 1 AND (B = 1 OR ".repeat(deepest / 2),
        "))".repeat(deepest / 2)
    );
    let run = move || {
        let query = good(&text, Dialect::Rest);
        let again = good(&query.to_string(), Dialect::Rest);
        assert_eq!(again, query);
        assert_eq!(good(&query.to_pretty_string(), Dialect::Rest), query);
    };
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn a_statement_that_is_too_long_is_refused_at_once() {
    let text = format!("SELECT Id FROM Lead WHERE Name = '{}'", "é".repeat(100_000));

    let errors = bad(&text, Dialect::Rest);

    assert_eq!(errors.first().kind(), ErrorKind::TooLong);
    assert_eq!(errors.len(), 1);
}

#[test]
fn a_statement_of_the_longest_length_is_read() {
    let start = "SELECT Id FROM Lead WHERE Name = '";
    let text = format!("{start}{}'", "é".repeat(100_000 - start.len() - 1));

    let query = good(&text, Dialect::Rest);

    assert_eq!(query.to_string(), text);
}

#[test]
fn literals_and_lists_of_a_megabyte_are_read() {
    let million = 1 << 20;
    let values = [
        format!("'{}'", "a".repeat(million)),
        format!("'{}'", r"\n".repeat(million / 2)),
        "1".repeat(million),
        format!("2026-01-01T00:00:00.{}Z", "0".repeat(million)),
        format!("USD{}", "1".repeat(million)),
    ];
    for value in values {
        let text = format!("SELECT Id FROM Lead WHERE A = {value}");
        let query = parse_with(&text, &long(Dialect::Rest)).expect("a long literal");
        assert_eq!(query.to_string(), text);
    }
    let list = vec!["'003000000000001'"; million / 20].join(", ");
    let text = format!("SELECT Id FROM Lead WHERE A IN ({list})");
    let query = parse_with(&text, &long(Dialect::Rest)).expect("a long list");
    assert_eq!(query.to_string(), text);
}

#[test]
fn long_nonsense_is_refused() {
    let million = 1 << 20;
    for part in ["a", "a.", "a ", "1", "2026-", "\u{e9}", "\0", "FROM ", "SELECT ", "(", "' or "] {
        let text = part.repeat(million / part.len());
        assert!(parse_with(&text, &long(Dialect::Rest)).is_err());
        let text = format!("SELECT Id FROM Lead WHERE {text}");
        assert!(parse_with(&text, &long(Dialect::Apex)).is_err());
    }
}

#[test]
fn every_prefix_of_every_query_is_answered() {
    let invalid = corpus::invalid().into_iter();
    for sample in corpus::valid().into_iter().chain(invalid) {
        for end in 0..=sample.text.len() {
            if let Some(prefix) = sample.text.get(..end) {
                let _ = parse(prefix, Dialect::Rest);
                let _ = parse(prefix, Dialect::Apex);
            }
        }
    }
}

#[test]
fn queries_with_random_slips_are_answered() {
    let mut random = Random::new(7);
    for sample in corpus::valid() {
        for _ in 0..60 {
            let text = slip(&sample.text, &mut random);
            for dialect in [Dialect::Rest, Dialect::Apex] {
                match parse(&text, dialect) {
                    Ok(query) => assert_eq!(good(&query.to_string(), dialect), query, "{text}"),
                    Err(errors) => assert!(!errors.render(&text).is_empty()),
                }
            }
        }
    }
}

/// Deletes, doubles, swaps or replaces a byte or two.
fn slip(text: &str, random: &mut Random) -> String {
    const BYTES: &[u8] = b"'\"()[]{}.,:;=<>!%_-+*/\\ \n\t09azAZ\0\x80\xff";
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(2) {
        let at = random.below(bytes.len());
        let other = random.below(bytes.len());
        match random.below(4) {
            0 => _ = bytes.remove(at),
            1 => bytes.insert(at, bytes[at]),
            2 => bytes.swap(at, other),
            _ => bytes[at] = BYTES[random.below(BYTES.len())],
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
