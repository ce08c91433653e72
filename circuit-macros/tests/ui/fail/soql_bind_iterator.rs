use circuit_core::prelude::*;

fn main() {
    let ids: Vec<RecordId> = Vec::new();
    let _ = soql!("SELECT Id FROM Contact WHERE Id IN :ids", ids = ids.iter().map(|id| id.as_str()));
}
