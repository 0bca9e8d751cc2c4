mod colours;
mod reading;

use scraper::{Html, Selector};
use time::macros::datetime;

use super::*;

/// Text that would break out of an element, an attribute or the layout.
const HOSTILE: &str = "</title><script>alert('x')</script>\"><img src=x onerror=\"alert(1)\"> & ' \
                       {{base}} LoremIpsumLoremIpsumLoremIpsumLoremIpsumLoremIpsumLoremIpsumLorem";

fn scope() -> ScopeLine {
    ScopeLine {
        name: HOSTILE.into(),
        description: HOSTILE.into(),
        already_granted: true,
    }
}

fn login() -> LoginPage {
    LoginPage {
        base: "/tenant".into(),
        return_to: HOSTILE.into(),
        username: HOSTILE.into(),
        error: Some(HOSTILE.into()),
        client_name: Some(HOSTILE.into()),
        demo_hint: Some(DEMO_HINT.into()),
    }
}

fn consent() -> ConsentPage {
    ConsentPage {
        base: "/tenant".into(),
        action: "/tenant/consent".into(),
        ticket: HOSTILE.into(),
        client_name: HOSTILE.into(),
        redirect_host: HOSTILE.into(),
        username: HOSTILE.into(),
        scopes: vec![scope(), scope()],
        resources: vec![HOSTILE.into(), HOSTILE.into()],
    }
}

fn account() -> AccountPage {
    let application = Application {
        client_id: HOSTILE.into(),
        client_name: HOSTILE.into(),
        scopes: vec![scope()],
        live_grants: 0,
        last_issued_at: None,
        grants: HOSTILE.into(),
    };
    AccountPage {
        base: "/tenant".into(),
        username: HOSTILE.into(),
        notice: Some(HOSTILE.into()),
        applications: vec![
            application.clone(),
            Application {
                live_grants: 2,
                last_issued_at: Some(moment()),
                ..application
            },
        ],
    }
}

fn moment() -> Moment {
    datetime!(2026-11-22 01:02:59 +02:00).into()
}

fn grants() -> GrantsPage {
    let grant = GrantLine {
        id: HOSTILE.into(),
        opened_at: moment(),
        last_issued_at: moment(),
        scopes: vec![scope()],
        resources: vec![HOSTILE.into()],
    };
    GrantsPage {
        base: "/tenant".into(),
        client_id: HOSTILE.into(),
        client_name: HOSTILE.into(),
        grants: vec![grant.clone(), grant],
    }
}

fn home() -> HomePage {
    HomePage {
        base: "/tenant".into(),
        username: Some(HOSTILE.into()),
        demo_hint: Some(DEMO_HINT.into()),
        demo_client: None,
        metadata_url: HOSTILE.into(),
    }
}

fn message() -> MessagePage {
    MessagePage::new("/tenant", HOSTILE, HOSTILE).with_detail(HOSTILE)
}

fn all() -> [(&'static str, String); 6] {
    [
        ("login", login().html()),
        ("consent", consent().html()),
        ("account", account().html()),
        ("grants", grants().html()),
        ("home", home().html()),
        ("message", message().html()),
    ]
}

/// The value of an attribute of each element that the selector finds.
fn values<'p>(page: &'p Html, selector: &str, attribute: &str) -> Vec<&'p str> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector)
        .map(|element| element.attr(attribute).unwrap_or("-"))
        .collect()
}

#[test]
fn hostile_text_stays_text() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        assert!(
            values(&page, "script, img, [onerror]", "src").is_empty(),
            "{name}: {html}"
        );
        assert!(
            page.root_element()
                .text()
                .any(|text| text.contains(HOSTILE)),
            "{name}: {html}"
        );
    }
    let page = Html::parse_document(&login().html());
    assert_eq!(
        values(&page, "[name=return_to], [name=username]", "value"),
        [HOSTILE; 2]
    );
    let page = Html::parse_document(&consent().html());
    assert_eq!(values(&page, "[name=ticket]", "value"), [HOSTILE]);
    let page = Html::parse_document(&account().html());
    assert_eq!(values(&page, "[name=client_id]", "value"), [HOSTILE; 2]);
}

#[test]
fn each_page_is_whole() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        assert!(html.starts_with("<!doctype html>"), "{name}: {html}");
        assert_eq!(values(&page, "html", "lang"), ["en"], "{name}");
        assert_eq!(
            values(&page, "link[rel=stylesheet]", "href"),
            ["/tenant/style.css"],
            "{name}"
        );
        assert_eq!(
            values(&page, "meta[name=viewport]", "name").len(),
            1,
            "{name}"
        );
        assert_eq!(values(&page, "h1", "id").len(), 1, "{name}");
        // The policy in the headers allows no style and no script in the page itself.
        assert!(
            values(&page, "style, [style], script", "style").is_empty(),
            "{name}"
        );
    }
}

#[test]
fn forms_are_those_of_the_contract() {
    let page = Html::parse_document(&login().html());
    assert_eq!(values(&page, "form", "action"), ["/tenant/login"]);
    assert_eq!(
        values(&page, "input", "name"),
        ["return_to", "username", "password"]
    );
    let page = Html::parse_document(&consent().html());
    assert_eq!(values(&page, "form", "action"), ["/tenant/consent"]);
    assert_eq!(
        values(&page, "button[type=submit][name=decision]", "value"),
        ["allow", "deny"]
    );
    let page = Html::parse_document(&account().html());
    assert_eq!(values(&page, "form", "action"), ["/tenant/account"; 2]);
    assert_eq!(values(&page, "form button[type=submit]", "class").len(), 2);
    let page = Html::parse_document(&grants().html());
    assert_eq!(
        values(&page, "form", "action"),
        ["/tenant/account/grants"; 2]
    );
    assert_eq!(values(&page, "form [name=grant]", "value"), [HOSTILE; 2]);
    let page = Html::parse_document(&home().html());
    assert_eq!(values(&page, "form", "action"), ["/tenant/logout"]);
    let signed_out = HomePage {
        username: None,
        ..home()
    };
    assert!(!signed_out.html().contains("<form"));
    for html in [
        login().html(),
        consent().html(),
        account().html(),
        grants().html(),
        home().html(),
    ] {
        let page = Html::parse_document(&html);
        assert!(
            values(&page, "form", "method")
                .iter()
                .all(|method| *method == "post")
        );
    }
}

/// The server does not know where the reader is.
#[test]
fn moments_are_in_utc() {
    for (html, count) in [(account().html(), 1), (grants().html(), 4)] {
        let page = Html::parse_document(&html);
        assert_eq!(
            values(&page, "time", "datetime"),
            vec!["2026-11-21T23:02Z"; count]
        );
        assert_eq!(html.matches(">2026-11-21, 23:02 UTC</time>").count(), count);
    }
}

#[test]
fn an_application_with_access_has_a_link_to_its_grants() {
    let page = Html::parse_document(&account().html());
    assert_eq!(values(&page, "li a", "href"), [HOSTILE]);
    let none = GrantsPage {
        grants: Vec::new(),
        ..grants()
    };
    let page = Html::parse_document(&none.html());
    assert!(values(&page, "form", "action").is_empty());
    assert_eq!(values(&page, "main a", "href"), ["/tenant/account"]);
}

#[test]
fn a_blank_login_form_has_no_value() {
    let blank = LoginPage {
        username: String::new(),
        error: None,
        client_name: None,
        demo_hint: None,
        ..login()
    };
    let page = Html::parse_document(&blank.html());
    assert_eq!(values(&page, "[name=username]", "value"), [""]);
    assert_eq!(values(&page, "[autofocus]", "name"), ["username"]);
    assert!(values(&page, "[role=alert], [aria-describedby]", "id").is_empty());
    let page = Html::parse_document(&login().html());
    assert_eq!(values(&page, "[autofocus]", "name"), ["password"]);
}

#[test]
fn headers_do_not_stop_the_redirect_to_the_client() {
    let policy = PAGE_HEADERS
        .iter()
        .find(|(name, _)| *name == "content-security-policy");
    let (_, policy) = policy.unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("form-action"));
}
