use super::interaction::LoginPrompt;
use crate::encoding::encode_pairs;
use crate::issuer::Issuer;
use crate::paths::is_path;

/// Where the host's login page is, and under which names it is told what it needs.
///
/// A [`ResourceOwner`](super::ResourceOwner) makes it beforehand and lends it to the core, which builds
/// the URL: every value is percent-encoded, and nothing of a request can become the place that the
/// browser is sent to (RFC 9700 section 4.11).
///
/// ```
/// use oauth_core::LoginPage;
///
/// let page = LoginPage::at("/login", "return_to")?
///     .login_hint_parameter("username")
///     .fresh_login_parameter("again");
/// # Ok::<(), oauth_core::InvalidLoginPage>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPage {
    address: String,
    return_to: String,
    login_hint: Option<String>,
    fresh_login: Option<String>,
    acr_values: Option<String>,
}

/// Why a login page cannot be where it was said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidLoginPage(&'static str);

impl LoginPage {
    /// The page at this address, which reads from the parameter `return_to` of its query where the
    /// browser goes after the login.
    ///
    /// The address is a path from the root of the issuer's host, such as `/login`: the parameter then
    /// holds a path and query, as [`LoginPrompt::return_to`] gives it, and the page checks it with
    /// [`is_return_url`](crate::AuthorizationServer::is_return_url). Or it is an `https` URL of another
    /// host: the parameter then holds the issuer's origin before that, which the page has to compare.
    ///
    /// # Errors
    ///
    /// [`InvalidLoginPage`] when the address is neither a path of unreserved characters nor an `https`
    /// URL (`http` on a loopback address) without query, fragment and userinfo, or the name is empty.
    pub fn at(
        address: impl Into<String>,
        return_to: impl Into<String>,
    ) -> Result<Self, InvalidLoginPage> {
        let (address, return_to) = (address.into(), return_to.into());
        // An issuer is a URL under the same rules.
        if !is_path(&address) && Issuer::parse(&address).is_err() {
            return Err(InvalidLoginPage(
                "the login page must be a path, or an https URL without a query",
            ));
        }
        if return_to.is_empty() {
            return Err(InvalidLoginPage(
                "the parameter for the place to return to has no name",
            ));
        }
        Ok(Self {
            address,
            return_to,
            login_hint: None,
            fresh_login: None,
            acr_values: None,
        })
    }

    /// The name of the parameter that is given the `login_hint` (OpenID Connect Core section 3.1.2.1),
    /// when the request has one. Default: the page is not told.
    #[must_use]
    pub fn login_hint_parameter(mut self, name: impl Into<String>) -> Self {
        self.login_hint = Some(name.into());
        self
    }

    /// The name of a parameter that is `1` when a fresh login is demanded, and absent otherwise.
    /// Default: the page is not told. A page that sends users who are signed in straight back has to
    /// know, or the browser goes round in a loop; a page that always shows its form need not.
    #[must_use]
    pub fn fresh_login_parameter(mut self, name: impl Into<String>) -> Self {
        self.fresh_login = Some(name.into());
        self
    }

    /// The name of the parameter that is given the `acr_values`, separated by spaces, when the user
    /// must sign in by one of them (RFC 9470 section 4). Default: the page is not told.
    #[must_use]
    pub fn acr_values_parameter(mut self, name: impl Into<String>) -> Self {
        self.acr_values = Some(name.into());
        self
    }

    /// The URL that the browser is sent to.
    pub(crate) fn location(&self, issuer: &Issuer, login: &LoginPrompt) -> String {
        let origin = issuer.origin();
        let (page, return_to) = if self.address.starts_with('/') {
            (
                format!("{origin}{}", self.address),
                login.return_to().to_owned(),
            )
        } else {
            let return_to = format!("{origin}{}", login.return_to());
            (self.address.clone(), return_to)
        };
        let return_to = (self.return_to.as_str(), return_to.as_str());
        let login_hint = self.login_hint.as_deref().zip(login.login_hint());
        let fresh_login = self.fresh_login.as_deref().map(|name| (name, "1"));
        let fresh_login = fresh_login.filter(|_| login.is_fresh_login_demanded());
        let classes = login.acr_values().collect::<Vec<_>>().join(" ");
        let classes = self.acr_values.as_deref().zip(Some(classes.as_str()));
        let classes = classes.filter(|(_, classes)| !classes.is_empty());
        let said = [login_hint, fresh_login, classes].into_iter().flatten();
        let query = encode_pairs([return_to].into_iter().chain(said));
        format!("{page}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_path_or_a_url() {
        for address in [
            "/login",
            "/app/login",
            "https://login.example",
            "https://login.example/sign-in",
            "http://127.0.0.1:3000/login",
        ] {
            assert!(LoginPage::at(address, "next").is_ok(), "{address}");
        }
        for address in [
            "",
            "/",
            "login",
            "//login.example",
            "/\\login.example",
            "/login?next=",
            "/a/../login",
            "http://login.example/",
            "https://login.example/?next=",
            "https://login.example@evil.example/",
            "javascript:alert(1)",
        ] {
            assert!(LoginPage::at(address, "next").is_err(), "{address}");
        }
        assert!(LoginPage::at("/login", "").is_err());
    }
}
