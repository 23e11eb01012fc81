//! Statements with variables of the context: `"mentions {{ customer }}"`.

/// What is neither a variable nor text, at the beginning of an expression.
const WORDS: [&str; 8] = [
    "true", "false", "none", "not", "self", "Self", "super", "crate",
];

/// The variables that `statement` puts in, each as often as it stands there; `None` if it is no template.
///
/// Only what is certainly a variable counts: loops and assignments make names of their own, so a statement with `{% %}` is left
/// to the template engine.
///
/// # Errors
///
/// If an expression never ends.
pub(crate) fn variables(statement: &str) -> Result<Option<Vec<String>>, String> {
    if !["{{", "{%", "{#"]
        .iter()
        .any(|open| statement.contains(open))
    {
        return Ok(None);
    }
    if statement.contains("{%") || statement.contains("{#") {
        return Ok(Some(Vec::new()));
    }
    let mut variables = Vec::new();
    let mut rest = statement;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((expression, after)) = after.split_once("}}") else {
            return Err(
                "`{{` begins a variable that never ends: write `{{ name }}`, or `{{ '{{' }}` for the braces themselves"
                    .to_owned(),
            );
        };
        variables.extend(variable(expression));
        rest = after;
    }
    Ok(Some(variables))
}

/// The variable at the beginning of an expression, if it is one.
fn variable(expression: &str) -> Option<String> {
    let expression = expression.trim_start_matches(['-', '+']).trim_start();
    let end = expression
        .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .unwrap_or(expression.len());
    let (name, rest) = expression.split_at(end);
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    let is_call = rest.trim_start().starts_with('(');
    (is_name && !is_call && !WORDS.contains(&name)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_what_certainly_is_one() {
        let of = |statement| variables(statement).expect("it ends");
        assert_eq!(of("polite"), None);
        assert_eq!(of("a {brace}"), None);
        assert_eq!(
            of(
                "about {{ name }} or {{-other.part | upper }}, {{ 'text' }} {{ range(3) }} {{ true }}"
            ),
            Some(vec!["name".to_owned(), "other".to_owned()])
        );
        assert_eq!(of("{% for x in xs %}{{ x }}{% endfor %}"), Some(Vec::new()));
        assert!(variables("about {{ name").is_err());
    }
}
