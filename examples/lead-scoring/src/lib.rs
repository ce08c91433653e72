#![doc = include_str!("../README.md")]

pub mod input;
pub mod lead;
pub mod score;
pub mod triggers;
