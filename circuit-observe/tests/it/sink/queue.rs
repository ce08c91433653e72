//! The queue that all sinks share, through the console sink and a pipe.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use circuit_core::LogSink;
use circuit_observe::{Console, ConsoleConfig, ConsoleFormat, QueueConfig};

use crate::sink::support::{Pipe, entries, entry, entry_with, quick, report_with, told};

fn console(pipe: &Pipe, queue: QueueConfig) -> Console {
    let config = ConsoleConfig::default().with_format(ConsoleFormat::Json).with_queue(queue);
    Console::to(config, pipe.clone()).unwrap()
}

/// Long enough for any machine; nothing waits so long that works.
const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn what_was_taken_is_written_in_its_order_before_a_flush_returns() {
    let pipe = Pipe::default();
    let sink = console(&pipe, quick());

    (0..2_000).for_each(|number| sink.write(&entry(number)));
    sink.ended(&report_with(&serde_json::json!({})));
    sink.flush().await.unwrap();

    let mut expected = entries(0..2_000);
    expected.push("execution".to_owned());
    assert_eq!(told(&pipe.text()), expected);
    assert_eq!(sink.dropped(), 0);
}

#[tokio::test]
async fn a_blocked_pipe_slows_no_handler() {
    let pipe = Pipe::default();
    pipe.block();
    let sink = console(&pipe, quick());
    sink.write(&entry(0));
    pipe.wait_for_write();

    let start = Instant::now();
    (1..10_000).for_each(|number| sink.write(&entry(number)));
    let took = start.elapsed();

    assert_eq!(pipe.text(), "");
    pipe.unblock();
    sink.flush().await.unwrap();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(told(&pipe.text()), entries(0..10_000));
}

#[tokio::test]
async fn beyond_the_bound_lines_are_dropped_counted_and_told_when_it_works_again() {
    let pipe = Pipe::default();
    pipe.block();
    let sink = console(&pipe, quick().with_max_lines(5));
    sink.write(&entry(0));
    pipe.wait_for_write();

    (1..12).for_each(|number| sink.write(&entry(number)));
    let dropped = sink.dropped();
    pipe.unblock();
    sink.flush().await.unwrap();

    assert_eq!(dropped, 7);
    let mut expected = entries(0..5);
    expected.push("dropped 7".to_owned());
    assert_eq!(told(&pipe.text()), expected);
}

#[tokio::test]
async fn the_bound_counts_bytes_too() {
    let pipe = Pipe::default();
    pipe.block();
    let sink = console(&pipe, quick().with_max_bytes(64 << 10));
    let long = entry_with(&serde_json::json!({"message": "x".repeat(30 << 10)}));
    let longer = entry_with(&serde_json::json!({"data": [["all", ["y".repeat(70 << 10)]]]}));

    sink.write(&longer);
    (0..3).for_each(|_| sink.write(&long));

    assert_eq!(sink.dropped(), 2, "one is too long by itself, one has no room");
    pipe.unblock();
    sink.flush().await.unwrap();
    sink.write(&long);
    assert_eq!(sink.dropped(), 2, "what was written has made room");
}

#[tokio::test]
async fn many_threads_lose_and_repeat_nothing() {
    let pipe = Pipe::default();
    let sink = Arc::new(console(&pipe, quick()));

    std::thread::scope(|scope| {
        for thread in 0..8 {
            let sink = Arc::clone(&sink);
            scope.spawn(move || {
                (thread * 1_000..(thread + 1) * 1_000).for_each(|n| sink.write(&entry(n)));
            });
        }
    });
    sink.flush().await.unwrap();

    let mut found = told(&pipe.text());
    let mut expected = entries(0..8_000);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_failed_write_is_tried_again_without_loss_or_repetition() {
    for error in [ErrorKind::StorageFull, ErrorKind::BrokenPipe, ErrorKind::PermissionDenied] {
        let pipe = Pipe::default();
        pipe.fail_after(100, error);
        let sink = console(&pipe, quick());

        (0..20).for_each(|number| sink.write(&entry(number)));
        let failed = sink.flush().await.unwrap_err();
        pipe.work();
        sink.flush().await.unwrap();

        assert!(failed.is_retryable(), "{failed}");
        assert!(failed.to_string().contains("the output cannot be written"), "{failed}");
        assert_eq!(told(&pipe.text()), entries(0..20));
        assert_eq!(sink.dropped(), 0);
    }
}

#[tokio::test]
async fn flush_waits_for_a_long_backoff_only_once() {
    let pipe = Pipe::default();
    pipe.fail_after(0, ErrorKind::StorageFull);
    let hours = Duration::from_hours(1);
    let sink = console(&pipe, QueueConfig::default().with_retry(hours, hours));
    sink.write(&entry(0));
    let failed = tokio::time::timeout(LONG, sink.flush()).await.expect("the second try is at once");
    failed.unwrap_err();

    pipe.work();
    tokio::time::timeout(LONG, sink.flush()).await.expect("the third as well").unwrap();

    assert_eq!(told(&pipe.text()), ["entry 0"]);
}

/// A writer with which each write brings another line.
struct Busy(Arc<OnceLock<Weak<Console>>>);

impl Write for Busy {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if let Some(sink) = self.0.get().and_then(Weak::upgrade) {
            sink.write(&entry(0));
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_flush_does_not_wait_for_lines_that_come_later() {
    let slot = Arc::new(OnceLock::new());
    let config = ConsoleConfig::default().with_queue(quick());
    let sink = Arc::new(Console::to(config, Busy(Arc::clone(&slot))).unwrap());
    slot.set(Arc::downgrade(&sink)).unwrap();

    sink.write(&entry(0));

    tokio::time::timeout(LONG, sink.flush()).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn who_flushes_does_not_wait_for_a_sink_that_was_given_up() {
    let pipe = Pipe::default();
    pipe.block();
    let sink = Arc::new(console(&pipe, quick()));
    sink.write(&entry(0));
    pipe.wait_for_write();
    let waiting = tokio::spawn({
        let sink = Arc::clone(&sink);
        async move { sink.flush().await }
    });
    tokio::task::yield_now().await;

    sink.close(Duration::from_millis(50)).await.unwrap_err();

    let before = tokio::time::timeout(LONG, waiting).await.expect("it ends").unwrap();
    before.unwrap_err();
    tokio::time::timeout(LONG, sink.flush()).await.expect("it ends").unwrap_err();
    pipe.unblock();
}

#[tokio::test]
async fn close_writes_what_is_there_and_later_lines_are_dropped() {
    let pipe = Pipe::default();
    let sink = console(&pipe, quick());
    (0..100).for_each(|number| sink.write(&entry(number)));

    sink.close(LONG).await.unwrap();
    sink.write(&entry(100));

    assert_eq!(told(&pipe.text()), entries(0..100));
    assert_eq!(sink.dropped(), 1);
    sink.close(LONG).await.expect("it is closed");
    sink.flush().await.expect("all that was taken is written");
}

#[tokio::test]
async fn close_keeps_to_its_deadline_and_tells_what_is_left() {
    let pipe = Pipe::default();
    pipe.block();
    let sink = console(&pipe, quick());
    (0..30).for_each(|number| sink.write(&entry(number)));
    pipe.wait_for_write();

    let start = Instant::now();
    let error = sink.close(Duration::from_millis(100)).await.unwrap_err();

    assert!(start.elapsed() >= Duration::from_millis(100));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(error.context("left"), Some("30"), "{error}");
    assert_eq!(sink.dropped(), 30);
    pipe.unblock();
}

#[test]
fn a_sink_works_without_a_runtime_and_writes_when_it_is_let_go() {
    let pipe = Pipe::default();
    let sink = console(&pipe, quick());

    (0..1_000).for_each(|number| sink.write(&entry(number)));
    drop(sink);

    assert_eq!(told(&pipe.text()), entries(0..1_000));
}

#[test]
fn a_sink_outlives_the_runtime_that_it_was_made_in() {
    let pipe = Pipe::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sink = runtime.block_on(async { console(&pipe, quick()) });
    drop(runtime);

    sink.write(&entry(0));
    // Neither needs a timer of the runtime.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(sink.flush()).unwrap();
    runtime.block_on(sink.close(LONG)).unwrap();

    assert_eq!(told(&pipe.text()), ["entry 0"]);
}

#[test]
fn a_queue_that_cannot_work_is_refused() {
    let wrong = [
        QueueConfig::default().with_max_lines(0),
        QueueConfig::default().with_max_bytes(0),
        QueueConfig::default().with_retry(Duration::ZERO, Duration::from_secs(1)),
        QueueConfig::default().with_retry(Duration::from_secs(2), Duration::from_secs(1)),
    ];
    for queue in wrong {
        let error = Console::new(ConsoleConfig::default().with_queue(queue)).unwrap_err();
        assert_eq!(error.kind(), circuit_core::ErrorKind::Configuration);
    }
}
