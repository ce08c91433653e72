//! Exports, page by page.

use circuit_core::{ExecutionReport, TriggerEvent};
use circuit_observe::{ExportFormat, ReportStore, Search};

use crate::store::{both, changed, keep};

async fn exported(store: &ReportStore, format: ExportFormat, search: Search) -> String {
    let mut bytes = Vec::new();
    store.export(format, search).write_to(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn lines_of_json_are_whole_reports_over_all_pages() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        let mut reports = Vec::new();
        for id in 0..230 {
            reports.push(changed(id, |_| ()).await);
        }
        keep(store, reports.clone()).await;
        let lines = exported(store, ExportFormat::Jsonl, Search::new()).await;
        let read: Vec<ExecutionReport> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        reports.reverse();
        assert!(read == reports, "{} lines", read.len());
        let some = exported(store, ExportFormat::Jsonl, Search::new().limit(120)).await;
        assert_eq!(some.lines().count(), 120);
    }
}

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        let report = changed(1, |report| {
            report.origin = "=HYPERLINK(\"x\"),\n2".into();
            report.user = "@SUM(1)".into();
        });
        keep(store, [report.await]).await;
        let table = exported(store, ExportFormat::Csv, Search::new()).await;
        assert!(table.starts_with("id,parent,start,seconds,outcome"), "{table}");
        assert!(table.contains("\"'=HYPERLINK(\"\"x\"\"),\n2\",'@SUM(1),"), "{table}");
    }
}

#[tokio::test]
async fn a_table_tells_what_each_execution_used() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    let report = changed(1, |report| {
        report.event = Some(TriggerEvent::AfterUpdate);
        report.reruns = 2;
    });
    let report = report.await;
    let (usage, end) = (&report.usage, report.end.to_rfc3339());
    assert_eq!((usage.queries(), usage.callouts()), (20, 0));
    let wanted = [
        ("event", report.event.unwrap().to_string()),
        ("end", end),
        ("cpu_ms", usage.cpu_time().to_string()),
        ("memory_bytes", usage.heap_size().to_string()),
        ("queries", "20".to_owned()),
        ("query_rows", usage.query_rows().to_string()),
        ("dml_statements", usage.dml_statements().to_string()),
        ("dml_rows", usage.dml_rows().to_string()),
        ("callouts", "0".to_owned()),
        ("reruns", "2".to_owned()),
        ("host", "machine-1".to_owned()),
        ("build", "1.2.3".to_owned()),
    ];
    for store in &stores {
        keep(store, [report.clone()]).await;
        let table = exported(store, ExportFormat::Csv, Search::new()).await;
        let names = table.lines().next().unwrap().split(',');
        // A cell before these has lines, commas and quotes in it; these have none.
        let cells: Vec<_> = names.rev().zip(table.trim_end().rsplit(',')).take(12).collect();
        let wanted = wanted.iter().rev().map(|(name, cell)| (*name, cell.as_str()));
        assert_eq!(cells, wanted.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_table_of_nothing_has_its_names() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        let table = exported(store, ExportFormat::Csv, Search::new().text("nothing")).await;
        assert_eq!(table.lines().count(), 1);
    }
}
