//! The test's own session with PostgreSQL, beside the store's: it looks, holds locks and kills.

use std::time::Duration;

use tokio_postgres::{Client, NoTls};

use crate::postgres;

/// A session of its own.
pub(crate) struct Server {
    client: Client,
}

impl Server {
    pub(crate) async fn connect() -> Self {
        let (client, connection) = tokio_postgres::connect(&postgres::url(), NoTls).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        Self { client }
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// Returns the first column of the rows.
    #[cfg(all(unix, feature = "postgres-tls"))]
    pub(crate) async fn ask<T: for<'a> tokio_postgres::types::FromSql<'a>>(
        &self,
        sql: &str,
    ) -> Vec<T> {
        self.client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Ends every session of the store with this name and returns how many there were.
    pub(crate) async fn kill(&self, store: &str) -> usize {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = $1";
        self.client.query(kill, &[&store]).await.unwrap().len()
    }

    /// Waits until a session of the store waits for a lock.
    pub(crate) async fn wait_until_blocked(&self, store: &str) {
        let blocked = "SELECT count(*) FROM pg_stat_activity
                       WHERE application_name = $1 AND wait_event_type = 'Lock'";
        for _ in 0..2_000 {
            let row = self.client.query_one(blocked, &[&store]).await.unwrap();
            if row.get::<_, i64>(0) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("no session of {store} waits");
    }
}

/// Returns the URL under which the store's sessions are found by [`Server`].
pub(crate) fn url_of(store: &str) -> String {
    format!("{}&application_name={store}", postgres::url())
}
