//! Each limit from both sides.

use super::*;
use crate::schema::graph::{Body, Field, Keys, Named, Scalar, Tagging, Variant};
use crate::schema::literal::Literal;

static TEXT: Node = Node::Scalar(Scalar::String);

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn literal(character: &str, count: usize) -> Literal {
    Literal::new(leak(character.repeat(count)))
}

/// An object of these types, each in a field of one character.
fn object(id: u64, types: Vec<Edge>) -> &'static Named {
    let field = |edge| Field::new(Literal::new("f"), Literal::EMPTY, edge);
    let fields = Vec::leak(types.into_iter().map(field).collect());
    let body = Body::Object {
        fields,
        closed: false,
    };
    leak(Named::new(id, "O", Literal::EMPTY, body))
}

fn edge(named: &'static Named) -> Edge {
    Edge::to(leak(Node::Named(named)))
}

fn option(inner: Edge) -> Edge {
    Edge::to(leak(Node::Nullable(inner)))
}

fn said(dialect: Dialect, root: &'static Named) -> Fit {
    fit(dialect, &Definitions::of(edge(root), Some(root)), Part::ALL)
}

fn reason(dialect: Dialect, root: &'static Named) -> String {
    match said(dialect, root) {
        Fit::Not(message) => message.as_str().to_owned(),
        Fit::Unions | Fit::Omitted => String::new(),
    }
}

/// Whether OpenAI can say an object with one field of type `named`.
fn fits(named: &'static Named) -> bool {
    let root = object(0, vec![edge(named)]);
    matches!(said(Dialect::OpenAiStrict, root), Fit::Unions)
}

fn enumeration(values: usize, characters: usize) -> &'static Named {
    let value = |_| Variant::new(literal("é", characters), Literal::EMPTY);
    let body = Body::Enum {
        variants: Vec::leak((0..values).map(value).collect()),
        tagging: Tagging::External,
        closed: false,
    };
    leak(Named::new(1, "E", Literal::EMPTY, body))
}

fn wide(properties: usize, characters: usize) -> &'static Named {
    let field = |_| Field::new(literal("é", characters), Literal::EMPTY, Edge::to(&TEXT));
    let body = Body::Object {
        fields: Vec::leak((0..properties).map(field).collect()),
        closed: false,
    };
    leak(Named::new(1, "O", Literal::EMPTY, body))
}

#[test]
fn each_limit_of_openai_may_be_reached_but_not_passed() {
    assert!(fits(enumeration(1_000, 15)));
    assert!(!fits(enumeration(1_001, 1)));
    // 250 values may be long, 251 may not.
    assert!(fits(enumeration(250, 61)));
    assert!(!fits(enumeration(251, 60)));
    // `f` is a property too, and `O`, `O` and `f` have three characters.
    assert!(fits(wide(4_999, 1)));
    assert!(!fits(wide(5_000, 1)));
    assert!(fits(wide(1_999, 60)));
    assert!(!fits(wide(2_000, 60)));
}

#[test]
fn anthropic_leaves_options_out_when_there_are_too_many_for_unions() {
    let options = |count: usize| object(0, vec![option(Edge::to(&TEXT)); count]);
    assert!(matches!(said(Dialect::Anthropic, options(16)), Fit::Unions));
    assert!(matches!(
        said(Dialect::Anthropic, options(17)),
        Fit::Omitted
    ));
    assert!(matches!(
        said(Dialect::Anthropic, options(24)),
        Fit::Omitted
    ));
    assert_eq!(
        reason(Dialect::Anthropic, options(25)),
        "`O` has 25 keys that may be absent, and the most for Anthropic structured outputs is 24"
    );
    assert!(matches!(
        said(Dialect::OpenAiStrict, options(25)),
        Fit::Unions
    ));
}

#[test]
fn a_circle_is_told_by_a_type_that_is_part_of_it() {
    static BODY: Body = Body::Object {
        fields: &[Field::new(
            Literal::new("next"),
            Literal::EMPTY,
            Edge::to(&NODE),
        )],
        closed: false,
    };
    static CIRCLE: Named = Named::new(7, "Circle", Literal::EMPTY, BODY);
    static NODE: Node = Node::Named(&CIRCLE);
    let root = object(0, vec![Edge::to(&NODE)]);
    assert!(reason(Dialect::Anthropic, root).starts_with("`Circle` contains itself"));
    assert!(reason(Dialect::Gemini, root).starts_with("`Circle` contains itself"));
    assert_eq!(reason(Dialect::OpenAiStrict, root), "");
}

#[test]
fn open_values_are_told_by_their_field() {
    let map = Edge::to(leak(Node::Map {
        keys: Keys::Text,
        values: Edge::to(&TEXT),
    }));
    let root = object(
        0,
        vec![Edge::to(leak(Node::Array {
            items: option(map),
            length: None,
            unique: false,
        }))],
    );
    assert_eq!(
        reason(Dialect::OpenAiStrict, root),
        "`O.f` is an object with open keys (use a list of structs), which OpenAI strict mode cannot say"
    );
    assert_eq!(reason(Dialect::Gemini, root), "");
    assert_eq!(
        reason(Dialect::Anthropic, object(1, vec![Edge::to(&Node::Any)])),
        "`O.f` takes any value, which Anthropic structured outputs cannot say"
    );
}

#[test]
fn more_types_than_fit_are_a_reason() {
    let root = |types: u64| {
        let parts = (1..types).map(|id| edge(object(id, vec![]))).collect();
        object(0, parts)
    };
    assert_eq!(reason(Dialect::Standard, root(512)), "");
    assert_eq!(
        reason(Dialect::Standard, root(513)),
        "`O` reaches more than 512 types, the most that one answer may have"
    );
}
