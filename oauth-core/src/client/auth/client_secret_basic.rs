use std::borrow::Cow;

use base64::engine::general_purpose::STANDARD;
use base64::{Engine, decoded_len_estimate};
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use super::{ClientRequest, PresentedClient};
use crate::error::{ErrorCode, Rejection};
use crate::parameters::decode_value;

const MALFORMED: Rejection = Rejection::new(
    ErrorCode::InvalidClient,
    "the Authorization header is malformed",
);

/// `client_secret_basic`: identifier and secret, each form-encoded, in an HTTP Basic header
/// (RFC 6749 section 2.3.1).
pub(super) fn identify<'r>(
    request: &ClientRequest<'r>,
) -> Result<Option<PresentedClient<'r>>, Rejection> {
    let mut values = request.headers().get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Rejection::invalid_request(
            "the request has more than one Authorization header",
        ));
    }
    let value = value.to_str().map_err(|_| MALFORMED)?;
    // Cut where the scheme has to end, without a search for the space.
    let (scheme, credentials) = value.split_at_checked("Basic".len()).unwrap_or((value, ""));
    let is_basic = scheme.eq_ignore_ascii_case("Basic");
    if !is_basic || !(credentials.is_empty() || credentials.starts_with(' ')) {
        // Perhaps a method of the host. If it is nobody's, the authentication fails.
        return Ok(None);
    }
    let credentials = credentials.trim_matches(' ');
    // All the room that the decoder asks for, so that it leaves no copy of a secret behind.
    let room = decoded_len_estimate(credentials.len());
    let mut decoded = Zeroizing::new(Vec::with_capacity(room));
    STANDARD
        .decode_vec(credentials, &mut decoded)
        .map_err(|_| MALFORMED)?;
    let colon = decoded
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(MALFORMED)?;
    let (id, secret) = decoded.split_at(colon);
    let presented = PresentedClient::naming(&decode_value(id).ok_or(MALFORMED)?);
    let secret = decode_value(secret.get(1..).unwrap_or_default()).ok_or(MALFORMED)?;
    if let Cow::Owned(unescaped) = secret {
        return Ok(Some(presented.with_secret(unescaped)));
    }
    // It stands as it is behind the colon, and was UTF-8 a line ago.
    decoded.drain(..=colon);
    let secret = String::from_utf8(std::mem::take(&mut decoded)).unwrap_or_default();
    Ok(Some(presented.with_secret(secret)))
}
