use circuit_core::prelude::*;

struct Guards;

#[triggers]
impl Guards {
    fn helper(&self) {}
}

fn main() {
    Guards.helper();
}
