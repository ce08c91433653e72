//! What DML is asked, and what it answers.

mod dry_run;
mod outcome;
mod request;
mod result;

pub use dry_run::{DryRun, PlannedHook};
pub use outcome::{Outcome, PostCommitFailure};
pub(crate) use request::{Call, Verb};
pub use request::{DmlRequest, SaveMode};
pub use result::SaveResult;
