//! What people need who do not see the page, or use it without a mouse.

use scraper::ElementRef;

use super::*;

fn select<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

#[test]
fn each_input_has_a_label() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        let inputs = values(&page, "input:not([type=hidden])", "id");
        assert_eq!(inputs, values(&page, "label", "for"), "{name}");
        assert_eq!(inputs.len(), if name == "login" { 2 } else { 0 }, "{name}");
    }
}

#[test]
fn each_page_has_one_main_part_and_its_title_is_its_heading() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        assert_eq!(select(&page, "body > header").len(), 1, "{name}");
        assert_eq!(select(&page, "main").len(), 1, "{name}");
        let title: String = select(&page, "title")
            .iter()
            .flat_map(|it| it.text())
            .collect();
        let (own, site) = title.rsplit_once(" - ").unwrap();
        assert!(
            !own.trim().is_empty() && !site.is_empty(),
            "{name}: {title}"
        );
        assert_eq!(select(&page, "main h1").len(), 1, "{name}");
    }
}

#[test]
fn headings_leave_no_level_out() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        let mut level = 0;
        for heading in select(&page, "h1, h2, h3, h4, h5, h6") {
            let next: u32 = heading.value().name()[1..].parse().unwrap();
            assert!(next <= level + 1, "{name}: h{next} after h{level}");
            level = next;
        }
    }
}

/// An identifier that is there twice, or not at all, describes the wrong thing or nothing.
#[test]
fn what_is_referred_to_is_there_once() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        let ids = values(&page, "[id]", "id");
        for attribute in ["aria-describedby", "aria-labelledby", "for"] {
            for list in values(&page, &format!("[{attribute}]"), attribute) {
                for id in list.split(' ') {
                    let found = ids.iter().filter(|it| **it == id).count();
                    assert_eq!(found, 1, "{name}: {attribute} {id}");
                }
            }
        }
    }
}

#[test]
fn each_button_and_link_says_something_of_its_own() {
    for (name, html) in all() {
        let page = Html::parse_document(&html);
        for element in select(&page, "button, a[href]") {
            let text: String = element.text().collect();
            assert!(!text.trim().is_empty(), "{name}: {}", element.html());
        }
    }
    // Two buttons that say the same are told apart by the names of the apps.
    let page = Html::parse_document(&account().html());
    assert_eq!(
        values(&page, "button", "aria-labelledby"),
        ["disconnect-1 app-1", "disconnect-2 app-2"]
    );
    let page = Html::parse_document(&grants().html());
    assert_eq!(
        values(&page, "button", "aria-labelledby"),
        ["end-1 grant-1", "end-2 grant-2"]
    );
}

#[test]
fn a_wrong_password_is_announced_and_tied_to_the_inputs() {
    let page = Html::parse_document(&login().html());
    let alerts = values(&page, "[role=alert]", "id");
    assert_eq!(alerts, ["error"]);
    let inputs = "input:not([type=hidden])";
    assert_eq!(values(&page, inputs, "aria-describedby"), ["error"; 2]);
    assert_eq!(values(&page, inputs, "aria-invalid"), ["true"; 2]);
    let first = LoginPage {
        error: None,
        ..login()
    };
    let page = Html::parse_document(&first.html());
    assert!(select(&page, "[role=alert], [aria-describedby], [aria-invalid]").is_empty());
}

/// Password managers go by these (WCAG 2.2, success criterion 1.3.5).
#[test]
fn the_login_form_says_what_belongs_into_it() {
    let page = Html::parse_document(&login().html());
    assert_eq!(
        values(&page, "input:not([type=hidden])", "autocomplete"),
        ["username", "current-password"]
    );
    assert_eq!(values(&page, "[name=password]", "type"), ["password"]);
}

#[test]
fn a_notice_is_announced() {
    let page = Html::parse_document(&account().html());
    assert_eq!(select(&page, "[role=status]").len(), 1);
}
