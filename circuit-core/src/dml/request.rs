//! What DML is asked.

use std::fmt;

use crate::event::Operation;
use crate::record::{IntoRecords, Record};
use crate::value::Text;

/// What becomes of a call in which some records are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SaveMode {
    /// Nothing of the call is kept, and it fails with every error (Apex: `allOrNone = true`).
    #[default]
    AllOrNone,
    /// The records without errors are saved (Apex: `allOrNone = false`, `apex_dml_bulk_exceptions`).
    ///
    /// All is undone and the triggers run again on the records that had no error, at most twice.
    /// The governor's counters go back to before the first attempt.
    Partial,
    /// The records without errors are saved, and no handler runs twice. Apex has no such mode.
    ///
    /// A record that an after handler refuses is taken back alone: its own write, and the staged
    /// records that refer to it. What handlers did beside it stays.
    Isolate,
}

/// One DML call: what is done to which records, and what becomes of it if some are refused.
///
/// # Examples
/// ```no_run
/// # async fn example(circuit: circuit_core::Circuit, rows: Vec<circuit_core::Record>) -> circuit_core::Result<()> {
/// use circuit_core::{DmlRequest, SaveMode};
///
/// let request = DmlRequest::upsert_by("Ext_Id__c", rows).with_mode(SaveMode::Partial);
/// for result in circuit.dml(request).await?.results() {
///     match result.id() {
///         Some(id) => println!("{id} created: {}", result.is_created()),
///         None => println!("refused: {}", result.errors()[0]),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DmlRequest {
    pub(crate) verb: Verb,
    pub(crate) records: Vec<Record>,
    pub(crate) mode: SaveMode,
    pub(crate) truncate: bool,
}

/// A request without its records.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) verb: Verb,
    pub(crate) mode: SaveMode,
    pub(crate) truncate: bool,
    /// The number of its records.
    pub(crate) total: usize,
}

/// What is done to the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verb {
    /// One of the four operations that have events.
    Plain(Operation),
    /// Insert or update, by the id or by a field.
    Upsert(Option<Text>),
    /// The first record takes the others in.
    Merge {
        /// The number of records that were given as the master.
        masters: usize,
    },
    /// Deleted records go for good.
    EmptyRecycleBin,
}

impl DmlRequest {
    fn new<R: IntoRecords>(verb: Verb, records: R) -> Self {
        let records = records.into_records();
        Self { verb, records, mode: SaveMode::default(), truncate: false }
    }

    pub(crate) fn into_parts(self) -> (Call, Vec<Record>) {
        let Self { verb, records, mode, truncate } = self;
        (Call { verb, mode, truncate, total: records.len() }, records)
    }

    /// Inserts records.
    pub fn insert<R: IntoRecords>(records: R) -> Self {
        Self::new(Verb::Plain(Operation::Insert), records)
    }

    /// Updates records: fields that a record does not have stay as they are.
    pub fn update<R: IntoRecords>(records: R) -> Self {
        Self::new(Verb::Plain(Operation::Update), records)
    }

    /// Updates records that have an id and inserts those that have none.
    ///
    /// Where callers choose ids, a record with an id that is free is inserted.
    pub fn upsert<R: IntoRecords>(records: R) -> Self {
        Self::new(Verb::Upsert(None), records)
    }

    /// Updates the records whose value of a field is found, and inserts the others.
    ///
    /// The field must be declared as unique or as an external id. A value that several records
    /// have is an error of the row, as in Apex.
    pub fn upsert_by<R: IntoRecords>(field: impl Into<Text>, records: R) -> Self {
        Self::new(Verb::Upsert(Some(field.into())), records)
    }

    /// Deletes records by their ids.
    pub fn delete<R: IntoRecords>(records: R) -> Self {
        Self::new(Verb::Plain(Operation::Delete), records)
    }

    /// Brings records back from the recycle bin by their ids.
    pub fn undelete<R: IntoRecords>(records: R) -> Self {
        Self::new(Verb::Plain(Operation::Undelete), records)
    }

    /// Merges at most two records into a master of the same object, which is updated with the
    /// fields given; records that refer to the others refer to the master then.
    ///
    /// Always all or none. The results are the master's and then the others'.
    pub fn merge<M: IntoRecords, R: IntoRecords>(master: M, others: R) -> Self {
        let mut records = master.into_records();
        let masters = records.len();
        records.extend(others.into_records());
        Self::new(Verb::Merge { masters }, records)
    }

    /// Removes deleted records for good, by their ids (Apex: `Database.emptyRecycleBin`).
    pub fn empty_recycle_bin<R: IntoRecords>(records: R) -> Self {
        Self::new(Verb::EmptyRecycleBin, records)
    }

    /// Sets what becomes of the call if some records are refused.
    #[must_use]
    pub fn with_mode(mut self, mode: SaveMode) -> Self {
        self.mode = mode;
        self
    }

    /// Cuts texts that are too long instead of refusing them (Apex: `allowFieldTruncation`).
    #[must_use]
    pub fn with_field_truncation(mut self) -> Self {
        self.truncate = true;
        self
    }
}

impl Verb {
    /// Returns the word that people read.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Plain(operation) => operation.name(),
            Self::Upsert(_) => "upsert",
            Self::Merge { .. } => "merge",
            Self::EmptyRecycleBin => "empty recycle bin",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
