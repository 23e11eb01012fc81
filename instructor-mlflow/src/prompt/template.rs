//! Texts with variables, as MLflow writes them: `{{ name }}`.

use serde::Serialize;
use serde_json::{Map, Value};

/// A text, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Variable(String),
}

impl Template {
    /// Never fails: what is no variable is text.
    pub(super) fn parse(text: &str) -> Template {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let (before, tail) = rest.split_at(start);
            plain.push_str(before);
            if let Some((name, after)) = variable(tail) {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Variable(name.to_owned()));
                rest = after;
            } else {
                plain.push('{');
                rest = tail.strip_prefix('{').unwrap_or_default();
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Template(pieces)
    }

    /// The names of the variables, as often as they stand there.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with values in it. A variable without one stays empty: that is checked before.
    pub(super) fn fill(&self, values: &Values) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Variable(name) => match values.get(name) {
                    Some(Value::String(value)) => text.push_str(value),
                    Some(value) => text.push_str(&value.to_string()),
                    None => {}
                },
            }
        }
        text
    }
}

/// The variable that `text` begins with, and what stands after it.
fn variable(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("{{")?.trim_start();
    let end =
        inside.find(|letter: char| !(letter.is_ascii_alphanumeric() || "_.".contains(letter)))?;
    let (name, after) = inside.split_at_checked(end)?;
    let after = after.trim_start().strip_prefix("}}")?;
    let is_name = name
        .split('.')
        .all(|part| part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'));
    is_name.then_some((name, after))
}

/// Values for variables, by name.
pub(super) struct Values(Map<String, Value>);

impl Values {
    pub(super) fn of(values: &impl Serialize) -> Result<Values, String> {
        match serde_json::to_value(values) {
            Ok(Value::Object(members)) => Ok(Values(members)),
            // No values at all.
            Ok(Value::Null) => Ok(Values(Map::new())),
            Ok(Value::Array(_)) => Err("they are a list".into()),
            Ok(_) => Err("they are a single value".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let inside = || {
            let mut parts = name.split('.');
            let first = self.0.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        };
        let value = self.0.get(name).or_else(inside);
        value.filter(|value| !value.is_null())
    }

    /// Those of the `variables` that have no value.
    pub(super) fn missing(&self, variables: &[String]) -> Vec<String> {
        variables
            .iter()
            .filter(|name| self.get(name).is_none())
            .cloned()
            .collect()
    }

    /// Names of values that none of the `variables` has.
    pub(super) fn unknown(&self, variables: &[String]) -> Vec<String> {
        let is_known = |name: &str| {
            variables.iter().any(|variable| {
                variable == name
                    || variable
                        .strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with('.'))
            })
        };
        self.0
            .keys()
            .filter(|name| !is_known(name))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables(text: &str) -> Vec<String> {
        Template::parse(text)
            .variables()
            .map(str::to_owned)
            .collect()
    }

    fn fill(text: &str, values: &Value) -> String {
        let values = Values::of(values).expect("an object");
        Template::parse(text).fill(&values)
    }

    #[test]
    fn a_variable_is_what_mlflow_takes_for_one() {
        assert_eq!(
            variables("{{a}} {{ b_1 }}\n{{\tuser.name\n}}"),
            ["a", "b_1", "user.name"]
        );
        assert_eq!(variables("{{{ a }}} {{{{b}}}}"), ["a", "b"]);
        for text in [
            "{{}}",
            "{{ 1a }}",
            "{{ a b }}",
            "{{ a. }}",
            "{{ a..b }}",
            "{{ ä }}",
            "{ a }",
            "{{ a }",
            "{{ a",
            "{{",
            "{{ a | upper }}",
        ] {
            assert!(variables(text).is_empty(), "{text}");
            assert_eq!(fill(text, &json!({"a": 1})), text);
        }
    }

    #[test]
    fn values_go_in_as_data() {
        let text = "{{a}}-{{ b }}-{{{a}}}";
        assert_eq!(
            fill(text, &json!({"a": "{{ b }}", "b": "\\1 $0"})),
            "{{ b }}-\\1 $0-{{{ b }}}"
        );
        assert_eq!(
            fill(
                "{{n}} {{l}} {{t}} {{o.p}} {{o}}",
                &json!({"n": 2.5, "l": [1, "a"], "t": true, "o": {"p": "q"}})
            ),
            "2.5 [1,\"a\"] true q {\"p\":\"q\"}"
        );
    }

    #[test]
    fn a_dotted_name_is_found_whole_before_it_is_followed() {
        let values = json!({"user.name": "whole", "user": {"name": "inside"}});
        assert_eq!(fill("{{ user.name }}", &values), "whole");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let known = ["a".to_owned(), "user.name".to_owned()];
        let values =
            Values::of(&json!({"user": {}, "a": null, "b": 1, "use": 2})).expect("an object");
        assert_eq!(values.missing(&known), ["a", "user.name"]);
        assert_eq!(values.unknown(&known), ["b", "use"]);
        assert!(Values::of(&[("a", 1)]).is_err());
    }
}
