//! Work that waits for the end of the execution; what registered it takes it along when undone.

use std::fmt;

use super::{Because, Transaction, Undo};
use crate::engine::{Committed, Execution, RolledBack};
use crate::registry::HandlerFuture;
use crate::value::Text;

/// Runs a hook with what it is given at its time.
pub(crate) type Run<A> = Box<dyn FnOnce(A) -> HandlerFuture<'static> + Send>;

/// When a hook runs.
pub(crate) enum HookKind {
    BeforeCommit(Run<Execution>),
    AfterCommit(Run<Committed>),
    AfterRollback(Run<RolledBack>),
}

/// A piece of work with its name and the handler that registered it.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) name: Text,
    pub(crate) handler: Text,
    /// The handler's object; empty for the host's hooks.
    pub(crate) object: Text,
    pub(crate) kind: HookKind,
    /// Its place among all that were registered.
    pub(crate) number: u64,
}

/// The hooks of an execution, in the order in which they were registered.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    waiting: Vec<Hook>,
    registered: u64,
    /// How many of the waiting ones ran before the commit, and so are done.
    done: usize,
    /// After-rollback hooks of work that failed: they run if the execution fails too.
    failed: Vec<Hook>,
}

impl HookKind {
    /// Returns the word for plans and messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::BeforeCommit(_) => "before commit",
            Self::AfterCommit(_) => "after commit",
            Self::AfterRollback(_) => "after rollback",
        }
    }
}

impl Hook {
    fn is_like(&self, other: &Self) -> bool {
        self.name == other.name
            && self.handler == other.handler
            && self.object.eq_ignore_ascii_case(&other.object)
            && std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
    }
}

impl Hooks {
    /// Returns how many hooks were registered.
    pub(super) fn registered(&self) -> u64 {
        self.registered
    }

    /// Forgets the hooks of failed work that was registered since: it is given up.
    pub(super) fn forget_failed_since(&mut self, registered: u64) {
        self.failed.retain(|hook| hook.number <= registered);
    }

    /// Takes back the last registration.
    pub(super) fn undo(&mut self, because: Because) {
        let Some(hook) = self.waiting.pop() else { return };
        self.done = self.done.min(self.waiting.len());
        if because == Because::Failed && matches!(hook.kind, HookKind::AfterRollback(_)) {
            self.failed.push(hook);
        }
    }
}

impl Transaction {
    /// Registers a hook; answers whether its handler has none of this name and kind yet.
    pub(crate) fn register(&mut self, mut hook: Hook) -> bool {
        let known = self.hooks.waiting.iter().any(|other| other.is_like(&hook));
        if !known {
            self.hooks.registered += 1;
            hook.number = self.hooks.registered;
            self.hooks.waiting.push(hook);
            self.undo.push(Undo::Hooked);
        }
        !known
    }

    /// Returns the next hook that is to run before the commit, as one that is done from now on.
    pub(crate) fn next_before_commit(&mut self) -> Option<Hook> {
        while let Some(hook) = self.hooks.waiting.get_mut(self.hooks.done) {
            self.hooks.done += 1;
            if let HookKind::BeforeCommit(run) = &mut hook.kind {
                let spent: Run<Execution> = Box::new(|_| Box::pin(async { Ok(()) }));
                let kind = HookKind::BeforeCommit(std::mem::replace(run, spent));
                let (name, handler) = (hook.name.clone(), hook.handler.clone());
                return Some(Hook {
                    name,
                    handler,
                    object: hook.object.clone(),
                    kind,
                    number: hook.number,
                });
            }
        }
        None
    }

    /// Returns whether any work waits.
    pub(crate) fn has_hooks(&self) -> bool {
        !self.hooks.waiting.is_empty()
    }

    /// Returns whether work waits for the commit.
    pub(crate) fn has_after_commit(&self) -> bool {
        self.hooks.waiting.iter().any(|hook| matches!(hook.kind, HookKind::AfterCommit(_)))
    }

    /// Returns the hooks that belong to a commit, in order.
    pub(crate) fn commit_hooks(&self) -> impl Iterator<Item = &Hook> {
        let fits = |hook: &&Hook| !matches!(hook.kind, HookKind::AfterRollback(_));
        self.hooks.waiting.iter().filter(fits)
    }

    /// Takes all hooks, those of failed work among them, in the order of their registration; one
    /// that was registered again after its work had failed runs once.
    pub(crate) fn take_hooks(&mut self) -> Vec<Hook> {
        let mut hooks = std::mem::take(&mut self.hooks.failed);
        hooks.append(&mut self.hooks.waiting);
        hooks.sort_by_key(|hook| hook.number);
        let mut once: Vec<Hook> = Vec::with_capacity(hooks.len());
        for hook in hooks {
            if !once.iter().any(|other| other.is_like(&hook)) {
                once.push(hook);
            }
        }
        once
    }
}

impl fmt::Debug for HookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
