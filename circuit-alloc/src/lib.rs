#![doc = include_str!("../README.md")]

mod account;
mod clock;
mod meter;
mod metered;

pub use account::Account;
pub use clock::ThreadClock;
pub use meter::{is_installed, is_over};
pub use metered::Metered;
