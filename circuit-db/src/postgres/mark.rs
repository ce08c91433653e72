//! Marks of plans: what became of a commit whose answer was lost.
//!
//! Each plan inserts a row of its own in its transaction. Where the connection breaks during
//! `COMMIT`, another connection inserts the same row: it waits for a transaction that is still
//! under way, then either finds the row, so the plan is stored, or has put it there itself, so that
//! the plan cannot be stored any more, not even by bytes that are still on their way.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use deadpool_postgres::Pool;
use tokio::time::{Instant, sleep, timeout};

use super::error::{mapped, pooled};
use super::name::Namespace;

/// Between two questions for the fate of a commit.
const PAUSE: Duration = Duration::from_millis(100);

/// The marks of one store's plans.
#[derive(Debug)]
pub(super) struct Marks {
    store: String,
    /// How long the fate of a commit is asked for.
    patience: Duration,
    next: AtomicI64,
    /// Marks of plans whose answer has arrived; the next plans take them away.
    answered: Mutex<Vec<i64>>,
    put: String,
    claim: String,
}

/// The mark of one plan, and the ones that it takes away.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) plan: i64,
    pub(super) answered: Vec<i64>,
}

impl Marks {
    pub(super) fn new(namespace: &Namespace, store: String, patience: Duration) -> Self {
        let table = namespace.own("_circuit_plans");
        Self {
            store,
            patience,
            next: AtomicI64::new(1),
            answered: Mutex::default(),
            put: format!(
                "WITH gone AS (DELETE FROM {table} WHERE store = $1 AND plan = ANY($3::bigint[]))
                 INSERT INTO {table} (store, plan) VALUES ($1, $2)"
            ),
            claim: format!(
                "INSERT INTO {table} (store, plan) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            ),
        }
    }

    pub(super) fn store(&self) -> &String {
        &self.store
    }

    /// Returns the statement that puts a mark: store, plan, the plans whose marks go.
    pub(super) fn put(&self) -> &str {
        &self.put
    }

    pub(super) fn next(&self) -> Mark {
        let plan = self.next.fetch_add(1, Ordering::Relaxed);
        Mark { plan, answered: std::mem::take(&mut *self.answered()) }
    }

    fn answered(&self) -> std::sync::MutexGuard<'_, Vec<i64>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers that a plan is stored and its mark has done its work.
    pub(super) fn stored(&self, mark: &Mark) {
        self.answered().push(mark.plan);
    }

    /// Remembers the marks that a plan did not take away, because it was not stored.
    pub(super) fn kept(&self, mark: Mark) {
        self.answered().extend(mark.answered);
    }

    /// Finds out whether a plan is stored, and sees to it that it never will be if it is not.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] with `outcome: unknown` if the server cannot be asked.
    pub(super) async fn fate(&self, pool: &Pool, plan: i64) -> Result<bool> {
        let end = Instant::now() + self.patience;
        loop {
            let asked =
                timeout(end.saturating_duration_since(Instant::now()), self.ask(pool, plan));
            let error = match asked.await {
                Ok(Ok(is_stored)) => return Ok(is_stored),
                Ok(Err(error)) => Some(error),
                Err(_) => None,
            };
            if Instant::now() + PAUSE >= end {
                return Err(unknown(error));
            }
            sleep(PAUSE).await;
        }
    }

    async fn ask(&self, pool: &Pool, plan: i64) -> Result<bool> {
        let client = pool.get().await.map_err(pooled)?;
        let claimed = client.execute(&self.claim, &[&self.store, &plan]).await.map_err(mapped)?;
        Ok(claimed == 0)
    }
}

fn unknown(error: Option<Error>) -> Error {
    let message = "the connection was lost while PostgreSQL stored the plan; whether it is stored \
                   could not be found out";
    let unknown = Error::new(ErrorKind::Unavailable, message).with("outcome", "unknown");
    match error {
        Some(error) => unknown.with_source(error),
        None => unknown,
    }
}
