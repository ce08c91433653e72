//! What is compared: programs that do the same work.

use std::error::Error;

use crate::{CircuitPeer, Dump, Floor, FloorInPlace, Lead};

/// The result of the benchmark programs; any error stops them.
pub type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// How many rows are one unit.
pub const CHUNK: usize = 200;

/// One way to do the work of the engine benchmark.
pub trait Peer {
    /// Returns the name in tables and on the command line.
    fn name(&self) -> &'static str;

    /// Takes the rows in its own form and starts with an empty store; not timed.
    fn prepare(&mut self, rows: &[Lead]) -> Result<()>;

    /// Does the work: what is timed.
    ///
    /// # Errors
    /// If a row is refused, such as a duplicate id.
    fn run(&mut self) -> Result<Summary>;

    /// Returns what is in the store; not timed.
    fn dump(&self) -> Result<Dump>;
}

/// What a pass came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// The rows stored.
    pub records: usize,
    /// The tasks stored.
    pub tasks: usize,
    /// The sum of the scores of all rows.
    pub score_sum: i64,
}

/// Returns every peer, the floor first.
///
/// # Errors
/// If an engine cannot be built.
pub fn peers() -> Result<Vec<Box<dyn Peer>>> {
    Ok(vec![
        Box::<Floor>::default(),
        Box::<FloorInPlace>::default(),
        Box::new(CircuitPeer::dynamic()?),
        Box::new(CircuitPeer::bare()?),
        Box::new(CircuitPeer::typed()?),
    ])
}
