//! Explanations for a terminal and for a browser.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use circuit_core::{
    ErrorKind, ExecutionReport, HandlerError, MemorySink, Query, Record, TriggerEvent,
    TriggerRegistration,
};
use circuit_observe::{Explanation, explain};
use circuit_testkit::ManualClock;

use crate::support::{builder, check_task, clean_email, contacts, follow_up, report, steady};

#[tokio::test]
async fn a_slow_handler_is_marked_in_the_terminal() {
    let report = report(false).await;
    let told = explain(&report).to_string();
    insta::assert_snapshot!("slow_terminal", told);
}

#[tokio::test]
async fn a_failing_handler_is_marked_in_the_terminal() {
    let report = report(true).await;
    let told = explain(&report).to_string();
    insta::assert_snapshot!("failing_terminal", told);
    let page = include_str!("../../../docs/guide/reports.md");
    assert!(page.contains(&told), "the guide shows it as it is");
}

#[tokio::test]
async fn pages_are_as_they_were_looked_at() {
    let (slow, failing) = (report(false).await, report(true).await);
    insta::assert_snapshot!("slow_page", explain(&slow).to_html());
    insta::assert_snapshot!("failing_page", explain(&failing).to_html());
}

#[tokio::test]
async fn many_chunks_are_one_line_with_their_sum() {
    let clock = ManualClock::default();
    let circuit = builder(&clock, [clean_email(&clock)]).build().unwrap();
    let outcome = circuit.insert(contacts(2_000)).await.unwrap();
    let told = explain(outcome.report()).to_string();
    let line = told.lines().find(|line| line.contains("10 runs,") || line.contains(", 10 runs"));
    assert!(line.is_some_and(|line| line.contains("2,000 rows")), "{told}");
    assert!(told.contains("INFO  cleaned  rows=200  × 10"), "{told}");
    let page = explain(outcome.report()).to_html();
    assert!(page.contains("chunk 10 of 10, 200 rows"), "each run is listed on the page");
}

const HOSTILE: &str = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>\u{1b}[2J\u{202e}";

async fn hostile() -> Arc<ExecutionReport> {
    let handler =
        TriggerRegistration::sync(HOSTILE, [TriggerEvent::BeforeInsert], HOSTILE, |ctx| {
            ctx.log().info(HOSTILE).with(HOSTILE, HOSTILE);
            Err(HandlerError::msg(HOSTILE))
        });
    let circuit = builder(&ManualClock::default(), [handler]).host(HOSTILE).build().unwrap();
    let session = circuit.session().with_user(HOSTILE).with_tenant(HOSTILE);
    let error = session.insert(Record::new(HOSTILE)).await.unwrap_err();
    Arc::clone(error.report().unwrap())
}

#[tokio::test]
async fn names_and_texts_cannot_become_markup() {
    let page = explain(&*hostile().await).to_html();
    assert!(page.contains("&lt;script&gt;"));
    for markup in ["<script", "<img", "onerror=alert(1)>", "'x'", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(markup), "{markup}");
    }
}

#[tokio::test]
async fn names_and_texts_cannot_steer_the_terminal() {
    let told = explain(&*hostile().await).to_string();
    assert!(told.contains("<script>"), "{told}");
    assert!(told.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'));
}

#[tokio::test]
async fn a_page_loads_nothing_from_elsewhere() {
    let page = explain(&*report(true).await).to_html();
    for loading in ["http:", "https:", "src=", "@import", "url(", "<script", "<link"] {
        assert!(!page.contains(loading), "{loading}");
    }
}

/// The reports of an insert and of what its after-commit hook inserts, the inner one first.
async fn chain() -> Vec<Arc<ExecutionReport>> {
    let inner = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&inner);
    let clock = ManualClock::default();
    let handler =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "tell", move |ctx| {
            let keep = Arc::clone(&keep);
            Box::pin(async move {
                let hook = move |given: circuit_core::Committed| async move {
                    let outcome = given.session.insert(Record::new("Audit")).await?;
                    *keep.lock().unwrap() = Some(Arc::clone(outcome.report()));
                    Ok(())
                };
                ctx.after_commit("audit", hook).await?;
                Ok(())
            })
        });
    let circuit = builder(&clock, [handler, check_task(&clock, false)]).build().unwrap();
    let outcome = circuit.insert(contacts(1)).await.unwrap();
    let inner = inner.lock().unwrap().take().unwrap();
    vec![steady(&inner), steady(outcome.report())]
}

#[tokio::test]
async fn what_a_hook_started_stands_below_it() {
    let reports = chain().await;
    let told = Explanation::of_chain(&reports).to_string();
    insta::assert_snapshot!("chain_terminal", told);
    let page = Explanation::of_chain(&reports).to_html();
    let place = |report: &ExecutionReport| page.find(&format!("<section id=\"{}\"", report.id));
    assert!(place(&reports[1]) < place(&reports[0]));
}

#[tokio::test]
async fn a_handler_in_which_the_host_gave_up_is_marked() {
    let clock = ManualClock::default();
    let kept = MemorySink::default();
    let wait = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "wait", |_| {
        Box::pin(std::future::pending::<Result<(), HandlerError>>())
    });
    let circuit = builder(&clock, [wait]).log_sink(kept.clone()).build().unwrap();
    let call = tokio::time::timeout(Duration::from_millis(1), circuit.insert(contacts(1)));
    assert!(call.await.is_err());
    let told = explain(&kept.reports()[0]).to_string();
    assert!(told.contains("the host gave up while this was under way: wait"), "{told}");
    assert!(told.lines().any(|line| line.contains("wait") && line.contains("DROPPED HERE")));
}

#[tokio::test]
async fn a_limit_that_was_passed_is_marked() {
    let clock = ManualClock::default();
    let greedy =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "greedy", |ctx| {
            Box::pin(async move {
                for _ in 0..101 {
                    ctx.count(Query::of("Task")).await?;
                }
                Ok(())
            })
        });
    let circuit = builder(&clock, [greedy]).build().unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    let told = explain(error.report().unwrap()).to_string();
    assert!(told.contains("▶ greedy failed: too many queries"), "{told}");
    assert!(told.contains("101 of 100") && told.contains("◀ PASSED"), "{told}");
}

#[tokio::test]
async fn a_report_whose_steps_make_no_tree_is_shown_all_the_same() {
    let mut json = serde_json::to_value(&*report(false).await).unwrap();
    let steps = json["steps"].as_array_mut().unwrap();
    for (at, step) in steps.iter_mut().enumerate() {
        step["parent"] = serde_json::json!(if at % 2 == 0 { at } else { 9_999 });
    }
    let report: ExecutionReport = serde_json::from_value(json).unwrap();
    assert!(explain(&report).to_string().contains("check_task"));
    let again = [&report, &report];
    assert!(Explanation::of_chain(&again.map(Clone::clone)).to_html().contains("check_task"));
}

#[tokio::test]
async fn follow_up_alone_is_named_the_slowest() {
    let clock = ManualClock::default();
    let circuit = builder(&clock, [clean_email(&clock), follow_up(&clock)]).build().unwrap();
    let outcome = circuit.insert(contacts(20)).await.unwrap();
    let told = explain(outcome.report()).to_string();
    let marked: Vec<_> = told.lines().filter(|line| line.contains("SLOWEST HANDLER")).collect();
    assert!(marked.len() == 1 && marked[0].contains("follow_up"), "{told}");
}

#[tokio::test]
async fn a_hook_that_fails_after_the_rollback_is_not_to_blame() {
    let clock = ManualClock::default();
    let score = TriggerRegistration::sync("Contact", [TriggerEvent::BeforeInsert], "score", |_| {
        Err(HandlerError::msg("no grade"))
    });
    let circuit = builder(&clock, [score])
        .after_rollback("tell_slack", |_| async { Err(HandlerError::msg("slack unreachable")) })
        .build()
        .unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    let told = explain(error.report().unwrap()).to_string();
    assert!(told.contains("▶ score failed: no grade"), "{told}");
}

#[tokio::test]
async fn a_failure_that_the_host_went_on_after_is_not_to_blame() {
    let clock = ManualClock::default();
    let score = TriggerRegistration::sync("Contact", [TriggerEvent::BeforeInsert], "score", |_| {
        Err(HandlerError::msg("no grade"))
    });
    let circuit = builder(&clock, [score]).build().unwrap();
    let run = circuit.run(async |execution: circuit_core::Execution| {
        let _failed = execution.insert(contacts(1)).await;
        Err::<(), _>(circuit_core::Error::new(ErrorKind::InvalidInput, "the file is empty"))
    });
    let told = explain(run.await.unwrap_err().report().unwrap()).to_string();
    assert!(told.contains("▶ the file is empty"), "{told}");
}
