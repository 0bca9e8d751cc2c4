//! What an answer has to look like, in the words of the RFCs.

use std::collections::BTreeMap;

use reqwest::header::LOCATION;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{Answer, AuthorizationRequest, Code, Tokens};

/// The parameters of a query, each of which must come once.
#[track_caller]
pub fn query_of(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        let before = parameters.insert(name.clone(), value);
        assert!(before.is_none(), "{name} is repeated in {query}");
    }
    parameters
}

impl Answer {
    /// A JSON object without `null`.
    #[track_caller]
    pub fn json(&self) -> Map<String, Value> {
        let media_type = self.header("content-type");
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        assert_eq!(media_type, "application/json", "{self:?}");
        let value = serde_json::from_str(&self.body).expect("a body in JSON");
        assert!(!has_null(&value), "null in {}", self.body);
        let Value::Object(members) = value else {
            panic!("no object: {}", self.body)
        };
        members
    }

    #[track_caller]
    pub fn expect_not_stored(&self) {
        assert!(
            self.header("cache-control").contains("no-store"),
            "may be stored: {self:?}"
        );
    }

    /// An error response of RFC 6749 section 5.2.
    #[track_caller]
    pub fn expect_error(&self, status: u16, error: &str) {
        let body = self.json();
        assert_eq!(
            body.get("error").and_then(Value::as_str),
            Some(error),
            "{self:?}"
        );
        assert_eq!(self.status, status, "{self:?}");
        self.expect_not_stored();
        for (name, value) in &body {
            let value = value.as_str().expect("members that are strings");
            assert!(
                matches!(name.as_str(), "error" | "error_description" | "error_uri"),
                "{name}"
            );
            expect_printable(value);
        }
    }

    /// As [`Answer::expect_error`], where the RFCs leave a choice of the error.
    #[track_caller]
    pub fn expect_error_of(&self, status: u16, errors: &[&str]) {
        let error = self
            .json()
            .get("error")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned();
        assert!(
            errors.contains(&error.as_str()),
            "{error} is none of {errors:?}: {self:?}"
        );
        self.expect_error(status, &error);
    }

    /// A token response of RFC 6749 section 5.1.
    #[track_caller]
    pub fn expect_tokens(&self) -> Tokens {
        assert_eq!(self.status, 200, "{self:?}");
        let body = self.json();
        self.expect_not_stored();
        let text = |name: &str| {
            let value = body.get(name)?;
            Some(
                value
                    .as_str()
                    .unwrap_or_else(|| panic!("{name} is no string"))
                    .to_owned(),
            )
        };
        let token_type = text("token_type").expect("a token type");
        assert!(token_type.eq_ignore_ascii_case("Bearer"), "{token_type}");
        Tokens {
            access_token: text("access_token").expect("an access token"),
            refresh_token: text("refresh_token"),
            expires_in: body
                .get("expires_in")
                .and_then(Value::as_u64)
                .expect("an integer"),
            scope: text("scope"),
        }
    }

    /// A page on the server's own site in answer to a request that must not lead anywhere.
    #[track_caller]
    pub fn expect_local_page(&self, statuses: impl AsRef<[u16]>) {
        assert!(statuses.as_ref().contains(&self.status), "{self:?}");
        assert!(
            self.headers.get(LOCATION).is_none(),
            "leads somewhere: {self:?}"
        );
        assert!(self.is_page(), "no page: {self:?}");
        assert!(!self.text().is_empty(), "a page without a word: {self:?}");
        self.expect_page_headers();
    }

    /// A local page that says the request is wrong, whatever is wrong with it.
    #[track_caller]
    pub fn expect_refusal_page(&self) {
        assert!((400..500).contains(&self.status), "{self:?}");
        self.expect_local_page([self.status]);
        assert!(
            self.consent_form().is_none(),
            "still asks for consent: {self:?}"
        );
        assert!(
            self.login_form().is_none(),
            "still asks for a login: {self:?}"
        );
    }

    /// The headers that the contract asks of every page.
    #[track_caller]
    pub fn expect_page_headers(&self) {
        self.expect_not_stored();
        let policy = self.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "can be framed: {self:?}"
        );
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{self:?}");
        let referrer = self.header("referrer-policy");
        assert!(
            matches!(referrer.as_str(), "no-referrer" | "same-origin"),
            "{self:?}"
        );
        let media_type = self
            .header("content-type")
            .to_ascii_lowercase()
            .replace(' ', "");
        assert_eq!(media_type, "text/html;charset=utf-8", "{self:?}");
        assert_eq!(self.header("access-control-allow-origin"), "", "{self:?}");
    }

    /// The parameters of an authorization response by redirect, where `state` and `iss` are right.
    #[track_caller]
    pub fn expect_response(&self, request: &AuthorizationRequest) -> BTreeMap<String, String> {
        assert!(
            matches!(self.status, 302 | 303),
            "no redirect to the client: {self:?}"
        );
        self.expect_not_stored();
        let location = self.header("location");
        // The redirect URI keeps its own query, RFC 6749 section 3.1.2.
        let separator = if request.redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        let query = location.strip_prefix(request.redirect_uri.as_str());
        let query = query.and_then(|query| query.strip_prefix(separator));
        let query = query.unwrap_or_else(|| panic!("not to {}: {location}", request.redirect_uri));
        assert!(!location.contains('#'), "a fragment in {location}");
        let response = query_of(query);
        self.expect_bound(&response, request);
        response
    }

    /// The same response, as the form of `response_mode=form_post`.
    #[track_caller]
    pub fn expect_form_post(&self, request: &AuthorizationRequest) -> BTreeMap<String, String> {
        self.expect_local_page([200]);
        let [form] = self
            .forms()
            .try_into()
            .unwrap_or_else(|_| panic!("not one form: {self:?}"));
        assert_eq!(form.method, "POST", "{form:?}");
        assert_eq!(form.action.as_str(), request.redirect_uri, "{form:?}");
        assert!(
            !form.buttons.is_empty(),
            "no button to press without a script: {form:?}"
        );
        let response: BTreeMap<_, _> = form.fields.into_iter().collect();
        assert_eq!(
            response.len(),
            form.hidden.len(),
            "repeated or visible fields: {self:?}"
        );
        self.expect_bound(&response, request);
        response
    }

    #[track_caller]
    fn expect_bound(&self, response: &BTreeMap<String, String>, request: &AuthorizationRequest) {
        assert_eq!(
            response.get("state"),
            request.state.as_ref(),
            "state: {self:?}"
        );
        assert_eq!(
            response.get("iss"),
            Some(&self.issuer()),
            "iss of RFC 9207: {self:?}"
        );
        assert_ne!(
            response.contains_key("code"),
            response.contains_key("error"),
            "{response:?}"
        );
    }

    /// The issuer, since `/authorize` and `/consent` are directly under it.
    fn issuer(&self) -> String {
        let folder = self
            .url
            .path()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        format!("{}{folder}", self.url.origin().ascii_serialization())
    }

    /// A response with a code.
    #[track_caller]
    pub fn expect_code(&self, request: &AuthorizationRequest) -> Code {
        let response = self.expect_response(request);
        let value = response
            .get("code")
            .unwrap_or_else(|| panic!("no code: {response:?}"));
        Code {
            value: value.clone(),
            verifier: request.verifier.clone(),
            redirect_uri: request.redirect_uri.clone(),
        }
    }

    /// A response with an error, RFC 6749 section 4.1.2.1.
    #[track_caller]
    pub fn expect_redirected(&self, request: &AuthorizationRequest, error: &str) {
        let response = self.expect_response(request);
        assert_eq!(
            response.get("error").map(String::as_str),
            Some(error),
            "{response:?}"
        );
        let known = ["error", "error_description", "error_uri", "state", "iss"];
        let strange = response.keys().find(|name| !known.contains(&name.as_str()));
        assert_eq!(strange, None, "{response:?}");
        expect_printable(response.get("error_description").map_or("", String::as_str));
    }

    #[track_caller]
    pub fn expect_login(&self) {
        self.expect_local_page([200]);
        assert!(self.login_form().is_some(), "no login page: {self:?}");
    }

    #[track_caller]
    pub fn expect_consent(&self) {
        self.expect_local_page([200]);
        assert!(self.consent_form().is_some(), "no consent page: {self:?}");
    }

    /// The challenge of a protected resource, RFC 6750 section 3, as its attributes.
    #[track_caller]
    pub fn expect_challenge(&self, status: u16) -> BTreeMap<String, String> {
        assert_eq!(self.status, status, "{self:?}");
        let challenge = self.header("www-authenticate");
        let attributes = challenge.strip_prefix("Bearer");
        let attributes = attributes.unwrap_or_else(|| panic!("no Bearer challenge: {self:?}"));
        let mut read = BTreeMap::new();
        for attribute in attributes
            .split("\",")
            .filter(|part| !part.trim().is_empty())
        {
            let (name, value) = attribute.split_once('=').expect("attributes with a value");
            let value = value.trim_matches('"').to_owned();
            assert!(
                read.insert(name.trim().to_owned(), value).is_none(),
                "{name} is repeated"
            );
        }
        read
    }

    /// A challenge with an error code.
    #[track_caller]
    pub fn expect_bearer_error(&self, status: u16, error: &str) -> BTreeMap<String, String> {
        let challenge = self.expect_challenge(status);
        assert_eq!(
            challenge.get("error").map(String::as_str),
            Some(error),
            "{self:?}"
        );
        challenge
    }
}

/// The characters of RFC 6749 appendix A.7 and A.8.
#[track_caller]
fn expect_printable(text: &str) {
    let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(
        text.bytes().all(allowed),
        "characters that RFC 6749 forbids: {text:?}"
    );
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}
