//! A person at a browser: cookies, redirects, forms.

use reqwest::Method;
use reqwest::header::ORIGIN;
use url::form_urlencoded;

use super::server::browserless;
use super::{Answer, AuthorizationRequest, Client, Code, Form, Server, Tokens, User};

/// One browser profile. Tabs are simply several answers kept at the same time.
#[derive(Clone, Debug)]
pub struct Browser<'s> {
    server: &'s Server,
    http: reqwest::Client,
}

impl<'s> Browser<'s> {
    pub fn new(server: &'s Server) -> Self {
        let http = browserless().cookie_store(true).build().expect("a browser");
        Self { server, http }
    }

    /// A browser in which the user is signed in.
    pub async fn of(server: &'s Server, user: &User) -> Self {
        let browser = Self::new(server);
        browser.sign_in(user).await;
        browser
    }

    /// The same profile at another process of the service. A cookie does not know ports.
    pub fn at<'t>(&self, server: &'t Server) -> Browser<'t> {
        Browser {
            server,
            http: self.http.clone(),
        }
    }

    /// Opens an address and follows redirects as long as they stay on the server.
    pub async fn open(&self, url: &str) -> Answer {
        self.walk(Method::GET, url, None, None).await
    }

    /// Opens a page of the server.
    pub async fn page(&self, path: &str) -> Answer {
        self.open(&self.server.url(path)).await
    }

    /// One request without following anything, with the cookies.
    pub async fn step(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method, self.server.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::to(request).await
    }

    /// Fills a form of the page in, presses a button and follows the redirects.
    pub async fn submit(
        &self,
        page: &Answer,
        form: Form,
        fill: &[(&str, &str)],
        button: Option<(&str, &str)>,
    ) -> Answer {
        let form = fill
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        let mut fields = form.fields;
        fields.extend(button.map(|(name, value)| (name.to_owned(), value.to_owned())));
        // Browsers hide the origin from the target if the page has this policy.
        let origin = match page.header("referrer-policy").as_str() {
            "no-referrer" => "null",
            _ => &self.server.origin,
        };
        match form.method {
            Method::GET => {
                let mut url = form.action;
                url.query_pairs_mut().clear().extend_pairs(&fields);
                self.walk(Method::GET, url.as_str(), None, None).await
            }
            method => {
                self.walk(method, form.action.as_str(), Some(fields), Some(origin))
                    .await
            }
        }
    }

    /// Signs in at a login page.
    #[track_caller]
    pub fn log_in(&self, page: &Answer, user: &User) -> impl Future<Output = Answer> {
        let form = page.login_form();
        let form = form.unwrap_or_else(|| panic!("expected a login page, came {page:?}"));
        async move {
            let fill = [
                ("username", user.name.as_str()),
                ("password", user.password.as_str()),
            ];
            self.submit(page, form, &fill, None).await
        }
    }

    /// Signs in at `/login`.
    pub async fn sign_in(&self, user: &User) {
        let page = self.page("/login").await;
        let answer = self.log_in(&page, user).await;
        assert_ne!(
            answer.status, 401,
            "{} cannot sign in: {answer:?}",
            user.name
        );
    }

    /// Signs out as the button on the host's pages does.
    pub async fn sign_out(&self) -> Answer {
        let headers = [(ORIGIN.as_str(), self.server.origin.as_str())];
        self.step(Method::POST, "/logout", &headers).await
    }

    /// Follows a link to the authorization endpoint.
    pub async fn start(&self, request: &AuthorizationRequest) -> Answer {
        self.page(&format!("/authorize?{}", request.query())).await
    }

    /// As [`Browser::start`], and signs in if asked to.
    pub async fn arrive(&self, user: &User, request: &AuthorizationRequest) -> Answer {
        let page = self.start(request).await;
        if page.login_form().is_some() {
            self.log_in(&page, user).await
        } else {
            page
        }
    }

    /// Presses a button of a consent page.
    #[track_caller]
    pub fn decide(&self, page: &Answer, decision: &str) -> impl Future<Output = Answer> {
        let form = page.consent_form();
        let form = form.unwrap_or_else(|| panic!("expected a consent page, came {page:?}"));
        async move {
            self.submit(page, form, &[], Some(("decision", decision)))
                .await
        }
    }

    /// The whole way to a code: login and consent where asked for.
    pub async fn grant(&self, user: &User, request: &AuthorizationRequest) -> Code {
        let mut answer = self.arrive(user, request).await;
        if answer.consent_form().is_some() {
            answer = self.decide(&answer, "allow").await;
        }
        answer.expect_code(request)
    }

    /// The whole way to tokens, by a fresh request for all that the client may ask for.
    pub async fn tokens(&self, user: &User, client: &Client) -> Tokens {
        let code = self.grant(user, &AuthorizationRequest::new(client)).await;
        self.server.redeem(client, &code).await.expect_tokens()
    }

    /// The form on the account page that disconnects the client, if it is listed.
    pub async fn connection(&self, client: &Client) -> Option<(Answer, Form)> {
        let page = self.page("/account").await;
        assert_eq!(page.status, 200, "{page:?}");
        // The name alone would also match an application that is only mentioned.
        let listed = page.text().contains(client.name);
        let connects = |form: &Form| match form.value("client_id") {
            Some(id) => id == client.id,
            None => form.has("grant") && listed,
        };
        let form = page.forms().into_iter().find(connects)?;
        Some((page, form))
    }

    pub async fn walk(
        &self,
        method: Method,
        url: &str,
        fields: Option<Vec<(String, String)>>,
        origin: Option<&str>,
    ) -> Answer {
        let mut request = self.http.request(method, url);
        if let Some(fields) = fields {
            let form = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
        }
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        for _ in 0..10 {
            let answer = Answer::to(request).await;
            let Some(target) = answer.location() else {
                return answer;
            };
            // 307 and 308 would carry a password or a decision on, RFC 9700 section 4.12.
            assert!(
                matches!(answer.status, 302 | 303),
                "a redirect with {}",
                answer.status
            );
            if !target
                .as_str()
                .starts_with(&format!("{}/", self.server.origin))
            {
                return answer;
            }
            request = self.http.get(target);
        }
        panic!("redirects without end from {url}");
    }
}
