//! Text put together from words.

use super::*;

fn written(write: impl FnOnce(&mut Writer<'_>)) -> String {
    let mut words = [0; 16];
    let mut writer = Writer::new(&mut words);
    write(&mut writer);
    let length = writer.finish();
    let bytes: Vec<u8> = words.into_iter().flat_map(u128::to_le_bytes).collect();
    String::from_utf8(bytes[..length].to_vec()).expect("UTF-8")
}

fn escaped(text: &str) -> String {
    written(|writer| writer.string(text))
}

#[test]
fn every_string_is_valid_json() {
    let mut text: String = (0u8..0x30).map(char::from).collect();
    text.push_str("\\ \u{7f} é \u{2028} 🦀");
    assert_eq!(
        serde_json::from_str::<String>(&escaped(&text)).expect("JSON"),
        text
    );
    assert_eq!(escaped("a\tb\"\u{1b}"), r#""a\tb\"\u001b""#);
    assert_eq!(escaped(""), r#""""#);
    for byte in 0..0x80u8 {
        for place in 0..18 {
            let mut text = "é".repeat(9);
            text.insert(place / 2 * 2, char::from(byte));
            let read: String = serde_json::from_str(&escaped(&text)).expect("JSON");
            assert_eq!(read, text);
        }
    }
}

#[test]
fn pieces_of_every_length_stand_behind_each_other() {
    let all = "0123456789abcdefghijklmnopqrstuvwxyz";
    for before in 0..=all.len() {
        for length in 0..=all.len() {
            let text = written(|writer| {
                writer.text(&all[..before]);
                writer.text(&all[..length]);
                writer.put(piece!("behind, and longer than a word of 16"));
            });
            let expected = format!(
                "{}{}behind, and longer than a word of 16",
                &all[..before],
                &all[..length]
            );
            assert_eq!(text, expected);
        }
    }
}

#[test]
fn integers_are_decimal() {
    for value in [0, 7, -10, 1_000_000, i128::MIN, i128::MAX] {
        assert_eq!(written(|writer| writer.integer(value)), value.to_string());
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let mut words = [0; 16];
    let mut writer = Writer::new(&mut words);
    for _ in 0..256 {
        writer.text("ab");
    }
    assert_eq!(writer.finish(), 512);
    assert_eq!(words, [u128::from_le_bytes(*b"abababababababab"); 16]);
}

#[test]
fn a_prepared_string_is_copied() {
    const LONG: [u128; 2] = [u128::from_le_bytes(*b"0123456789abcdef"), b'g' as u128];
    let text = written(|writer| {
        writer.quoted(Literal::prepared("a", 1, &[b'b' as u128]));
        writer.quoted(Literal::new("\t"));
        writer.quoted(Literal::prepared("0123456789abcdefg", 17, &LONG));
    });
    assert_eq!(text, r#""b""\t""0123456789abcdefg""#);
}

#[test]
fn equal_compares_all_of_both() {
    assert!(equal("Step", "Step"));
    assert!(!equal("Step", "Steps"));
    assert!(!equal("Steps", "Step"));
    assert!(!equal("Stop", "Step"));
}
