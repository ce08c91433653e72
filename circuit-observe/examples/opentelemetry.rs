//! Executions as traces, by `tracing-opentelemetry`.
//!
//! Spans go to memory here and are printed; a host takes the exporter of `opentelemetry-otlp`.
//! `cargo run -p circuit-observe --features tracing --example opentelemetry`

use std::error::Error;

use circuit_core::{Circuit, Query, Record, Registry, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::prelude::*;

async fn work() -> circuit_core::Result<()> {
    let score = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "score", |ctx| {
        Box::pin(async move {
            let tasks = ctx.count(Query::of("Task")).await?;
            ctx.log().info("scored").with("tasks", tasks);
            Ok(())
        })
    });
    let circuit = Circuit::builder()
        .backend(Memory::new())
        .registry(Registry::builder().register(score).build())
        .build()?;
    circuit.insert(vec![Record::new("Contact")]).await.map(drop)
}

/// Runs the work, and returns each span as its name and its parent's.
async fn trace() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("host"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    work().await?;
    drop(guard);
    let spans = exporter.get_finished_spans()?;
    let name_of = |id| spans.iter().find(|span| span.span_context.span_id() == id);
    let line = |span: &opentelemetry_sdk::trace::SpanData| {
        let parent = name_of(span.parent_span_id).map(|parent| parent.name.to_string());
        (span.name.to_string(), parent.unwrap_or_default())
    };
    Ok(spans.iter().map(line).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for (span, parent) in trace().await? {
        eprintln!("{span:<10} in {parent}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_query_is_in_the_chunk_of_its_trigger() {
        let spans = super::trace().await.unwrap();
        let spans: Vec<_> = spans.iter().map(|(name, of)| (name.as_str(), of.as_str())).collect();
        let expected = [
            ("query", "chunk"),
            ("chunk", "trigger"),
            ("trigger", "dml"),
            ("dml", "execution"),
            ("execution", ""),
        ];
        assert_eq!(spans, expected);
    }
}
