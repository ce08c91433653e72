//! How large entries and logs get.

use std::sync::Arc;

use circuit_core::{CircuitLog, LogCaps, LogEntry, MemorySink};
use serde_json::json;

use crate::support::builder;

/// The entries of the outcome, and those that a sink took.
async fn written(
    caps: LogCaps,
    write: impl Fn(&CircuitLog) + Send + Sync,
) -> (Vec<Arc<LogEntry>>, Vec<Arc<LogEntry>>) {
    let sink = MemorySink::default();
    let builder = builder([]).backend(circuit_db::Memory::new()).log_sink(sink.clone());
    let circuit = builder.log_caps(caps).build().unwrap();
    let write = &write;
    let outcome = circuit.run(|execution| async move {
        write(execution.log());
        Ok(())
    });
    (outcome.await.unwrap().log().to_vec(), sink.entries())
}

#[tokio::test]
async fn a_long_message_is_cut_between_characters_and_tells_so() {
    let caps = LogCaps::default().with_message(4);
    let (entries, _) = written(caps, |log| drop(log.info("aäöü"))).await;
    assert_eq!(entries[0].message, "aä... [cut: 7 bytes]");
    let message = "x".repeat(8_192);
    let (entries, _) = written(LogCaps::default(), |log| drop(log.info(&message))).await;
    assert_eq!(entries[0].message, *message);
}

#[tokio::test]
async fn a_secret_that_the_cut_goes_through_is_not_shown_by_half() {
    let text = format!("{} Bearer {}", "x".repeat(8_150), "s3cr3t".repeat(400));
    let (entries, _) = written(LogCaps::default(), |log| {
        log.info(&text).with("text", &text);
    })
    .await;
    assert!(entries[0].message.contains("cut"), "{}", entries[0].message);
    assert!(!format!("{entries:?}").contains("s3cr"));
}

#[tokio::test]
async fn a_value_is_cut_where_it_gets_too_large() {
    let caps = LogCaps::default().with_value(10).with_values(3);
    let (entries, _) = written(caps, |log| {
        log.info("")
            .with("text", "0123456789abc")
            .with("list", ["0123", "4567", "89", "x"])
            .with("map", json!({"a": "12345678", "b": 1, "c": 2}))
            .with("fourth", 1)
            .with("fifth", 1);
    })
    .await;
    let data: Vec<_> = entries[0].data.iter().map(|(name, value)| (name.as_str(), value)).collect();
    assert_eq!(
        data,
        [
            ("text", &json!("0123456789... [cut: 13 bytes]")),
            ("list", &json!(["0123", "4567", "[cut]"])),
            ("map", &json!({"a": "12345678", "[cut]": 2})),
            ("[cut]", &json!(2)),
        ]
    );
}

#[tokio::test]
async fn a_value_that_is_nested_too_deep_is_cut() {
    let deep = (0..100).fold(json!("core"), |inner, _| json!([inner]));
    let (entries, _) = written(LogCaps::default(), |log| drop(log.info("").with("v", &deep))).await;
    let shown = entries[0].data[0].1.to_string();
    assert!(shown.contains("[cut]") && !shown.contains("core"), "{shown}");
}

#[tokio::test]
async fn what_is_not_kept_is_counted_and_sinks_have_it() {
    let write = |log: &CircuitLog| (0..5).for_each(|n| drop(log.info("entry").with("n", n)));
    let (entries, sunk) = written(LogCaps::default().with_entries(3), write).await;
    assert_eq!((entries.len(), sunk.len()), (4, 5));
    assert_eq!(entries[3].message, "the log is too long; entries were left out here");
    assert_eq!(entries[3].data, [("left_out".into(), 2.into())]);
    let (entries, sunk) = written(LogCaps::default().with_bytes(0), write).await;
    assert_eq!((entries.len(), sunk.len()), (1, 5));
    assert_eq!(entries[0].data, [("left_out".into(), 5.into())]);
}

#[tokio::test]
async fn large_entries_fill_the_log_by_their_bytes() {
    let text = "x".repeat(4_000);
    let caps = LogCaps::default().with_bytes(100_000);
    let (entries, _) = written(caps, |log| {
        for _ in 0..100 {
            log.info(&text).with("text", &text);
        }
    })
    .await;
    assert!((10..=13).contains(&entries.len()), "{}", entries.len());
}
