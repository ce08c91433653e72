use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Emial, Account.Nmae FROM Contact WHERE Birthdate = 5 AND OwnerId = :owner");
}
