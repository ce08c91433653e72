//! The DML calls that handlers and hosts make.

use std::future::Future;

use super::execution::Execution;
use crate::dml::{DmlRequest, SaveResult};
use crate::error::Result;
use crate::record::IntoRecords;
use crate::value::Text;

/// DML calls: 1 DML statement and a DML row for each record; nothing for an empty list.
///
/// Each is all or none, and fails with [`ErrorKind::Dml`](crate::ErrorKind::Dml) and every refused
/// row, [`ErrorKind::Handler`](crate::ErrorKind::Handler) if a handler failed, or
/// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded); it and all that it set off are
/// undone then. [`dml`](Self::dml) takes other modes.
impl Execution {
    /// Runs a DML call of any kind and mode.
    ///
    /// # Errors
    /// As the other calls; where the mode is not all or none, refused rows are in the results.
    pub fn dml(
        &self,
        request: DmlRequest,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_> {
        self.save(request)
    }

    /// Inserts records.
    ///
    /// # Errors
    /// See above.
    pub fn insert<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, R> {
        self.save(DmlRequest::insert(records))
    }

    /// Updates records: fields that a record does not have stay as they are.
    ///
    /// # Errors
    /// See above.
    pub fn update<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, R> {
        self.save(DmlRequest::update(records))
    }

    /// Updates records that have an id and inserts those that have none.
    ///
    /// # Errors
    /// See above.
    pub fn upsert<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, R> {
        self.save(DmlRequest::upsert(records))
    }

    /// Updates the records whose value of a unique field or external id is found, and inserts the
    /// others.
    ///
    /// # Errors
    /// See above.
    pub fn upsert_by<R: IntoRecords>(
        &self,
        field: impl Into<Text>,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.save(DmlRequest::upsert_by(field, records))
    }

    /// Deletes records by their ids.
    ///
    /// # Errors
    /// See above.
    pub fn delete<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, R> {
        self.save(DmlRequest::delete(records))
    }

    /// Brings records back from the recycle bin by their ids.
    ///
    /// # Errors
    /// See above.
    pub fn undelete<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, R> {
        self.save(DmlRequest::undelete(records))
    }

    /// Merges at most two records into a master. See [`DmlRequest::merge`].
    ///
    /// # Errors
    /// See above.
    pub fn merge<M: IntoRecords, R: IntoRecords>(
        &self,
        master: M,
        others: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, M, R> {
        self.save(DmlRequest::merge(master, others))
    }

    /// Removes deleted records for good.
    ///
    /// # Errors
    /// See above.
    pub fn empty_recycle_bin<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, R> {
        self.save(DmlRequest::empty_recycle_bin(records))
    }
}
