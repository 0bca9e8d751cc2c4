use std::net::IpAddr;
use std::sync::Arc;

/// Where a request came from, for [events](crate::event) and for [throttling](crate::throttle).
///
/// It is an extension of the request. The adapters add one with the address at the other end of the
/// connection where they know it and the host has added none. A host behind a proxy adds its own, in a
/// layer or middleware, because only it knows which header of which proxy tells the truth:
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use oauth_core::RequestOrigin;
///
/// /// The proxy in front of this host replaces both headers.
/// fn note_origin(request: &mut Request<Bytes>) {
///     let header = |name| request.headers().get(name)?.to_str().ok();
///     let mut origin = RequestOrigin::new();
///     if let Some(peer) = header("x-real-ip").and_then(|peer| peer.parse().ok()) {
///         origin = origin.with_peer(peer);
///     }
///     if let Some(request_id) = header("x-request-id") {
///         origin = origin.with_request_id(request_id);
///     }
///     request.extensions_mut().insert(origin);
/// }
/// # let mut request = Request::get("/").header("x-real-ip", "192.0.2.7").body(Bytes::new())?;
/// # note_origin(&mut request);
/// # assert!(request.extensions().get::<RequestOrigin>().is_some_and(|it| it.peer().is_some()));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    peer: Option<IpAddr>,
    request_id: Option<Arc<str>>,
}

impl RequestOrigin {
    /// An origin of which nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with the address of whoever sent the request: not that of a proxy, or all of its users
    /// are throttled as one.
    #[must_use]
    pub fn with_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// The same with the identifier by which the host finds the request in its logs.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<Arc<str>>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// The address of whoever sent the request, where it is known.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// The identifier of the request, where the host gave it one.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}
