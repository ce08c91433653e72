//! Searches, on both stores.

use chrono::{TimeDelta, Utc};
use circuit_core::{ErrorKind, ExecutionEnd, ExecutionReport, Level, RecordKey};
use circuit_observe::{ReportStore, Search};
use uuid::Uuid;

use crate::store::{both, changed, keep};

/// Searches both stores, which hold these reports, and compares the ids.
async fn found(reports: &[ExecutionReport], search: &Search) -> Vec<u128> {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    let mut answers = Vec::new();
    for store in &stores {
        keep(store, reports.to_vec()).await;
        let found = store.search(search).await.unwrap();
        answers.push(found.iter().map(|summary| summary.id.as_u128()).collect::<Vec<_>>());
    }
    assert_eq!(answers[0], answers[1], "both stores answer the same");
    answers.remove(0)
}

#[tokio::test]
async fn by_a_record_in_both_forms_of_its_id() {
    let id = "001D000000IRFmaIAH".parse().unwrap();
    let with_key = changed(1, |report| report.keys = vec![RecordKey::of_id("Account", &id)]).await;
    let reports = [with_key, changed(2, |report| report.keys.clear()).await];
    let short = Search::new().record(&"001D000000IRFma".parse().unwrap());
    assert_eq!(found(&reports, &short).await, [1]);
    assert_eq!(found(&reports, &Search::new().record(&id)).await, [1]);
}

#[tokio::test]
async fn by_a_value_whatever_its_case() {
    let key = |email| RecordKey::of_value("Contact", "Email", email);
    let reports = [
        changed(1, |report| report.keys = vec![key("Ada@b.c"), key("bob@b.c")]).await,
        changed(2, |report| report.keys = vec![key("bob@b.c")]).await,
    ];
    let search = |email| Search::new().value("contact", "EMAIL", email);
    assert_eq!(found(&reports, &search(" ADA@b.c ")).await, [1]);
    assert_eq!(found(&reports, &search("bob@b.c")).await, [2, 1], "the last one first");
    assert_eq!(found(&reports, &search("ada")).await, [0_u128; 0]);
}

#[tokio::test]
async fn by_an_execution_and_by_a_run_that_was_repeated() {
    let earlier = Uuid::from_u128(77);
    let reports = [changed(1, |report| report.earlier = vec![earlier]).await];
    assert_eq!(found(&reports, &Search::new().execution(Uuid::from_u128(1))).await, [1]);
    assert_eq!(found(&reports, &Search::new().execution(earlier)).await, [1]);
}

#[tokio::test]
async fn by_handler_level_and_outcome_together() {
    let reports = [
        changed(1, |_| ()).await,
        changed(2, |report| report.outcome = ExecutionEnd::Dropped).await,
        changed(3, |report| report.log.clear()).await,
    ];
    let search = Search::new().handler("check_task").level(Level::Info);
    assert_eq!(found(&reports, &search).await, [2, 1]);
    assert_eq!(found(&reports, &search.clone().outcome(ExecutionEnd::RolledBack)).await, [1]);
    assert_eq!(found(&reports, &search.level(Level::Error)).await, [0_u128; 0]);
    assert_eq!(found(&reports, &Search::new().handler("check")).await, [0_u128; 0]);
}

#[tokio::test]
async fn by_a_handler_whose_step_was_left_out() {
    let without_steps = |report: &mut ExecutionReport| {
        report.steps.clear();
        report.error = None;
    };
    let reports = [changed(1, without_steps).await];
    assert_eq!(found(&reports, &Search::new().handler("follow_up")).await, [1]);
    assert_eq!(found(&reports, &Search::new().handler("host")).await, [0_u128; 0]);
}

#[tokio::test]
async fn by_the_time_at_which_it_began() {
    let now = Utc::now();
    let hours = |hours| {
        move |report: &mut ExecutionReport| {
            report.start = now - TimeDelta::hours(hours);
        }
    };
    let reports =
        [changed(1, hours(5)).await, changed(2, hours(3)).await, changed(3, hours(1)).await];
    let between =
        |from, to| Search::new().between(now - TimeDelta::hours(from), now - TimeDelta::hours(to));
    assert_eq!(found(&reports, &between(4, 0)).await, [3, 2]);
    assert_eq!(found(&reports, &between(5, 3)).await, [1], "the end is not part of it");
}

#[tokio::test]
async fn by_words_in_any_order_and_case() {
    let reports = [
        changed(1, |report| report.origin = "Müller's batch no 3".into()).await,
        changed(2, |report| report.origin = "webhook".into()).await,
    ];
    assert_eq!(found(&reports, &Search::new().text("BATCH müller")).await, [1]);
    assert_eq!(found(&reports, &Search::new().text("has no owner")).await, [2, 1]);
    assert_eq!(found(&reports, &Search::new().text("owne")).await, [0_u128; 0]);
    assert_eq!(found(&reports, &Search::new().text("muller")).await, [0_u128; 0]);
}

#[tokio::test]
async fn no_text_breaks_a_search() {
    let reports = [changed(1, |report| report.origin = "it's a* (b) OR c AND NOT d".into()).await];
    for text in ["it's", "a*", "\"a", "(b", "OR", "NOT d", "c:a", "a & b | !c", "'", "^a", "a\0b"] {
        found(&reports, &Search::new().text(text)).await;
    }
    assert_eq!(found(&reports, &Search::new().text("it's; a OR c")).await, [1]);
    assert_eq!(found(&reports, &Search::new().text("x OR c")).await, [0_u128; 0]);
    assert_eq!(found(&reports, &Search::new().text("'; DROP TABLE x")).await, [0_u128; 0]);
    assert_eq!(found(&reports, &Search::new().handler("'\0\"")).await, [0_u128; 0]);
}

#[tokio::test]
async fn a_search_has_so_many_words_and_terms_and_no_more() {
    let text = |count| {
        let words: Vec<_> = (0..count).map(|i| format!("w{i} W{i}")).collect();
        words.join(" ")
    };
    let handlers = |count| (0..count).fold(Search::new(), |all, i| all.handler(&format!("h{i}")));
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        keep(store, [changed(1, |report| report.origin = text(64).into()).await]).await;
        let search = Search::new().text(&text(64)).text("w3 w4");
        assert_eq!(store.search(&search).await.unwrap().len(), 1);
        assert!(store.search(&handlers(50)).await.unwrap().is_empty());
        for (search, most) in [
            (search.text("w64"), "64"),
            (Search::new().text(&text(300_000)), "64"),
            (handlers(51), "50"),
        ] {
            let error = store.search(&search).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.context("most")),
                (ErrorKind::InvalidInput, Some(most))
            );
        }
    }
}

#[tokio::test]
async fn page_by_page_each_execution_comes_once() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        for id in 0..25 {
            keep(store, [changed(id, |_| ()).await]).await;
        }
        for search in
            [Search::new(), Search::new().handler("check_task"), Search::new().text("owner")]
        {
            let (mut seen, mut search) = (Vec::new(), search.limit(10));
            loop {
                let page = store.search(&search).await.unwrap();
                let Some(last) = page.last() else { break };
                search = search.after(last);
                seen.extend(page.iter().map(|summary| summary.id.as_u128()));
            }
            assert_eq!(seen, (0..25).rev().collect::<Vec<_>>());
        }
    }
}

#[tokio::test]
async fn a_chain_has_all_from_the_first_cause_on() {
    let child = |id, of| changed(id, move |report| report.parent = Some(Uuid::from_u128(of)));
    let reports = [
        changed(1, |_| ()).await,
        child(2, 1).await,
        child(3, 2).await,
        child(4, 1).await,
        changed(5, |_| ()).await,
        // One that started itself is not gone round for ever.
        child(6, 6).await,
    ];
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        keep(store, reports.to_vec()).await;
        let chain = store.chain(Uuid::from_u128(3)).await.unwrap();
        let ids: Vec<_> = chain.iter().map(|report| report.id.as_u128()).collect();
        assert_eq!(ids, [1, 2, 4, 3]);
        assert_eq!(store.chain(Uuid::from_u128(6)).await.unwrap().len(), 1);
        assert!(store.chain(Uuid::from_u128(99)).await.unwrap().is_empty());
    }
}
