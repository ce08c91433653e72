//! What sinks tell through `tracing` about themselves.

use std::io::ErrorKind;
use std::sync::{Mutex, OnceLock};

use circuit_core::LogSink;
use circuit_observe::{Jsonl, JsonlConfig};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::sink::support::{entry, quick};

/// Keeps each event of the target `circuit` as text.
struct Keep;

static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl<S: Subscriber> Layer<S> for Keep {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "circuit" {
            let mut text = Text(event.metadata().level().to_string());
            event.record(&mut text);
            TOLD.lock().unwrap().push(text.0);
        }
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 = format!("{} {}={value:?}", self.0, field.name());
    }
}

/// Returns what was told of a place; workers are threads of their own, so the subscriber is global.
pub(crate) fn told(place: &str) -> Vec<String> {
    TOLD.lock().unwrap().iter().filter(|text| text.contains(place)).cloned().collect()
}

pub(crate) fn listen() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Keep)).unwrap();
    });
}

#[tokio::test]
async fn a_failure_is_told_once_however_often_it_is_tried() {
    listen();
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("log");
    let sink = Jsonl::open(JsonlConfig::new(&folder).with_queue(quick())).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();

    for number in 0..4 {
        sink.write(&entry(number));
        sink.flush().await.unwrap_err();
    }

    let told = told(folder.to_str().unwrap());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("WARN"), "{told:?}");
    let cause = std::io::Error::from(ErrorKind::NotADirectory).to_string();
    assert!(told[0].to_lowercase().contains(&cause) || told[0].contains("exists"), "{told:?}");
}
