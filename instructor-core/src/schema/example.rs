//! Examples in `#[response_model(example = ...)]`: held in const against the type and the rules of their field.

use super::graph::{Body, Bound, Choices, Edge, Node, Rule, Scalar};
use super::literal::Literal;
use super::message::Message;
use super::render::enumeration::is_name;
use super::render::without_options;

/// An example as it was written.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Example {
    /// `true` or `false`
    Boolean(bool),
    /// A whole number.
    Integer(i128),
    /// A decimal number.
    Decimal(f64),
    /// A text.
    Text(&'static str),
    /// A list.
    List(&'static [Example]),
}

/// What is wrong with `example` for a field of this type and with these rules.
pub(super) const fn fault(edge: Edge, rules: &[Rule], example: Example) -> Option<Message> {
    match (without_options(edge).node(), example) {
        (Node::Scalar(scalar), _) => scalar_fault(*scalar, rules, example),
        (Node::Array { items, length, .. }, Example::List(list)) => {
            let mut rest = list;
            while let [item, after @ ..] = rest {
                if let Some(fault) = fault(*items, Rule::of_items(rules), *item) {
                    return Some(fault);
                }
                rest = after;
            }
            match length {
                Some(length) if *length != list.len() => Some(
                    Message::new()
                        .text("the example must have exactly ")
                        .number(*length as u128)
                        .text(" items"),
                ),
                _ => count_fault(list.len() as u64, rules, " items"),
            }
        }
        (Node::Array { .. }, _) => expected("a list"),
        (Node::Named(named), _) => match (named.body, example) {
            (Body::Newtype { field, .. }, _) => fault(field.edge, field.rules, example),
            (
                Body::Enum {
                    mut variants,
                    tagging,
                    ..
                },
                Example::Text(text),
            ) => {
                while let [variant, rest @ ..] = variants {
                    if is_name(variant, tagging) && variant.name.is(text) {
                        return None;
                    }
                    variants = rest;
                }
                Some(
                    Message::new()
                        .text("`")
                        .text(text)
                        .text("` is no variant of ")
                        .named(named)
                        .text(" that is written as its name alone"),
                )
            }
            _ => Some(
                Message::new()
                    .text("an example of ")
                    .named(named)
                    .text(" cannot be written as a literal: describe it in the doc comment"),
            ),
        },
        (Node::Any | Node::Foreign(_), _) => None,
        _ => expected("a value that no literal is: describe it in the doc comment"),
    }
}

const fn expected(what: &str) -> Option<Message> {
    Some(Message::new().text("the example must be ").text(what))
}

const fn scalar_fault(scalar: Scalar, rules: &[Rule], example: Example) -> Option<Message> {
    match (scalar, example) {
        (Scalar::Boolean, Example::Boolean(_)) => None,
        (Scalar::Boolean, _) => expected("`true` or `false`"),
        (Scalar::String | Scalar::Formatted(_), Example::Text(text)) => text_fault(text, rules),
        (Scalar::Char, Example::Text(text)) => {
            if characters(text) == 1 {
                None
            } else {
                expected("exactly one character")
            }
        }
        (Scalar::String | Scalar::Formatted(_) | Scalar::Char, _) => expected("a text in quotes"),
        (
            Scalar::Integer { minimum, maximum } | Scalar::NonZero { minimum, maximum },
            Example::Integer(value),
        ) => {
            let zero = value == 0 && matches!(scalar, Scalar::NonZero { .. });
            if zero || value < minimum || (value > 0 && value as u128 > maximum) {
                return Some(
                    Message::new().text("the example does not fit the integer type of its field"),
                );
            }
            range_fault(Bound::Integer(value), rules)
        }
        (Scalar::Integer { .. } | Scalar::NonZero { .. }, _) => expected("an integer"),
        (Scalar::Float32 | Scalar::Float64, Example::Integer(value)) => {
            range_fault(Bound::Integer(value), rules)
        }
        (Scalar::Float32 | Scalar::Float64, Example::Decimal(value)) => {
            range_fault(Bound::Decimal(value, ""), rules)
        }
        (Scalar::Float32 | Scalar::Float64, _) => expected("a number"),
    }
}

const fn text_fault(text: &str, rules: &[Rule]) -> Option<Message> {
    if let Some(fault) = count_fault(characters(text), rules, " characters") {
        return Some(fault);
    }
    let mut rest = rules;
    while let [rule, after @ ..] = rest {
        match rule {
            Rule::Contains(part) if !contains(text, part.as_str()) => {
                return Some(
                    Message::new()
                        .text("the example must contain `")
                        .text(part.as_str())
                        .text("`"),
                );
            }
            Rule::DoesNotContain(part) if contains(text, part.as_str()) => {
                return Some(
                    Message::new()
                        .text("the example must not contain `")
                        .text(part.as_str())
                        .text("`"),
                );
            }
            Rule::StartsWith(prefix)
                if !starts_with(text.as_bytes(), prefix.as_str().as_bytes()) =>
            {
                return Some(
                    Message::new()
                        .text("the example must start with `")
                        .text(prefix.as_str())
                        .text("`"),
                );
            }
            Rule::EndsWith(suffix) if !ends_with(text, suffix.as_str()) => {
                return Some(
                    Message::new()
                        .text("the example must end with `")
                        .text(suffix.as_str())
                        .text("`"),
                );
            }
            Rule::OneOf(Choices::Texts(choices)) if !is_one_of(text, choices) => {
                return Some(
                    Message::new()
                        .text("the example is none of the values that the rule beside it names"),
                );
            }
            _ => {}
        }
        rest = after;
    }
    None
}

const fn is_one_of(text: &str, mut choices: &[Literal]) -> bool {
    while let [choice, rest @ ..] = choices {
        if choice.is(text) {
            return true;
        }
        choices = rest;
    }
    false
}

const fn count_fault(count: u64, mut rules: &[Rule], unit: &str) -> Option<Message> {
    while let [rule, rest @ ..] = rules {
        if let Rule::Length { min, max } = rule {
            let message = Message::new().text("the example must have ");
            if let Some(min) = min
                && count < *min
            {
                return Some(
                    message
                        .text("at least ")
                        .number(*min as u128)
                        .text(unit)
                        .text(", by the rule beside it"),
                );
            }
            if let Some(max) = max
                && count > *max
            {
                return Some(
                    message
                        .text("at most ")
                        .number(*max as u128)
                        .text(unit)
                        .text(", by the rule beside it"),
                );
            }
        }
        rules = rest;
    }
    None
}

const fn range_fault(value: Bound, mut rules: &[Rule]) -> Option<Message> {
    while let [rule, rest @ ..] = rules {
        if let Rule::Range {
            min,
            max,
            above,
            below,
        } = rule
        {
            let low = match (*min, *above) {
                (Some(min), _) if value.is_below(min) => true,
                (_, Some(above)) => !above.is_below(value),
                _ => false,
            };
            let high = match (*max, *below) {
                (Some(max), _) if max.is_below(value) => true,
                (_, Some(below)) => !value.is_below(below),
                _ => false,
            };
            if low || high {
                return Some(
                    Message::new()
                        .text("the example is out of the range that the rule beside it says"),
                );
            }
        }
        if let (Bound::Integer(value), Rule::OneOf(Choices::Integers(choices))) = (value, rule)
            && !is_one_of_numbers(value, choices)
        {
            return Some(
                Message::new()
                    .text("the example is none of the values that the rule beside it names"),
            );
        }
        if let (Bound::Integer(value), Rule::MultipleOf(Bound::Integer(factor))) = (value, rule)
            && *factor != 0
            && value % *factor != 0
        {
            return Some(
                Message::new()
                    .text("the example is no multiple of the number that the rule beside it says"),
            );
        }
        rules = rest;
    }
    None
}

const fn is_one_of_numbers(value: i128, mut choices: &[i128]) -> bool {
    while let [choice, rest @ ..] = choices {
        if *choice == value {
            return true;
        }
        choices = rest;
    }
    false
}

const fn characters(text: &str) -> u64 {
    let mut characters = 0;
    let mut bytes = text.as_bytes();
    while let [byte, rest @ ..] = bytes {
        if *byte & 0xc0 != 0x80 {
            characters += 1;
        }
        bytes = rest;
    }
    characters
}

const fn contains(text: &str, part: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        if starts_with(rest, part.as_bytes()) {
            return true;
        }
        match rest {
            [_, after @ ..] => rest = after,
            [] => return false,
        }
    }
}

const fn starts_with(mut text: &[u8], mut part: &[u8]) -> bool {
    while let [expected, part_rest @ ..] = part {
        match text {
            [byte, rest @ ..] if *byte == *expected => text = rest,
            _ => return false,
        }
        part = part_rest;
    }
    true
}

const fn ends_with(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    if part.len() > text.len() {
        return false;
    }
    let (_, end) = text.split_at(text.len() - part.len());
    starts_with(end, part)
}
