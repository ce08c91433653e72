//! The metrics, as Prometheus would see them, and the pages that name them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::ErrorKind;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use circuit_core::{
    Circuit, Limits, LogSink, Record, Registry, Stuck, TriggerEvent, TriggerRegistration,
};
use circuit_db::Memory;
use circuit_observe::{Console, ConsoleConfig, MetricKind, MetricRow, Metrics, MetricsConfig};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use serde_json::{Value, json};

use crate::sink::support::{Pipe, entry_with, quick, report_with, step, usage};

/// Runs `work` with a recorder of its own and returns what Prometheus would read.
fn scrape(work: impl FnOnce()) -> String {
    let histograms = Metrics::TABLE.iter().filter(|row| row.kind == MetricKind::Histogram);
    let builder = histograms.fold(PrometheusBuilder::new(), |builder, row| {
        builder.set_buckets_for_metric(Matcher::Full(row.name.to_owned()), row.buckets).unwrap()
    });
    let recorder = builder.build_recorder();
    metrics::with_local_recorder(&recorder, work);
    recorder.handle().render()
}

fn counted(config: MetricsConfig, work: impl FnOnce(&Metrics)) -> String {
    scrape(|| work(&Metrics::new(config)))
}

#[track_caller]
fn assert_has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "no `{line}` in\n{text}");
    }
}

fn failed() -> Value {
    json!({
        "outcome": "rolled_back", "reruns": 2,
        "usage": usage(101),
        "error": {"code": "C0008", "message": "too many queries", "handler": "score_contacts"}
    })
}

/// Blocks a thread until the watchdog has seen it.
fn a_stuck_handler() -> Stuck {
    let (tell, told) = mpsc::channel();
    let (free, freed) = mpsc::channel();
    let freed = Mutex::new(freed);
    let blocks =
        TriggerRegistration::sync("Contact", [TriggerEvent::BeforeInsert], "blocks", move |_| {
            freed.lock().unwrap().recv().map_err(Into::into)
        });
    let circuit = Circuit::builder()
        .backend(Memory::new())
        .registry(Registry::builder().register(blocks).build())
        .limits(Limits::circuit().with_limit_wall_clock(10))
        .on_stuck(move |stuck| {
            tell.send(stuck.clone()).unwrap();
            free.send(()).unwrap();
        })
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(circuit.insert(vec![Record::new("Contact")])).unwrap_err();
    told.recv().unwrap()
}

#[test]
fn stuck_handlers_are_counted_by_name() {
    let stuck = a_stuck_handler();
    let text = scrape(|| Metrics::stuck(&stuck));
    assert_has(&text, &[r#"circuit_stuck_handlers_total{handler="blocks"} 1"#]);
}

/// Writes everything that there is to count, the troubles of a sink among it.
fn everything() {
    let metrics = Metrics::new(MetricsConfig::default());
    metrics.write(&entry_with(&json!({})));
    metrics.ended(&report_with(&failed()));
    Metrics::stuck(&a_stuck_handler());
    let pipe = Pipe::default();
    let config = ConsoleConfig::default().with_queue(quick().with_max_lines(2));
    let console = Console::to(config, pipe.clone()).unwrap();
    pipe.fail_after(0, ErrorKind::StorageFull);
    (0..3).for_each(|_| console.write(&entry_with(&json!({}))));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(console.flush()).unwrap_err();
    pipe.work();
    runtime.block_on(console.flush()).unwrap();
}

/// Returns the names of the series in a scrape.
fn series(scrape: &str) -> BTreeSet<&str> {
    let lines = scrape.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.filter_map(|line| line.split(['{', ' ']).next()).collect()
}

#[test]
fn executions_are_counted_by_outcome_quiddity_and_object() {
    let text = counted(MetricsConfig::default(), |metrics| {
        metrics.ended(&report_with(&json!({})));
        metrics.ended(&report_with(&json!({"quiddity": "synchronous", "object": ""})));
        (0..3).for_each(|_| metrics.ended(&report_with(&failed())));
    });

    let labels = r#"outcome="rolled_back",quiddity="webhook",object="Contact""#;
    assert_has(
        &text,
        &[
            r#"circuit_executions_total{outcome="committed",quiddity="webhook",object="Contact"} 1"#,
            r#"circuit_executions_total{outcome="committed",quiddity="synchronous",object="none"} 1"#,
            &format!("circuit_executions_total{{{labels}}} 3"),
            &format!("circuit_execution_duration_seconds_count{{{labels}}} 3"),
            &format!("circuit_execution_duration_seconds_bucket{{{labels},le=\"0.01\"}} 0"),
            &format!("circuit_execution_duration_seconds_bucket{{{labels},le=\"0.025\"}} 3"),
            r#"circuit_errors_total{code="C0008",handler="score_contacts"} 3"#,
            r#"circuit_reruns_total{object="Contact"} 6"#,
        ],
    );
}

#[test]
fn handlers_are_measured_by_name_and_other_steps_are_not() {
    let mut query = step("Task");
    query["kind"] = "query".into();
    let steps = json!([step("score_contacts"), step("score_contacts"), step("route"), query]);

    let text = counted(MetricsConfig::default(), |metrics| {
        metrics.ended(&report_with(&json!({"steps": steps})));
    });

    assert_has(
        &text,
        &[
            r#"circuit_handler_duration_seconds_count{handler="score_contacts"} 2"#,
            r#"circuit_handler_duration_seconds_sum{handler="score_contacts"} 0.018"#,
            r#"circuit_handler_cpu_seconds_sum{handler="score_contacts"} 0.004"#,
            r#"circuit_handler_duration_seconds_count{handler="route"} 1"#,
        ],
    );
    assert!(!text.contains("Task"), "{text}");
}

#[test]
fn limits_are_measured_by_the_share_that_was_used() {
    let text = counted(MetricsConfig::default(), |metrics| {
        metrics.ended(&report_with(&json!({})));
        metrics.ended(&report_with(&failed()));
    });

    assert_has(
        &text,
        &[
            r#"circuit_limit_share_ratio_bucket{limit="queries",le="0.5"} 0"#,
            r#"circuit_limit_share_ratio_bucket{limit="queries",le="0.8"} 1"#,
            r#"circuit_limit_share_ratio_bucket{limit="queries",le="1"} 1"#,
            r#"circuit_limit_share_ratio_count{limit="queries"} 2"#,
            r#"circuit_limit_share_ratio_sum{limit="dml_rows"} 0"#,
        ],
    );
}

#[test]
fn entries_are_counted_by_level() {
    let text = counted(MetricsConfig::default(), |metrics| {
        for level in ["debug", "info", "info", "error"] {
            metrics.write(&entry_with(&json!({"level": level})));
        }
    });

    assert_has(
        &text,
        &[
            r#"circuit_log_entries_total{level="debug"} 1"#,
            r#"circuit_log_entries_total{level="info"} 2"#,
            r#"circuit_log_entries_total{level="warn"} 0"#,
            r#"circuit_log_entries_total{level="error"} 1"#,
        ],
    );
}

#[test]
fn labels_are_bounded_and_name_neither_users_nor_tenants_nor_records() {
    let many = |metrics: &Metrics| {
        for number in 0..9 {
            let name = format!("Name{number}");
            metrics.ended(&report_with(&json!({
                "object": name, "tenant": name, "user": "ada", "steps": [step(&name)]
            })));
        }
    };

    let text = counted(MetricsConfig::default().with_max_names(2), many);

    let executions = text.lines().filter(|line| line.starts_with("circuit_executions_total{"));
    assert_eq!(executions.count(), 3, "two names and the others:\n{text}");
    assert!(text.contains(r#"object="other"} 7"#), "{text}");
    let other = r#"circuit_handler_duration_seconds_count{handler="other"} 7"#;
    assert_has(&text, &[other]);
    assert!(!text.contains("ada") && !text.contains("tenant"), "{text}");
    let with_tenant = MetricsConfig::default().with_max_names(2).with_tenant();
    let text = counted(with_tenant, many);
    assert!(text.contains(r#"object="Name1",tenant="Name1"} 1"#), "{text}");
    assert!(text.contains(r#"object="other",tenant="other"} 7"#), "{text}");
}

#[test]
fn a_queue_tells_its_depth_and_what_it_dropped() {
    let pipe = Pipe::default();
    pipe.block();
    let mut blocked = String::new();
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        let config = ConsoleConfig::default().with_queue(quick().with_max_lines(5));
        let console = Console::to(config, pipe.clone()).unwrap();
        (0..7).for_each(|_| console.write(&entry_with(&json!({}))));
        blocked = recorder.handle().render();
        pipe.unblock();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(console.close(Duration::from_mins(1))).unwrap();
    });
    let after = recorder.handle().render();

    assert_has(
        &blocked,
        &[
            r#"circuit_sink_queue_lines{sink="console"} 5"#,
            r#"circuit_sink_dropped_total{sink="console"} 2"#,
            r#"circuit_sink_written_total{sink="console"} 0"#,
        ],
    );
    assert_has(
        &after,
        &[
            r#"circuit_sink_queue_lines{sink="console"} 0"#,
            r#"circuit_sink_queue_bytes{sink="console"} 0"#,
            r#"circuit_sink_written_total{sink="console"} 5"#,
        ],
    );
}

#[test]
fn a_sink_that_is_given_up_holds_nothing() {
    let pipe = Pipe::default();
    pipe.block();
    let text = scrape(|| {
        let config = ConsoleConfig::default().with_queue(quick());
        let console = Console::to(config, pipe.clone()).unwrap();
        (0..7).for_each(|_| console.write(&entry_with(&json!({}))));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(console.close(Duration::from_millis(50))).unwrap_err();
    });
    pipe.unblock();

    assert_has(
        &text,
        &[
            r#"circuit_sink_queue_lines{sink="console"} 0"#,
            r#"circuit_sink_dropped_total{sink="console"} 7"#,
        ],
    );
}

#[test]
fn each_metric_of_the_table_is_there_with_its_kind_and_labels_and_no_other() {
    let text = scrape(everything);

    for row in Metrics::TABLE {
        assert_has(&text, &[&format!("# HELP {} {}", row.name, row.about)]);
        assert_has(&text, &[&format!("# TYPE {} {}", row.name, row.kind.name())]);
        for label in row.labels {
            let has =
                |line: &str| line.starts_with(row.name) && line.contains(&format!("{label}=\""));
            assert!(text.lines().any(has), "{} has no {label}:\n{text}", row.name);
        }
    }
    let known: BTreeSet<_> = Metrics::TABLE.iter().flat_map(names).collect();
    let unknown: Vec<_> = series(&text).into_iter().filter(|name| !known.contains(*name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Returns the names of the series of a metric.
fn names(row: &MetricRow) -> Vec<String> {
    match row.kind {
        MetricKind::Histogram => {
            ["bucket", "sum", "count"].map(|end| format!("{}_{end}", row.name)).to_vec()
        }
        _ => vec![row.name.to_owned()],
    }
}

#[test]
fn the_page_has_the_table() {
    let mut table = "| metric | kind | unit | labels | what it tells |\n".to_owned();
    table.push_str("| --- | --- | --- | --- | --- |\n");
    for row in Metrics::TABLE {
        let labels: Vec<_> = row.labels.iter().map(|label| format!("`{label}`")).collect();
        let MetricRow { name, unit, about, .. } = row;
        let (kind, labels) = (row.kind.name(), labels.join(", "));
        writeln!(table, "| `{name}` | {kind} | {unit} | {labels} | {about} |").unwrap();
    }

    let page = include_str!("../../../docs/guide/metrics.md");

    assert!(page.contains(&table), "docs/guide/metrics.md is to have this table:\n{table}");
}

/// Returns the values of a key, wherever it is.
fn values<'a>(json: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match json {
        Value::Object(map) => {
            for (name, value) in map {
                if name == key {
                    found.extend(value.as_str());
                }
                values(value, key, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| values(value, key, found)),
        _ => {}
    }
}

/// Returns the words of an expression of Prometheus.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

fn dashboard() -> Value {
    serde_json::from_str(include_str!("../../../docs/grafana/circuit.json")).unwrap()
}

/// Returns the expressions of the dashboard.
fn expressions(dashboard: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    values(dashboard, "expr", &mut found);
    assert!(!found.is_empty());
    found
}

#[test]
fn the_dashboard_asks_for_what_is_there_and_shows_all_of_it() {
    let dashboard = dashboard();
    let expressions = expressions(&dashboard);
    let scrape = scrape(everything);
    let there = series(&scrape);
    let asked: BTreeSet<_> = expressions
        .iter()
        .flat_map(|text| words(text))
        .filter(|w| w.starts_with("circuit_"))
        .collect();

    let missing: Vec<_> = asked.iter().filter(|name| !there.contains(*name)).collect();
    assert!(missing.is_empty(), "not in a scrape: {missing:?}");
    for row in Metrics::TABLE {
        let is_shown = names(row).iter().any(|name| asked.contains(name.as_str()));
        assert!(is_shown, "{} is not on the dashboard", row.name);
    }
}

#[test]
fn the_dashboard_uses_only_labels_that_the_metrics_have() {
    let dashboard = dashboard();
    let expressions = expressions(&dashboard);
    for text in expressions {
        let row = Metrics::TABLE.iter().find(|row| text.contains(row.name)).expect(text);
        let grouped = text.split("by (").skip(1).filter_map(|rest| rest.split(')').next());
        let matched = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let matched =
            matched.flat_map(|list| list.split(',')).filter_map(|pair| pair.split('=').next());
        for label in grouped.flat_map(|list| list.split(',')).chain(matched) {
            let label = label.trim_end_matches(['!', '~']).trim();
            let is_known = label == "le" || row.labels.contains(&label);
            assert!(is_known, "{} has no label {label}: {text}", row.name);
        }
    }
}
