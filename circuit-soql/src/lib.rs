#![doc = include_str!("../README.md")]

pub mod ast;
mod check;
mod chunk;
mod date;
mod error;
mod lexer;
mod nearest;
mod options;
mod parser;
mod print;
pub mod schema;
pub mod sosl;
mod span;
mod table;
pub mod visit;
mod word;

pub use check::{ComparedBind, check, check_binds};
pub use error::{Error, ErrorKind, Errors};
pub use options::{Dialect, Options};
pub use parser::{parse, parse_with};
pub use span::Span;
