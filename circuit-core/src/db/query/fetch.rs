//! Records by key.

use crate::error::{Error, ErrorKind, Result};
use crate::record::RecordId;
use crate::schema::{FieldSchema, ObjectSchema};
use crate::value::{Text, Value};

/// What names one record.
#[derive(Debug, Clone, PartialEq)]
pub enum FetchKey {
    /// Its id.
    Id(RecordId),
    /// The value of a unique field.
    Unique {
        /// The field's name.
        field: Text,
        /// The value; text matches without regard to case.
        value: Value,
    },
}

/// Where records are looked for by id; unique values are those of live records only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FetchScope {
    /// Among the records that are not deleted.
    #[default]
    Live,
    /// In the recycle bin.
    RecycleBin,
    /// In both.
    Anywhere,
}

impl FetchScope {
    /// Returns whether a record is in the scope.
    pub fn has(self, deleted: bool) -> bool {
        match self {
            Self::Live => !deleted,
            Self::RecycleBin => deleted,
            Self::Anywhere => true,
        }
    }
}

/// Asks for records of one object by key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FetchRequest {
    /// The object's name.
    pub object: Text,
    /// The keys.
    pub keys: Vec<FetchKey>,
    /// Where to look for ids.
    pub scope: FetchScope,
}

impl FetchRequest {
    /// Asks for records by id.
    pub fn by_id(object: impl Into<Text>, ids: impl IntoIterator<Item = RecordId>) -> Self {
        let keys = ids.into_iter().map(FetchKey::Id).collect();
        Self { object: object.into(), keys, scope: FetchScope::Live }
    }

    /// Asks for records by any keys.
    pub fn by_keys(object: impl Into<Text>, keys: Vec<FetchKey>) -> Self {
        Self { object: object.into(), keys, scope: FetchScope::Live }
    }

    /// Checks that every key names one record: an id, or a unique field of the object's schema.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] naming object and field.
    pub fn check(&self, schema: Option<&ObjectSchema>) -> Result<()> {
        for key in &self.keys {
            let FetchKey::Unique { field, .. } = key else {
                continue;
            };
            let declared = schema.and_then(|schema| schema.field(field));
            if !declared.is_some_and(FieldSchema::is_unique) {
                let message = "records are fetched by id or by a unique field";
                return Err(Error::new(ErrorKind::InvalidQuery, message)
                    .with("object", &self.object)
                    .with("field", field));
            }
        }
        Ok(())
    }

    /// Looks in the recycle bin instead.
    #[must_use]
    pub fn in_recycle_bin(mut self) -> Self {
        self.scope = FetchScope::RecycleBin;
        self
    }

    /// Looks in the recycle bin too.
    #[must_use]
    pub fn anywhere(mut self) -> Self {
        self.scope = FetchScope::Anywhere;
        self
    }
}
