//! Savepoints of a handler or host (A8).

use super::execution::Execution;
use crate::error::{Error, ErrorKind, Result};
use crate::governor::Limit;
use crate::transaction::Savepoint;

impl Execution {
    /// Sets a savepoint: 1 DML statement (Apex: `Database.setSavepoint`).
    ///
    /// It means something only in the call of the handler that set it, and ends with that call.
    ///
    /// # Errors
    /// [`ErrorKind::LimitExceeded`].
    pub async fn set_savepoint(&self) -> Result<Savepoint> {
        let _turn = self.turn().await?;
        self.governor().charge(Limit::DmlStatements, 1, self.payer())?;
        self.note_savepoint();
        Ok(self.transaction().set_savepoint(self.place()))
    }

    /// Undoes everything since a savepoint: 1 DML statement (Apex: `Database.rollback`).
    ///
    /// The savepoint stays, later ones do not. What was used of the limits stays used, and
    /// [`statics`](Self::statics) keep their values.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSavepoint`] if it was released, lies after one that was rolled back to,
    /// or was set in another call; [`ErrorKind::LimitExceeded`].
    pub async fn rollback(&self, savepoint: &Savepoint) -> Result<()> {
        let _turn = self.turn().await?;
        self.governor().charge(Limit::DmlStatements, 1, self.payer())?;
        let known = self.transaction().rollback_to(savepoint, self.place());
        self.lower_checkpoint();
        self.known(known)
    }

    /// Gives up a savepoint and the later ones; what was done since stays. Costs nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSavepoint`] as for [`rollback`](Self::rollback).
    pub async fn release_savepoint(&self, savepoint: Savepoint) -> Result<()> {
        let _turn = self.turn().await?;
        let known = self.transaction().release_savepoint(&savepoint, self.place());
        self.known(known)
    }

    fn known(&self, known: bool) -> Result<()> {
        if known {
            return Ok(());
        }
        let message = "the savepoint is not active here: it was released, lies after one that was \
                       rolled back to, or was set in another call of a handler";
        Err(Error::new(ErrorKind::InvalidSavepoint, message)
            .with("handler", self.handler())
            .with("execution", self.id()))
    }
}
