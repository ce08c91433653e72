//! I/O from a thread that may do none: it runs on the host's runtime and answers over a channel.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::oneshot;
use tracing::Instrument;

use super::Executor;
use crate::db::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, FetchRequest, Query, QueryAnswer, QueryPlan,
    Stored,
};
use crate::engine::watch::is_in_job;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::ObjectSchema;

/// Runs work on the host's runtime if this thread is a worker, else here.
///
/// # Errors
/// [`ErrorKind::Unavailable`] if the work ended without an answer: it panicked, or the host's runtime
/// is shutting down.
pub(crate) async fn on_host<T: Send + 'static>(
    executor: &dyn Executor,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T> {
    if !is_in_job() {
        return Ok(work.await);
    }
    let (answer, answered) = oneshot::channel();
    let work = async move {
        // Nobody waits any more if this fails.
        drop(answer.send(work.await));
    };
    let work = work.in_current_span();
    executor.on_host(Box::pin(work)).await;
    answered.await.map_err(|_| {
        Error::new(ErrorKind::Unavailable, "work on the host's runtime ended without an answer")
    })
}

/// A store of which handlers' threads only see the answers.
#[derive(Debug)]
pub(crate) struct HostStore {
    store: Arc<dyn CircuitDB>,
    executor: Arc<dyn Executor>,
}

impl HostStore {
    pub(crate) fn new(store: Arc<dyn CircuitDB>, executor: Arc<dyn Executor>) -> Self {
        Self { store, executor }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CircuitDB for HostStore {
    fn capability(&self) -> &Capability {
        self.store.capability()
    }

    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        self.store.describe(object)
    }

    fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        self.store.schemas()
    }

    async fn query(&self, query: &Query) -> Result<QueryAnswer> {
        let (store, query) = (Arc::clone(&self.store), query.clone());
        on_host(&*self.executor, async move { store.query(&query).await }).await?
    }

    async fn explain(&self, query: &Query) -> Result<QueryPlan> {
        let (store, query) = (Arc::clone(&self.store), query.clone());
        on_host(&*self.executor, async move { store.explain(&query).await }).await?
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
        let (store, request) = (Arc::clone(&self.store), request.clone());
        on_host(&*self.executor, async move { store.fetch(&request).await }).await?
    }

    async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
        let store = Arc::clone(&self.store);
        on_host(&*self.executor, async move { store.commit(plan).await }).await?
    }
}
