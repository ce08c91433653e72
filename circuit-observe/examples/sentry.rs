//! Errors of executions at Sentry, by `sentry-tracing`: entries before them come along as breadcrumbs.
//!
//! What would be sent is caught here; a host initialises the crate `sentry` with its DSN.
//! `cargo run -p circuit-observe --features tracing --example sentry`

use std::error::Error;

use circuit_core::{Circuit, Registry};
use circuit_db::Memory;
use sentry_core::protocol::Event;
use sentry_tracing::{BreadcrumbLayer, ErrorLayer, SpanLayer};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

async fn work() -> circuit_core::Result<()> {
    let circuit =
        Circuit::builder().backend(Memory::new()).registry(Registry::builder().build()).build()?;
    let run = |execution: circuit_core::Execution| async move {
        execution.log().info("asked").with("token", "not-for-sentry");
        execution.log().error("no answer").with("attempts", 3);
        Ok(())
    };
    circuit.run(run).await.map(drop)
}

/// Runs the work, and returns what Sentry gets.
fn capture() -> Result<Vec<Event<'static>>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut ended = Ok(());
    let events = sentry_core::test::with_captured_events(|| {
        let subscriber = tracing_subscriber::registry()
            .with(SpanLayer::new().with_filter(LevelFilter::INFO))
            .with(BreadcrumbLayer::new().with_filter(LevelFilter::INFO))
            .with(ErrorLayer::new().with_filter(LevelFilter::ERROR));
        let guard = tracing::subscriber::set_default(subscriber);
        ended = runtime.block_on(work());
        drop(guard);
    });
    ended?;
    Ok(events)
}

fn main() -> Result<(), Box<dyn Error>> {
    for event in capture()? {
        let breadcrumbs = event.breadcrumbs.iter().filter_map(|crumb| crumb.message.as_deref());
        eprintln!("{:?} after {:?}", event.message, breadcrumbs.collect::<Vec<_>>());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_error_comes_with_the_entries_before_it_and_without_secrets() {
        let events = super::capture().unwrap();
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.message.as_deref(), Some("no answer"));
        let before =
            |told: &str| event.breadcrumbs.iter().any(|b| b.message.as_deref() == Some(told));
        assert!(before("asked"), "{:?}", event.breadcrumbs);
        assert!(!format!("{events:?}").contains("not-for-sentry"));
    }
}
