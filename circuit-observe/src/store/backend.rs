//! What a database has to do for the store, on a thread of the store's own.

use circuit_core::Result;

use super::row::Row;
use super::search::Search;

/// The version of the tables. A store of a higher one is not opened.
pub(super) const VERSION: i64 = 1;

/// Which form of a report a search answers with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Summary,
    Report,
}

impl Found {
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Report => "report",
        }
    }
}

/// One connection. Calls wait, so it lives on a thread where nothing else runs.
pub(super) trait Backend: Send + 'static {
    /// Stores reports, all or none; one that is there already is left as it is.
    ///
    /// # Errors
    /// `InvalidInput` if it is for what is in a report, so that another try would meet it again.
    fn write(&mut self, rows: &[Row]) -> Result<()>;

    /// Returns the places and texts of what is searched for, the last one first.
    fn find(&mut self, search: &Search, what: Found) -> Result<Vec<(i64, String)>>;

    /// Removes some of the reports that began before a moment, in microseconds since 1970;
    /// answers how many.
    fn prune(&mut self, before: i64, most: i64) -> Result<u64>;
}

/// Refuses tables of a later version.
pub(super) fn check_version(found: i64) -> Result<()> {
    if found <= VERSION {
        return Ok(());
    }
    let message = "the store of reports was written by a later version of Circuit";
    Err(circuit_core::Error::new(circuit_core::ErrorKind::Configuration, message)
        .with("found", found)
        .with("known", VERSION))
}
