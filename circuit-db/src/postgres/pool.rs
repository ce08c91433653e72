//! The pool: from a URL to connections with the settings that commits rely on.

use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Pool, RecyclingMethod, Runtime,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// When a silent connection is looked after.
const SILENT: Duration = Duration::from_secs(30);

/// How long a connection may have been idle before it is asked whether it is alive.
const IDLE: Duration = Duration::from_secs(1);

/// No transaction of ours idles, and none waits longer for a row than Apex's do; a session that is
/// cut off without a word does not hold its locks for long.
const SETTINGS: &str = "SET idle_in_transaction_session_timeout = '60s'; SET lock_timeout = '10s'";

/// Reads a URL. What it says stays out of the error, for it may hold a password.
pub(super) fn config(url: &str) -> Result<Config> {
    let refused = |message: &str| Error::new(ErrorKind::Configuration, message);
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(refused("the URL has to begin with postgres:// or postgresql://"));
    }
    let mut config: Config = url.parse().map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        refused("the URL cannot be read; expected postgres://user:password@host:port/database")
            .with_source(cause.unwrap_or_default())
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        let message = "the URL asks for TLS (sslmode=require), which this store does not speak; \
                       use a connection that is protected otherwise, or sslmode=disable";
        return Err(refused(message));
    }
    if config.get_application_name().is_none() {
        config.application_name("circuit");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENT);
    }
    if config.get_keepalives_idle() > Duration::from_hours(1) {
        config.keepalives_idle(SILENT);
    }
    Ok(config)
}

/// Creates the pool; connections come about when they are needed.
pub(super) fn pool(config: Config, size: usize, wait: Duration) -> Result<Pool> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
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
    Pool::builder(Manager::from_config(config, NoTls, recycling))
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
