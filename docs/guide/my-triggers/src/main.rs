//! A host: it has the store and the engine.

use circuit_core::{Circuit, Limits};
use circuit_db::Memory;
use my_triggers::{Contact, Task};

#[tokio::main]
async fn main() -> circuit_core::Result<()> {
    let store = Memory::builder().schema(Contact::schema()).schema(Task::schema()).build()?;
    let circuit = Circuit::builder()
        .backend(store)
        .limits(Limits::circuit())
        .expect_crates(["my-triggers"])
        .build()?;
    println!("{}\n", circuit.plan());

    let ada = Contact {
        last_name: Some("Lovelace".to_owned()),
        email: Some(" Ada@Example.com".to_owned()),
        ..Contact::default()
    };
    let outcome = circuit.insert(ada).await?;
    println!("{outcome}");
    Ok(())
}
