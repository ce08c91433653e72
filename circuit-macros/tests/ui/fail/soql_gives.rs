use circuit_core::prelude::*;
use circuit_core::{IntoAggregate, IntoQuery};

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub email: Option<String>,
}

#[derive(AggregateRow, Debug)]
pub struct ByEmail {
    pub email: Option<String>,
}

fn records<T: SObject>(_: impl IntoQuery<T>) {}

fn groups<T: AggregateRow>(_: impl IntoAggregate<T>) {}

fn main() {
    records::<Contact>(soql!("SELECT Email FROM Contact GROUP BY Email"));
    records::<Record>(soql!("SELECT MAX(Size) FROM Contact"));
    records::<Contact>(soql!("SELECT COUNT() FROM Contact"));
    groups::<ByEmail>(soql!("SELECT Email FROM Contact"));
    groups::<ByEmail>(soql!("SELECT COUNT() FROM Contact"));
    groups::<Contact>(soql!("SELECT Email FROM Contact GROUP BY Email"));
}
