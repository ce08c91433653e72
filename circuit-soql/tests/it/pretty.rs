//! Queries on several lines.

use circuit_soql::Dialect;

use crate::support::good;

#[track_caller]
fn check(text: &str, lines: &str) {
    assert_eq!(good(text, Dialect::Rest).to_pretty_string(), lines.trim());
}

#[test]
fn a_small_query_has_a_line_per_clause() {
    check(
        "SELECT Id FROM Lead WHERE A = 1 ORDER BY B LIMIT 5",
        "SELECT Id\nFROM Lead\nWHERE A = 1\nORDER BY B\nLIMIT 5",
    );
}

#[test]
fn fields_and_conditions_stand_on_lines_of_their_own() {
    check(
        "SELECT Id, Name FROM Lead WHERE A = 1 AND (B = 2 OR C = 3) AND D = 4",
        "
SELECT
  Id,
  Name
FROM Lead
WHERE A = 1
  AND (B = 2
    OR C = 3)
  AND D = 4",
    );
}

#[test]
fn sub_queries_are_indented() {
    check(
        "SELECT Id, (SELECT Id FROM Tasks LIMIT 5) FROM Lead WHERE Id IN (SELECT A FROM B)",
        "
SELECT
  Id,
  (
    SELECT Id
    FROM Tasks
    LIMIT 5
  )
FROM Lead
WHERE Id IN (
    SELECT A
    FROM B
  )",
    );
}

#[test]
fn typeof_has_a_line_per_branch() {
    check(
        "SELECT Id, TYPEOF What WHEN Account THEN Phone, Name ELSE Id END FROM Event",
        "
SELECT
  Id,
  TYPEOF What
    WHEN Account THEN Phone, Name
    ELSE Id
  END
FROM Event",
    );
}
