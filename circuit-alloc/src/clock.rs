//! The processor time of a thread.

use std::time::Duration;

/// The processor time that a thread has used, user and system.
///
/// # Examples
/// ```
/// use circuit_alloc::ThreadClock;
///
/// let clock = ThreadClock::current();
/// let before = clock.read();
/// assert!(clock.read() >= before);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadClock {
    /// The number of the thread in the system; `None` where other threads cannot read its time.
    #[cfg(target_os = "linux")]
    thread: i32,
}

#[cfg(unix)]
impl ThreadClock {
    /// Whether the clock tells processor time; if not, it tells the time that has passed.
    pub fn is_exact() -> bool {
        true
    }

    /// Returns what the thread that asks has used. A call of the system: up to half a microsecond.
    pub fn now() -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    }
}

#[cfg(not(unix))]
impl ThreadClock {
    /// Whether the clock tells processor time; if not, it tells the time that has passed.
    pub fn is_exact() -> bool {
        false
    }

    /// Returns the time that has passed since the first call.
    pub fn now() -> Duration {
        static START: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        START.elapsed()
    }
}

#[cfg(target_os = "linux")]
impl ThreadClock {
    /// Returns the clock of the thread that asks, for others to read.
    pub fn current() -> Self {
        Self { thread: rustix::thread::gettid().as_raw_pid() }
    }

    /// Returns what the thread has used; `None` once it has ended, or where the system does not say.
    pub fn read(&self) -> Option<Duration> {
        let stat = format!("/proc/self/task/{}/schedstat", self.thread);
        let text = std::fs::read_to_string(stat).ok()?;
        let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }
}

#[cfg(not(target_os = "linux"))]
impl ThreadClock {
    /// Returns the clock of the thread that asks, for others to read.
    pub fn current() -> Self {
        Self {}
    }

    /// Returns what the thread has used; `None` here: this system lets no other thread ask.
    pub fn read(&self) -> Option<Duration> {
        None
    }
}
