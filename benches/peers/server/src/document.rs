//! The long answer that is streamed: a list of members of a club, each an object of about 225 bytes with seven fields and escapes.

use serde_json::json;

const NAMES: [&str; 4] = [
    "Sarah Lindqvist",
    "Tomás Ribeiro",
    "Jørgen \"Jo\" Dahl",
    "王小明",
];
const TOWNS: [&str; 4] = ["Malmö", "São Paulo", "Trondheim", "Nanjing"];

/// The document as JSON text, of at least this many bytes.
pub fn document(bytes: usize) -> String {
    let mut text = "{\"members\": [".to_owned();
    for number in 0.. {
        if number > 0 {
            text.push_str(", ");
        }
        text.push_str(&member(number));
        if text.len() + 2 >= bytes {
            break;
        }
    }
    text.push_str("]}");
    text
}

fn member(number: usize) -> String {
    let name = NAMES[number % NAMES.len()];
    let town = TOWNS[number / 3 % TOWNS.len()];
    let email = format!("member.{number}@club.example.com");
    let note = format!(
        "Came in {}.\nLikes\tpaths such as C:\\tmp\\{number} and the word \"no\".",
        1990 + number % 30
    );
    let score = f64::from(u32::try_from(number % 1000).unwrap_or_default()) / 8.0;
    // In the order of the type's fields, as a model would write them.
    format!(
        "{{\"id\": {number}, \"name\": {}, \"email\": {}, \"town\": {}, \"note\": {}, \"score\": {score:?}, \"is_active\": {}}}",
        json!(name),
        json!(email),
        json!(town),
        json!(note),
        number % 3 > 0,
    )
}

/// A text in pieces of this many bytes, or a few more where a character does not end there.
pub fn pieces(text: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = bytes.min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}
