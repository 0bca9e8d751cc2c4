use std::fmt;
use std::time::Duration;

use oauth_core::{ClientId, Clock, SystemClock};
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::cache::Cache;
use crate::endpoint::Endpoint;
use crate::response::Expectation;
use crate::verifier::{Inner, RemoteVerifier};

const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);
const LONGEST_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Describes a [`RemoteVerifier`]; see there for an example.
///
/// # Defaults
///
/// No particular issuer; a timeout of 5 seconds; active tokens are remembered for 60 seconds, others for
/// 10 seconds, at most 10,000 of each.
#[must_use]
pub struct RemoteVerifierBuilder {
    introspection_endpoint: String,
    client_id: String,
    client_secret: String,
    issuer: Option<String>,
    timeout: Duration,
    max_age: Duration,
    negative_max_age: Duration,
    lifetime_without_expiry: Duration,
    capacity: u64,
    plain_http: bool,
    needs_token_type: bool,
    clock: Box<dyn Clock>,
}

/// Everything that is wrong with a verifier's description, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct InvalidRemoteVerifier(Vec<String>);

impl InvalidRemoteVerifier {
    /// The sentences.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl RemoteVerifierBuilder {
    pub(crate) fn new(endpoint: String, client_id: String, client_secret: String) -> Self {
        Self {
            introspection_endpoint: endpoint,
            client_id,
            client_secret,
            issuer: None,
            timeout: Duration::from_secs(5),
            max_age: Duration::from_secs(60),
            negative_max_age: Duration::from_secs(10),
            lifetime_without_expiry: Duration::from_secs(60),
            capacity: 10_000,
            plain_http: false,
            needs_token_type: true,
            clock: Box::new(SystemClock),
        }
    }

    /// The issuer of the tokens. A response whose `iss` is another one is about a token that does not
    /// count here; one without `iss` is accepted.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// How long an answer may take, connection included: more than zero, at most a minute. Default: 5
    /// seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long an active token is accepted without asking again, counted from the question, and never
    /// past its expiry. A revoked token is accepted for so long. At most a day; zero asks at each
    /// request. Default: 60 seconds.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// How long a token that is not active is refused without asking again. At most a day; zero asks at
    /// each request. Default: 10 seconds.
    pub fn negative_max_age(mut self, negative_max_age: Duration) -> Self {
        self.negative_max_age = negative_max_age;
        self
    }

    /// How long an active token counts of which the response does not say when it expires; then it is
    /// asked about again. More than zero, at most a day. Default: 60 seconds.
    pub fn lifetime_without_expiry(mut self, lifetime: Duration) -> Self {
        self.lifetime_without_expiry = lifetime;
        self
    }

    /// How many active tokens are remembered at most, and as many of the others, apart from them. At least
    /// one. Default: 10,000.
    pub fn capacity(mut self, tokens: u64) -> Self {
        self.capacity = tokens;
        self
    }

    /// Where the time comes from. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Accepts an endpoint on another machine without TLS. Whoever sees the traffic then has the client's
    /// secret and the access tokens (RFC 7662 section 4, RFC 9700 section 2.6).
    pub fn danger_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Accepts responses without `token_type`, for an authorization server that never sends it. A refresh
    /// token that such a server calls active is then taken for an access token, so make sure that it
    /// tells this client of access tokens only (RFC 9700 section 4.14). A `token_type` that is there must
    /// be `Bearer` all the same.
    pub fn danger_without_token_type(mut self) -> Self {
        self.needs_token_type = false;
        self
    }

    /// Makes the verifier. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`InvalidRemoteVerifier`] with everything that is wrong: an endpoint that is neither `https` nor
    /// `http` on a loopback address, `https` without one of the features that bring it, malformed
    /// credentials or issuer, a duration out of its range.
    pub fn build(self) -> Result<RemoteVerifier, InvalidRemoteVerifier> {
        let mut problems = self.problems();
        let url = match endpoint(&self.introspection_endpoint, self.plain_http) {
            Ok(url) => url,
            Err(problem) => {
                problems.push(problem.to_owned());
                return Err(InvalidRemoteVerifier(problems));
            }
        };
        if !problems.is_empty() {
            return Err(InvalidRemoteVerifier(problems));
        }
        let wrong = |what: String| InvalidRemoteVerifier(vec![what]);
        let mut http = with_tls(reqwest::Client::builder()).map_err(wrong)?;
        if url.scheme() == "http" && !self.plain_http {
            // A proxy of the environment would take secret and tokens off this machine in plain text.
            http = http.no_proxy();
        }
        let http = http
            .redirect(Policy::none())
            .timeout(self.timeout)
            .build()
            .map_err(|error| wrong(format!("no HTTP client: {error}")))?;
        let endpoint = Endpoint::new(http, url, self.client_id, &self.client_secret)
            .ok_or_else(|| wrong("the credentials do not fit into a header".to_owned()))?;
        Ok(RemoteVerifier::new(Inner {
            endpoint,
            expectation: Expectation {
                issuer: self.issuer,
                needs_token_type: self.needs_token_type,
                lifetime_without_expiry: self.lifetime_without_expiry,
            },
            cache: Cache::new(self.max_age, self.negative_max_age, self.capacity),
            clock: self.clock,
        }))
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(error) = ClientId::parse(&self.client_id) {
            problems.push(error.to_string());
        }
        if self.client_secret.is_empty() {
            problems.push("the client_secret is empty".to_owned());
        }
        // Which issuers may have http is the authorization server's business.
        if self
            .issuer
            .as_ref()
            .is_some_and(|it| Url::parse(it).is_err())
        {
            problems.push("the issuer is not a URL".to_owned());
        }
        let mut check = |name: &str, value: Duration, may_be_zero: bool, longest: Duration| {
            if value > longest || value.is_zero() && !may_be_zero {
                let least = if may_be_zero {
                    ""
                } else {
                    "more than zero and "
                };
                let most = longest.as_secs();
                problems.push(format!("{name} must be {least}at most {most} seconds"));
            }
        };
        check("timeout", self.timeout, false, LONGEST_TIMEOUT);
        check("max_age", self.max_age, true, LONGEST_AGE);
        check("negative_max_age", self.negative_max_age, true, LONGEST_AGE);
        let lifetime = self.lifetime_without_expiry;
        check("lifetime_without_expiry", lifetime, false, LONGEST_AGE);
        if self.capacity == 0 {
            problems.push("capacity must be at least one".to_owned());
        }
        problems
    }
}

fn endpoint(text: &str, plain_http: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "the introspection endpoint is not a URL")?;
    let is_loopback = match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    // Not the text: it may hold a password.
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("the introspection endpoint must have no user information and no fragment");
    }
    match url.scheme() {
        "https" if !cfg!(any(feature = "rustls", feature = "native-tls")) => {
            Err("https needs the feature rustls or native-tls of oauth-introspection")
        }
        "https" => Ok(url),
        "http" if is_loopback || plain_http => Ok(url),
        _ => Err("the introspection endpoint must use https, or http on a loopback address"),
    }
}

/// With ring, whatever provider the process has chosen or not chosen.
#[cfg(feature = "rustls")]
fn with_tls(http: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, String> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|tls| tls.with_platform_verifier())
        .map_err(|error| format!("no TLS: {error}"))?;
    Ok(http.tls_backend_preconfigured(tls.with_no_client_auth()))
}

#[cfg(not(feature = "rustls"))]
fn with_tls(http: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, String> {
    Ok(http)
}

/// Leaves the secret out.
impl fmt::Debug for RemoteVerifierBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteVerifierBuilder")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
