//! The spans of `tracing`: execution > trigger > chunk > query, dml and callout.
//!
//! What is an event of business is at `INFO`, what it is made of at `DEBUG`. Without a subscriber a
//! span is a comparison.

use tracing::{Span, debug_span, field, info_span};

use super::callout::Callout;
use super::execution::Execution;
use crate::db::Query;
use crate::dml::DmlRequest;
use crate::event::TriggerEvent;
use crate::log::named;
use crate::trigger::ChunkInfo;

impl Execution {
    /// The span of the whole.
    pub(super) fn span(&self) -> Span {
        let start = &self.state().start;
        info_span!(
            target: "circuit",
            "execution",
            execution = %self.id(),
            quiddity = ?start.quiddity,
            origin = named(&start.origin),
            user = named(&start.who.user),
            tenant = named(&start.who.tenant),
        )
    }

    /// The spans of the handler at this place, and of the chunk that it sees.
    pub(super) fn trigger_spans(
        &self,
        event: TriggerEvent,
        chunk: ChunkInfo,
        rows: usize,
    ) -> (Span, Span) {
        let trigger = info_span!(
            target: "circuit",
            "trigger",
            execution = %self.id(),
            handler = %self.handler(),
            object = %self.object(),
            event = event.name(),
            depth = self.depth(),
        );
        // Asked for inside, so that it belongs to the execution where triggers are filtered out.
        let chunk = trigger.in_scope(|| {
            debug_span!(
                target: "circuit",
                "chunk",
                number = chunk.number,
                of = chunk.of,
                attempt = chunk.attempt,
                rows,
            )
        });
        (trigger, chunk)
    }

    pub(super) fn dml_span(&self, request: &DmlRequest) -> Span {
        debug_span!(
            target: "circuit",
            "dml",
            handler = %self.handler(),
            operation = %request.verb,
            object = request.records.first().map(|record| record.object().as_str()),
            rows = request.records.len(),
        )
    }

    pub(super) fn query_span(&self, query: &Query) -> Span {
        debug_span!(
            target: "circuit",
            "query",
            handler = %self.handler(),
            object = %query.object,
            rows = field::Empty,
        )
    }

    pub(super) fn callout_span(&self, callout: &Callout) -> Span {
        debug_span!(
            target: "circuit",
            "callout",
            handler = %self.handler(),
            service = %callout.service(),
        )
    }
}
