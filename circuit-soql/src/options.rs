//! How a query is read.

/// Where a query stands, and so what it may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Sent to the REST API: no variables, no `ALL ROWS`, no comments.
    Rest,
    /// Written in Apex, or in a host's language: with variables, `ALL ROWS` and comments.
    Apex,
}

/// How a query is read; start from [`Options::new`].
///
/// # Examples
/// ```
/// use circuit_soql::{Dialect, Options, parse_with};
///
/// let nested = "SELECT Id, (SELECT Id, (SELECT Id FROM Assets) FROM Contacts) FROM Account";
/// let options = Options::new(Dialect::Rest);
/// assert!(parse_with(nested, &options).is_ok());
/// assert!(parse_with(nested, &options.with_api_version(57)).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Options {
    /// Where the query stands.
    pub dialect: Dialect,
    /// The version of the API, which decides how deep sub-queries may be nested; 67.
    pub api_version: u32,
    /// The most characters of a statement; 100,000.
    pub max_length: usize,
    /// How deep parentheses may be nested; [`Options::MAX_NESTING`] at most and by default.
    pub max_nesting: usize,
}

impl Options {
    /// The deepest nesting that can be asked for: the stack of a thread is enough for it.
    pub const MAX_NESTING: usize = 256;

    /// Creates the options of a dialect, with Salesforce's own limits.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, api_version: 67, max_length: 100_000, max_nesting: Self::MAX_NESTING }
    }

    /// Sets the version of the API.
    #[must_use]
    pub fn with_api_version(mut self, version: u32) -> Self {
        self.api_version = version;
        self
    }

    /// Sets the most characters of a statement.
    #[must_use]
    pub fn with_max_length(mut self, length: usize) -> Self {
        self.max_length = length;
        self
    }

    /// Sets how deep parentheses may be nested.
    #[must_use]
    pub fn with_max_nesting(mut self, nesting: usize) -> Self {
        self.max_nesting = nesting.min(Self::MAX_NESTING);
        self
    }
}
