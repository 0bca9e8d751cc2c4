use super::kind::EventKind;
use crate::subject::Subject;

/// Writes the event to the log. Refusals are logged where they are made, with their cause.
pub(super) fn log(kind: &EventKind<'_>) {
    match *kind {
        EventKind::CodeIssued {
            client_id,
            subject,
            grant,
            ..
        } => tracing::info!(%client_id, %subject, %grant, "authorized"),
        EventKind::TokenIssued {
            client_id,
            subject,
            grant,
            ..
        } => {
            tracing::debug!(%client_id, subject = subject.map(Subject::id), %grant, "issued a token");
        }
        EventKind::CodeReplayed {
            client_id, grant, ..
        } => tracing::warn!(%client_id, %grant, "a code was used twice: the grant is revoked"),
        EventKind::RefreshTokenReused {
            client_id, grant, ..
        } => {
            tracing::warn!(%client_id, %grant, "a refresh token was used twice: the grant is revoked");
        }
        EventKind::Revoked {
            by,
            client_id,
            grant,
            whole_grant,
            ..
        } => tracing::info!(%client_id, %grant, whole_grant, ?by, "revoked"),
        EventKind::ConsentGiven {
            client_id, subject, ..
        } => tracing::info!(%client_id, %subject, "consent given"),
        EventKind::ConsentDenied {
            client_id, subject, ..
        } => tracing::info!(%client_id, subject = subject.map(|it| it.as_str()), "consent denied"),
        EventKind::Disconnected {
            client_id,
            subject,
            grants,
            ..
        } => tracing::info!(%client_id, %subject, grants, "disconnected"),
        EventKind::Refused { .. }
        | EventKind::ClientAuthenticationFailed { .. }
        | EventKind::Throttled { .. }
        | EventKind::Introspected { .. } => {}
    }
}
