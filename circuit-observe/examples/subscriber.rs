//! The log in the program's own output, by `tracing-subscriber`, and what libraries say in the log.
//!
//! `cargo run -p circuit-observe --features tracing --example subscriber`

use std::error::Error;

use circuit_core::{Circuit, Record, Registry, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;
use circuit_observe::CollectLayer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

fn subscriber(
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> impl tracing::Subscriber + Send + Sync {
    let lines =
        tracing_subscriber::fmt::layer().without_time().with_ansi(false).with_writer(writer);
    tracing_subscriber::registry()
        .with(lines.with_filter(LevelFilter::INFO))
        .with(CollectLayer.with_filter(LevelFilter::DEBUG))
}

async fn work() -> circuit_core::Result<()> {
    let score = TriggerRegistration::sync("Contact", [TriggerEvent::AfterInsert], "score", |ctx| {
        tracing::warn!(target: "geo", city = "London", "not found");
        ctx.log().info("scored").with("points", 87);
        Ok(())
    });
    let circuit = Circuit::builder()
        .backend(Memory::new())
        .registry(Registry::builder().register(score).build())
        .build()?;
    let outcome = circuit.insert(vec![Record::new("Contact")]).await?;
    assert_eq!(outcome.log().len(), 2, "what `geo` said is in the log");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    subscriber(std::io::stdout).init();
    Ok(work().await?)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    #[tokio::test]
    async fn entries_are_lines_inside_their_spans() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = Arc::new(File::create(file.path()).unwrap());
        let guard = tracing::subscriber::set_default(super::subscriber(lines));
        super::work().await.unwrap();
        drop(guard);
        let told = std::fs::read_to_string(file.path()).unwrap();
        let line = told.lines().find(|line| line.contains("scored")).unwrap();
        assert!(line.starts_with(" INFO execution{execution="), "{line}");
        assert!(line.contains(":trigger{") && line.contains("circuit: scored"), "{line}");
        assert!(line.ends_with(r#"data={"points":87}"#), "{line}");
    }
}
