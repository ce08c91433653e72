//! Several mistakes of one query, and none that follows from another.

use circuit_soql::Dialect;

use crate::support::bad;

/// The offsets of all errors, as the texts that stand there.
#[track_caller]
fn at(text: &str, dialect: Dialect) -> Vec<String> {
    let errors = bad(text, dialect);
    errors.iter().map(|error| text[error.span().range()].to_owned()).collect()
}

#[test]
fn mistakes_in_several_clauses_are_all_reported() {
    let text = "SELECT Id, FROM Lead WHERE A == 1 ORDER Name LIMIT x";
    assert_eq!(at(text, Dialect::Rest), [",", "==", "Name", "x"]);
}

#[test]
fn mistakes_in_one_condition_are_all_reported() {
    let text = "SELECT Id FROM Lead WHERE A == 1 && B = 2 OR C = 'a\\%'";
    assert_eq!(at(text, Dialect::Rest), ["==", "&&", "OR", "\\%"]);
}

#[test]
fn a_mistake_in_the_fields_hides_none_in_the_condition() {
    let text = "SELECT COUNT(*), SUM(), Name FROM Lead WHERE A = \"b\"";
    assert_eq!(at(text, Dialect::Rest), ["*", "\"b\""]);
}

#[test]
fn a_sub_query_is_given_up_alone() {
    let text = "SELECT Id, (SELECT Id FROM Tasks WHERE A = ) FROM Lead WERE B = 1";
    assert_eq!(at(text, Dialect::Rest), [")", "WERE"]);
}

#[test]
fn a_missing_from_is_reported_once() {
    for text in [
        "SELECT Id FORM Lead",
        "SELECT Id FORM Lead WHERE A = 1 ORDER BY B LIMIT 5",
        "SELECT Id Name Email",
        "SELECT Id WHERE A = 1 LIMIT 5",
        "SELECT , WHERE",
    ] {
        assert_eq!(bad(text, Dialect::Rest).len(), 1, "{text}");
    }
}

#[test]
fn one_slip_is_one_error() {
    for text in [
        "SELCT Id FROM Lead WHERE A = 1",
        "SELECT Id FROM Lead WERE A = 1 AND B = 2 ORDER BY C",
        "SELECT Id FROM Lead WHERE (A = 1 AND B = 2 LIMIT 5",
        "SELECT Id FROM Lead WHERE A = 'text LIMIT 5",
        "SELECT Id FROM Lead WHERE From = 1 LIMIT 5",
        "SELECT Id, Where FROM Lead WHERE A = 1",
        "SELECT Id FROM Lead ORDER BY A LIMT 5",
        "SELECT Id FROM Lead WHERE A = LAST_N_DAY:5 LIMIT 5",
        "SELECT LOWER(Name) FROM Lead GROUP BY Name",
        "SELECT Id FROM Lead WHERE Id IN (SELECT A, B FROM C) LIMIT 5",
        "SELECT Id, (SELECT Id FROM Tasks WHERE A = 1 FROM Lead",
        "SELECT Id FROM Lead LIMIT 5 WHERE A = 1",
        "SELECT Id FROM Lead WHERE A NOT LIKE 'a' ORDER BY B",
        "SELECT Id FROM Lead WHERE A = :b ORDER BY C LIMIT 5",
        "SELECT Id FROM Lead LIMIT 10, 20",
        "SELECT Id FROM Lead; SELECT Id FROM Task",
        "SELECT l.A.B.C.D.E.Name FROM WHERE A = 1",
        "SELECT COUNT() FROM Lead GROUP BY A ORDER BY A",
        "SELECT Id FROM Lead WHERE A = 'a' 'b' ORDER BY C",
        "SELECT Id FROM Lead WHERE (A = 1 OR B = ) AND C = 1 LIMIT 5",
        "SELECT Id, (SELECT Id FORM Tasks LIMIT 5) FROM Lead LIMIT 5",
        "SELECT A FROM Lead GRUOP BY A HAVING COUNT(Id) > 1 ORDER BY A",
        "SELECT Id FROM Lead USING SCOP Mine WHERE A = 1",
    ] {
        let errors = bad(text, Dialect::Rest);
        assert_eq!(errors.len(), 1, "{}", errors.render(text));
    }
}

#[test]
fn errors_stand_in_the_order_of_their_places() {
    let text = "SELECT A.B.C.D.E.F.G FROM Lead WHERE A == 1 GROUP Name";
    let errors = bad(text, Dialect::Rest);
    let offsets: Vec<usize> = errors.iter().map(circuit_soql::Error::offset).collect();
    assert!(offsets.is_sorted(), "{offsets:?}");
    assert_eq!(offsets.len(), 3);
}

#[test]
fn the_number_of_errors_has_a_bound() {
    let text = format!("SELECT Id FROM Lead WHERE {}A = 1", "A == 1 AND ".repeat(1000));
    assert!(bad(&text, Dialect::Rest).len() <= 50);
}

#[test]
fn an_error_is_shown_with_its_line_alone() {
    let text = "SELECT Id\r\nFROM Lead\r\nWHERE Näme = 1";
    let errors = bad(text, Dialect::Rest);
    let shown = errors.first().render(text);
    assert_eq!(shown.lines().nth(1), Some("3 | WHERE Näme = 1"));
    assert_eq!(shown.lines().nth(2), Some("  |        ^"));
}

#[test]
fn a_long_line_is_cut_around_the_error() {
    let text = format!("SELECT {} FROM Lead LIMIT x", vec!["Field__c"; 500].join(", "));
    let shown = bad(&text, Dialect::Rest).first().render(&text);
    assert!(shown.lines().all(|line| line.chars().count() < 140), "{shown}");
    let column = shown.lines().last().and_then(|line| line.find('^')).expect("a caret");
    assert_eq!(&shown.lines().nth(1).expect("a line")[column..=column], "x");
}

#[test]
fn errors_name_what_is_expected() {
    let errors = bad("SELECT Id FROM Lead ORDER BY Name NULLS", Dialect::Rest);
    assert_eq!(errors.first().expected(), ["FIRST", "LAST"]);
}
