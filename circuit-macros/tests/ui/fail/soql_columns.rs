use std::future::Future;
use std::pin::Pin;

use circuit_core::Circuit;
use circuit_core::prelude::*;

#[derive(AggregateRow, Debug)]
pub struct ByStage {
    pub stage_name: Option<String>,
    pub deals: i64,
    #[sobject("expr0")]
    pub total: Option<i64>,
}

#[derive(AggregateRow, Debug)]
pub struct Total {
    #[sobject("expr0")]
    pub total: i64,
    pub id: RecordId,
    #[sobject(flatten)]
    pub other: FieldMap,
}

fn read(circuit: &Circuit) -> Pin<Box<dyn Future<Output = ()> + '_>> {
    Box::pin(async {
        let fits = soql!("SELECT StageName, COUNT(Id) deals, SUM(Amount) FROM Deal GROUP BY StageName");
        let _ = circuit.aggregate::<ByStage>(fits).await;
        let _ = circuit.aggregate::<ByStage>(soql!(
            "SELECT StageName, COUNT(Id), SUM(Amount), MAX(Amount) most
             FROM Deal
             GROUP BY StageName"
        )).await;
        let _ = circuit.aggregate::<Total>(soql!("SELECT SUM(Amount) sum, MIN(Amount) FROM Deal")).await;
    })
}

fn main() {
    let _: fn(&Circuit) -> Pin<Box<dyn Future<Output = ()> + '_>> = read;
}
