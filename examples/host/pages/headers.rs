//! The headers of the pages.

/// The headers of every HTML page, errors included.
///
/// There is no `form-action`: browsers apply it to the redirects after a form too, so it would stop
/// the way back to the client. `same-origin` rather than `no-referrer`, because with the latter
/// browsers send `Origin: null` with the page's own forms.
pub const PAGE_HEADERS: [(&str, &str); 5] = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
];

/// The headers of the stylesheet.
pub const STYLESHEET_HEADERS: [(&str, &str); 3] = [
    ("content-type", "text/css; charset=utf-8"),
    ("cache-control", "public, max-age=3600"),
    ("x-content-type-options", "nosniff"),
];
