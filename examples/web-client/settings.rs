//! Which server the app connects to, and as which client.

use oauth2::{ClientId, ClientSecret, RedirectUrl, Scope};
use url::Url;

/// Where the app listens unless told otherwise; the demo client's redirect URI names this address.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:9999";
/// The example server's issuer when it is started without options.
pub const DEFAULT_ISSUER: &str = "http://127.0.0.1:8080";
/// The demo client that the example server knows when it is started without options.
pub const DEFAULT_CLIENT_ID: &str = "web";
/// The secret of [`DEFAULT_CLIENT_ID`]. It is public knowledge, fit for a demonstration only.
pub const DEFAULT_CLIENT_SECRET: &str = "web-secret-0123456789abcdef";
/// What the app asks for, separated by spaces.
pub const DEFAULT_SCOPE: &str = "profile email";

/// Which server, and as which client.
///
/// `Debug` leaves the secret out.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) issuer: String,
    pub(crate) metadata: Url,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<ClientSecret>,
    pub(crate) redirect_uri: RedirectUrl,
    pub(crate) scope: Vec<Scope>,
}

/// A setting that cannot work; the text names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The issuer is not an `http` or `https` URL without query and fragment.
    #[error("issuer: {0:?} is not an http or https URL without query and fragment")]
    Issuer(String),
    /// The redirect URI is not an `http` or `https` URL without fragment whose path is `/callback`.
    #[error("redirect URI: {0:?} is not an http or https URL that ends in /callback")]
    RedirectUri(String),
}

impl Settings {
    /// The demo client at `issuer`, which sends the browser back to `redirect_uri`.
    ///
    /// # Errors
    ///
    /// One of the two is not a URL that the app can use.
    pub fn new(issuer: &str, redirect_uri: &str) -> Result<Self, SettingsError> {
        let wrong = || SettingsError::RedirectUri(redirect_uri.to_owned());
        let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| wrong())?;
        let url = redirect.url();
        if !is_web(url) || url.fragment().is_some() || url.path() != "/callback" {
            return Err(wrong());
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            metadata: metadata_url(issuer)?,
            client_id: ClientId::new(DEFAULT_CLIENT_ID.to_owned()),
            client_secret: Some(ClientSecret::new(DEFAULT_CLIENT_SECRET.to_owned())),
            redirect_uri: redirect,
            scope: scopes(DEFAULT_SCOPE),
        })
    }

    /// Another client than the demo one. Without a secret it is a public client.
    #[must_use]
    pub fn client(mut self, id: &str, secret: Option<&str>) -> Self {
        self.client_id = ClientId::new(id.to_owned());
        self.client_secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
        self
    }

    /// What to ask for, separated by spaces; empty leaves it to the server.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = scopes(scope);
        self
    }
}

fn scopes(text: &str) -> Vec<Scope> {
    text.split_ascii_whitespace()
        .map(|one| Scope::new(one.to_owned()))
        .collect()
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Where RFC 8414 section 3.1 puts the metadata: between the host and the issuer's own path.
fn metadata_url(issuer: &str) -> Result<Url, SettingsError> {
    let wrong = || SettingsError::Issuer(issuer.to_owned());
    let mut url = Url::parse(issuer).map_err(|_| wrong())?;
    if !is_web(&url) || url.query().is_some() || url.fragment().is_some() {
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
        for (issuer, wanted) in [
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.example/",
                "https://a.example/.well-known/oauth-authorization-server",
            ),
            (
                "http://127.0.0.1:8080/tenant",
                "http://127.0.0.1:8080/.well-known/oauth-authorization-server/tenant",
            ),
        ] {
            assert_eq!(metadata_url(issuer).unwrap().as_str(), wanted);
        }
    }

    #[test]
    fn a_mistake_names_the_setting() {
        for issuer in [
            "",
            "127.0.0.1:8080",
            "ftp://a.example",
            "http://a.example/?x",
            "http://a.example/#x",
        ] {
            let error = Settings::new(issuer, "http://127.0.0.1:9999/callback").unwrap_err();
            assert!(error.to_string().starts_with("issuer:"), "{error}");
        }
        for uri in [
            "",
            "/callback",
            "http://127.0.0.1:9999/",
            "http://127.0.0.1:9999/callback#x",
        ] {
            let error = Settings::new(DEFAULT_ISSUER, uri).unwrap_err();
            assert!(error.to_string().starts_with("redirect URI:"), "{error}");
        }
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let settings = Settings::new(DEFAULT_ISSUER, "http://127.0.0.1:9999/callback").unwrap();
        assert!(!format!("{settings:?}").contains(DEFAULT_CLIENT_SECRET));
    }
}
