//! The PostgreSQL server of the tests: `cargo xtask` starts it and says where it is.

use std::sync::atomic::{AtomicU32, Ordering};

use circuit_db::{ObjectSchema, Postgres, PostgresBuilder};

/// The variable that tells where the server is.
pub(crate) const VARIABLE: &str = "CIRCUIT_POSTGRES_URL";

/// Returns the server's URL. It is without TLS also while the tests of TLS have it on.
pub(crate) fn url() -> String {
    format!("{}?sslmode=disable", server())
}

/// Returns the URL without settings.
pub(crate) fn server() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "no PostgreSQL server: run `cargo xtask test`, or `cargo xtask postgres cargo test -p \
             circuit-db --all-features`, or set {VARIABLE} to the URL of an empty server"
        )
    })
}

/// Returns the name of a namespace that no other test has.
pub(crate) fn namespace() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Opens an empty store.
pub(crate) async fn open(schemas: Vec<ObjectSchema>) -> Postgres {
    let builder = schemas.into_iter().fold(Postgres::builder(), PostgresBuilder::schema);
    builder.namespace(namespace()).connect(&url()).await.unwrap()
}
