//! Work before the commit, after the commit and after a rollback.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use uuid::Uuid;

use super::execution::{Ending, Execution, HOST};
use super::panic::{self, Ended};
use super::session::Session;
use crate::dml::PostCommitFailure;
use crate::error::{Error, ErrorKind, HandlerError, Result};
use crate::governor::Limit;
use crate::record::RecordId;
use crate::registry::HandlerFuture;
use crate::report::{Doing, StepKind};
use crate::transaction::{Hook, HookKind};
use crate::value::Text;

/// What an after-commit hook is given: the records are stored, a new execution may begin.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Committed {
    /// For executions of its own, by the same user and with the same limits.
    pub session: Session,
    /// The execution that was committed.
    pub execution_id: Uuid,
    ids: Arc<HashMap<RecordId, RecordId>>,
}

impl Committed {
    /// Returns the id that a record has after the commit; another one than in the execution only
    /// where the store assigns ids.
    pub fn final_id<'a>(&'a self, id: &'a RecordId) -> &'a RecordId {
        self.ids.get(id).unwrap_or(id)
    }
}

/// What an after-rollback hook is given: nothing of the execution is stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RolledBack {
    /// For executions of its own, by the same user and with the same limits.
    pub session: Session,
    /// The execution that was rolled back.
    pub execution_id: Uuid,
    /// Why.
    pub error: Arc<Error>,
}

/// The hooks that the engine runs once in every execution.
#[derive(Default)]
pub(super) struct EngineHooks {
    pub(super) before_commit: Vec<(Text, Each<Execution>)>,
    pub(super) after_commit: Vec<(Text, Each<Committed>)>,
    pub(super) after_rollback: Vec<(Text, Each<RolledBack>)>,
}

impl EngineHooks {
    /// Returns the hooks that belong to a commit, in the order in which they run.
    pub(super) fn names(&self) -> impl Iterator<Item = (&'static str, &Text)> {
        let before = self.before_commit.iter().map(|(name, _)| ("before commit", name));
        before.chain(self.after_commit.iter().map(|(name, _)| ("after commit", name)))
    }
}

pub(super) type Each<A> = Arc<dyn Fn(A) -> HandlerFuture<'static> + Send + Sync>;

/// Makes a hook of a closure that runs in every execution.
pub(super) fn each<A, F, Fut>(hook: F) -> Each<A>
where
    A: Send + 'static,
    F: Fn(A) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let hook = Arc::new(hook);
    Arc::new(move |given| {
        let hook = Arc::clone(&hook);
        // Called inside, so that a panic of the closure itself is caught too.
        Box::pin(async move { hook(given).await.map_err(Into::into) })
    })
}

/// Registering hooks. Each is known by its name: one handler registers a name once, in however many
/// chunks it runs. What is undone takes its hooks along.
impl Execution {
    /// Runs work once before the commit, after all handlers; its DML is part of the transaction.
    ///
    /// Hooks run in the order in which they were registered. An error rolls the execution back.
    /// Answers whether the name was free.
    ///
    /// # Errors
    /// [`ErrorKind::ExecutionEnded`], [`ErrorKind::LimitExceeded`].
    pub async fn before_commit<F, Fut>(&self, name: impl Into<Text> + Send, hook: F) -> Result<bool>
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let run = |given| Box::pin(async move { hook(given).await.map_err(Into::into) }) as _;
        self.register(name.into(), HookKind::BeforeCommit(Box::new(run))).await
    }

    /// Runs work once after the commit (Apex: an enqueued job): it counts as 1 after-commit hook.
    ///
    /// A hook that fails stops neither the others nor undoes anything; the caller finds it in
    /// [`Outcome::post_commit_failures`](crate::Outcome::post_commit_failures). Answers whether
    /// the name was free.
    ///
    /// # Errors
    /// As [`before_commit`](Self::before_commit).
    pub async fn after_commit<F, Fut>(&self, name: impl Into<Text> + Send, hook: F) -> Result<bool>
    where
        F: FnOnce(Committed) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let run = |given| Box::pin(async move { hook(given).await.map_err(Into::into) }) as _;
        self.register(name.into(), HookKind::AfterCommit(Box::new(run))).await
    }

    /// Runs work once after the execution has failed and nothing of it is stored.
    ///
    /// It does not run for an attempt that is given up, for a run that is repeated after a conflict
    /// or a `RetryableError`, nor when the host drops the future. An error of it is logged. Answers whether the name was free.
    ///
    /// # Errors
    /// As [`before_commit`](Self::before_commit).
    pub async fn after_rollback<F, Fut>(
        &self,
        name: impl Into<Text> + Send,
        hook: F,
    ) -> Result<bool>
    where
        F: FnOnce(RolledBack) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let run = |given| Box::pin(async move { hook(given).await.map_err(Into::into) }) as _;
        self.register(name.into(), HookKind::AfterRollback(Box::new(run))).await
    }

    async fn register(&self, name: Text, kind: HookKind) -> Result<bool> {
        let _turn = self.turn().await?;
        let is_job = matches!(kind, HookKind::AfterCommit(_));
        let (handler, object) = (self.handler().clone(), self.object().clone());
        let hook = Hook { name, handler, object, kind, number: 0 };
        let new = self.transaction().register(hook);
        if new && is_job {
            self.governor().charge(Limit::QueueableJobs, 1, self.payer())?;
        }
        Ok(new)
    }
}

/// Running hooks.
impl Execution {
    /// Whether anything is to run before the commit.
    pub(super) fn has_before_commit(&self) -> bool {
        !self.state().engine.hooks.before_commit.is_empty() || self.transaction().has_hooks()
    }

    /// Whether anything is to run after the commit.
    pub(super) fn has_after_commit(&self) -> bool {
        !self.state().engine.hooks.after_commit.is_empty() || self.transaction().has_after_commit()
    }

    /// Runs the hooks before the commit, and those that they bring about.
    pub(super) async fn run_before_commit(&self) -> Result<()> {
        self.run_waiting().await?;
        for (name, hook) in &self.state().engine.hooks.before_commit {
            let doing = self.step(StepKind::Hook, name);
            let place = self.on_behalf_of(&HOST, &Text::default(), doing.at());
            let ran = self.run_one(name, &place, hook(place.clone()), &doing).await;
            doing.end(ran)?;
        }
        self.run_waiting().await
    }

    async fn run_waiting(&self) -> Result<()> {
        loop {
            let next = self.transaction().next_before_commit();
            let Some(Hook { name, handler, object, kind: HookKind::BeforeCommit(run), .. }) = next
            else {
                return Ok(());
            };
            let doing = self.step(StepKind::Hook, &name);
            let place = self.on_behalf_of(&handler, &object, doing.at());
            let ran = self.run_one(&name, &place, run(place.clone()), &doing).await;
            doing.end(ran)?;
        }
    }

    async fn run_one(
        &self,
        name: &Text,
        place: &Self,
        hook: HandlerFuture<'static>,
        doing: &Doing<'_>,
    ) -> Result<()> {
        let _ending = Ending(place.clone());
        let ended = place.clone().run_hook(hook, doing).await?;
        let over = place.end();
        let handler = place.handler();
        self.governor().check(place.payer())?;
        self.outcome_of(ended).and(over).map_err(|error| {
            error.with("hook", name).with("handler", handler).with("execution", self.id())
        })
    }

    /// Runs a hook at this place, on a thread for handlers.
    async fn run_hook(self, hook: HandlerFuture<'static>, doing: &Doing<'_>) -> Result<Ended> {
        let place = self.clone();
        let run = async move { Ok(panic::run(&place, hook).await) };
        let ran = if self.is_isolated() { Box::pin(self.isolated(run)).await } else { run.await };
        let (ended, spent) = ran?;
        doing.set(|step| (step.cpu, step.peak) = (spent.cpu, spent.peak()));
        Ok(ended)
    }

    /// Runs a hook of which the execution is over: with limits as at the start, of its own.
    async fn run_aftermath(
        &self,
        handler: &Text,
        hook: HandlerFuture<'static>,
        doing: &Doing<'_>,
    ) -> Result<()> {
        let place = self.aftermath(handler);
        let _ending = Ending(place.clone());
        let run = place.clone().run_hook(hook, doing);
        let ended = Box::pin(place.within_deadline(run)).await??;
        place.governor().check_memory(place.payer())?;
        place.outcome_of(ended)
    }

    /// Runs the hooks after the commit; answers those that failed.
    pub(super) async fn run_after_commit(
        &self,
        session: &Session,
        ids: &HashMap<RecordId, RecordId>,
    ) -> Vec<PostCommitFailure> {
        let engine = &self.state().engine.hooks.after_commit;
        let given = Committed {
            session: session.for_hooks_of(self.id()),
            execution_id: self.id(),
            ids: Arc::new(ids.clone()),
        };
        let mut failures = Vec::new();
        let own = self.transaction().take_hooks().into_iter().filter_map(|hook| match hook.kind {
            HookKind::AfterCommit(run) => Some((hook.name, hook.handler, run(given.clone()))),
            _ => None,
        });
        let own: Vec<_> = own.collect();
        let engine = engine.iter().map(|(name, hook)| (name.clone(), HOST, hook(given.clone())));
        for (name, handler, hook) in own.into_iter().chain(engine) {
            let doing = self.step(StepKind::Hook, &name);
            let ran = self.run_aftermath(&handler, hook, &doing).await;
            if let Err(error) = doing.end(ran) {
                self.log()
                    .for_handler(&handler)
                    .error("committed, but an after-commit hook failed")
                    .with("hook", &name)
                    .with_display("error", &error);
                failures.push(PostCommitFailure { hook: name, handler, error });
            }
        }
        failures
    }

    /// Runs the hooks after a rollback; one that fails is logged.
    pub(super) async fn run_after_rollback(&self, session: &Session, error: Error) -> Error {
        let hooks = self.transaction().take_hooks();
        let engine = &self.state().engine.hooks.after_rollback;
        let waiting = hooks.iter().any(|hook| matches!(hook.kind, HookKind::AfterRollback(_)));
        if !waiting && engine.is_empty() {
            return error;
        }
        let error = Arc::new(error);
        let given = RolledBack {
            session: session.for_hooks_of(self.id()),
            execution_id: self.id(),
            error: Arc::clone(&error),
        };
        let own = hooks.into_iter().filter_map(|hook| match hook.kind {
            HookKind::AfterRollback(run) => Some((hook.name, hook.handler, run(given.clone()))),
            _ => None,
        });
        let own: Vec<_> = own.collect();
        let engine = engine.iter().map(|(name, hook)| (name.clone(), HOST, hook(given.clone())));
        for (name, handler, hook) in own.into_iter().chain(engine) {
            let doing = self.step(StepKind::Hook, &name);
            let ran = self.run_aftermath(&handler, hook, &doing).await;
            if let Err(error) = doing.end(ran) {
                self.log()
                    .for_handler(&handler)
                    .error("an after-rollback hook failed")
                    .with("hook", &name)
                    .with_display("error", &error);
            }
        }
        drop(given);
        Arc::try_unwrap(error).unwrap_or_else(|shared| shared.copy())
    }
}

impl Execution {
    /// Turns the end of a handler or hook into a result.
    pub(super) fn outcome_of(&self, ended: Ended) -> Result<()> {
        match ended {
            Ended::Returned(Ok(())) => Ok(()),
            Ended::Returned(Err(error)) => Err(self.failed(error)),
            Ended::Thrown(error) => Err(self.failed(Box::new(error))),
            Ended::Panicked { message, place } => {
                let message = format!("a handler panicked: {message}");
                let error = Error::new(ErrorKind::HandlerPanicked, message);
                Err(match place {
                    Some(place) => error.with("at", place),
                    None => error,
                })
            }
        }
    }
}

impl fmt::Debug for EngineHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn names<A>(hooks: &[(Text, A)]) -> Vec<&Text> {
            hooks.iter().map(|(name, _)| name).collect()
        }
        f.debug_struct("EngineHooks")
            .field("before_commit", &names(&self.before_commit))
            .field("after_commit", &names(&self.after_commit))
            .field("after_rollback", &names(&self.after_rollback))
            .finish()
    }
}
