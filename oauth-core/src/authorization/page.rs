use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::encoding::escape_html;
use crate::endpoint::fixed_headers;
use crate::error::{ErrorCode, Rejection};

/// What an error page for a human says; given to
/// [`AuthorizationServerBuilder::error_page`](crate::AuthorizationServerBuilder::error_page).
#[derive(Clone, Copy, Debug)]
pub struct ErrorPage<'a>(pub(super) &'a Rejection);

impl ErrorPage<'_> {
    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The error code.
    pub fn code(&self) -> ErrorCode {
        self.0.code()
    }

    /// What is wrong, in words. Plain text, nothing of the request in it.
    pub fn message(&self) -> &'static str {
        self.0.description()
    }
}

/// Renders an [`ErrorPage`] as a whole HTML document.
pub(crate) type ErrorPageRenderer = Arc<dyn Fn(&ErrorPage<'_>) -> String + Send + Sync>;

/// For whoever has turned neither into a page of the host: legible on a phone and on a wide screen,
/// in the colours of the browser, light or dark.
const STYLE: &str = "body{max-width:32rem;margin:2rem auto;padding:0 1rem;\
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}h1{font-size:1.5rem;line-height:1.25}\
button{font:inherit;min-height:2.75rem;padding:0 1.5rem}";

/// A whole document. `title` is plain text, `content` is HTML.
fn document(title: &str, content: &str, script: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{content}</main>{script}</body>\
         </html>"
    )
}

/// The page when the host renders none.
pub(crate) fn plain_error_page(page: &ErrorPage<'_>) -> String {
    let content = format!(
        "<p>{}.</p><p>Go back to the application and try again. If this keeps happening, tell \
         whoever runs it: <code>{}</code>.</p>",
        escape_html(page.message()),
        page.code(),
    );
    document("The application's request was refused", &content, "")
}

/// An HTML response with the headers of every page here.
pub(crate) fn page(status: StatusCode, html: String) -> Response<Bytes> {
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| fixed_headers(&PAGE));
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    response.headers_mut().clone_from(&HEADERS);
    response
}

/// 303 to another place, with the same headers.
pub(super) fn redirect(location: HeaderValue) -> Response<Bytes> {
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
        let mut headers = fixed_headers(&PAGE);
        let placeholder = HeaderValue::from_static("/");
        headers.insert(header::LOCATION, placeholder);
        headers
    });
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.clone_from(&HEADERS);
    match headers.get_mut(header::LOCATION) {
        // `insert` would make room for one more first.
        Some(placeholder) => *placeholder = location,
        None => {
            headers.insert(header::LOCATION, location);
        }
    }
    response
}

const PAGE: [(HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    // The address of the page holds the request, the next page need not know it.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
];

const SUBMIT: &str = "document.forms[0].submit()";

/// Allows that one script and the style, and nothing else. No `form-action`: the form goes to the
/// client.
static FORM_POST_POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let script = STANDARD.encode(Sha256::digest(SUBMIT));
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).ok()
});

/// The form of the response mode `form_post`. Without JavaScript the user presses its button.
pub(super) fn form_post_page<'a>(
    action: &str,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> Response<Bytes> {
    let inputs: String = parameters
        .map(|(name, value)| {
            let (name, value) = (escape_html(name), escape_html(value));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let content = format!(
        "<p>The answer goes to the application now.</p>\
         <form method=\"post\" action=\"{}\">{inputs}<button>Continue</button></form>",
        escape_html(action),
    );
    let script = format!("<script>{SUBMIT}</script>");
    let html = document("Back to the application", &content, &script);
    let mut response = page(StatusCode::OK, html);
    if let Some(policy) = FORM_POST_POLICY.clone() {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
