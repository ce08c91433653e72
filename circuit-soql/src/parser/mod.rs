//! The parser: a file per clause, one pass, one token ahead.
//!
//! Each function reads one construct. Where it can't, it reports the error and returns [`Failed`];
//! the clause it belongs to is given up then, and the next clause is looked for. What is wrong but
//! can be read all the same is only reported, so that one run finds several mistakes.

mod bind;
mod condition;
mod cursor;
mod expression;
mod from;
mod hint;
mod literal;
mod order;
mod query;
mod rule;
mod select;
mod tail;
mod text;
mod with;

use crate::ast::Query;
use crate::error::{Error, ErrorKind, Errors};
use crate::options::{Dialect, Options};
use crate::span::Span;

pub(crate) use cursor::{Failed, Parsed, Parser};
pub(crate) use query::Place;
pub(crate) use text::TextUse;

/// Reads a query.
///
/// # Errors
/// All mistakes that can be told apart, in the order of their places.
///
/// # Examples
/// ```
/// use circuit_soql::{Dialect, parse};
///
/// let query = parse("select Id from Contact where Email = 'a@b.c'", Dialect::Rest)?;
/// assert_eq!(query.to_string(), "SELECT Id FROM Contact WHERE Email = 'a@b.c'");
/// # Ok::<(), circuit_soql::Errors>(())
/// ```
pub fn parse(text: &str, dialect: Dialect) -> Result<Query, Errors> {
    parse_with(text, &Options::new(dialect))
}

/// Reads a query with other limits than Salesforce's.
///
/// # Errors
/// All mistakes that can be told apart, in the order of their places.
pub fn parse_with(text: &str, options: &Options) -> Result<Query, Errors> {
    check_length(text, options)?;
    let mut query = query::empty();
    let mut parser = Parser::new(text, options);
    let parsed = parser.statement(&mut query);
    parser.finish(parsed)?;
    Ok(query)
}

/// The most bytes of a text, whatever is allowed: a [`Span`] has room for no more.
const LONGEST: usize = u32::MAX as usize - 1;

/// Refuses a text that is too long, before anything of it is read.
pub(crate) fn check_length(text: &str, options: &Options) -> Result<(), Error> {
    let most = options.max_length.min(LONGEST);
    if text.len() <= most {
        return Ok(());
    }
    let at = match text.char_indices().nth(most) {
        Some((at, _)) => at,
        None if text.len() <= LONGEST => return Ok(()),
        None => text.len(),
    };
    let message = format!("a statement has at most {most} characters");
    Err(Error::new(ErrorKind::TooLong, message, Span::new(at, text.len())))
}
