//! The rules of a type as its author wrote them, for people and for comparing versions.

use super::Schema;
use super::definitions::Definitions;
use super::graph::{Bound, Choices, Criterion, Field, IpVersion, LlmRule, Named, OnError, Rule};
use super::literal::Literal;

/// A rule, and the place where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenRule {
    /// The type, or the type and its field: `Email.subject`.
    pub place: String,
    /// The rule in the words of its attribute: `length(max = 60)`.
    pub text: String,
}

impl Schema {
    /// Every rule of the type and of what is in it that code checks, in the words of `#[validate(...)]`.
    ///
    /// Functions are named by their kind alone (`custom`, `custom_async`, `before`, `validate`): what is in them is no part of
    /// a schema.
    ///
    /// ```
    /// use instructor_core::ResponseModel;
    /// # use instructor_derive::ResponseModel;
    ///
    /// #[derive(serde::Deserialize, ResponseModel)]
    /// # #[response_model(crate = instructor_core)]
    /// struct Email {
    ///     #[validate(length(max = 60))]
    ///     subject: String,
    /// }
    ///
    /// let rules = Email::SCHEMA.written_rules();
    /// assert_eq!(rules[0].place, "Email.subject");
    /// assert_eq!(rules[0].text, "length(max = 60)");
    /// ```
    pub fn written_rules(&self) -> Vec<WrittenRule> {
        self.of_each_type(written)
    }

    /// Every rule of `#[llm_validate("...")]` and `#[moderate]`, in the words of these attributes. Variables of a statement are
    /// not put in.
    pub fn written_llm_rules(&self) -> Vec<WrittenRule> {
        let rules = self.llm_rules().into_iter();
        let written = |(place, rule)| WrittenRule {
            place,
            text: llm_rule(&rule),
        };
        rules.map(written).collect()
    }

    /// Every LLM rule of the type and of what is in it, with the place where it is written: `Email.subject`.
    pub(crate) fn llm_rules(&self) -> Vec<(String, LlmRule)> {
        self.of_each_type(llm_rules)
    }

    fn of_each_type<R>(&self, rules: fn(&'static Named) -> Vec<R>) -> Vec<R> {
        let definitions = Definitions::of(self.root, None);
        let types = (0..definitions.count()).filter_map(|index| definitions.get(index));
        types.flat_map(rules).collect()
    }
}

fn llm_rules(named: &'static Named) -> Vec<(String, LlmRule)> {
    let own = named.llm_rules.iter();
    let own = own.map(|rule| (named.name.to_owned(), *rule));
    let fields = fields(named).flat_map(|(place, field)| {
        let rules = field.llm_rules.iter();
        rules.map(move |rule| (place.clone(), *rule))
    });
    own.chain(fields).collect()
}

/// The fields of all variants, each with its place.
fn fields(named: &'static Named) -> impl Iterator<Item = (String, &'static Field)> {
    let lists = (0..).map_while(|list| named.fields(list));
    lists.flatten().map(|field| {
        let place = match field.name.as_str() {
            "" => named.name.to_owned(),
            name => format!("{}.{name}", named.name),
        };
        (place, field)
    })
}

fn written(named: &'static Named) -> Vec<WrittenRule> {
    let whole = named.custom.iter().map(|_| WrittenRule {
        place: named.name.to_owned(),
        text: "validate".to_owned(),
    });
    let fields = fields(named).flat_map(|(place, field)| {
        of_field(field).into_iter().map(move |text| WrittenRule {
            place: place.clone(),
            text,
        })
    });
    whole.chain(fields).collect()
}

fn of_field(field: &Field) -> Vec<String> {
    let before = field.before.iter().map(|_| "before".to_owned());
    let rules = field.rules.iter().map(one);
    let later = field.async_rules.iter().map(|_| "custom_async".to_owned());
    before.chain(rules).chain(later).collect()
}

fn one(rule: &Rule) -> String {
    match rule {
        Rule::Length { min, max } if min == max => call("length", [("equal", *min)]),
        Rule::Length { min, max } => call("length", [("min", *min), ("max", *max)]),
        Rule::Range {
            min,
            max,
            above,
            below,
        } => call(
            "range",
            [
                ("min", min.map(number)),
                ("max", max.map(number)),
                ("exclusive_min", above.map(number)),
                ("exclusive_max", below.map(number)),
            ],
        ),
        Rule::Pattern { source, .. } => with_text("pattern", source),
        Rule::Email => "email".to_owned(),
        Rule::Url => "url".to_owned(),
        Rule::Contains(part) => with_text("contains", part),
        Rule::DoesNotContain(part) => with_text("does_not_contain", part),
        Rule::StartsWith(prefix) => with_text("starts_with", prefix),
        Rule::EndsWith(suffix) => with_text("ends_with", suffix),
        Rule::OneOf(Choices::Texts(texts)) => {
            listed("one_of", texts.iter().map(|text| format!("{text:?}")))
        }
        Rule::OneOf(Choices::Integers(integers)) => {
            listed("one_of", integers.iter().map(i128::to_string))
        }
        Rule::Uuid => "uuid".to_owned(),
        Rule::Ip(IpVersion::Any) => "ip".to_owned(),
        Rule::Ip(IpVersion::V4) => "ipv4".to_owned(),
        Rule::Ip(IpVersion::V6) => "ipv6".to_owned(),
        Rule::MultipleOf(factor) => format!("multiple_of({})", number(*factor)),
        Rule::UniqueItems => "unique_items".to_owned(),
        Rule::Each(rules) => listed("each", rules.iter().map(one)),
        Rule::Keys(rules) => listed("keys", rules.iter().map(one)),
        Rule::Values(rules) => listed("values", rules.iter().map(one)),
        Rule::Custom(_) => "custom".to_owned(),
    }
}

fn llm_rule(rule: &LlmRule) -> String {
    let mut text = match rule.criterion {
        Criterion::Statement(statement) | Criterion::Template(statement) => {
            format!("llm_validate({statement:?}")
        }
        Criterion::Moderation => "moderate(".to_owned(),
    };
    let mut add = |option: &str| {
        if !text.ends_with('(') {
            text.push_str(", ");
        }
        text.push_str(option);
    };
    if let Some(model) = rule.model {
        add(&format!("model = {model:?}"));
    }
    if rule.each {
        add("each");
    }
    if rule.allow_override {
        add("allow_override");
    }
    if rule.on_error == OnError::Accept {
        add("on_error = accept");
    }
    if text.ends_with('(') {
        text.pop();
    } else {
        text.push(')');
    }
    text
}

fn number(bound: Bound) -> String {
    match bound {
        Bound::Integer(integer) => integer.to_string(),
        Bound::Decimal(_, text) => text.to_owned(),
    }
}

fn with_text(name: &str, text: &Literal) -> String {
    format!("{name}({text:?})")
}

fn listed(name: &str, items: impl Iterator<Item = String>) -> String {
    format!("{name}({})", items.collect::<Vec<_>>().join(", "))
}

/// The arguments that were given.
fn call<T: ToString, const N: usize>(name: &str, arguments: [(&str, Option<T>); N]) -> String {
    let given = arguments
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key} = {}", value?.to_string())));
    listed(name, given)
}
