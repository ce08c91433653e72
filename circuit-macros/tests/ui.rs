//! What the macros accept, and what people read when they do not.

use std::env;
use std::process::Command;

#[test]
fn handlers_compile_and_mistakes_have_their_own_message() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}

/// The schema is named by a variable of the process: the test runs once more in one that has it.
#[test]
fn queries_are_checked_against_a_schema() {
    const NAME: &str = "CIRCUIT_SCHEMA";
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema");
    if env::var(NAME).is_ok_and(|named| named == folder) {
        let cases = trybuild::TestCases::new();
        cases.pass("tests/ui/soql/pass/*.rs");
        cases.compile_fail("tests/ui/soql/fail/*.rs");
        return;
    }
    let this = env::current_exe().unwrap();
    let args = ["--exact", "queries_are_checked_against_a_schema", "--nocapture"];
    let status = Command::new(this).args(args).env(NAME, folder).status().unwrap();
    assert!(status.success(), "the output above says what differs");
}
