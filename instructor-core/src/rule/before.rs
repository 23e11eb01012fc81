//! `before = path`: a function of the user's own, which puts a value into shape before anything is checked.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Puts a JSON value into shape. What it does not know it leaves as it is.
pub type Function = fn(&mut Value);

/// Puts in the place of `json` what `function` makes of it; nothing happens to what is no `T`. Generated code calls this.
pub fn apply<T: DeserializeOwned, U: Serialize>(json: &mut Value, function: impl FnOnce(T) -> U) {
    let Ok(value) = T::deserialize(&*json) else {
        return;
    };
    if let Ok(value) = serde_json::to_value(function(value)) {
        *json = value;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_function_takes_is_changed() {
        let shout = |text: String| text.trim().to_uppercase();
        for (before, after) in [(json!(" a "), json!("A")), (json!(7), json!(7))] {
            let mut value = before;
            apply(&mut value, shout);
            assert_eq!(value, after);
        }
    }

    #[test]
    fn the_result_may_be_of_another_type() {
        let mut value = json!("3 apples");
        apply(&mut value, |text: String| {
            text.split(' ')
                .next()
                .and_then(|count| count.parse::<u8>().ok())
        });
        assert_eq!(value, json!(3));
    }
}
