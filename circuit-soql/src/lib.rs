#![doc = include_str!("../README.md")]

pub mod ast;
mod span;

pub use span::Span;
