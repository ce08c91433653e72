#![doc = include_str!("../README.md")]

pub mod ast;
pub mod schema;
mod span;

pub use span::Span;
