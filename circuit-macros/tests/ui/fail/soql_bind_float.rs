use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id FROM Contact WHERE Score__c > :least", least = 1.5);
}
