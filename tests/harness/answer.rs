//! A response, read to its end, and the forms in it.

use std::fmt::{self, Debug, Formatter};

use reqwest::Method;
use reqwest::header::{HeaderMap, LOCATION};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// A response with the request it belongs to, so that a failed expectation can say where it was.
#[derive(Clone)]
pub struct Answer {
    pub method: Method,
    pub url: Url,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Sends the request and reads the response; redirects are not followed.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        Self::try_to(request).await.expect("an answer")
    }

    /// As [`Answer::to`], for a server that may be gone before the whole answer has come.
    pub async fn try_to(request: reqwest::RequestBuilder) -> Result<Self, reqwest::Error> {
        let (client, request) = request.build_split();
        let request = request.expect("a request that can be sent");
        let method = request.method().clone();
        let response = client.execute(request).await?;
        let (url, status) = (response.url().clone(), response.status().as_u16());
        let headers = response.headers().clone();
        let body = response.bytes().await?;
        let body = String::from_utf8(body.to_vec()).expect("a body in UTF-8");
        Ok(Self {
            method,
            url,
            status,
            headers,
            body,
        })
    }

    /// All values of a header, joined as RFC 9110 section 5.3 allows; empty if there is none.
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter();
        values
            .map(|value| value.to_str().expect("a readable header"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Where the redirect leads, if this is one.
    pub fn location(&self) -> Option<Url> {
        let location = self
            .headers
            .get(LOCATION)?
            .to_str()
            .expect("a readable Location");
        Some(self.url.join(location).expect("a Location that is a URL"))
    }

    /// Whether the body is a page for a person.
    pub fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// The text a person reads, with single spaces.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        let body = html
            .select(&selector("body"))
            .next()
            .map(|body| visible(body));
        body.unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The forms of the page.
    pub fn forms(&self) -> Vec<Form> {
        let html = Html::parse_document(&self.body);
        html.select(&selector("form"))
            .map(|form| Form::read(form, &self.url))
            .collect()
    }

    /// The login form, if this is a login page.
    pub fn login_form(&self) -> Option<Form> {
        self.forms()
            .into_iter()
            .find(|form| form.has("username") && form.has("password"))
    }

    /// The form with the two decision buttons, if this is a consent page.
    pub fn consent_form(&self) -> Option<Form> {
        self.forms().into_iter().find(|form| {
            ["allow", "deny"]
                .iter()
                .all(|value| form.button("decision", value).is_some())
        })
    }
}

/// As it would be written down for somebody who has to find out what went wrong.
impl Debug for Answer {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{} {} was answered with {}",
            self.method, self.url, self.status
        )?;
        for (name, value) in &self.headers {
            writeln!(out, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        write!(out, "\n{}", self.body)
    }
}

/// A form as a browser would see it.
#[derive(Clone, Debug)]
pub struct Form {
    pub method: Method,
    pub action: Url,
    pub fields: Vec<(String, String)>,
    pub hidden: Vec<String>,
    pub buttons: Vec<(String, String)>,
}

impl Form {
    fn read(form: ElementRef<'_>, page: &Url) -> Self {
        let action = form.attr("action").filter(|action| !action.is_empty());
        let mut read = Self {
            method: match form.attr("method") {
                Some(method) if method.eq_ignore_ascii_case("post") => Method::POST,
                _ => Method::GET,
            },
            action: page
                .join(action.unwrap_or(""))
                .expect("a form action that is a URL"),
            fields: Vec::new(),
            hidden: Vec::new(),
            buttons: Vec::new(),
        };
        for element in form.select(&selector("input, button")) {
            let submits = if element.value().name() == "button" {
                "submit"
            } else {
                "text"
            };
            let kind = element.attr("type").unwrap_or(submits).to_ascii_lowercase();
            let name = element.attr("name").unwrap_or("").to_owned();
            let value = element.attr("value").unwrap_or("").to_owned();
            match kind.as_str() {
                "submit" => read.buttons.push((name, value)),
                "button" | "reset" | "checkbox" | "radio" => {}
                _ if name.is_empty() => {}
                _ => {
                    if kind == "hidden" {
                        read.hidden.push(name.clone());
                    }
                    read.fields.push((name, value));
                }
            }
        }
        read
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name)?;
        Some(&found.1)
    }

    pub fn button(&self, name: &str, value: &str) -> Option<&(String, String)> {
        self.buttons
            .iter()
            .find(|button| button.0 == name && button.1 == value)
    }

    /// The form with another value in a field, hidden ones included.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.0 == name) {
            value.clone_into(&mut field.1);
        }
        self
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector")
}

fn visible(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants() {
        let unseen = node
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|ancestor| {
                matches!(
                    ancestor.value().name(),
                    "script" | "style" | "template" | "title"
                )
            });
        if let (Some(piece), false) = (node.value().as_text(), unseen) {
            text.push_str(piece);
            text.push(' ');
        }
    }
    text
}
