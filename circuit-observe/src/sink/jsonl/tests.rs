//! Files that fail: what the public sink cannot be made to meet on any machine.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use circuit_core::SystemClock;

use super::file::Append;
use super::folder::Folder;
use super::{Durability, JsonlConfig};
use crate::sink::queue::{Batch, Queue};
use crate::sink::{Dropped, Line, QueueConfig};

/// What the disk does: takes so many bytes more, cuts back or not, and counts syncs.
#[derive(Debug)]
struct Disk {
    room: usize,
    cuts_back: bool,
    syncs: usize,
}

struct Faulty {
    file: File,
    disk: Arc<Mutex<Disk>>,
}

impl Write for Faulty {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut disk = self.disk.lock().unwrap();
        if disk.room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let count = self.file.write(&text[..text.len().min(disk.room)])?;
        disk.room -= count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Append for Faulty {
    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        if self.disk.lock().unwrap().cuts_back {
            return self.file.set_len(bytes);
        }
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.lock().unwrap().syncs += 1;
        Ok(())
    }
}

fn on_disk(config: JsonlConfig, disk: &Arc<Mutex<Disk>>) -> Queue {
    let disk = Arc::clone(disk);
    let open = move |path: &Path| {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Box::new(Faulty { file, disk: Arc::clone(&disk) }) as Box<dyn Append>)
    };
    let bounds = config.queue.clone();
    let mut folder = Folder::new(config, Arc::new(SystemClock)).opened_by(Box::new(open));
    folder.begin().unwrap();
    Queue::start("jsonl", bounds, Batch::AT_ONCE, folder).unwrap()
}

fn disk(room: usize, cuts_back: bool) -> Arc<Mutex<Disk>> {
    Arc::new(Mutex::new(Disk { room, cuts_back, syncs: 0 }))
}

fn config(folder: &Path) -> JsonlConfig {
    let often =
        QueueConfig::default().with_retry(Duration::from_millis(1), Duration::from_millis(5));
    JsonlConfig::new(folder).with_queue(often)
}

/// Returns a line that can be told by its number.
fn line(count: u64) -> Line {
    let report = serde_json::json!({
        "id": "0198a000-0000-7000-8000-000000000000", "parent": null, "origin": format!("{count}"),
        "quiddity": "synchronous", "user": "", "tenant": "", "object": "Contact", "event": null,
        "records": count, "start": "2026-11-21T08:00:00Z", "end": "2026-11-21T08:00:01Z",
        "duration": {"secs": 1, "nanos": 0}, "usage": circuit_core::Usage::default(), "limits": {},
        "reruns": 0, "outcome": "committed", "error": null, "host": "", "build": "", "steps": [],
        "steps_left_out": 0, "log": []
    });
    Line::Execution(Arc::new(serde_json::from_value(report).unwrap()))
}

/// Returns the numbers of the lines in the folder; every line must be whole.
fn numbers(folder: &Path) -> Vec<u64> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    let text: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).unwrap());
    lines
        .map(|line| match line {
            Line::Execution(report) => report.records,
            other => panic!("expected an execution, got {other:?}"),
        })
        .collect()
}

async fn fill_then_free(cuts_back: bool) {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(1_000, cuts_back);
    let queue = on_disk(config(folder.path()), &disk);

    (0..50).for_each(|count| queue.push(line(count)));
    let full = queue.flush().await.unwrap_err();
    assert!(full.to_string().contains("no storage space"), "{full}");
    let on_disk = numbers_if_whole(folder.path());
    disk.lock().unwrap().room = usize::MAX;
    queue.flush().await.unwrap();

    assert!(on_disk.len() < 50, "{on_disk:?}");
    let found = numbers(folder.path());
    if cuts_back {
        assert_eq!(found, (0..50).collect::<Vec<_>>());
    } else {
        assert!((0..50).all(|count| found.contains(&count)), "{found:?}");
    }
    assert_eq!(queue.dropped(), 0);
}

/// As [`numbers`], where a last line may be torn.
fn numbers_if_whole(folder: &Path) -> Vec<u64> {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        std::fs::write(copy.path().join(entry.file_name()), &text[..whole]).unwrap();
    }
    numbers(copy.path())
}

#[tokio::test]
async fn a_full_disk_loses_and_repeats_nothing() {
    fill_then_free(true).await;
}

#[tokio::test]
async fn a_full_disk_that_cannot_even_shorten_a_file_loses_nothing() {
    fill_then_free(false).await;
}

#[tokio::test]
async fn a_disk_that_stays_full_drops_what_the_queue_cannot_hold_and_says_so_later() {
    let folder = tempfile::tempdir().unwrap();
    let disk = disk(0, true);
    let mut config = config(folder.path());
    config.queue = config.queue.with_max_lines(10);
    let queue = on_disk(config, &disk);

    (0..25).for_each(|count| queue.push(line(count)));
    queue.flush().await.unwrap_err();
    assert_eq!(queue.dropped(), 15);
    disk.lock().unwrap().room = usize::MAX;
    queue.flush().await.unwrap();
    queue.close(Duration::from_mins(1)).await.unwrap();

    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let text: String = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let (mut written, mut told) = (0, 0);
    for line in lines {
        match line {
            Line::Dropped(Dropped { count, .. }) => told += count,
            _ => written += 1,
        }
    }
    assert_eq!((written, told), (10, 15), "{text}");
}

#[tokio::test]
async fn a_full_disk_at_the_end_keeps_nobody_beyond_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let queue = on_disk(config(folder.path()), &disk(0, true));

    (0..7).for_each(|count| queue.push(line(count)));
    let error = queue.close(Duration::from_millis(50)).await.unwrap_err();

    assert_eq!(error.context("left"), Some("7"), "{error}");
    assert_eq!(queue.dropped(), 7);
}

#[tokio::test]
async fn lines_are_synced_when_the_configuration_says() {
    for (durability, least, most) in
        [(Durability::System, 0, 0), (Durability::Flush, 1, 1), (Durability::Write, 2, usize::MAX)]
    {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk(usize::MAX, true);
        let queue = on_disk(config(folder.path()).with_durability(durability), &disk);

        queue.push(line(1));
        queue.flush().await.unwrap();

        let syncs = disk.lock().unwrap().syncs;
        assert!((least..=most).contains(&syncs), "{durability:?}: {syncs}");
    }
}
