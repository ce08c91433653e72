//! The engine as its users see it, over the memory store.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod build;
mod bypass;
mod caps;
mod commit;
mod condition;
mod dispatch;
mod error;
mod event;
mod field_update;
mod governor;
mod json;
mod limit;
mod log;
mod nested;
mod panic;
mod property;
mod query;
mod redaction;
mod reference;
mod report;
mod rule;
mod schema;
mod soql;
mod support;
mod typed;
mod undelete;
