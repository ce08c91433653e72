//! Runs a handler so that its panic becomes an error with a place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::task::{Context, Poll};

use super::execution::Execution;
use crate::engine::watch::Spent;
use crate::error::{BoxError, Error};
use crate::registry::HandlerFuture;
use crate::trigger::Thrown;

/// How a handler ended.
pub(super) enum Ended {
    /// By itself.
    Returned(Result<(), BoxError>),
    /// By an error that the engine threw through it.
    Thrown(Error),
    /// By a panic, with its message and place.
    Panicked { message: String, place: Option<String> },
}

thread_local! {
    static IN_HANDLER: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes the place of a panic inside a handler, then lets the host's own hook run.
pub(super) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if IN_HANDLER.get() > 0 {
                let place = info.location().map(ToString::to_string);
                PLACE.with_borrow_mut(|last| *last = place);
            }
            previous(info);
        }));
    });
}

/// Counts the handlers on this thread's stack, also when one unwinds.
struct Inside;

impl Inside {
    fn enter() -> Self {
        IN_HANDLER.set(IN_HANDLER.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        IN_HANDLER.set(IN_HANDLER.get() - 1);
    }
}

/// Runs a handler or hook at its place to its end, whichever that is, and tells what it cost.
///
/// A limit that was passed ends it where it waits.
pub(super) async fn run(place: &Execution, handler: HandlerFuture<'_>) -> (Ended, Spent) {
    let (mut handler, mut spent) = (Contained(Some(handler)), Spent::default());
    let ended = std::future::poll_fn(|context| {
        let polled = place.stint(&mut spent, || {
            let _inside = Inside::enter();
            catch_unwind(AssertUnwindSafe(|| handler.poll(context)))
        });
        match polled {
            Err(error) => Poll::Ready(Ended::Thrown(error)),
            Ok(Err(payload)) => Poll::Ready(ended(payload)),
            Ok(Ok(poll)) => poll.map(Ended::Returned),
        }
    });
    (ended.await, spent)
}

/// A handler whose destructors may panic when it is dropped where it waits: the host's call goes on.
struct Contained<'a>(Option<HandlerFuture<'a>>);

impl Contained<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.as_mut().expect("it is there until it is dropped").as_mut().poll(context)
    }
}

impl Drop for Contained<'_> {
    fn drop(&mut self) {
        let handler = self.0.take();
        // The panic's message was shown; the execution fails for the reason why it was dropped.
        drop(catch_unwind(AssertUnwindSafe(move || drop(handler))));
    }
}

fn ended(payload: Box<dyn Any + Send>) -> Ended {
    let payload = match payload.downcast::<Thrown>() {
        Ok(thrown) => return Ended::Thrown(thrown.0),
        Err(payload) => payload,
    };
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    Ended::Panicked {
        message: text.unwrap_or_else(|| "a panic without a message".to_owned()),
        place: PLACE.with_borrow_mut(Option::take),
    }
}
