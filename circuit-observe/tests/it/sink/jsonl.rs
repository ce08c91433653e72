//! The files of the sink for files.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use circuit_core::{Clock, ErrorKind, LogSink};
use circuit_observe::{Jsonl, JsonlConfig, Line};
use circuit_testkit::ManualClock;
use serde_json::json;

use crate::sink::support::{entries, entry, entry_with, quick, report_with, told};

const LONG: Duration = Duration::from_mins(1);

const DAY: Duration = Duration::from_hours(24);

/// Returns a clock that stands still, a minute before the 22nd of November 2026.
fn clock() -> ManualClock {
    let clock = ManualClock::default();
    let time: DateTime<Utc> = "2026-11-21T23:59:00Z".parse().unwrap();
    clock.advance((time - clock.now()).to_std().unwrap());
    clock
}

fn config(folder: &Path) -> JsonlConfig {
    JsonlConfig::new(folder).with_queue(quick())
}

/// Returns the names of the files with what is in them.
fn files(folder: &Path) -> Vec<(String, Vec<String>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, told(&fs::read_to_string(path).unwrap()))
        })
        .collect();
    files.sort();
    files
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_iter().map(|(name, _)| name).collect()
}

fn all(folder: &Path) -> Vec<String> {
    files(folder).into_iter().flat_map(|(_, lines)| lines).collect()
}

#[tokio::test]
async fn entries_and_reports_are_read_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Jsonl::open(config(folder.path())).unwrap();
    let entry = entry_with(&json!({"message": "line\nend", "record": "003000000000001AAA"}));
    let report = report_with(&json!({}));

    sink.write(&entry);
    sink.ended(&report);
    sink.close(LONG).await.unwrap();

    let name = names(folder.path()).remove(0);
    let text = fs::read_to_string(folder.path().join(name)).unwrap();
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, [Line::Entry(entry), Line::Execution(report)]);
}

#[tokio::test]
async fn a_full_file_is_followed_by_the_next_number() {
    let folder = tempfile::tempdir().unwrap();
    let line = serde_json::to_string(&Line::Entry(entry(0))).unwrap().len() as u64 + 1;
    let config = config(folder.path()).with_max_file_bytes(line * 3);
    let sink = Jsonl::open_at(config, Arc::new(clock())).unwrap();

    (0..8).for_each(|number| sink.write(&entry(number)));
    sink.close(LONG).await.unwrap();

    let name = |number| format!("circuit-2026-11-21-000{number}.jsonl");
    assert_eq!(
        files(folder.path()),
        [(name(1), entries(0..3)), (name(2), entries(3..6)), (name(3), entries(6..8))]
    );
}

#[tokio::test]
async fn a_line_that_is_longer_than_a_file_gets_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Jsonl::open(config(folder.path()).with_max_file_bytes(1)).unwrap();

    (0..3).for_each(|number| sink.write(&entry(number)));
    sink.close(LONG).await.unwrap();

    let lines: Vec<_> = files(folder.path()).into_iter().map(|(_, lines)| lines.len()).collect();
    assert_eq!(lines, [1, 1, 1]);
}

#[tokio::test]
async fn a_long_line_stays_in_a_file_that_has_room() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Jsonl::open(config(folder.path())).unwrap();
    let long = entry_with(&json!({"message": "x".repeat(600 << 10)}));

    (0..5).for_each(|_| sink.write(&long));
    sink.close(LONG).await.unwrap();

    let lines: Vec<_> = files(folder.path()).into_iter().map(|(_, lines)| lines.len()).collect();
    assert_eq!(lines, [5]);
}

#[tokio::test]
async fn a_new_day_begins_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let sink = Jsonl::open_at(config(folder.path()), Arc::new(clock.clone())).unwrap();

    sink.write(&entry(0));
    sink.flush().await.unwrap();
    clock.advance(DAY);
    sink.write(&entry(1));
    sink.close(LONG).await.unwrap();

    let expected = [
        ("circuit-2026-11-21-0001.jsonl".to_owned(), entries(0..1)),
        ("circuit-2026-11-22-0001.jsonl".to_owned(), entries(1..2)),
    ];
    assert_eq!(files(folder.path()), expected);
}

#[tokio::test]
async fn a_restart_goes_on_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..3 {
        let sink = Jsonl::open(config(folder.path())).unwrap();
        sink.write(&entry(number));
        sink.close(LONG).await.unwrap();
    }

    let found = files(folder.path());
    assert_eq!((found.len(), &found[0].1), (1, &entries(0..3)));
}

#[tokio::test]
async fn what_a_crash_left_of_a_line_is_cut_off_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(clock());
    let whole = serde_json::to_string(&Line::Entry(entry(0))).unwrap();
    let torn = format!("{whole}\n{}", &whole[..whole.len() / 2]);
    fs::write(folder.path().join("circuit-2026-11-21-0001.jsonl"), torn).unwrap();

    let sink = Jsonl::open_at(config(folder.path()), clock).unwrap();
    sink.write(&entry(1));
    sink.close(LONG).await.unwrap();

    let mut found = all(folder.path());
    found.sort();
    assert_eq!(found, ["dropped 1", "entry 0", "entry 1"]);
}

#[tokio::test]
async fn old_files_go_and_those_of_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let others = ["notes.txt", "circuit-2020-01-01.jsonl.gz", "other-2020-01-01-0001.jsonl"];
    for name in others {
        fs::write(folder.path().join(name), "mine\n").unwrap();
    }
    let clock = clock();
    let config = config(folder.path()).with_keep_days(2);
    let sink = Jsonl::open_at(config, Arc::new(clock.clone())).unwrap();
    for number in 0..5 {
        sink.write(&entry(number));
        sink.flush().await.unwrap();
        clock.advance(DAY);
    }
    sink.close(LONG).await.unwrap();

    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let ours = ["23", "24", "25"].map(|day| format!("circuit-2026-11-{day}-0001.jsonl"));
    let mut expected: Vec<_> = others.map(str::to_owned).into_iter().chain(ours).collect();
    expected.push("circuit.lock".to_owned());
    expected.sort();
    let mut left = left;
    left.sort();
    assert_eq!(left, expected);
}

#[tokio::test]
async fn only_so_many_files_and_bytes_are_kept() {
    let line = serde_json::to_string(&Line::Entry(entry(0))).unwrap().len() as u64 + 1;
    let by_count = |config: JsonlConfig| config.with_keep_files(3);
    let by_bytes = |config: JsonlConfig| config.with_keep_bytes(line * 2);
    let limits: [&dyn Fn(JsonlConfig) -> JsonlConfig; 2] = [&by_count, &by_bytes];
    for limit in limits {
        let folder = tempfile::tempdir().unwrap();
        let config = limit(config(folder.path()).with_max_file_bytes(line));
        let sink = Jsonl::open_at(config, Arc::new(clock())).unwrap();

        (0..9).for_each(|number| sink.write(&entry(number)));
        sink.close(LONG).await.unwrap();

        assert_eq!(all(folder.path()), entries(6..9), "two full ones and the last");
    }
}

#[tokio::test]
async fn a_folder_that_is_removed_is_made_again() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("log");
    let sink = Jsonl::open(config(&folder)).unwrap();
    sink.write(&entry(0));
    sink.flush().await.unwrap();

    fs::remove_dir_all(&folder).unwrap();
    sink.write(&entry(1));
    sink.close(LONG).await.unwrap();

    assert_eq!(all(&folder), ["entry 1"]);
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_followed_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Jsonl::open(config(folder.path())).unwrap();
    sink.write(&entry(0));
    sink.flush().await.unwrap();

    let name = names(folder.path()).remove(0);
    fs::rename(folder.path().join(&name), folder.path().join("moved")).unwrap();
    sink.write(&entry(1));
    sink.close(LONG).await.unwrap();

    assert_eq!(files(folder.path()), [(name, entries(1..2))]);
    assert_eq!(told(&fs::read_to_string(folder.path().join("moved")).unwrap()), ["entry 0"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_loses_nothing_once_it_can() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("log");
    let sink = Jsonl::open(config(&folder)).unwrap();

    // Where the folder was is a file now: nobody can write in it, not even root.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    (0..40).for_each(|number| sink.write(&entry(number)));
    let failed = sink.flush().await.unwrap_err();
    fs::remove_file(&folder).unwrap();
    sink.flush().await.unwrap();

    assert_eq!(failed.kind(), ErrorKind::Unavailable, "{failed}");
    assert!(failed.to_string().contains(folder.to_str().unwrap()), "{failed}");
    assert_eq!(all(&folder), entries(0..40));
    assert_eq!(sink.dropped(), 0);
}

#[tokio::test]
async fn a_second_sink_in_the_same_place_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Jsonl::open(config(folder.path())).unwrap();

    let error = Jsonl::open(config(folder.path())).unwrap_err();
    Jsonl::open(config(folder.path()).with_prefix("other"))
        .expect("another prefix is another place");
    first.close(LONG).await.unwrap();

    assert_eq!(error.kind(), ErrorKind::Unavailable);
    drop(first);
    Jsonl::open(config(folder.path())).expect("the first is gone");
}

#[test]
fn configurations_that_contradict_themselves_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = || config(folder.path());
    for wrong in [
        config().with_prefix(""),
        config().with_prefix("../circuit"),
        config().with_prefix("a b"),
        config().with_prefix("x".repeat(65)),
        config().with_max_file_bytes(0),
        config().with_keep_files(0),
        config().with_keep_bytes(0),
        config().with_queue(quick().with_max_lines(0)),
    ] {
        let error = Jsonl::open(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}
