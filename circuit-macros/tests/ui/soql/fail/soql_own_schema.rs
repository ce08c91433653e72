use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Titel, Account.Nmae FROM Project__c");
}
