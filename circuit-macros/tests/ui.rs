//! What the macros accept, and what people read when they do not.

#[test]
fn handlers_compile_and_mistakes_have_their_own_message() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
