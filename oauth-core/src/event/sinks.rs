use std::sync::Arc;

use super::kind::EventKind;
use super::log::log;
use super::sink::{Event, EventSink};
use crate::clock::{Clock, now};
use crate::request_origin::RequestOrigin;

/// Everybody who is told of events, beside the log.
#[derive(Clone, Default)]
pub(crate) struct EventSinks(Vec<Arc<dyn EventSink>>);

impl EventSinks {
    pub(crate) fn add(&mut self, sink: impl EventSink) {
        self.0.push(Arc::new(sink));
    }

    pub(crate) fn emit(
        &self,
        clock: &dyn Clock,
        origin: Option<&RequestOrigin>,
        kind: EventKind<'_>,
    ) {
        log(&kind);
        if self.0.is_empty() {
            return;
        }
        let event = Event::new(now(clock), origin, kind);
        for sink in &self.0 {
            sink.event(&event);
        }
    }
}
