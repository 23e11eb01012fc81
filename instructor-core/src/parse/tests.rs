use expect_test::expect;
use serde_json::json;

use super::*;

/// The value that is read, and what was put right.
fn read(text: &str) -> Result<(Value, Vec<CorrectionKind>), ValidationError> {
    let mut json = json(text, Leniency::Default)?;
    let value = value_noting_duplicates(&json.text, &mut json.corrections)?;
    let kinds = json.corrections.iter().map(|correction| correction.kind);
    Ok((value, kinds.collect()))
}

fn message(text: &str) -> String {
    read(text).expect_err(text).message
}

#[test]
fn text_around_an_object_is_ignored() {
    for text in [
        "```json\n{\"a\":1}\n```",
        "Here you are: {\"a\":1} as asked in [2]",
        "prefix {not json} {\"a\":1}",
        "{\"a\":1} // comment",
        "\u{feff}{\"a\":1}",
        "{\"a\":1}\u{0}",
    ] {
        let expected = (json!({"a": 1}), vec![CorrectionKind::TextAround]);
        assert_eq!(read(text), Ok(expected), "{text}");
    }
}

#[test]
fn plain_json_is_not_corrected() {
    let text = " {\"a\": \"```json {} ``` </think>\"}\n";
    let (value, corrections) = read(text).expect("JSON");
    assert_eq!(corrections, []);
    assert_eq!(value, json!({"a": "```json {} ``` </think>"}));
    assert_eq!(read("\"text\"").map(|(value, _)| value), Ok(json!("text")));
}

#[test]
fn what_is_thought_is_no_answer() {
    for text in [
        "<think>{\"a\": 0}</think>{\"a\":1}",
        "<think>{\"a\": 0</think>\n{\"a\":1}",
        "<thinking>[</thinking><think>{</think> {\"a\":1}",
        "so {\"a\": </think> {\"a\":1}",
    ] {
        assert_eq!(
            read(text).map(|(value, _)| value),
            Ok(json!({"a": 1})),
            "{text}"
        );
    }
    assert!(message("<think>{\"a\": 0}").contains("ends while thinking"));
    assert!(message("<think>{\"a\": 0}</think> I cannot.").contains("no JSON object"));
    // The word in a string of the answer is a word.
    let (value, _) = read("Here: {\"a\": \"</think>\"}").expect("JSON");
    assert_eq!(value, json!({"a": "</think>"}));
}

#[test]
fn slips_of_writing_are_mended() {
    use CorrectionKind::{ControlCharacter, DuplicateKey, TextAround, TrailingComma};
    for (text, expected, corrections) in [
        ("{\"a\":1,}", json!({"a": 1}), vec![TrailingComma]),
        ("{\"a\":[1 , ] , }", json!({"a": [1]}), vec![TrailingComma]),
        ("{\"a\":\"1,}\",}", json!({"a": "1,}"}), vec![TrailingComma]),
        (
            "{\"a\":\"b\n\tc\"}",
            json!({"a": "b\n\tc"}),
            vec![ControlCharacter],
        ),
        ("{\"a\":\u{b}1}", json!({"a": 1}), vec![ControlCharacter]),
        (
            "{\"a\":1,\u{b}}",
            json!({"a": 1}),
            vec![TrailingComma, ControlCharacter],
        ),
        ("{\"a\":1,\"a\":2}", json!({"a": 2}), vec![DuplicateKey]),
        (
            "```\n{\"a\":1,}\n```",
            json!({"a": 1}),
            vec![TrailingComma, TextAround],
        ),
    ] {
        assert_eq!(read(text), Ok((expected, corrections)), "{text}");
    }
}

#[test]
fn what_could_mean_several_things_is_not_mended() {
    for text in [
        "{,}",
        "{\"a\":[1,,]}",
        "{\"a\" 1}",
        "{'a':1}",
        "{\"a\":\"\\\n\"}",
    ] {
        read(text).expect_err(text);
    }
}

#[test]
fn the_place_of_a_duplicate_is_known() {
    let mut corrections = Vec::new();
    value_noting_duplicates(r#"{"a":[{"b":1,"b":2}]}"#, &mut corrections).expect("JSON");
    expect!["a[0].b: duplicate_key (got 1)"].assert_eq(&corrections[0].to_string());
}

#[test]
fn the_last_object_wins() {
    let expected = Ok(json!({"a": 2}));
    for text in ["{\"a\":1}\n{\"a\":2}", "{\"a\":2} [2,]"] {
        assert_eq!(read(text).map(|(value, _)| value), expected, "{text}");
    }
}

#[test]
fn a_cut_off_object_is_not_completed() {
    for text in [
        "{\"a\":{\"b\":1}",
        "{\"a\":1} {\"a\":",
        "```json\n{\"a\": \"b",
    ] {
        assert!(message(text).contains("cut off"), "{text}");
    }
}

#[test]
fn a_part_of_a_broken_object_is_not_the_answer() {
    assert!(message("{\"people\": [{\"name\":\"A\"}], oops}").contains("not valid"));
    assert!(message("{'name': {\"name\":\"A\"}}").contains("not valid"));
}

#[test]
fn text_without_json_says_so() {
    assert!(message("I cannot do that.").contains("no JSON object"));
    assert!(message("").contains("no JSON object"));
}

#[test]
fn strict_is_the_json_text_and_nothing_else() {
    assert!(json(" {\"a\": 1}\n", Leniency::Strict).is_ok());
    for text in [
        "\u{feff}{}",
        "```{}```",
        "{\"a\":1,}",
        "{} {}",
        "{\"a\":\"\n\"}",
        "",
    ] {
        json(text, Leniency::Strict).expect_err(text);
    }
}

#[test]
fn deep_or_repetitive_text_is_bounded() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(read(&deep(127)).is_ok());
    for levels in [128, 200_000] {
        let error = read(&deep(levels)).expect_err("deep");
        assert_eq!(error.code, ErrorCode::TooDeep);
    }
    assert!(read(&"[".repeat(200_000)).is_err());
    assert!(read(&"{\"a\":".repeat(100_000)).is_err());
    assert!(read(&"[\"x[".repeat(50_000)).is_err());
    assert!(read(&"<think>".repeat(50_000)).is_err());
    assert!(read(&"</think>{".repeat(20_000)).is_err());
}
