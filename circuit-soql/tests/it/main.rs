//! The public behaviour of the crate, a module per feature.

mod corpus;
mod invalid;
mod support;
mod valid;
