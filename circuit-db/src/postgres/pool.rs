//! The pool: connections with the settings that commits rely on.

use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Pool, RecyclingMethod, Runtime,
};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;

use super::url::Address;

/// How long a connection may take to come about.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection may have been idle before it is asked whether it is alive.
const IDLE: Duration = Duration::from_secs(1);

const RECYCLING: ManagerConfig = ManagerConfig { recycling_method: RecyclingMethod::Fast };

/// No transaction of ours idles, and none waits longer for a row than Apex's do; a session that is
/// cut off without a word does not hold its locks for long.
const SETTINGS: &str = "SET idle_in_transaction_session_timeout = '60s'; SET lock_timeout = '10s'";

/// Creates the pool; connections come about when they are needed.
pub(super) fn pool(address: Address, size: usize, wait: Duration) -> Result<Pool> {
    let settings = Hook::async_fn(|client: &mut ClientWrapper, _: &Metrics| {
        Box::pin(async { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
    });
    // Who has been idle may be dead without knowing it, after a restart of the server.
    let is_alive = Hook::async_fn(|client: &mut ClientWrapper, metrics: &Metrics| {
        let is_fresh = metrics.last_used() < IDLE;
        Box::pin(async move {
            if is_fresh {
                return Ok(());
            }
            client.batch_execute("").await.map_err(HookError::Backend)
        })
    });
    Pool::builder(manager(address)?)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(wait))
        .create_timeout(Some(CONNECT))
        .recycle_timeout(Some(CONNECT))
        .post_create(settings)
        .pre_recycle(is_alive)
        .build()
        .map_err(|error| {
            Error::new(ErrorKind::Configuration, "the pool cannot work")
                .with_source(error.to_string())
        })
}

#[cfg(feature = "postgres-tls")]
fn manager((config, root): Address) -> Result<Manager> {
    if config.get_ssl_mode() == SslMode::Disable {
        return Ok(Manager::from_config(config, NoTls, RECYCLING));
    }
    let tls = super::tls::connector(root.as_deref())?;
    Ok(Manager::from_config(config, tls, RECYCLING))
}

#[cfg(not(feature = "postgres-tls"))]
fn manager((config, _): Address) -> Result<Manager> {
    check_without_tls(&config)?;
    Ok(Manager::from_config(config, NoTls, RECYCLING))
}

/// What a build without the feature answers.
#[cfg(any(test, not(feature = "postgres-tls")))]
fn check_without_tls(config: &tokio_postgres::Config) -> Result<()> {
    if config.get_ssl_mode() != SslMode::Require {
        return Ok(());
    }
    let message = "the URL asks for TLS, which this build does not speak; turn the feature \
                   `postgres-tls` of circuit-db on, or use sslmode=disable where the connection is \
                   protected otherwise";
    Err(Error::new(ErrorKind::Configuration, message))
}

#[cfg(test)]
mod tests {
    use super::super::url;
    use super::*;

    #[test]
    fn without_the_feature_a_url_that_asks_for_tls_is_told_its_name() {
        let check = |settings: &str| {
            let address = url::read(&format!("postgres://u:hunter2@h/d{settings}"), None);
            check_without_tls(&address.unwrap().0)
        };
        for settings in ["?sslmode=require", "?sslmode=verify-full", "?sslrootcert=a.crt"] {
            let error = check(settings).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.message().contains("`postgres-tls`"), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        for settings in ["", "?sslmode=prefer", "?sslmode=disable&sslrootcert=a.crt"] {
            check(settings).unwrap();
        }
    }
}
