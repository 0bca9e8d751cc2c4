use crate::error::{ErrorCode, Rejection};

/// The values that have a meaning here, for the metadata.
pub(crate) const SUPPORTED_PROMPTS: [&str; 3] = ["none", "login", "consent"];

/// The `prompt` parameter (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prompt {
    /// Show nothing; refuse where something would have to be shown.
    pub(super) none: bool,
    /// Let the user sign in again.
    pub(super) login: bool,
    /// Ask even when the user has agreed before.
    pub(super) consent: bool,
}

impl Prompt {
    pub(super) fn parse(values: &str) -> Result<Self, Rejection> {
        let refuse = |why| Err(Rejection::new(ErrorCode::InvalidRequest, why));
        let mut prompt = Self::default();
        for value in values.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                _ => return refuse("prompt has a value that is not supported"),
            }
        }
        if prompt.none && (prompt.login || prompt.consent) {
            return refuse("prompt=none goes with no other value");
        }
        Ok(prompt)
    }
}
