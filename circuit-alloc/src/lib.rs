#![doc = include_str!("../README.md")]

mod account;
mod clock;
mod meter;
mod metered;

pub use account::Account;
pub use clock::ThreadClock;
pub use meter::{charge, held, is_installed, is_over, peak_and_most};
pub use metered::Metered;
