use std::time::Duration;

use crate::client::{ClientId, GrantType};
use crate::credential::GrantId;
use crate::error::ErrorCode;
use crate::resource::Audience;
use crate::scope::Scope;
use crate::subject::{Subject, UserId};

/// What happened.
///
/// A `grant` ties events together: the code, its tokens and their end have one. It is no secret.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// A client was sent an authorization code (RFC 6749 section 4.1.2).
    #[non_exhaustive]
    CodeIssued {
        /// To whom.
        client_id: &'a ClientId,
        /// Who agreed.
        subject: &'a UserId,
        /// The grant that was opened.
        grant: GrantId,
        /// What was granted.
        scope: &'a Scope,
        /// For which protected resources; empty when it is not restricted.
        audience: &'a Audience,
    },
    /// A client was sent an access token (RFC 6749 section 5.1).
    #[non_exhaustive]
    TokenIssued {
        /// How it was asked for.
        grant_type: &'a GrantType,
        /// To whom.
        client_id: &'a ClientId,
        /// On whose behalf it acts.
        subject: Option<&'a Subject>,
        /// Its grant.
        grant: GrantId,
        /// What it may be used for.
        scope: &'a Scope,
        /// For which protected resources; empty when it is not restricted.
        audience: &'a Audience,
        /// Whether a refresh token was sent along.
        refresh_token: bool,
    },
    /// A request was refused.
    #[non_exhaustive]
    Refused {
        /// Where.
        endpoint: Endpoint,
        /// Who is said to have sent the request, as far as it got to that. It was proven if the endpoint
        /// authenticates clients.
        client_id: Option<&'a ClientId>,
        /// What the client was told; none where a request came without an access token.
        code: Option<ErrorCode>,
        /// In words. One of a fixed set of texts, never input.
        description: &'static str,
    },
    /// Somebody did not prove to be the client they claim to be, or claimed to be none that is known.
    #[non_exhaustive]
    ClientAuthenticationFailed {
        /// Where.
        endpoint: Endpoint,
        /// The claim, if it was made and could be an identifier.
        client_id: Option<&'a ClientId>,
    },
    /// The [`Throttle`](crate::throttle::Throttle) refused an attempt to authenticate.
    #[non_exhaustive]
    Throttled {
        /// Where.
        endpoint: Endpoint,
        /// The claim, if it could be an identifier.
        client_id: Option<&'a ClientId>,
        /// When the next attempt makes sense.
        retry_after: Duration,
    },
    /// A code was presented again by the client it was made for: somebody else may have it. The grant ends
    /// (RFC 6749 section 4.1.2).
    #[non_exhaustive]
    CodeReplayed {
        /// Who presented it.
        client_id: &'a ClientId,
        /// Whose grant it is.
        subject: Option<&'a Subject>,
        /// The grant that ends.
        grant: GrantId,
    },
    /// A refresh token was used again, outside of the retry window: somebody else may have it. The grant
    /// ends (RFC 9700 section 4.14.2).
    #[non_exhaustive]
    RefreshTokenReused {
        /// Who presented it.
        client_id: &'a ClientId,
        /// Whose grant it is.
        subject: Option<&'a Subject>,
        /// The grant that ends.
        grant: GrantId,
    },
    /// A token was revoked (RFC 7009), or a grant.
    #[non_exhaustive]
    Revoked {
        /// By whom.
        by: RevokedBy,
        /// Whose token it was.
        client_id: &'a ClientId,
        /// On whose behalf it acted.
        subject: Option<&'a Subject>,
        /// Its grant.
        grant: GrantId,
        /// Whether the grant ended with it, and so every other token under it.
        whole_grant: bool,
    },
    /// A client asked what a token is worth (RFC 7662).
    #[non_exhaustive]
    Introspected {
        /// Who asked.
        client_id: &'a ClientId,
        /// Whether it was told of an active token.
        active: bool,
    },
    /// A user agreed on the consent page.
    #[non_exhaustive]
    ConsentGiven {
        /// To whom.
        client_id: &'a ClientId,
        /// Who agreed.
        subject: &'a UserId,
        /// To what.
        scope: &'a Scope,
        /// For which resources; empty for all.
        audience: &'a Audience,
        /// Whether it was recorded, so that the user need not be asked again.
        remembered: bool,
    },
    /// A user said no, or chose nothing of what was asked for; the client is told `access_denied`.
    #[non_exhaustive]
    ConsentDenied {
        /// To whom.
        client_id: &'a ClientId,
        /// Who, where the host said it.
        subject: Option<&'a UserId>,
    },
    /// A user took an application's access away
    /// ([`disconnect`](crate::AuthorizationServer::disconnect)).
    #[non_exhaustive]
    Disconnected {
        /// The application.
        client_id: &'a ClientId,
        /// Who.
        subject: &'a UserId,
        /// How many grants ended.
        grants: usize,
    },
}

/// Where a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The authorization endpoint.
    Authorization,
    /// The consent page's form.
    Consent,
    /// The token endpoint.
    Token,
    /// The revocation endpoint.
    Revocation,
    /// The introspection endpoint.
    Introspection,
    /// A protected resource, beside the server or in its own process.
    ProtectedResource,
}

impl Endpoint {
    /// A word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Consent => "consent",
            Self::Token => "token",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
            Self::ProtectedResource => "protected_resource",
        }
    }
}

/// Who revoked a token or a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevokedBy {
    /// The client it was issued to, at the revocation endpoint.
    Client,
    /// The user who had granted it ([`end_grant`](crate::AuthorizationServer::end_grant)).
    User,
    /// Whoever runs the server ([`revoke_grants`](crate::AuthorizationServer::revoke_grants)).
    Operator,
}
