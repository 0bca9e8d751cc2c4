//! Where the endpoints are.

/// The paths of the endpoints below the issuer. The adapters mount them and the metadata names them,
/// so the two cannot disagree.
///
/// | endpoint | default |
/// |---|---|
/// | [`authorization`](Self::authorization) | `/authorize` |
/// | [`token`](Self::token) | `/token` |
///
/// Each path begins with a slash and consists of unreserved characters (RFC 3986 section 2.3) and
/// slashes; [`build`](crate::AuthorizationServerBuilder::build) reports any other.
#[derive(Clone, Debug)]
pub struct Paths {
    pub(crate) authorization: String,
    pub(crate) token: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            authorization: "/authorize".to_owned(),
            token: "/token".to_owned(),
        }
    }
}

impl Paths {
    /// Where the host mounts its authorize handler (RFC 6749 section 3.1).
    #[must_use]
    pub fn authorization(mut self, path: impl Into<String>) -> Self {
        self.authorization = path.into();
        self
    }

    /// Where the token endpoint is mounted (RFC 6749 section 3.2).
    #[must_use]
    pub fn token(mut self, path: impl Into<String>) -> Self {
        self.token = path.into();
        self
    }

    pub(crate) fn problems(&self) -> impl Iterator<Item = String> {
        let paths = [
            ("authorization", &self.authorization),
            ("token", &self.token),
        ];
        let malformed = paths
            .into_iter()
            .filter(|(_, path)| !is_path(path))
            .map(|(name, path)| format!("the path of the {name} endpoint is malformed: {path:?}"));
        let same = (self.authorization == self.token)
            .then(|| "the authorization and token endpoints have the same path".to_owned());
        malformed.chain(same)
    }
}

fn is_path(path: &str) -> bool {
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
