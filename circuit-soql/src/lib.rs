#![doc = include_str!("../README.md")]

pub mod ast;
mod date;
mod error;
mod lexer;
mod nearest;
mod options;
mod parser;
mod print;
mod span;
mod word;

pub use error::{Error, ErrorKind, Errors};
pub use options::{Dialect, Options};
pub use parser::{parse, parse_with};
pub use span::Span;
