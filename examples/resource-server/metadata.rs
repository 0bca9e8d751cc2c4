//! Where the authorization server has its introspection endpoint (RFC 8414).

use std::time::Duration;

use reqwest::redirect::Policy;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    introspection_endpoint: Option<String>,
}

/// Reads it from the metadata of the server.
///
/// # Errors
///
/// A sentence, when the server cannot be reached, is another one, or has no such endpoint.
pub(crate) async fn introspection_endpoint(issuer: &str) -> Result<String, String> {
    let url = metadata_url(issuer)?;
    let failed = |error| format!("the authorization server's metadata: {error}");
    let client = reqwest::Client::builder().redirect(Policy::none());
    let client = client.timeout(Duration::from_secs(5)).build();
    let response = client.map_err(failed)?.get(url).send().await;
    let response = response.and_then(reqwest::Response::error_for_status);
    let metadata: Metadata = response.map_err(failed)?.json().await.map_err(failed)?;
    // RFC 8414 section 3.3.
    if metadata.issuer != issuer {
        return Err(format!(
            "--issuer: the server calls itself {:?}",
            metadata.issuer
        ));
    }
    metadata
        .introspection_endpoint
        .ok_or_else(|| "--issuer: the server has no introspection endpoint".to_owned())
}

/// RFC 8414 section 3.1: the well-known part comes between the host and the issuer's own path.
fn metadata_url(issuer: &str) -> Result<Url, String> {
    let wrong = || format!("--issuer: {issuer:?} is not an http or https URL");
    let mut url = Url::parse(issuer).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuers_path_comes_after_the_well_known_part() {
        for (issuer, url) in [
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.example/tenant",
                "https://a.example/.well-known/oauth-authorization-server/tenant",
            ),
        ] {
            assert_eq!(metadata_url(issuer).unwrap().as_str(), url);
        }
        for issuer in ["", "127.0.0.1:8080", "ftp://a.example", "urn:a"] {
            let error = metadata_url(issuer).unwrap_err();
            assert!(error.starts_with("--issuer:"), "{error}");
        }
    }
}
