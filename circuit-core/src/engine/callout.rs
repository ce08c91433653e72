//! Callouts: when they are allowed, and how they are counted (A9).

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use tracing::Instrument;

use super::execution::Execution;
use crate::error::{Error, ErrorKind, Result};
use crate::governor::Limit;
use crate::report::StepKind;
use crate::value::Text;

/// When callouts are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CalloutRule {
    /// Before any DML of the execution, and not in handlers around DML (Apex).
    #[default]
    BeforeDml,
    /// At any time: the host takes the risk that what was called is not undone.
    Always,
    /// Never: a dry run does nothing outside.
    Never,
}

/// The longest that one callout may take (`apex_callouts_timeouts`).
const LONGEST: Duration = Duration::from_mins(2);

/// What a callout waits for if nothing else is said.
const DEFAULT: Duration = Duration::from_secs(10);

/// A call to another service: its name and how long it may take.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// use circuit_core::Callout;
///
/// let census = Callout::to("census").with_timeout(Duration::from_secs(3));
/// assert_eq!(census.timeout(), Duration::from_secs(3));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callout {
    service: Text,
    timeout: Duration,
}

impl Callout {
    pub(super) fn service(&self) -> &Text {
        &self.service
    }

    /// A call to a service, which may take 10 seconds.
    pub fn to(service: impl Into<Text>) -> Self {
        Self { service: service.into(), timeout: DEFAULT }
    }

    /// Sets how long it may take: from 1 millisecond to 120 seconds.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.clamp(Duration::from_millis(1), LONGEST);
        self
    }

    /// Returns how long it may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl Execution {
    /// Runs a call to another service: 1 callout, and the time that it takes.
    ///
    /// As in Apex, it is refused while the execution has uncommitted work or an active savepoint,
    /// and in handlers around DML; [`Session::with_callouts_at_any_time`] lifts that. A dry run
    /// never calls out. An execution that called out is not run again after a conflict.
    ///
    /// [`Session::with_callouts_at_any_time`]: crate::Session::with_callouts_at_any_time
    ///
    /// # Errors
    /// [`ErrorKind::Callout`] if it is not allowed now or took too long,
    /// [`ErrorKind::LimitExceeded`].
    pub async fn callout<T>(
        &self,
        mut callout: Callout,
        call: impl Future<Output = T>,
    ) -> Result<T> {
        let turn = self.turn().await?;
        if let Some(service) = self.state().engine.log.redacted(&callout.service) {
            callout.service = service.into();
        }
        self.allow(&callout)?;
        let governor = self.governor();
        governor.charge(Limit::Callouts, 1, self.payer())?;
        // What is called may use the execution.
        drop(turn);
        self.state().called_out.store(true, Ordering::Release);
        let left = governor.limit_callout_time().saturating_sub(governor.callout_time());
        let step = self.step(StepKind::Callout, &callout.service);
        let timeout = callout.timeout.min(Duration::from_millis(left));
        let clock = &self.state().engine.clock;
        let started = clock.elapsed();
        let away = governor.away();
        let call = pin!(first(call, clock.sleep(timeout)));
        let answer = call.instrument(self.callout_span(&callout)).await;
        drop(away);
        let took = clock.elapsed().saturating_sub(started);
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let charged = governor.charge(Limit::CalloutTime, took, self.payer());
        step.end(charged.and_then(|()| {
            answer.ok_or_else(|| {
                self.refusal(&callout, "the callout took too long")
                    .with("milliseconds", timeout.as_millis())
            })
        }))
    }

    fn allow(&self, callout: &Callout) -> Result<()> {
        match self.state().start.callouts {
            CalloutRule::Always => return Ok(()),
            CalloutRule::Never => {
                return Err(self.refusal(callout, "a dry run does not call out"));
            }
            CalloutRule::BeforeDml => {}
        }
        let transaction = self.transaction();
        let why = if self.event().is_some() && !self.is_delivery() {
            "a handler around DML cannot call out; do it after the commit"
        } else if transaction.is_dirty() || transaction.has_after_commit() {
            "you have uncommitted work pending; call out before the first DML"
        } else if transaction.has_savepoints() {
            "all active savepoints must be released before making callouts"
        } else {
            return Ok(());
        };
        drop(transaction);
        Err(self.refusal(callout, why))
    }

    fn refusal(&self, callout: &Callout, message: &str) -> Error {
        Error::new(ErrorKind::Callout, message)
            .with("service", &callout.service)
            .with("handler", self.handler())
            .with("execution", self.id())
    }
}

/// Returns what the call answers, or `None` if the other future is done first.
pub(super) async fn first<T>(
    call: impl Future<Output = T>,
    timeout: impl Future<Output = ()>,
) -> Option<T> {
    let (mut call, mut timeout) = (pin!(call), pin!(timeout));
    std::future::poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => timeout.as_mut().poll(context).map(|()| None),
    })
    .await
}
