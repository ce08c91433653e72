use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id, (SELECT Due FROM Milestone__c) FROM Project__c");
}
