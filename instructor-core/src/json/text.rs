//! Reading the text of a JSON string that is long and full of escapes, as the arguments of a tool call are.
//!
//! `serde_json` unescapes into a buffer that grows from eight bytes and is then copied: eight allocations for 500 bytes. The length is known
//! here, so this takes one.

use memchr::memchr;
use serde_json::value::RawValue;

/// The text that `raw` stands for: of a string its characters, of anything else the JSON itself, since some servers send the arguments
/// of a tool call as an object.
pub(crate) fn text(raw: &RawValue) -> String {
    let mut text = String::new();
    append(raw, &mut text);
    text
}

/// Puts the [`text`] that `raw` stands for behind what is there: pieces of a stream cost no allocation of their own.
pub(crate) fn append(raw: &RawValue, text: &mut String) {
    let json = raw.get();
    let inside = json.strip_prefix('"');
    match inside.and_then(|json| json.strip_suffix('"')) {
        Some(inside) => append_inside(inside, text),
        None => text.push_str(json),
    }
}

/// The same for what stands between the quotes of a string, which is known to be right: behind a backslash stands an escape.
pub(crate) fn append_inside(inside: &str, text: &mut String) {
    let mut rest = inside;
    text.reserve(rest.len());
    while let Some((plain, escape)) = backslash(rest).and_then(|at| rest.split_at_checked(at)) {
        text.push_str(plain);
        let (character, length) = unescaped(escape);
        text.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
}

/// Where the first backslash is. A piece of a stream is so short that calling the fast search would be the most of it.
fn backslash(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.len() {
        ..16 => bytes.iter().position(|byte| *byte == b'\\'),
        _ => memchr(b'\\', bytes),
    }
}

/// The character of the escape that `text` starts with, and the length of the escape. Half a surrogate pair, which is no character,
/// becomes U+FFFD.
fn unescaped(text: &str) -> (char, usize) {
    match text.as_bytes().get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'u') => {
            let unit = |at: usize| u16::from_str_radix(text.get(at..at + 4)?, 16).ok();
            let second = || unit(8).filter(|_| text.get(6..8) == Some("\\u"));
            let Some(first) = unit(2) else {
                return (char::REPLACEMENT_CHARACTER, 2);
            };
            if let Some(Ok(character)) = char::decode_utf16([first]).next() {
                return (character, 6);
            }
            match second().and_then(|second| char::decode_utf16([first, second]).next()) {
                Some(Ok(character)) => (character, 12),
                _ => (char::REPLACEMENT_CHARACTER, 6),
            }
        }
        // The quote, the backslash and the slash stand for themselves.
        Some(&other) => (char::from(other), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        text(serde_json::from_str(json).expect(json))
    }

    #[test]
    fn it_reads_what_serde_writes() {
        let controls: String = (0..=0x20u8).map(char::from).collect();
        for plain in [
            "",
            "plain",
            "{\"name\": \"Ann \\\"A\\\" Lee\"}",
            "é 🦀 \u{2028}",
            &controls,
            "ends with a backslash \\",
        ] {
            let json = serde_json::to_string(plain).expect("a string");
            assert_eq!(read(&json), plain);
        }
    }

    #[test]
    fn it_reads_every_escape_as_serde_does() {
        for json in [
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u0041\u00e9\u20ac""#,
            r#""\ud83e\udd80 crab""#,
            r#""\\u0041""#,
        ] {
            let expected: String = serde_json::from_str(json).expect(json);
            assert_eq!(read(json), expected, "{json}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        assert_eq!(read(r#""a\ud83eb""#), "a\u{fffd}b");
        assert_eq!(read(r#""\udd80\ud83e""#), "\u{fffd}\u{fffd}");
        assert_eq!(read(r#""\ud83e\u0041""#), "\u{fffd}A");
    }

    #[test]
    fn what_is_no_string_stays_json() {
        assert_eq!(read(r#"{"a": 1}"#), r#"{"a": 1}"#);
    }
}
