//! What is counted, in a program with the allocator.

use std::alloc::System;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(target_os = "linux")]
use circuit_alloc::ThreadClock;
use circuit_alloc::{Account, Metered, is_installed, is_over};

#[global_allocator]
static ALLOCATOR: Metered<System> = Metered::new(System);

fn bytes(count: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(count))
}

#[test]
fn a_program_with_the_allocator_has_it_installed() {
    assert!(is_installed());
}

#[test]
fn an_account_knows_what_is_held_and_the_most_that_was() {
    let account = Account::default();
    let kept = account.run(u64::MAX, || {
        drop(bytes(5_000));
        bytes(700)
    });
    assert_eq!((account.held(), account.peak()), (700, 5_000));
    account.run(u64::MAX, || drop(kept));
    assert_eq!((account.held(), account.peak()), (0, 5_000));
}

#[test]
fn work_in_parts_adds_up() {
    let account = Account::default();
    let one = account.run(1_500, || bytes(1_000));
    assert!(!account.is_over(1_500));
    let two = account.run(1_500, || {
        assert!(!is_over());
        let two = bytes(1_000);
        assert!(is_over());
        two
    });
    assert!(account.is_over(1_500));
    assert_eq!((account.held(), account.peak()), (2_000, 2_000));
    drop((one, two));
}

#[test]
fn growing_in_place_or_elsewhere_counts_the_new_size() {
    let account = Account::default();
    let grown = account.run(u64::MAX, || {
        let mut grown = bytes(100);
        grown.resize(100, 7);
        grown.reserve_exact(900);
        assert_eq!(black_box(&grown)[99], 7);
        grown
    });
    assert_eq!(account.held(), 1_000);
    drop(grown);
}

#[test]
fn zeroed_memory_counts() {
    let account = Account::default();
    account.run(u64::MAX, || drop(black_box(vec![0_u8; 3_000])));
    assert_eq!(account.peak(), 3_000);
}

#[test]
fn inner_work_counts_for_both_and_has_no_more_than_is_left() {
    let (outer, inner) = (Account::default(), Account::default());
    outer.run(10_000, || {
        let own = bytes(6_000);
        inner.run(8_000, || {
            drop(bytes(3_000));
            assert!(!is_over());
            drop(bytes(5_000));
            assert!(is_over(), "6,000 and 5,000 are more than 10,000");
        });
        assert!(is_over(), "what the inner work held was held by the outer one");
        drop(own);
    });
    assert_eq!((inner.held(), inner.peak()), (0, 5_000));
    assert_eq!((outer.held(), outer.peak()), (0, 11_000));
    assert!(!is_over(), "outside of all work there is no limit");
}

#[test]
fn a_panic_ends_the_part_and_what_it_held_is_known() {
    let account = Account::default();
    let work = AssertUnwindSafe(|| {
        account.run(1_000, || {
            let _kept = bytes(4_000);
            std::panic::resume_unwind(Box::new("stop"));
        });
    });
    assert!(catch_unwind(work).is_err());
    assert!(account.is_over(1_000) && !is_over());
}

#[test]
fn freeing_memory_from_outside_never_makes_the_sum_negative() {
    let given = bytes(50_000);
    let account = Account::default();
    let kept = account.run(60_000, || {
        drop(given);
        let kept = bytes(61_000);
        assert!(is_over());
        kept
    });
    assert_eq!((account.held(), account.peak()), (61_000, 61_000));
    drop(kept);
}

#[test]
fn parts_on_two_threads_at_once_add_up() {
    let account = Account::default();
    let barrier = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                std::mem::forget(account.run(u64::MAX, || {
                    let kept = bytes(10_000);
                    barrier.wait();
                    kept
                }));
            });
        }
    });
    assert_eq!((account.held(), account.peak()), (20_000, 20_000));
}

#[cfg(target_os = "linux")]
#[test]
fn another_thread_can_read_the_clock_until_the_thread_ends() {
    let (tell, told) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        let before = ThreadClock::now();
        while ThreadClock::now().saturating_sub(before) < Duration::from_millis(20) {
            black_box(bytes(10));
        }
        tell.send(ThreadClock::current()).unwrap();
        ended.recv().unwrap_err();
    });
    let clock = told.recv().unwrap();
    assert!(clock.read().unwrap() >= Duration::from_millis(19), "{:?}", clock.read());
    drop(end);
    thread.join().unwrap();
}

#[test]
fn each_thread_counts_alone() {
    let account = Account::default();
    account.run(u64::MAX, || {
        let here = Account::default();
        std::thread::scope(|scope| {
            scope.spawn(|| drop(bytes(1_000_000)));
        });
        here
    });
    assert!(account.peak() < 500_000, "{}", account.peak());
}
