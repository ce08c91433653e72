//! What an execution takes from outside: the time and new ids.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::record::RecordId;

/// Where the time comes from; tests bring their own.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the moment that handlers see.
    fn now(&self) -> DateTime<Utc>;

    /// Returns the time since some fixed start; never goes back. Limits are measured with it.
    fn elapsed(&self) -> Duration;

    /// Waits: for the next run of an event, or until a callout has taken too long.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Waits until [`elapsed`](Self::elapsed) is at least this: the deadline of an execution. A clock
    /// of tests that `sleep` moves on is not moved on by this.
    fn until(&self, elapsed: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The clock of the machine; waits on tokio's timer, which the host's runtime must have turned on.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn until(&self, elapsed: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.sleep(elapsed.saturating_sub(self.elapsed()))
    }
}

/// Where new ids come from; tests bring their own.
pub trait IdSource: Debug + Send + Sync + 'static {
    /// Returns the id of a new execution.
    fn execution_id(&self) -> Uuid;

    /// Returns the id of a new record of the object.
    fn record_id(&self, object: &str) -> RecordId;
}

/// Executions get a UUID of version 7; records an id in Salesforce's 18-character form.
///
/// A record's id is `a`, two characters from the object's name, twelve that count up from the time
/// the process started and a random number, and the checksum.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn execution_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn record_id(&self, object: &str) -> RecordId {
        static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(first_number()));
        id_of(object, NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// 31 bits of seconds since 2024 over 33 random bits.
fn first_number() -> u64 {
    const YEAR_2024: i64 = 1_704_067_200;
    let uuid = Uuid::now_v7();
    let random = uuid.as_u64_pair().1 & ((1 << 33) - 1);
    let seconds = u64::try_from(Utc::now().timestamp() - YEAR_2024).unwrap_or_default();
    ((seconds & ((1 << 31) - 1)) << 33) | random
}

/// Returns the id of a record of the object with this number.
pub(crate) fn id_of(object: &str, mut number: u64) -> RecordId {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let digit = |value: u64| DIGITS[usize::try_from(value % 62).expect("62 fits")];
    let name = object.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte.to_ascii_lowercase()))
    });
    let mut key = *b"a00000000000000";
    (key[1], key[2]) = (digit(name / 62), digit(name));
    for place in key[3..].iter_mut().rev() {
        *place = digit(number);
        number /= 62;
    }
    RecordId::from_key(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_ids_have_a_checksum_and_count_up() {
        let (one, two) = (id_of("Contact", 61), id_of("Contact", 62));
        assert_eq!(one.as_str().len(), 18);
        assert_eq!(one.key().len(), 15);
        assert!(one.key() < two.key());
    }

    #[test]
    fn system_ids_do_not_repeat() {
        let ids: std::collections::HashSet<_> =
            (0..1_000).map(|_| SystemIds.record_id("Task")).collect();
        assert_eq!(ids.len(), 1_000);
    }
}
