//! The spans that executions run in.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use circuit_core::{Callout, Query, TriggerEvent, TriggerRegistration};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::{circuit, contact};

/// Writes a line for each span and event: the names of the spans around it, and its fields.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != "execution" {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

impl Lines {
    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn path<'a, S: Subscriber + LookupSpan<'a>>(span: Option<SpanRef<'a, S>>) -> Line {
    let scope = span.into_iter().flat_map(|span| span.scope().from_root());
    Line(scope.map(|span| span.name()).collect::<Vec<_>>().join(" > "))
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = path(context.span(id));
        attributes.record(&mut line);
        self.push(line.0);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut line = path(context.span(id));
        line.0.push(':');
        values.record(&mut line);
        self.push(line.0);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = path(context.lookup_current());
        event.record(&mut line);
        if event.metadata().level() <= &Level::WARN {
            self.push(line.0);
        }
    }
}

async fn run() {
    let score = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "score", |ctx| {
        Box::pin(async move {
            ctx.count(Query::of("Task")).await?;
            tokio::task::yield_now().await;
            ctx.log().warn("low").with("points", 3);
            Ok(())
        })
    });
    let circuit = circuit([score]);
    let code = |execution: circuit_core::Execution| async move {
        let census = Callout::to("census").with_timeout(Duration::from_mins(1));
        execution.callout(census, std::future::ready(())).await?;
        execution.insert(contact()).await
    };
    circuit.session().with_user("ada").run(code).await.unwrap();
}

#[tokio::test]
async fn spans_are_nested_as_the_work_is() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(lines.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    run().await;
    drop(guard);
    let chunk = "execution > dml > trigger > chunk";
    assert_eq!(
        lines.take(),
        [
            r#"execution quiddity=Synchronous user="ada""#.to_owned(),
            "execution > callout handler=host service=census".to_owned(),
            r#"execution > dml handler=host operation=insert object="Contact" rows=1"#.to_owned(),
            r#"execution > dml > trigger handler=score object=Contact event="afterInsert" depth=1"#
                .to_owned(),
            format!("{chunk} number=1 of=1 attempt=1 rows=1"),
            format!("{chunk} > query handler=score object=Task"),
            format!("{chunk} > query: rows=0"),
            format!(
                "{chunk} message=low handler=score event=\"afterInsert\" object=\"Contact\" \
                 user=\"ada\" data={{\"points\":3}}"
            ),
        ]
    );
}

#[tokio::test]
async fn at_the_level_info_there_are_executions_and_triggers() {
    let lines = Lines::default();
    let layer = lines.clone().with_filter(LevelFilter::INFO);
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    run().await;
    drop(guard);
    let names: Vec<_> =
        lines.take().iter().map(|line| line.split(" handler").next().unwrap().to_owned()).collect();
    let execution = r#"execution quiddity=Synchronous user="ada""#;
    assert_eq!(names, [execution, "execution > trigger", "execution > trigger message=low"]);
}
