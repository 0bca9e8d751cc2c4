//! The colours of the stylesheets, light and dark, against the contrast that WCAG 2.2 level AA asks
//! for (success criteria 1.4.3 and 1.4.11). Those of the web client's pages are looked at here, too,
//! since its stylesheet is the sister of this one.

use std::collections::{BTreeMap, BTreeSet};

use super::STYLESHEET;

const SHEETS: [(&str, &str); 2] = [
    ("host", STYLESHEET),
    (
        "web-client",
        include_str!("../../../web-client/templates/style.css"),
    ),
];

/// Text, and what it stands on.
const TEXT: [(&str, &str); 10] = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("faint", "ground"),
    ("faint", "paper"),
    ("accent", "paper"),
    ("on-accent", "accent"),
    ("bad", "paper"),
    ("bad", "bad-paper"),
    ("good", "paper"),
    ("good", "good-paper"),
];

/// The edge of an input, and the ring around what has the focus.
const SHAPES: [(&str, &str); 3] = [("line", "paper"), ("accent", "paper"), ("accent", "ground")];

type Palette = BTreeMap<String, [u8; 3]>;

/// What the `:root` rules define: the first is the light palette, the second the dark one.
fn palettes(sheet: &str) -> [Palette; 2] {
    let palettes: Vec<Palette> = sheet
        .split(":root {")
        .skip(1)
        .map(|rest| {
            let (rule, _) = rest.split_once('}').unwrap();
            rule.split(';').filter_map(colour).collect()
        })
        .collect();
    palettes.try_into().expect("a light and a dark palette")
}

/// `--name: #rrggbb`.
fn colour(declaration: &str) -> Option<(String, [u8; 3])> {
    let (name, value) = declaration.trim().strip_prefix("--")?.split_once(": #")?;
    let value = u32::from_str_radix(value, 16).expect("six digits");
    let [_, red, green, blue] = value.to_be_bytes();
    Some((name.to_owned(), [red, green, blue]))
}

/// Relative luminance, as WCAG defines it.
fn luminance(colour: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_measured_as_wcag_does() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
    // The grey that just passes on white, and the one that just does not.
    assert!(contrast([0x76; 3], [255; 3]) >= 4.5 && contrast([0x77; 3], [255; 3]) < 4.5);
}

#[test]
fn text_and_shapes_stand_out_from_what_they_stand_on() {
    for (sheet, text) in SHEETS {
        for (scheme, palette) in ["light", "dark"].iter().zip(palettes(text)) {
            for (pairs, least) in [(&TEXT[..], 4.5), (&SHAPES[..], 3.0)] {
                for (front, back) in pairs {
                    let (Some(one), Some(other)) = (palette.get(*front), palette.get(*back)) else {
                        continue;
                    };
                    let ratio = contrast(*one, *other);
                    assert!(
                        ratio >= least,
                        "{sheet}, {scheme}: {front} on {back} is {ratio:.2}"
                    );
                }
            }
        }
    }
}

/// So that no colour gets past the pairs above.
#[test]
fn every_colour_has_a_name_that_is_measured() {
    let measured: BTreeSet<_> = TEXT
        .iter()
        .chain(&SHAPES)
        .flat_map(|(a, b)| [*a, *b])
        .collect();
    for (sheet, text) in SHEETS {
        let [light, dark] = palettes(text);
        assert!(light.len() >= 7, "{sheet}");
        assert!(light.keys().eq(dark.keys()), "{sheet}: {light:?} {dark:?}");
        for name in light.keys() {
            assert!(measured.contains(name.as_str()), "{sheet}: {name}");
        }
        let literals = text.matches(": #").count();
        assert_eq!(literals, light.len() + dark.len(), "{sheet}");
        assert!(!text.contains("rgb(") && !text.contains("hsl("), "{sheet}");
        assert!(
            !text.contains("opacity"),
            "{sheet}: fades what was measured"
        );
    }
}

#[test]
fn what_has_the_focus_is_marked() {
    for (sheet, text) in SHEETS {
        let (selectors, rule) = text
            .split('}')
            .filter_map(|rule| rule.split_once('{'))
            .find(|(selectors, _)| selectors.contains(":focus-visible"))
            .unwrap();
        assert!(rule.contains("outline: 3px solid"), "{sheet}: {rule}");
        for element in ["a", "button"] {
            assert!(
                selectors.contains(&format!("{element}:focus-visible")),
                "{sheet}"
            );
        }
        // The web client has no input.
        assert_eq!(
            selectors.contains("input:focus-visible"),
            text.contains("input"),
            "{sheet}"
        );
        assert!(
            !text.contains("outline: 0") && !text.contains("outline: none"),
            "{sheet}"
        );
    }
}
