//! What a thread is at: the innermost poll of a handler.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use circuit_alloc::ThreadClock;

use super::stuck::{Abandoned, Watched};
use super::watchdog;
use crate::error::Result;
use crate::trigger::Thrown;

/// The moment from which the slots count.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// No alarm is set.
pub(super) const NEVER: u64 = u64::MAX;

/// A thread that polls handlers.
#[derive(Debug)]
pub(super) struct Slot {
    /// When the poll is to be looked at, in nanoseconds.
    alarm_at: AtomicU64,
    /// Whether that was reached.
    pub(super) overdue: AtomicBool,
    pub(super) thread: ThreadClock,
    /// The processor time of the polls inside the present one, in nanoseconds.
    inside: AtomicU64,
    /// The last reading of the thread's processor clock, by the thread itself.
    reading: Mutex<Reading>,
    poll: Mutex<Option<Poll>>,
}

/// What the processor clock showed, and when.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    cpu: Duration,
}

impl Reading {
    fn now() -> Self {
        Self { at: Instant::now(), cpu: ThreadClock::now() }
    }
}

/// A reading is good for so long: polls are measured to within this.
const FRESH: Duration = Duration::from_millis(1);

/// A poll that is under way.
#[derive(Debug, Clone)]
pub(super) struct Poll {
    pub(super) watched: Arc<dyn Watched>,
    pub(super) began: Instant,
    /// The thread's processor time at the beginning, or up to a millisecond before.
    pub(super) cpu_began: Duration,
    /// What the handlers around it have used and not counted yet.
    pub(super) around: Duration,
    /// What waits for the job that the poll is part of, where it can be given up.
    pub(super) job: Option<Arc<Abandoned>>,
    pub(super) reported: bool,
}

thread_local! {
    static SLOT: Arc<Slot> = Slot::register();
    static JOB: RefCell<Option<Arc<Abandoned>>> = const { RefCell::new(None) };
}

/// Returns the nanoseconds since the slots began to count.
pub(super) fn now() -> u64 {
    since_start(Instant::now())
}

fn since_start(moment: Instant) -> u64 {
    nanoseconds(moment.saturating_duration_since(*START))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}

impl Slot {
    fn register() -> Arc<Self> {
        let slot = Arc::new(Self {
            alarm_at: AtomicU64::new(NEVER),
            overdue: AtomicBool::new(false),
            thread: ThreadClock::current(),
            inside: AtomicU64::new(0),
            reading: Mutex::new(Reading::now()),
            poll: Mutex::default(),
        });
        watchdog::watch(&slot);
        slot
    }

    /// Returns when the poll is to be looked at; [`NEVER`] where none is under way.
    pub(super) fn alarm_at(&self) -> u64 {
        self.alarm_at.load(Ordering::SeqCst)
    }

    pub(super) fn poll(&self) -> MutexGuard<'_, Option<Poll>> {
        self.poll.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the thread's processor time, as it was at most a millisecond ago.
    fn recent_cpu(&self, now: Instant) -> Duration {
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(reading.at) > FRESH {
            *reading = Reading::now();
        }
        reading.cpu
    }

    /// Reads the thread's processor clock.
    fn exact_cpu(&self) -> Duration {
        let now = Reading::now();
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = now;
        now.cpu
    }

    /// Returns the part of a poll's processor time that is its handler's own.
    pub(super) fn own(&self, used: Duration) -> Duration {
        used.saturating_sub(Duration::from_nanos(self.inside.load(Ordering::Relaxed)))
    }

    /// Sets the moment at which the poll is to be looked at.
    fn set_alarm(&self, at: u64) {
        self.overdue.store(false, Ordering::Relaxed);
        // In one order with the watchdog's going to sleep.
        self.alarm_at.store(at, Ordering::SeqCst);
    }
}

/// A poll in its thread's slot.
pub(super) struct Entered {
    slot: Arc<Slot>,
    outer: Option<Poll>,
    outer_alarm: u64,
    outer_inside: u64,
}

impl Entered {
    pub(super) fn enter(watched: Arc<dyn Watched>, began: Instant) -> Self {
        let slot = SLOT.with(Arc::clone);
        let cpu_began = slot.recent_cpu(began);
        let (job, outer) = (current_job(), slot.poll().take());
        let around = outer.as_ref().map_or(Duration::ZERO, |outer| {
            let used = cpu_began.saturating_sub(outer.cpu_began);
            outer.around + slot.own(used)
        });
        let left = watched.time_left().saturating_sub(around);
        *slot.poll() = Some(Poll { watched, began, cpu_began, around, job, reported: false });
        let outer_alarm = slot.alarm_at();
        let outer_inside = slot.inside.swap(0, Ordering::Relaxed);
        slot.set_alarm(since_start(began).saturating_add(nanoseconds(left)).min(outer_alarm));
        watchdog::wake();
        Self { slot, outer, outer_alarm, outer_inside }
    }

    /// Returns the processor time of the poll up to now.
    pub(super) fn used(&self) -> Duration {
        let began = self.slot.poll().as_ref().map(|poll| poll.cpu_began);
        began.map_or(Duration::ZERO, |began| self.slot.exact_cpu().saturating_sub(began))
    }

    /// Puts the poll around this one back; answers how much of the processor time was its own.
    pub(super) fn leave(mut self, used: Duration) -> Duration {
        let slot = &self.slot;
        let own = slot.own(used);
        let inside = self.outer_inside.saturating_add(nanoseconds(used));
        slot.inside.store(inside, Ordering::Relaxed);
        slot.alarm_at.store(self.outer_alarm, Ordering::Release);
        slot.overdue.store(false, Ordering::Relaxed);
        *slot.poll() = self.outer.take();
        own
    }
}

/// Unwinds the handler that this thread polls if it may not go on.
#[cold]
pub(super) fn stop_if_over() {
    let Ok(Err(error)) = SLOT.try_with(|slot| look(slot)) else { return };
    // Unwinding twice would end the process: what is dropped on the way may finish.
    if !std::thread::panicking() {
        Thrown::throw(error);
    }
}

fn look(slot: &Slot) -> Result<()> {
    if !slot.overdue.load(Ordering::Relaxed) && !circuit_alloc::is_over() {
        return Ok(());
    }
    let Some(poll) = slot.poll().clone() else { return Ok(()) };
    let used = slot.exact_cpu().saturating_sub(poll.cpu_began);
    let own = slot.own(used.min(poll.began.elapsed()));
    poll.watched.may_go_on(own, poll.around)?;
    let left = poll.watched.time_left().saturating_sub(own + poll.around);
    let left = left.max(Duration::from_millis(1));
    slot.set_alarm(now().saturating_add(nanoseconds(left)));
    Ok(())
}

/// Returns the job that this thread is at.
pub(crate) fn current_job() -> Option<Arc<Abandoned>> {
    JOB.with_borrow(Clone::clone)
}

/// Returns whether this thread is at a job.
pub(crate) fn is_in_job() -> bool {
    JOB.with_borrow(Option::is_some)
}

/// Runs a part of a job: whoever waits for it hears of it if the watchdog gives it up.
pub(crate) fn on_behalf_of_job<T>(job: &Arc<Abandoned>, part: impl FnOnce() -> T) -> T {
    struct Back(Option<Arc<Abandoned>>);
    impl Drop for Back {
        fn drop(&mut self) {
            JOB.with_borrow_mut(|job| *job = self.0.take());
        }
    }
    let _back = Back(JOB.with_borrow_mut(|now| now.replace(Arc::clone(job))));
    part()
}
