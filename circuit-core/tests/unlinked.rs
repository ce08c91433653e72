//! A program of its own, because no trigger may be linked into it.

use circuit_core::{Circuit, ErrorKind};
use circuit_db::Memory;

#[test]
fn an_engine_into_which_no_triggers_are_linked_says_so() {
    let error = Circuit::builder().backend(Memory::new()).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("use my_triggers as _;"), "{error}");
}
