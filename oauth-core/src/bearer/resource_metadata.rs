use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use serde::Serialize;

use crate::endpoint::{allow_any_origin, method_not_allowed, preflight};
use crate::issuer::Issuer;
use crate::resource::ResourceIndicator;
use crate::scope::Scope;

/// What is published about a protected resource
/// ([RFC 9728 section 2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
///
/// The identifier is an `https` URL without query and fragment, or `http` on a loopback address. A text
/// is turned into one by itself, where nothing else is to be said.
///
/// ```
/// use oauth_core::ResourceMetadata;
///
/// let metadata = ResourceMetadata::new("https://api.example.com")
///     .authorization_server("https://auth.example.com")
///     .scope("profile")
///     .name("Example API");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ResourceMetadata {
    resource: String,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
    name: Option<String>,
    documentation: Option<String>,
}

impl ResourceMetadata {
    /// A resource with this identifier, of which nothing else is said.
    pub fn new(resource: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            authorization_servers: Vec::new(),
            scopes: Vec::new(),
            name: None,
            documentation: None,
        }
    }

    /// Adds the issuer of an authorization server whose tokens are accepted.
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        self.authorization_servers.push(issuer.into());
        self
    }

    /// Adds a scope value that is used in requests to the resource, `scopes_supported`.
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        self.scopes.push(name.into());
        self
    }

    /// The name for people, `resource_name`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The URL of a page for developers, `resource_documentation`.
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.documentation = Some(url.into());
        self
    }

    /// The same, where nothing was said, with the issuer and the scopes of the server that the resource
    /// is part of.
    pub(crate) fn within(mut self, issuer: &Issuer, scopes: &[(String, String)]) -> Self {
        if self.authorization_servers.is_empty() {
            self.authorization_servers.push(issuer.to_string());
        }
        if self.scopes.is_empty() {
            self.scopes = scopes.iter().map(|(name, _)| name.clone()).collect();
        }
        self
    }

    pub(crate) fn publish(&self) -> Result<Published, Vec<String>> {
        let mut problems = Vec::new();
        for issuer in &self.authorization_servers {
            // The authorization server itself has decided about http.
            if let Err(error) = Issuer::parse_insecure(issuer) {
                problems.push(error.to_string());
            }
        }
        for name in &self.scopes {
            if !Scope::is_one_value(name) {
                problems.push(format!("the scope {name:?} is not one scope value"));
            }
        }
        let text = self.resource.as_str();
        let (Ok(resource), Ok(url)) = (ResourceIndicator::parse(text), Issuer::parse(text)) else {
            problems.push(format!(
                "the protected resource {text:?} is not an https URL, or http on a loopback address, \
                 without user information, query and fragment"
            ));
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        // RFC 9728 section 3.1: a slash that is the whole path is left out.
        let path = text.get(url.origin().len()..).unwrap_or_default();
        let path = if path == "/" { "" } else { path };
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let document = Document {
            resource: text,
            authorization_servers: &self.authorization_servers,
            scopes_supported: &self.scopes,
            bearer_methods_supported: ["header"],
            resource_name: self.name.as_deref(),
            resource_documentation: self.documentation.as_deref(),
        };
        Ok(Published {
            resource,
            url: format!("{}{path}", url.origin()),
            path,
            document: serde_json::to_vec(&document).unwrap_or_default().into(),
        })
    }
}

impl From<&str> for ResourceMetadata {
    fn from(resource: &str) -> Self {
        Self::new(resource)
    }
}

impl From<String> for ResourceMetadata {
    fn from(resource: String) -> Self {
        Self::new(resource)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    authorization_servers: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scopes_supported: &'a [String],
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<&'a str>,
}

/// A protected resource's document, made once, and where it is.
pub(crate) struct Published {
    pub(crate) resource: ResourceIndicator,
    pub(crate) path: String,
    pub(crate) url: String,
    document: Bytes,
}

impl Published {
    pub(crate) fn serve(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match *request.method() {
            Method::GET | Method::HEAD => {
                let mut response = Response::new(self.document.clone());
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                allow_any_origin(response)
            }
            Method::OPTIONS => preflight("GET, HEAD, OPTIONS"),
            _ => allow_any_origin(method_not_allowed("GET, HEAD, OPTIONS")),
        }
    }
}
