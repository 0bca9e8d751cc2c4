//! Where the endpoints are.

/// The paths of the endpoints below the issuer. The metadata, the return URL and the consent page name
/// them. The adapters mount the endpoints that answer programs at their paths, and with a
/// [`ResourceOwner`](crate::ResourceOwner) all of them; a host with handlers of its own mounts the first two
/// at [`authorization_path`](crate::AuthorizationServer::authorization_path) and
/// [`consent_path`](crate::AuthorizationServer::consent_path).
///
/// | endpoint | default |
/// |---|---|
/// | [`authorization`](Self::authorization) | `/authorize` |
/// | [`consent`](Self::consent) | `/consent` |
/// | [`token`](Self::token) | `/token` |
/// | [`revocation`](Self::revocation) | `/revoke` |
/// | [`introspection`](Self::introspection) | `/introspect` |
///
/// Each path begins with a slash and consists of unreserved characters (RFC 3986 section 2.3) and
/// slashes; [`build`](crate::AuthorizationServerBuilder::build) reports any other.
#[derive(Clone, Debug)]
pub struct Paths {
    pub(crate) authorization: String,
    pub(crate) consent: String,
    pub(crate) token: String,
    pub(crate) revocation: String,
    pub(crate) introspection: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            authorization: "/authorize".to_owned(),
            consent: "/consent".to_owned(),
            token: "/token".to_owned(),
            revocation: "/revoke".to_owned(),
            introspection: "/introspect".to_owned(),
        }
    }
}

impl Paths {
    /// Where the authorization endpoint is mounted (RFC 6749 section 3.1).
    #[must_use]
    pub fn authorization(mut self, path: impl Into<String>) -> Self {
        self.authorization = path.into();
        self
    }

    /// Where the consent page posts the user's decision to.
    #[must_use]
    pub fn consent(mut self, path: impl Into<String>) -> Self {
        self.consent = path.into();
        self
    }

    /// Where the token endpoint is mounted (RFC 6749 section 3.2).
    #[must_use]
    pub fn token(mut self, path: impl Into<String>) -> Self {
        self.token = path.into();
        self
    }

    /// Where the revocation endpoint is mounted (RFC 7009 section 2).
    #[must_use]
    pub fn revocation(mut self, path: impl Into<String>) -> Self {
        self.revocation = path.into();
        self
    }

    /// Where the introspection endpoint is mounted (RFC 7662 section 2).
    #[must_use]
    pub fn introspection(mut self, path: impl Into<String>) -> Self {
        self.introspection = path.into();
        self
    }

    pub(crate) fn problems(&self) -> impl Iterator<Item = String> {
        let paths = [
            ("authorization", &self.authorization),
            ("consent", &self.consent),
            ("token", &self.token),
            ("revocation", &self.revocation),
            ("introspection", &self.introspection),
        ];
        let malformed = paths
            .into_iter()
            .filter(|(_, path)| !is_path(path))
            .map(|(name, path)| format!("the path of the {name} endpoint is malformed: {path:?}"));
        let repeated = paths
            .into_iter()
            .enumerate()
            .flat_map(move |(at, first)| {
                paths
                    .into_iter()
                    .skip(at + 1)
                    .map(move |next| (first, next))
            })
            .filter(|((_, first), (_, next))| first == next)
            .map(|((first, _), (next, _))| {
                format!("the {first} and {next} endpoints have the same path")
            });
        malformed.chain(repeated)
    }
}

/// Whether a text is a path of unreserved characters, with no segment that a browser would resolve.
pub(crate) fn is_path(path: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|segment| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment.bytes().all(unreserved)
        })
    })
}
