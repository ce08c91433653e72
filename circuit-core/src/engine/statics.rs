//! What handlers keep for the length of an execution, as Apex keeps static variables (A5).

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::execution::Execution;

type Static = Arc<Mutex<Box<dyn Any + Send>>>;

/// One value of each type that handlers asked for.
#[derive(Default)]
pub(super) struct Statics {
    values: Mutex<HashMap<TypeId, Static>>,
}

impl Execution {
    /// Lets a handler read and write a value that lives as long as the execution.
    ///
    /// It is what static variables are in Apex: all handlers share the one value of a type, and
    /// chunks, attempts, savepoints and failed DML calls do not set it back. An execution that is
    /// run again because of a conflict begins with a new one.
    ///
    /// # Panics
    /// May panic or never return if the closure asks for the same type again.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::prelude::*;
    ///
    /// #[derive(Default)]
    /// struct Seen(usize);
    ///
    /// fn count(ctx: &TriggerContext<'_, Record>) -> usize {
    ///     ctx.statics(|seen: &mut Seen| {
    ///         seen.0 += ctx.size();
    ///         seen.0
    ///     })
    /// }
    /// # let _ = count;
    /// ```
    pub fn statics<T, R>(&self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default + Send + 'static,
    {
        let mut values = self.state().statics.values.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Mutex::new(Box::new(T::default()) as Box<dyn Any + Send>));
        let value = Arc::clone(values.entry(TypeId::of::<T>()).or_insert_with(new));
        drop(values);
        let mut value = value.lock().unwrap_or_else(PoisonError::into_inner);
        change(value.downcast_mut().expect("the key is the type"))
    }
}

impl fmt::Debug for Statics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statics").finish_non_exhaustive()
    }
}
