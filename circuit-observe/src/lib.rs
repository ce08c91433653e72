#![doc = include_str!("../README.md")]

mod explain;

pub use explain::{Explanation, explain};
