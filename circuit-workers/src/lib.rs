#![doc = include_str!("../README.md")]

mod pool;
mod sandbox;
mod worker;

pub use pool::{Workers, WorkersBuilder};
