//! The one thread that looks at the slots of all others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::Thread;
use std::time::Duration;

use super::checkpoint::ALARM;
use super::slot::{NEVER, Poll, Slot, now};
use super::stuck::ThreadLeft;

/// How often the slots are looked at.
const TICK: Duration = Duration::from_millis(10);

/// How long a handler may take from its alarm to its next checkpoint.
const GRACE: Duration = Duration::from_millis(100);

/// After how many looks at nothing the watchdog goes to sleep.
const IDLE_LOOKS: u32 = 50;

static SLOTS: Mutex<Vec<Weak<Slot>>> = Mutex::new(Vec::new());
static ASLEEP: AtomicBool = AtomicBool::new(false);
static WATCHDOG: OnceLock<Option<Thread>> = OnceLock::new();

fn slots() -> MutexGuard<'static, Vec<Weak<Slot>>> {
    SLOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Watches a slot until its thread has ended.
pub(super) fn watch(slot: &Arc<Slot>) {
    slots().push(Arc::downgrade(slot));
    start();
}

/// Starts the watchdog, once. A thread has the restrictions of the one that starts it, so this is
/// done where an engine is built and not by the first worker.
pub(crate) fn start() {
    WATCHDOG.get_or_init(|| {
        let thread = std::thread::Builder::new().name("circuit-watchdog".to_owned());
        match thread.spawn(run) {
            Ok(handle) => Some(handle.thread().clone()),
            Err(error) => {
                tracing::error!(target: "circuit", %error, "no watchdog: stuck handlers stay unseen");
                None
            }
        }
    });
}

/// Wakes the watchdog if it sleeps; a poll has begun.
pub(super) fn wake() {
    if ASLEEP.load(Ordering::SeqCst)
        && let Some(Some(thread)) = WATCHDOG.get()
    {
        thread.unpark();
    }
}

fn run() {
    let mut idle = 0;
    loop {
        let seen = look();
        ALARM.store(seen.overdue, Ordering::Relaxed);
        idle = if seen.busy { 0 } else { idle + 1 };
        if idle < IDLE_LOOKS {
            std::thread::sleep(TICK);
            continue;
        }
        ASLEEP.store(true, Ordering::SeqCst);
        // A poll that began before the flag was set did not wake anybody.
        if !look().busy {
            std::thread::park();
        }
        ASLEEP.store(false, Ordering::SeqCst);
        idle = 0;
    }
}

#[derive(Default)]
struct Seen {
    busy: bool,
    overdue: bool,
}

fn look() -> Seen {
    let mut seen = Seen::default();
    let mut living = Vec::new();
    slots().retain(|slot| {
        let slot = slot.upgrade();
        living.extend(slot.clone());
        slot.is_some()
    });
    for slot in living {
        let alarm_at = slot.alarm_at();
        if alarm_at == NEVER {
            continue;
        }
        seen.busy = true;
        let late = Duration::from_nanos(now().saturating_sub(alarm_at));
        if late > Duration::ZERO {
            slot.overdue.store(true, Ordering::Relaxed);
            seen.overdue = true;
        }
        if late > GRACE {
            judge(&slot);
        }
    }
    seen
}

/// Looks at a poll that has come to no checkpoint for a while: a handler that was preempted or waits
/// may have time left.
fn judge(slot: &Slot) {
    let Some(poll) = slot.poll().clone().filter(|poll| !poll.reported) else {
        return;
    };
    let running = poll.began.elapsed();
    let used = slot.thread.read().map(|now| now.saturating_sub(poll.cpu_began));
    let own = slot.own(used.map_or(running, |used| used.min(running)));
    let Err(error) = poll.watched.may_go_on(own, poll.around) else {
        return;
    };
    if !note(slot, &poll) {
        return;
    }
    let left = if poll.job.is_some() { ThreadLeft::Abandoned } else { ThreadLeft::Busy };
    // What sinks and the host do with it must not end the watch over all others.
    let told = catch_unwind(AssertUnwindSafe(move || {
        if let Some(job) = &poll.job {
            job.tell();
        }
        let stuck = poll.watched.stuck(running, error, left);
        poll.watched.tell(&stuck);
    }));
    if told.is_err() {
        tracing::error!(target: "circuit", "what was told of a stuck handler panicked");
    }
}

/// Notes that a poll was reported; false if another is under way by now.
fn note(slot: &Slot, judged: &Poll) -> bool {
    match &mut *slot.poll() {
        Some(poll) if poll.began == judged.began => {
            poll.reported = true;
            true
        }
        _ => false,
    }
}
