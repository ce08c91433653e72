#![doc = include_str!("../README.md")]

mod circuit_peer;
mod dump;
mod floor;
mod floor_in_place;
mod generate;
mod index;
mod lead;
pub mod measure;
mod peer;
mod report;
mod score;

pub use circuit_peer::CircuitPeer;
pub use dump::{ContactLine, Dump, TaskLine};
pub use floor::Floor;
pub use floor_in_place::FloorInPlace;
pub use generate::generate;
pub use lead::Lead;
pub use peer::{CHUNK, Peer, Result, Summary, peers};
pub use report::{heading, line, say};
pub use score::{Score, Signals};
