use circuit_core::prelude::*;
use circuit_core::{Bind, Value};

#[derive(SObject, Debug)]
#[sobject("Anything")]
pub struct Query {
    pub kind: Option<String>,
}

mod host {
    pub mod engine {
        pub use circuit_core::__private;
    }
}

const STATEMENT: &str = "no clash";

struct Owner {
    id: String,
}

impl Owner {
    fn id(&self) -> Option<&String> {
        Some(&self.id)
    }
}

fn owner() -> Result<Owner, std::fmt::Error> {
    Ok(Owner { id: STATEMENT.to_owned() })
}

fn all() -> Result<(), std::fmt::Error> {
    let r#type = "x";
    let one = soql!("SELECT Id FROM Anything WHERE Owner = :owner", owner = owner()?.id());
    assert_eq!(one.bind("owner"), Some(&Bind::One(Value::from("no clash"))));
    let two = soql!("SELECT Id FROM Anything WHERE T = :type AND U = :type", r#type,);
    assert_eq!(two.binds().len(), 1);
    let three = soql!("SELECT Id FROM Anything LIMIT :n ALL ROWS", n = 5, crate = host::engine);
    assert_eq!(three.statement().text(), "SELECT Id FROM Anything LIMIT :n ALL ROWS");
    assert!(three.statement().query().is_ok());
    let _ = soql!("SELECT COUNT() FROM Statement");
    let _ = soql!("SELECT Id FROM self");
    soql!("SELECT Id FROM Anything WHERE Day = :day", day = None::<String>);
    Ok(())
}

/// Any type that the compiler knows to be one for a query.
fn takes<T: SObject>(_: impl circuit_core::IntoQuery<T>) {}

fn main() {
    all().unwrap();
    takes::<Query>(soql!("SELECT Id, Kind FROM ANYTHING"));
    takes::<Record>(soql!("SELECT Id FROM Whatever"));
}
