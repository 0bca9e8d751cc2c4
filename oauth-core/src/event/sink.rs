use std::net::IpAddr;

use time::OffsetDateTime;

use super::kind::EventKind;
use crate::request_origin::RequestOrigin;

/// Something that happened, when, and where the request came from.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    at: OffsetDateTime,
    origin: Option<&'a RequestOrigin>,
    kind: EventKind<'a>,
}

impl<'a> Event<'a> {
    pub(super) fn new(
        at: OffsetDateTime,
        origin: Option<&'a RequestOrigin>,
        kind: EventKind<'a>,
    ) -> Self {
        Self { at, origin, kind }
    }

    /// The moment, by the clock of the server or protected resource, in UTC.
    pub fn at(&self) -> OffsetDateTime {
        self.at
    }

    /// The address of whoever sent the request, where it is known; see [`RequestOrigin`].
    pub fn peer(&self) -> Option<IpAddr> {
        self.origin.and_then(RequestOrigin::peer)
    }

    /// The host's identifier of the request, where it gave one; see [`RequestOrigin`].
    pub fn request_id(&self) -> Option<&'a str> {
        self.origin.and_then(RequestOrigin::request_id)
    }

    /// What happened.
    pub fn kind(&self) -> &EventKind<'a> {
        &self.kind
    }
}

/// Is told of every [`Event`].
///
/// It is called in the middle of a request, on the thread that serves it, and must not block: what has to
/// be written to a disk or a network goes through a channel to a task or thread that does it. What the
/// channel cannot take is better counted and dropped than waited for.
///
/// ```
/// use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use oauth_core::event::{Event, EventKind, EventSink};
///
/// /// Writes what may be an attack to a log of its own.
/// struct Alarms {
///     lines: SyncSender<String>,
///     dropped: AtomicU64,
/// }
///
/// impl EventSink for Alarms {
///     fn event(&self, event: &Event<'_>) {
///         let (what, client_id, grant) = match event.kind() {
///             EventKind::CodeReplayed { client_id, grant, .. } => ("code", client_id, grant),
///             EventKind::RefreshTokenReused { client_id, grant, .. } => {
///                 ("refresh token", client_id, grant)
///             }
///             _ => return,
///         };
///         let (at, peer) = (event.at(), event.peer());
///         let line = format!("{at} {what} used twice: client {client_id}, grant {grant}, {peer:?}");
///         if let Err(TrySendError::Full(_)) = self.lines.try_send(line) {
///             self.dropped.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let (lines, written) = sync_channel(1000);
/// std::thread::spawn(move || written.iter().for_each(|line| eprintln!("{line}")));
/// let alarms = Alarms { lines, dropped: AtomicU64::new(0) };
/// let builder = oauth_core::AuthorizationServer::builder("https://auth.example.com").event_sink(alarms);
/// # let _ = builder;
/// ```
pub trait EventSink: Send + Sync + 'static {
    /// Takes note of the event. Must not block, and must not panic.
    fn event(&self, event: &Event<'_>);
}
