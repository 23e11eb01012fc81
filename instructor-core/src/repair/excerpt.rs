//! What tells an item of a list from its neighbours: a model that sees only `lines.17.quantity` would have to count.

use serde_json::{Map, Value};

use crate::pointer::{self, is_within};

/// How many bytes of an item are shown.
const MOST_BYTES: usize = 100;

/// Of a text in it.
const MOST_CHARACTERS: usize = 40;

/// The innermost object that is an item of a list and around `pointer`, by its own pointer.
pub(super) fn item<'a>(
    answer: &'a Value,
    pointer: &str,
) -> Option<(String, &'a Map<String, Value>)> {
    let ends = pointer.match_indices('/').map(|(end, _)| end).rev();
    ends.filter_map(|end| pointer.split_at_checked(end))
        .find_map(|(outer, _)| {
            let (list, _) = outer.rsplit_once('/')?;
            let is_item = answer.pointer(list)?.is_array();
            let members = answer.pointer(outer)?.as_object()?;
            is_item.then(|| (outer.to_owned(), members))
        })
}

/// Some members of the item at `pointer`, as JSON; none that is `wrong`, and only numbers, truths and texts. Empty if it has none.
pub(super) fn excerpt(pointer: &str, members: &Map<String, Value>, wrong: &[&str]) -> String {
    let mut text = String::new();
    for (key, value) in members {
        let mut place = pointer.to_owned();
        pointer::push(&mut place, key);
        let is_wrong = wrong
            .iter()
            .any(|wrong| is_within(wrong, &place) || is_within(&place, wrong));
        let value = match value {
            Value::String(text) => Value::from(shortened(text)),
            Value::Number(_) | Value::Bool(_) => value.clone(),
            _ => continue,
        };
        let member = format!("{}:{value}", Value::from(key.as_str()));
        if is_wrong || text.len() + member.len() > MOST_BYTES {
            continue;
        }
        text.push(if text.is_empty() { '{' } else { ',' });
        text.push_str(&member);
    }
    if !text.is_empty() {
        text.push('}');
    }
    text
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(answer: &Value, wrong: &[&str], pointer: &str) -> Option<(String, String)> {
        let (place, members) = item(answer, pointer)?;
        let text = excerpt(&place, members, wrong);
        Some((place, text))
    }

    #[test]
    fn an_item_is_shown_without_what_is_wrong_with_it() {
        let line = json!({"a/b": 1, "article": "Tea", "price": "x", "parts": [{"name": "lid", "size": 0}], "sold": true});
        let answer = json!({"lines": [{}, line], "total": 1});
        let at = |place: &str, text: &str| Some((place.to_owned(), text.to_owned()));
        let wrong = ["/lines/1/price", "/lines/1/parts/0/size"];
        assert_eq!(
            shown(&answer, &wrong, "/lines/1/price"),
            at("/lines/1", r#"{"a/b":1,"article":"Tea","sold":true}"#)
        );
        assert_eq!(
            shown(&answer, &wrong, "/lines/1/parts/0/size"),
            at("/lines/1/parts/0", r#"{"name":"lid"}"#)
        );
        assert_eq!(
            shown(&answer, &["/lines/0"], "/lines/0/price"),
            at("/lines/0", "")
        );
        assert_eq!(shown(&answer, &[], "/total"), None);
        assert_eq!(shown(&answer, &[], "/lines/1"), None);
    }

    #[test]
    fn long_texts_are_cut_and_many_members_left_out() {
        let text = "é".repeat(60);
        let answer = json!([{"a": text, "b": text, "c": 1}]);
        let (_, shown) = shown(&answer, &[], "/0/d").expect("an item");
        assert_eq!(
            shown,
            format!("{{\"a\":\"{}...\",\"c\":1}}", "é".repeat(40))
        );
    }
}
