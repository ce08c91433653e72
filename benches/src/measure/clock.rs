//! Wall clock and CPU clock.

use std::time::{Duration, Instant};

/// How long something took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// By the wall clock.
    pub wall: Duration,
    /// User and system time of all threads of the process.
    pub cpu: Duration,
}

/// Runs `work` and tells how long it took.
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (wall, cpu) = (Instant::now(), cpu_time());
    let answer = work();
    let spent = Spent { cpu: cpu_time().saturating_sub(cpu), wall: wall.elapsed() };
    (answer, spent)
}

#[expect(unsafe_code, reason = "the standard library has no CPU clock")]
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a value of the right type that lives through the call.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(answer, 0, "the system has a clock for the CPU time of a process");
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_on_both_clocks() {
        let (sum, busy) =
            time(|| (0..3_000_000_u64).fold(0, |sum: u64, n| std::hint::black_box(sum ^ n)));
        std::hint::black_box(sum);
        assert!(busy.cpu > Duration::ZERO);
        assert!(busy.wall > Duration::ZERO);
    }
}
