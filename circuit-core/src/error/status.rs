//! Status codes of rows, named as Salesforce names them.

use std::fmt;

use crate::value::Text;

macro_rules! status_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// Why a row was refused: the status codes of Salesforce that the engine gives.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum StatusCode { $($(#[doc = $doc])+ $variant,)+ }

        impl StatusCode {
            /// Returns the name that Salesforce uses, such as `REQUIRED_FIELD_MISSING`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

status_codes! {
    /// A handler called `add_error`.
    FieldCustomValidationException = "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    /// A handler failed as a whole.
    CannotInsertUpdateActivateEntity = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    /// A required field is null or absent.
    RequiredFieldMissing = "REQUIRED_FIELD_MISSING",
    /// A text is longer than its field.
    StringTooLong = "STRING_TOO_LONG",
    /// A value has the wrong type for its field.
    InvalidType = "INVALID_TYPE_ON_FIELD_IN_RECORD",
    /// A number does not fit its field.
    NumberOutsideValidRange = "NUMBER_OUTSIDE_VALID_RANGE",
    /// A restricted picklist does not have the value.
    InvalidPicklistValue = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    /// The object has no such field.
    InvalidField = "INVALID_FIELD",
    /// A unique field or the id has this value in another record.
    DuplicateValue = "DUPLICATE_VALUE",
    /// A reference names a record that is not there.
    InvalidCrossReferenceKey = "INVALID_CROSS_REFERENCE_KEY",
    /// A field cannot be set here, the id on insert among them.
    InvalidFieldForInsertUpdate = "INVALID_FIELD_FOR_INSERT_UPDATE",
    /// An update, delete or undelete without an id.
    MissingArgument = "MISSING_ARGUMENT",
    /// The record is not there, or is deleted.
    EntityIsDeleted = "ENTITY_IS_DELETED",
    /// The record is not deleted, so it cannot be undeleted.
    UndeleteFailed = "UNDELETE_FAILED",
    /// Another record refers to this one and does not let it go.
    DeleteFailed = "DELETE_FAILED",
    /// A before handler's own record cannot be written again by DML of that handler.
    SelfReferenceFromTrigger = "SELF_REFERENCE_FROM_TRIGGER",
    /// The row itself is clean, but the call it belongs to was undone.
    AllOrNoneOperationRolledBack = "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    /// Several records have the value of an external id.
    DuplicateExternalId = "DUPLICATE_EXTERNAL_ID",
    /// Three attempts of a partial save each had errors, or a record has too many fields.
    LimitExceeded = "LIMIT_EXCEEDED",
    /// Another execution changed the record first.
    UnableToLockRow = "UNABLE_TO_LOCK_ROW",
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One error of one row, as Apex's `Database.Error` and `DmlException` tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowFailure {
    /// The row's index in the list that the caller gave.
    pub index: usize,
    /// Why the row was refused.
    pub status: StatusCode,
    /// What a person reads.
    pub message: String,
    /// The fields at fault; empty for an error of the whole record.
    pub fields: Vec<Text>,
}

impl RowFailure {
    /// Creates a failure of a row.
    pub fn new(index: usize, status: StatusCode, message: impl Into<String>) -> Self {
        Self { index, status, message: message.into(), fields: Vec::new() }
    }

    /// Names a field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<Text>) -> Self {
        self.fields.push(field.into());
        self
    }
}

impl fmt::Display for RowFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}: {}", self.index, self.status, self.message)?;
        match self.fields.as_slice() {
            [] => Ok(()),
            fields => write!(f, " [{}]", fields.join(", ")),
        }
    }
}
