//! What the console sink writes.

use circuit_core::LogSink;
use circuit_observe::{Color, Console, ConsoleConfig, ConsoleFormat, Line};
use serde_json::{Value, json};

use crate::sink::support::{EXECUTION, Pipe, entry_with, quick, report_with};

async fn written(config: ConsoleConfig, write: impl FnOnce(&Console)) -> String {
    let pipe = Pipe::default();
    let console = Console::to(config.with_queue(quick()), pipe.clone()).unwrap();
    write(&console);
    console.flush().await.unwrap();
    pipe.text()
}

#[tokio::test]
async fn people_read_time_level_handler_message_and_pairs() {
    let entry = entry_with(&json!({
        "level": "warn",
        "data": [["grade", "A"], ["reason", "no phone"], ["at", {"x": 1}]],
        "user": "ada", "tenant": "acme"
    }));

    let text = written(ConsoleConfig::default(), |console| console.write(&entry)).await;

    assert_eq!(
        text,
        format!(
            "2026-11-21T08:00:00.250Z  WARN score_contacts: scored grade=A reason=\"no phone\" \
             at={{\"x\":1}} object=Contact event=afterInsert user=ada tenant=acme \
             execution={EXECUTION}\n"
        )
    );
}

#[tokio::test]
async fn people_read_how_an_execution_ended() {
    let failed = report_with(&json!({
        "outcome": "rolled_back",
        "error": {"code": "C0008", "message": "too many queries", "handler": "score_contacts"}
    }));

    let text = written(ConsoleConfig::default(), |console| console.ended(&failed)).await;

    assert_eq!(
        text,
        format!(
            "2026-11-21T08:00:00.012Z ERROR execution: rolled back (C0008 too many queries) \
             handler=score_contacts took=12.3ms records=200 object=Contact origin=\"webhook 42\" \
             user=ada tenant=acme execution={EXECUTION}\n"
        )
    );
}

#[tokio::test]
async fn a_message_can_neither_begin_a_line_nor_steer_the_terminal() {
    let entry = entry_with(&json!({
        "message": "a\nb\u{1b}[31mc\u{9b}d", "data": [["e\nf", "g\nh"], ["i", ["j\u{9b}"]]]
    }));

    let text = written(ConsoleConfig::default(), |console| console.write(&entry)).await;

    assert_eq!(text.lines().count(), 1, "{text}");
    let controls: Vec<char> = text.trim_end().chars().filter(|c| c.is_control()).collect();
    assert!(controls.is_empty(), "{text:?}");
}

#[tokio::test]
async fn levels_are_coloured_only_when_asked_for_or_on_a_terminal() {
    for (color, colored) in [(Color::Auto, false), (Color::Never, false), (Color::Always, true)] {
        let config = ConsoleConfig::default().with_color(color);
        let text = written(config, |console| console.write(&entry_with(&json!({})))).await;

        assert_eq!(text.contains("\u{1b}[32m INFO\u{1b}[0m"), colored, "{color:?}: {text:?}");
    }
}

#[tokio::test]
async fn programs_read_one_object_a_line() {
    let entry = entry_with(&json!({"message": "a\nb"}));
    let report = report_with(&json!({"log": [serde_json::to_value(&*entry).unwrap()]}));
    let config =
        ConsoleConfig::default().with_format(ConsoleFormat::Json).with_color(Color::Always);

    let text = written(config, |console| {
        console.write(&entry);
        console.ended(&report);
    })
    .await;

    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(serde_json::from_str::<Line>(lines[0]).unwrap(), Line::Entry(entry));
    let execution: Value = serde_json::from_str(lines[1]).unwrap();
    let execution = &execution["execution"];
    assert_eq!(execution["outcome"], "committed");
    assert_eq!(execution["log"], json!([]), "the entries are lines of their own");
    assert_eq!((&execution["steps"], &execution["steps_left_out"]), (&json!([]), &json!(1)));
}

#[test]
fn a_configuration_is_read_from_json_and_refuses_what_it_does_not_know() {
    let config: ConsoleConfig =
        serde_json::from_str(r#"{"format":"json","queue":{"max_lines":9}}"#).unwrap();

    assert_eq!((config.format, config.color), (ConsoleFormat::Json, Color::Auto));
    assert_eq!((config.queue.max_lines, config.queue.retry_from_ms), (9, 100));
    serde_json::from_str::<ConsoleConfig>(r#"{"colour":"never"}"#).unwrap_err();
}
