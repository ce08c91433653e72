//! The sink for Axiom, against a server that fails.

mod server;

use std::time::{Duration, Instant};

use circuit_core::{ErrorKind, LogSink};
use circuit_observe::{Axiom, AxiomConfig, AxiomEndpoint};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::server::{Reply, Request, Server};
use crate::sink::support::{EXECUTION, entries, entry, entry_with, quick, report_with};
use crate::sink::told;

const LONG: Duration = Duration::from_mins(1);

const TOKEN: &str = "xaat-00000000-secret";

/// Waits for no other events, and short between tries.
fn config(server: &Server) -> AxiomConfig {
    AxiomConfig::new("circuit", TOKEN)
        .with_url(server.url(), AxiomEndpoint::Datasets)
        .with_linger(Duration::ZERO)
        .with_queue(quick())
}

fn axiom(server: &Server) -> Axiom {
    Axiom::new(config(server)).unwrap()
}

fn write(sink: &Axiom, numbers: std::ops::Range<u64>) {
    numbers.for_each(|number| sink.write(&entry(number)));
}

#[tokio::test]
async fn events_go_compressed_with_the_token_to_the_dataset() {
    let server = Server::start([]).await;
    let sink = axiom(&server);

    sink.write(&entry_with(&json!({})));
    sink.ended(&report_with(&json!({})));
    sink.flush().await.unwrap();

    let requests = server.requests();
    let headers = &requests[0].headers;
    assert_eq!(requests[0].path, "/v1/datasets/circuit/ingest");
    assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(headers["content-encoding"], "gzip");
    assert_eq!(headers["content-type"], "application/x-ndjson");
    let events: Vec<_> = requests.iter().flat_map(|request| &request.events).collect();
    assert_eq!(
        *events[0],
        json!({
            "kind": "entry", "_time": "2026-11-21T08:00:00.250Z", "execution": EXECUTION,
            "level": "info", "handler": "score_contacts", "event": "afterInsert",
            "object": "Contact", "depth": 1, "message": "scored",
            "data": {"grade": "A", "count": 3}, "used": {"queries": 1}
        })
    );
    let execution = events[1];
    assert_eq!((&execution["kind"], &execution["id"]), (&json!("execution"), &json!(EXECUTION)));
    assert_eq!(execution["_time"], "2026-11-21T08:00:00.012Z");
    assert_eq!(execution["duration_ms"].as_f64().map(|ms| (ms * 1e6).round()), Some(12_345_678.0));
    assert_eq!(execution["usage"], json!({"queries": 80}));
    assert_eq!((&execution["steps"], &execution["outcome"]), (&json!(1), &json!("committed")));
}

#[tokio::test]
async fn an_edge_deployment_has_another_path() {
    let server = Server::start([]).await;
    let config = config(&server).with_url(format!("{}/", server.url()), AxiomEndpoint::Edge);
    let sink = Axiom::new(config).unwrap();

    sink.write(&entry(0));
    sink.flush().await.unwrap();

    assert_eq!(server.requests()[0].path, "/v1/ingest/circuit");
}

#[tokio::test]
async fn events_wait_for_each_other_until_a_batch_is_full() {
    let server = Server::start([]).await;
    let config = config(&server).with_linger(Duration::from_hours(1)).with_batch(3, 1 << 20);
    let sink = Axiom::new(config).unwrap();

    write(&sink, 0..3);
    server.wait_for(1).await;
    write(&sink, 3..5);
    sink.flush().await.unwrap();

    let sizes: Vec<_> = server.requests().iter().map(|request| request.events.len()).collect();
    assert_eq!(sizes, [3, 2], "a flush waits for no others");
    assert_eq!(server.stored(), entries(0..5));
}

#[tokio::test]
async fn events_that_wait_go_when_their_time_is_over() {
    let server = Server::start([]).await;
    let config = config(&server).with_linger(Duration::from_millis(20));
    let sink = Axiom::new(config).unwrap();

    sink.write(&entry(0));

    assert_eq!(server.wait_for(1).await[0].told(), ["entry 0"]);
}

#[tokio::test]
async fn a_batch_has_at_most_so_many_bytes() {
    let server = Server::start([]).await;
    let config = config(&server).with_linger(Duration::from_hours(1)).with_batch(100, 2_000);
    let sink = Axiom::new(config).unwrap();
    let long = |text: &str| entry_with(&json!({"message": text.repeat(900)}));

    for text in ["a", "b", "c"] {
        sink.write(&long(text));
    }
    sink.write(&entry_with(&json!({"message": "d".repeat(5_000)})));
    sink.flush().await.unwrap();

    let sizes = server.requests();
    let sizes: Vec<usize> = sizes.iter().map(|r| r.told().iter().map(String::len).sum()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 3 * 900 + 5_000);
    assert!(sizes.iter().all(|size| *size <= 2_000 || *size == 5_000), "{sizes:?}");
}

#[tokio::test]
async fn what_passes_is_tried_again_without_loss_in_its_order() {
    let answer = |status| Reply::Answer(status, "", json!({"message": "not now"}));
    let ok_with_garbage = Reply::Answer(200, "", json!(["ingested"]));
    let faults = [
        vec![answer(500), answer(503), answer(408)],
        vec![answer(429), answer(429)],
        vec![Reply::Garbage],
        vec![Reply::Torn],
        vec![Reply::Gone, Reply::Gone],
    ];
    for replies in faults {
        let tries = replies.len();
        let server = Server::start(replies.clone()).await;
        let sink = Axiom::new(config(&server).with_batch(4, 1 << 20)).unwrap();

        write(&sink, 0..10);
        server.wait_for(tries + 1).await;
        sink.close(LONG).await.unwrap();

        assert_eq!(server.stored(), entries(0..10), "{replies:?}");
        assert_eq!(sink.dropped(), 0);
        let first: Vec<_> = server.requests()[..=tries].iter().map(Request::told).collect();
        assert!(first.iter().all(|told| *told == first[0]), "the same again: {first:?}");
    }
    let server = Server::start([ok_with_garbage]).await;
    let sink = axiom(&server);
    write(&sink, 0..1);
    assert_eq!(server.wait_for(2).await[1].told(), ["entry 0"], "no receipt");
}

#[tokio::test]
async fn axiom_is_left_alone_for_as_long_as_it_asks() {
    let later = Reply::Answer(429, "Retry-After: 1\r\n", json!({"message": "rate limit exceeded"}));
    let server = Server::start([later]).await;
    let sink = axiom(&server);

    write(&sink, 0..3);
    let requests = server.wait_for(2).await;
    sink.flush().await.unwrap();

    let waited = requests[1].at - requests[0].at;
    assert!(waited >= Duration::from_millis(990), "{waited:?}");
    assert_eq!(server.stored(), entries(0..3));
}

#[tokio::test]
async fn nothing_is_lost_while_nobody_listens() {
    let server = Server::start([]).await;
    let address = {
        // A port that nobody listens on.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let url = format!("http://{address}");
    let config = config(&server).with_url(url, AxiomEndpoint::Datasets);
    let sink = Axiom::new(config).unwrap();

    write(&sink, 0..500);
    let refused = sink.flush().await.unwrap_err();
    let server = Server::start_at(address, []).await;
    sink.flush().await.unwrap();

    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert!(refused.to_string().to_lowercase().contains("connection refused"), "{refused}");
    assert_eq!(server.stored(), entries(0..500));
    assert_eq!(sink.dropped(), 0);
}

#[tokio::test]
async fn a_server_that_hangs_slows_no_handler_and_loses_nothing() {
    let server = Server::start([Reply::Hang]).await;
    // Long enough for what a busy machine answers, short for what hangs.
    let config = config(&server).with_timeout(Duration::from_secs(2)).with_batch(200, 1 << 20);
    let sink = Axiom::new(config).unwrap();
    sink.write(&entry(0));
    server.wait_for(1).await;

    let start = Instant::now();
    write(&sink, 1..2_000);
    let took = start.elapsed();
    let requests = server.wait_for(2).await;
    sink.flush().await.unwrap();

    assert!(took < requests[1].at - requests[0].at, "{took:?}: before anything was answered");
    assert_eq!(requests[1].told(), ["entry 0"], "the same again");
    assert_eq!(server.stored(), entries(0..2_000));
    assert_eq!(sink.dropped(), 0);
}

#[tokio::test]
async fn what_the_queue_cannot_hold_is_counted_and_told_when_axiom_is_back() {
    let server = Server::start([Reply::Hang]).await;
    let config = config(&server).with_queue(quick().with_max_lines(10));
    let sink = Axiom::new(config).unwrap();
    sink.write(&entry(0));
    server.wait_for(1).await;

    write(&sink, 1..25);
    let dropped = sink.dropped();
    server.go_on();
    sink.flush().await.unwrap();

    assert_eq!(dropped, 15);
    let mut expected = entries(0..10);
    expected.push("dropped 15".to_owned());
    assert_eq!(server.stored(), expected);
}

#[tokio::test]
async fn what_axiom_refuses_is_dropped_counted_and_told_once() {
    told::listen();
    let echo = json!({"message": format!("no token {TOKEN} of number 401-b")});
    let refusals = (0..3).map(|_| Reply::Answer(401, "", echo.clone()));
    let server = Server::start(refusals).await;
    let sink = axiom(&server);

    for number in 0..3 {
        sink.write(&entry(number));
        let error = sink.flush().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("401"), "{error}");
        assert!(!format!("{error:?} {error}").contains(TOKEN), "{error}");
    }
    assert_eq!((sink.dropped(), server.requests().len()), (3, 3), "none is tried again");
    sink.write(&entry(3));
    sink.flush().await.unwrap();

    assert_eq!(server.stored(), ["entry 3", "dropped 3"]);
    let told = told::told("401-b");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("ERROR") && !told[0].contains(TOKEN), "{told:?}");
}

#[tokio::test]
async fn events_that_axiom_refuses_one_by_one_are_counted() {
    let partly = json!({
        "ingested": 3, "failed": 2, "processedBytes": 9,
        "failures": [{"timestamp": "2026-11-21T08:00:00Z", "error": "too many fields"}]
    });
    let server = Server::start([Reply::Answer(200, "", partly)]).await;
    let linger = config(&server).with_linger(Duration::from_hours(1));
    let sink = Axiom::new(linger).unwrap();

    write(&sink, 0..5);
    let error = sink.flush().await.unwrap_err();

    assert_eq!(sink.dropped(), 2);
    assert!(error.to_string().contains("too many fields"), "{error}");
    sink.flush().await.expect("it is told once");
}

#[tokio::test]
async fn an_event_that_is_too_long_takes_no_other_along() {
    let server = Server::start([]).await;
    let config = config(&server).with_linger(Duration::from_hours(1));
    let sink = Axiom::new(config).unwrap();

    sink.write(&entry(0));
    sink.write(&entry_with(&json!({"message": "x".repeat(1_100_000)})));
    sink.write(&entry(1));
    let error = sink.flush().await.unwrap_err();

    assert!(error.to_string().contains("longer than"), "{error}");
    assert_eq!(sink.dropped(), 1);
    assert!(server.stored().starts_with(&entries(0..2)[..1]), "{:?}", server.stored());
    assert!(server.stored().contains(&"entry 1".to_owned()));
}

#[tokio::test]
async fn the_token_is_taken_to_no_other_place() {
    let other = Server::start([]).await;
    let location = format!("Location: {}/v1\r\n", other.url()).leak();
    let server = Server::start([Reply::Answer(307, location, json!({}))]).await;
    let sink = axiom(&server);

    sink.write(&entry(0));
    sink.flush().await.unwrap_err();

    assert_eq!((sink.dropped(), other.requests().len()), (1, 0));
}

#[tokio::test]
async fn over_tls_nothing_is_sent_before_the_server_has_proved_itself() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let sink = Axiom::new(
        AxiomConfig::new("circuit", TOKEN)
            .with_url(url, AxiomEndpoint::Datasets)
            .with_linger(Duration::ZERO)
            .with_queue(quick()),
    )
    .unwrap();
    sink.write(&entry(0));

    let (mut stream, _) = listener.accept().await.unwrap();
    let mut hello = vec![0; 64 << 10];
    let count = stream.read(&mut hello).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    drop((stream, listener));
    let error = sink.flush().await.unwrap_err();

    assert_eq!(hello[0], 22, "a TLS handshake");
    let hello = String::from_utf8_lossy(&hello[..count]);
    assert!(!hello.contains("xaat"), "{hello}");
    assert!(error.is_retryable(), "{error}");
    assert_eq!(sink.dropped(), 0);
}

#[tokio::test]
async fn close_sends_what_waits_for_others() {
    let server = Server::start([]).await;
    let config = config(&server).with_linger(Duration::from_hours(1));
    let sink = Axiom::new(config).unwrap();

    write(&sink, 0..3);
    sink.close(LONG).await.unwrap();

    assert_eq!(server.stored(), entries(0..3));
}

#[tokio::test]
async fn close_keeps_to_its_deadline_while_axiom_hangs() {
    let server = Server::start([Reply::Hang]).await;
    let sink = Axiom::new(config(&server).with_batch(2, 1 << 20)).unwrap();
    write(&sink, 0..7);
    server.wait_for(1).await;

    let start = Instant::now();
    let error = sink.close(Duration::from_millis(200)).await.unwrap_err();

    assert!(start.elapsed() >= Duration::from_millis(200));
    assert!(start.elapsed() < Duration::from_secs(8), "the request may take 10 s");
    assert_eq!(error.context("left"), Some("7"), "{error}");
    assert_eq!(sink.dropped(), 7);
}

#[tokio::test]
async fn close_gives_up_what_axiom_wants_later_than_the_deadline() {
    let later = Reply::Answer(429, "Retry-After: 200\r\n", json!({}));
    let server = Server::start([later]).await;
    let sink = axiom(&server);
    write(&sink, 0..1);
    server.wait_for(1).await;

    let error = sink.close(Duration::from_millis(100)).await.unwrap_err();

    assert_eq!(error.context("left"), Some("1"), "{error}");
    assert!(format!("{error:?}").contains("429"), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn configurations_that_cannot_work_are_refused_without_their_secrets() {
    let good = || AxiomConfig::new("circuit", TOKEN);
    let at = |url: &str| good().with_url(url, AxiomEndpoint::Datasets);
    Axiom::new(good()).unwrap();
    for wrong in [
        AxiomConfig::new("", TOKEN),
        AxiomConfig::new("a/b", TOKEN),
        AxiomConfig::new("..", TOKEN),
        AxiomConfig::new("circuit", ""),
        AxiomConfig::new("circuit", "xaat-00000000-secret\r\nx: y"),
        at("api.axiom.co"),
        at("http://api.axiom.co"),
        at("ftp://api.axiom.co"),
        at("https://me:xaat-00000000-secret@api.axiom.co"),
        at("https://api.axiom.co/?token=xaat-00000000-secret"),
        good().with_batch(0, 1),
        good().with_batch(10_001, 1),
        good().with_batch(1, 0),
        good().with_timeout(Duration::ZERO),
        good().with_queue(quick().with_max_lines(0)),
    ] {
        let error = Axiom::new(wrong.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{wrong:?}");
        assert!(!format!("{error:?} {error}").contains("xaat"), "{error:?}");
    }
}

#[test]
fn the_token_is_neither_shown_nor_written() {
    let config: AxiomConfig = serde_json::from_value(json!({
        "dataset": "circuit", "token": TOKEN, "endpoint": "edge", "max_events": 7
    }))
    .unwrap();
    let sink = Axiom::new(config.clone()).unwrap();

    assert_eq!((config.max_events, config.endpoint), (7, AxiomEndpoint::Edge));
    for shown in
        [format!("{config:?}"), format!("{sink:?}"), serde_json::to_string(&config).unwrap()]
    {
        assert!(!shown.contains("xaat"), "{shown}");
    }
}
