use circuit_core::prelude::*;

#[derive(AggregateRow, Debug)]
#[sobject("Opportunity")]
pub struct Named {
    pub deals: i64,
}

#[derive(AggregateRow, Debug)]
pub struct Words {
    #[sobject("expr0", required)]
    pub total: i64,
    #[sobject(related)]
    pub account: Option<Record>,
    #[sobject(falten)]
    pub other: FieldMap,
}

#[derive(AggregateRow, Debug)]
pub enum Either {
    One,
}

#[derive(SObject, Debug)]
#[sobject("AggregateResult")]
pub struct Old {
    pub deals: i64,
}

fn main() {}
