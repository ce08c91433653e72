//! How long reports are kept.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use circuit_core::{ExecutionReport, LogSink};
use circuit_observe::{ReportStore, ReportStoreBuilder, Search};

use crate::store::{Places, changed, keep};

/// Stores that held these reports before they were opened with other settings.
async fn opened_again(
    reports: &[ExecutionReport],
    with: &ReportStoreBuilder,
) -> (Places, [ReportStore; 2]) {
    let places = Places::new().await;
    let for_long = ReportStore::builder().retention(Duration::from_hours(24 * 1_000));
    for store in places.open(&for_long).await {
        keep(&store, reports.to_vec()).await;
    }
    let stores = places.open(with).await;
    (places, stores)
}

/// Returns what is found once no more than `most` are.
async fn what_stays(store: &ReportStore, most: usize, search: &Search) -> Vec<u128> {
    let mut left = Vec::new();
    for _ in 0..10_000 {
        left = store.search(&search.clone().limit(1_000)).await.unwrap();
        if left.len() <= most {
            break;
        }
        store.flush().await.unwrap();
    }
    left.iter().map(|summary| summary.id.as_u128()).collect()
}

#[tokio::test]
async fn old_reports_go_with_all_by_which_they_were_found() {
    let mut reports = vec![changed(0, |_| ()).await];
    for id in 1..500 {
        reports.push(changed(id, |report| report.start = Utc::now() - TimeDelta::hours(2)).await);
    }
    let short = ReportStore::builder().retention(Duration::from_hours(1));
    let (_places, stores) = opened_again(&reports, &short).await;
    for store in &stores {
        for search in
            [Search::new(), Search::new().handler("check_task"), Search::new().text("owner")]
        {
            assert_eq!(what_stays(store, 1, &search).await, [0]);
        }
    }
}

#[tokio::test]
async fn reports_stay_for_30_days_if_nothing_is_said() {
    let days = |days| {
        move |report: &mut ExecutionReport| {
            report.start = Utc::now() - TimeDelta::days(days);
        }
    };
    let reports = [changed(29, days(29)).await, changed(31, days(31)).await];
    let (_places, stores) = opened_again(&reports, &ReportStore::builder()).await;
    for store in &stores {
        assert_eq!(what_stays(store, 1, &Search::new()).await, [29]);
    }
}
