use circuit_core::prelude::*;

macro_rules! query {
    ($text:literal) => {
        soql!($text)
    };
}

fn main() {
    let _ = query!("SELECT Id, Emial FROM Contact");
}
