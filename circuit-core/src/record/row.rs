//! Structs as rows of groups: what `#[derive(AggregateRow)]` implements.

use super::{FieldSpec, Record, RecordReader, StructFields};
use crate::error::Result;

/// A type for the rows of a query with groups, as Apex's `AggregateResult`; [`Record`] takes any.
///
/// Derive it; the methods are for generated code. See
/// [`#[derive(AggregateRow)]`](derive@crate::AggregateRow).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type for the rows of groups",
    label = "no row of groups",
    note = "put `#[derive(AggregateRow)]` on the struct, with a field for each column of the query, \
            or use `Record`"
)]
pub trait AggregateRow: Sized + Send + 'static {
    /// The columns that the type names; `None` if it takes any.
    #[doc(hidden)]
    const COLUMNS: Option<&'static StructFields>;

    /// Returns the columns that the type names, in the order of the reader's indexes.
    fn fields() -> &'static [FieldSpec];

    /// Reads a row.
    ///
    /// # Errors
    /// [`ErrorKind::Conversion`](crate::ErrorKind::Conversion) naming the column.
    fn read(reader: &RecordReader<'_>) -> Result<Self>;
}

impl AggregateRow for Record {
    const COLUMNS: Option<&'static StructFields> = None;

    fn fields() -> &'static [FieldSpec] {
        &[]
    }

    fn read(reader: &RecordReader<'_>) -> Result<Self> {
        Ok(reader.record().clone())
    }
}
