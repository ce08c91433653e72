//! The kinds of errors and their codes: one row each, one page in `docs/errors` each.

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal),+ $(,)?) => {
        /// What the caller can do about an error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[doc = $doc])+ $variant,)+ }

        impl ErrorKind {
            /// Every kind, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the code of the page in `docs/errors` that explains this kind.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

kinds! {
    /// A value cannot become the type that was asked for; names object and field.
    Conversion = "C0001",
    /// A text is not a record, an id or a name.
    InvalidInput = "C0002",
    /// A schema contradicts itself.
    InvalidSchema = "C0003",
    /// `Circuit::builder().build()` found something that cannot run.
    Configuration = "C0004",
    /// Records were refused; [`Error::failures`](super::Error::failures) says which and why.
    Dml = "C0005",
    /// A handler returned an error; its operation was undone.
    Handler = "C0006",
    /// A handler panicked; its operation was undone.
    HandlerPanicked = "C0007",
    /// A governor limit was passed; the execution is over.
    LimitExceeded = "C0008",
    /// Another execution changed the same record first (Apex: `UNABLE_TO_LOCK_ROW`).
    Conflict = "C0009",
    /// The backend cannot do this; its capability says so beforehand.
    Unsupported = "C0010",
    /// The backend cannot be reached or failed; trying again may help.
    Unavailable = "C0011",
    /// The execution has ended; nothing more can run in it.
    ExecutionEnded = "C0012",
    /// The records are read-only or absent in this event.
    NotInThisEvent = "C0013",
    /// A query names something that cannot be queried.
    InvalidQuery = "C0014",
    /// What a store holds cannot be read back.
    Corrupt = "C0015",
    /// A savepoint is not active any more, or belongs to another call of a handler.
    InvalidSavepoint = "C0016",
    /// A callout is not allowed now, or took too long.
    Callout = "C0017",
    /// The records are stored, but work that was to follow the commit failed.
    PostCommit = "C0018",
    /// A handler gave up an event after its last retry; it gets no further events until resumed.
    GaveUp = "C0019",
    /// A query for one record found none, or more than one.
    RowCount = "C0020",
}
