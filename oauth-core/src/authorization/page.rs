use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::encoding::escape_html;
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

/// The page when the host renders none.
pub(crate) fn plain_error_page(page: &ErrorPage<'_>) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Request refused</title>\
         <h1>The application's request was refused</h1><p>{}.</p>\
         <p>Go back to the application and try again. If this keeps happening, tell whoever runs \
         it: <code>{}</code>.</p></html>",
        escape_html(page.message()),
        page.code(),
    )
}

/// An HTML response with the headers of every page here.
pub(crate) fn page(status: StatusCode, html: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
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
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const SUBMIT: &str = "document.forms[0].submit()";

/// Allows that one script and nothing else. No `form-action`: the form goes to the client.
static FORM_POST_POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(SUBMIT));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
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
    let mut response = page(
        StatusCode::OK,
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>Back to the application\
             </title><form method=\"post\" action=\"{}\">{inputs}<button>Continue</button></form>\
             <script>{SUBMIT}</script></html>",
            escape_html(action),
        ),
    );
    if let Some(policy) = FORM_POST_POLICY.clone() {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
