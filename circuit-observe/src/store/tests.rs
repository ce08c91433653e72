//! Databases that fail: what the public store cannot be made to meet on any machine.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use super::backend::{Backend, Found};
use super::builder::Settings;
use super::reader::Reader;
use super::row::Row;
use super::search::Search;
use super::writer;
use crate::QueueConfig;
use crate::sink::Line;
use crate::sink::queue::{Queue, chain};

/// Fails so many times; refuses what comes with one of these origins; keeps the ids of the others.
#[derive(Debug, Default)]
struct State {
    failing: usize,
    refused: Vec<&'static str>,
    kept: Vec<String>,
    asked: usize,
}

#[derive(Debug, Clone, Default)]
struct Fake(Arc<Mutex<State>>);

impl Backend for Fake {
    fn write(&mut self, rows: &[Row]) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.failing > 0 {
            state.failing -= 1;
            let away = Error::new(ErrorKind::Unavailable, "SQLite failed");
            return Err(away.with_source("database is locked"));
        }
        let is_refused = |row: &Row| state.refused.iter().any(|text| row.report.contains(text));
        if rows.iter().any(is_refused) {
            let refused = Error::new(ErrorKind::InvalidInput, "SQLite failed");
            return Err(refused.with_source("string or blob too big"));
        }
        state.kept.extend(rows.iter().map(|row| row.id.clone()));
        Ok(())
    }

    fn find(&mut self, _: &Search, _: Found) -> Result<Vec<(i64, String)>> {
        self.0.lock().unwrap().asked += 1;
        Ok(Vec::new())
    }

    fn prune(&mut self, _: i64, _: i64) -> Result<u64> {
        Ok(0)
    }
}

fn store(state: State, queue: QueueConfig) -> (Fake, Queue) {
    let fake = Fake(Arc::new(Mutex::new(state)));
    let queue = queue.with_retry(Duration::from_millis(1), Duration::from_millis(2));
    let settings = Settings { queue, ..Settings::default() };
    let queue = writer::start(fake.clone(), &settings).unwrap();
    (fake, queue)
}

fn line(id: u128) -> Line {
    let report = serde_json::json!({
        "id": uuid::Uuid::from_u128(id), "parent": null, "origin": format!("no {id} it is"),
        "quiddity": "synchronous", "user": "", "tenant": "", "object": "Contact", "event": null,
        "records": 1, "start": "2026-11-21T08:00:00Z", "end": "2026-11-21T08:00:01Z",
        "duration": {"secs": 1, "nanos": 0}, "usage": circuit_core::Usage::default(), "limits": {},
        "reruns": 0, "outcome": "committed", "error": null, "host": "", "build": "", "steps": [],
        "steps_left_out": 0, "log": []
    });
    Line::Execution(Arc::new(serde_json::from_value(report).unwrap()))
}

#[tokio::test]
async fn reports_wait_for_as_long_as_the_database_is_away() {
    let (fake, queue) = store(State { failing: 40, ..State::default() }, QueueConfig::default());
    (0..300).for_each(|id| queue.push(line(id)));
    while let Err(error) = queue.flush().await {
        assert!(chain(&error).ends_with("SQLite failed: database is locked"), "{error:?}");
    }
    assert_eq!((fake.0.lock().unwrap().kept.len(), queue.dropped()), (300, 0));
}

#[tokio::test]
async fn a_report_that_is_refused_takes_no_other_along() {
    let refused = vec!["no 7 it", "no 123 it", "no 299 it"];
    let (fake, queue) = store(State { refused, ..State::default() }, QueueConfig::default());
    (0..300).for_each(|id| queue.push(line(id)));
    let error = queue.flush().await.unwrap_err();
    assert!(chain(&error).ends_with("string or blob too big"), "{error:?}");
    queue.flush().await.unwrap();
    let mut kept = fake.0.lock().unwrap().kept.clone();
    kept.sort();
    kept.dedup();
    assert_eq!((kept.len(), queue.dropped()), (297, 3));
}

#[tokio::test]
async fn reports_beyond_the_bytes_of_the_queue_are_dropped_and_counted() {
    let small = QueueConfig::default().with_max_bytes(20_000);
    let away = State { failing: usize::MAX, ..State::default() };
    let (fake, queue) = store(away, small);
    (0..300).for_each(|id| queue.push(line(id)));
    let dropped = queue.dropped();
    assert!((1..300).contains(&dropped), "{dropped}");
    fake.0.lock().unwrap().failing = 0;
    while queue.flush().await.is_err() {}
    assert_eq!(fake.0.lock().unwrap().kept.len() as u64, 300 - dropped);
}

#[tokio::test]
async fn what_is_left_at_the_end_is_counted() {
    let away = State { failing: usize::MAX, ..State::default() };
    let (_, queue) = store(away, QueueConfig::default());
    (0..7).for_each(|id| queue.push(line(id)));
    let error = queue.close(Duration::from_millis(20)).await.unwrap_err();
    assert_eq!((error.context("left"), queue.dropped()), (Some("7"), 7));
    queue.push(line(8));
    assert_eq!(queue.dropped(), 8);
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_any_longer_is_not_asked() {
    let fake = Fake::default();
    let reader = Arc::new(Reader::start(fake.clone()).unwrap());
    let (free, freed) = mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let first = tokio::spawn({
        let reader = Arc::clone(&reader);
        async move {
            let hold = move |_: &mut dyn Backend| {
                begun.send(()).unwrap();
                freed.recv().unwrap();
                Ok(())
            };
            reader.ask(hold).await
        }
    });
    has_begun.await.unwrap();
    let ask = || reader.ask(|backend| backend.find(&Search::new(), Found::Summary));
    tokio::select! {
        biased;
        _ = ask() => panic!("the thread is busy"),
        () = std::future::ready(()) => {}
    }
    free.send(()).unwrap();
    first.await.unwrap().unwrap();
    ask().await.unwrap();
    assert_eq!(fake.0.lock().unwrap().asked, 1);
}
