use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Serialize;

use super::cross_origin::{allow_any_origin, preflight};
use super::method_not_allowed;
use crate::authorization::SUPPORTED_PROMPTS;
use crate::client::TokenEndpointAuthMethod;
use crate::resource::ResourceIndicator;
use crate::server::{AuthorizationServer, Inner};

/// Authorization server metadata (RFC 8414 section 2).
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 2],
    grant_types_supported: Vec<&'a str>,
    token_endpoint_auth_methods_supported: &'a [&'a str],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: &'a [&'a str],
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: Vec<&'a str>,
    code_challenge_methods_supported: [&'static str; 1],
    /// RFC 9207 section 3.
    authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: [&'static str; 3],
    /// RFC 9728 section 4.
    #[serde(skip_serializing_if = "<[ResourceIndicator]>::is_empty")]
    protected_resources: &'a [ResourceIndicator],
    /// RFC 9470 section 7.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    acr_values_supported: &'a [String],
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
}

/// The document, made once from what is enabled.
pub(crate) fn metadata_document(inner: &Inner) -> Bytes {
    let grant_types = &inner.grant_types;
    let methods = inner.client_authentication.iter();
    let methods: Vec<_> = methods.map(|method| method.name()).collect();
    let methods: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    // Who introspects must authenticate (RFC 7662 section 2.1).
    let none = TokenEndpointAuthMethod::NONE;
    let confidential = methods
        .iter()
        .copied()
        .filter(|name| *name != none.as_str());
    let metadata = Metadata {
        issuer: inner.issuer.as_str(),
        authorization_endpoint: inner.issuer.join(&inner.paths.authorization),
        token_endpoint: inner.issuer.join(&inner.paths.token),
        scopes_supported: inner.scopes.iter().map(|(name, _)| name.as_str()).collect(),
        response_types_supported: ["code"],
        response_modes_supported: ["query", "form_post"],
        grant_types_supported: grant_types.iter().map(|(name, _)| name.as_str()).collect(),
        token_endpoint_auth_methods_supported: &methods,
        revocation_endpoint: inner.issuer.join(&inner.paths.revocation),
        revocation_endpoint_auth_methods_supported: &methods,
        introspection_endpoint: inner.issuer.join(&inner.paths.introspection),
        introspection_endpoint_auth_methods_supported: confidential.collect(),
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: SUPPORTED_PROMPTS,
        protected_resources: inner.resources.resources(),
        acr_values_supported: &inner.acr_values,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    };
    Bytes::from(serde_json::to_vec(&metadata).unwrap_or_default())
}

impl AuthorizationServer {
    /// Where the metadata document is, from the root of the host: the issuer's path stands after
    /// `/.well-known/oauth-authorization-server` (RFC 8414 section 3).
    pub fn metadata_path(&self) -> String {
        self.inner().issuer.well_known("oauth-authorization-server")
    }

    /// Answers a request for the authorization server metadata (RFC 8414 section 3).
    pub fn metadata(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match *request.method() {
            Method::GET | Method::HEAD => {
                let mut response = Response::new(self.inner().metadata.clone());
                let headers = response.headers_mut();
                let json = HeaderValue::from_static("application/json");
                headers.insert(header::CONTENT_TYPE, json);
                allow_any_origin(response)
            }
            Method::OPTIONS => preflight("GET, HEAD, OPTIONS"),
            _ => allow_any_origin(method_not_allowed("GET, HEAD, OPTIONS")),
        }
    }

    /// Where the metadata of the API beside the server is, from the root of the host; `None` when no
    /// [`protected_resource`](crate::AuthorizationServerBuilder::protected_resource) is set.
    pub fn protected_resource_metadata_path(&self) -> Option<&str> {
        let published = self.inner().protected_resource.as_ref();
        published.map(|published| published.path.as_str())
    }

    /// Answers a request for the protected resource metadata (RFC 9728 section 3); 404 when no
    /// [`protected_resource`](crate::AuthorizationServerBuilder::protected_resource) is set.
    pub fn protected_resource_metadata(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match &self.inner().protected_resource {
            Some(published) => published.serve(request),
            None => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        }
    }
}
