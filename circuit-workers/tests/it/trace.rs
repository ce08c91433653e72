//! Logs and spans of handlers that run on workers.

use std::sync::{Arc, Mutex};

use circuit_core::Limits;
use circuit_observe::CollectLayer;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::support::{BOTH, Setup};

/// Keeps the path of each span that begins.
#[derive(Clone, Default)]
struct Paths(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Paths {
    fn on_new_span(
        &self,
        _: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: Context<'_, S>,
    ) {
        let names: Vec<_> = context.span_scope(id).unwrap().from_root().map(|s| s.name()).collect();
        self.0.lock().unwrap().push(names.join(" > "));
    }
}

/// One test, because workers see only a subscriber of the whole program.
#[tokio::test]
async fn spans_and_events_are_in_place_on_every_thread() {
    let paths = Paths::default();
    let subscriber = tracing_subscriber::registry().with(CollectLayer).with(paths.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for on in BOTH {
        let outcome = Setup::new(on, Limits::circuit()).insert("Traced").await.unwrap();
        let [entry] = outcome.log() else { panic!("{on:?}: {:?}", outcome.log()) };
        assert_eq!((entry.target.as_str(), entry.handler.as_str()), ("library", "traced"));
        let paths = std::mem::take(&mut *paths.0.lock().unwrap());
        let query = "execution > dml > trigger > chunk > query";
        assert!(paths.iter().any(|path| path == query), "{on:?}: {paths:#?}");
    }
}
