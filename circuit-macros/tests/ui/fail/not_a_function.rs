use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
struct Handler;

fn main() {
    let _ = Handler;
}
