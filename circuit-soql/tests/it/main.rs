//! The public behaviour of the crate, a module per feature.

mod corpus;
mod generated;
mod hostile;
mod invalid;
mod pretty;
mod recovery;
mod sosl;
mod support;
mod tree;
mod valid;
mod visit;
