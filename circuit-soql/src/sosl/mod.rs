//! SOSL, the search language: tree, parser, printer.
//!
//! Over REST the words to search for stand in braces, in Apex in quotes or in a variable.
//!
//! # Examples
//! ```
//! use circuit_soql::{Dialect, sosl};
//!
//! let text = "find {Acme} in name fields returning Account(Id, Name where Name like 'A%'), Lead";
//! let search = sosl::parse(text, Dialect::Rest)?;
//! assert_eq!(search.returning.len(), 2);
//! assert_eq!(
//!     search.to_string(),
//!     "FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name WHERE Name LIKE 'A%'), Lead",
//! );
//! # Ok::<(), circuit_soql::Errors>(())
//! ```

mod clause;
mod parse;
mod print;
mod tree;

pub use parse::{parse, parse_with};
pub use tree::{Find, Mode, Returning, Search, SearchGroup, SearchWith};
