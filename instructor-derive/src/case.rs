//! The case rules of `#[serde(rename_all = "...")]`.
//!
//! They are serde's, also where another rule would look better: a field `user_id2` is `userId2`, a variant `HTTPError` is
//! `h_t_t_p_error`.

/// A rule of `rename_all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// The rule that serde knows under `name`.
    pub(crate) fn from_name(name: &str) -> Option<Case> {
        Some(match name {
            "lowercase" => Case::Lower,
            "UPPERCASE" => Case::Upper,
            "PascalCase" => Case::Pascal,
            "camelCase" => Case::Camel,
            "snake_case" => Case::Snake,
            "SCREAMING_SNAKE_CASE" => Case::ScreamingSnake,
            "kebab-case" => Case::Kebab,
            "SCREAMING-KEBAB-CASE" => Case::ScreamingKebab,
            _ => return None,
        })
    }

    /// The JSON name of a field, whose Rust name is taken to be in snake case.
    pub(crate) fn field(self, name: &str) -> String {
        match self {
            Case::Lower | Case::Snake => name.to_owned(),
            Case::Upper | Case::ScreamingSnake => name.to_ascii_uppercase(),
            Case::Pascal => pascal(name),
            Case::Camel => lower_first(&pascal(name)),
            Case::Kebab => name.replace('_', "-"),
            Case::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The JSON name of a variant, whose Rust name is taken to be in Pascal case.
    pub(crate) fn variant(self, name: &str) -> String {
        match self {
            Case::Pascal => name.to_owned(),
            Case::Lower => name.to_ascii_lowercase(),
            Case::Upper => name.to_ascii_uppercase(),
            Case::Camel => lower_first(name),
            Case::Snake => snake(name),
            Case::ScreamingSnake => snake(name).to_ascii_uppercase(),
            Case::Kebab => snake(name).replace('_', "-"),
            Case::ScreamingKebab => snake(name).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    let mut capitalize = true;
    for character in name.chars() {
        if character == '_' {
            capitalize = true;
        } else if capitalize {
            pascal.push(character.to_ascii_uppercase());
            capitalize = false;
        } else {
            pascal.push(character);
        }
    }
    pascal
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (index, character) in name.char_indices() {
        if index > 0 && character.is_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(characters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of serde's own tests: a rule, then a variant and a field in it.
    const TABLE: [(&str, [&str; 4], [&str; 4]); 8] = [
        (
            "lowercase",
            ["outcome", "verytasty", "a", "z42"],
            ["outcome", "very_tasty", "a", "z42"],
        ),
        (
            "UPPERCASE",
            ["OUTCOME", "VERYTASTY", "A", "Z42"],
            ["OUTCOME", "VERY_TASTY", "A", "Z42"],
        ),
        (
            "PascalCase",
            ["Outcome", "VeryTasty", "A", "Z42"],
            ["Outcome", "VeryTasty", "A", "Z42"],
        ),
        (
            "camelCase",
            ["outcome", "veryTasty", "a", "z42"],
            ["outcome", "veryTasty", "a", "z42"],
        ),
        (
            "snake_case",
            ["outcome", "very_tasty", "a", "z42"],
            ["outcome", "very_tasty", "a", "z42"],
        ),
        (
            "SCREAMING_SNAKE_CASE",
            ["OUTCOME", "VERY_TASTY", "A", "Z42"],
            ["OUTCOME", "VERY_TASTY", "A", "Z42"],
        ),
        (
            "kebab-case",
            ["outcome", "very-tasty", "a", "z42"],
            ["outcome", "very-tasty", "a", "z42"],
        ),
        (
            "SCREAMING-KEBAB-CASE",
            ["OUTCOME", "VERY-TASTY", "A", "Z42"],
            ["OUTCOME", "VERY-TASTY", "A", "Z42"],
        ),
    ];

    #[test]
    fn every_rule_is_serdes() {
        for (name, variants, fields) in TABLE {
            let case = Case::from_name(name).expect(name);
            let original = ["Outcome", "VeryTasty", "A", "Z42"];
            assert_eq!(
                original.map(|variant| case.variant(variant)),
                variants,
                "{name}"
            );
            let original = ["outcome", "very_tasty", "a", "z42"];
            assert_eq!(original.map(|field| case.field(field)), fields, "{name}");
        }
        assert_eq!(Case::from_name("Title Case"), None);
    }
}
