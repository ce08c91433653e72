use circuit_core::prelude::*;

fn number(size: &str) {
    let _ = soql!("SELECT Id FROM Account WHERE AnnualRevenue > :size", size);
}

fn moment(name: String) {
    let _ = soql!("SELECT Id FROM Account WHERE CreatedDate > :name AND Name = :name", name = &name);
}

fn ids() {
    let _ = soql!("SELECT Id FROM Contact WHERE AccountId IN :ids", ids = vec![1, 2]);
}

fn parents() {
    let other = Some(true);
    let _ = soql!("SELECT Id FROM Contact WHERE Account.AnnualRevenue IN (5, :other)", other);
}

fn pattern(year: i64) {
    let _ = soql!("SELECT Id FROM Contact WHERE Email LIKE :y", y = year);
    let _ = soql!("SELECT Id FROM Account WHERE Regions__c INCLUDES :years", years = &[year]);
}

fn groups(least: Text) {
    let _ = soql!("SELECT Name FROM Account GROUP BY Name HAVING COUNT(Id) > :least", least);
}

fn main() {}
