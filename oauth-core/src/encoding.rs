//! How parameters and markup are written.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters. A space becomes `%20`, which every decoder reads.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Parameters as they stand in a query.
pub(crate) fn encode_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    append_pairs(&mut query, pairs);
    query
}

/// The same, behind what stands there already.
pub(crate) fn append_pairs<'a>(
    query: &mut String,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) {
    for (at, (name, value)) in pairs.enumerate() {
        if at > 0 {
            query.push('&');
        }
        append_encoded(query, name);
        query.push('=');
        append_encoded(query, value);
    }
}

fn append_encoded(query: &mut String, text: &str) {
    // Names, codes and most values need no escape, so the whole text is looked at first. With comparisons alone, and
    // neither a branch nor a table, the compiler takes many bytes at once.
    let reserved = text.bytes().fold(0, |reserved, byte| {
        let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        let digit = u8::from(byte.wrapping_sub(b'0') < 10);
        let hyphen_or_period = u8::from(byte == b'-') | u8::from(byte == b'.');
        let other = u8::from(byte == b'_') | u8::from(byte == b'~');
        reserved | ((letter | digit | hyphen_or_period | other) ^ 1)
    });
    if reserved == 0 {
        query.push_str(text);
    } else {
        query.extend(utf8_percent_encode(text, ESCAPED));
    }
}

/// A text within HTML, in an element or a quoted attribute.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_everything_but_unreserved_characters() {
        let pairs = [("a b", "~1+2%"), ("c", "é&=#")];
        assert_eq!(
            encode_pairs(pairs.into_iter()),
            "a%20b=~1%2B2%25&c=%C3%A9%26%3D%23"
        );
        for byte in 0..=0x7f {
            let text = char::from(byte).to_string();
            let mut encoded = String::new();
            append_encoded(&mut encoded, &text);
            assert_eq!(encoded, utf8_percent_encode(&text, ESCAPED).to_string());
        }
        assert_eq!(
            escape_html("<a href='x'>\"&amp;"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;"
        );
    }
}
