//! What OpenAI accepts as a schema with `strict: true`, written down a second time and independently of the renderer.
//!
//! Source: the page "Structured model outputs" of the OpenAI documentation as of February 2026.

use serde_json::{Map, Value};

/// Keywords that may stand in a schema, beside `$defs` at the root and `$ref` alone.
const KEYWORDS: [&str; 18] = [
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "enum",
    "const",
    "anyOf",
    "pattern",
    "format",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

const FORMATS: [&str; 9] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uuid",
];

const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "object", "array"];

/// Everything for which OpenAI would refuse `schema`, each with its place. Empty if it is legal.
pub(crate) fn violations(schema: &Value) -> Vec<String> {
    let mut walk = Walk {
        root: schema,
        found: Vec::new(),
        properties: 0,
        enum_values: 0,
        characters: 0,
    };
    if schema["type"] != "object" {
        walk.report("#", "the root must be an object");
    }
    walk.schema(schema, "#");
    let levels = levels(schema, schema, &mut Vec::new());
    let totals = [
        ("levels of objects", levels, 10),
        ("properties", walk.properties, 5_000),
        ("enum values", walk.enum_values, 1_000),
        ("characters of names and values", walk.characters, 120_000),
    ];
    for (what, count, limit) in totals {
        if count > limit {
            walk.report("#", &format!("{count} {what}, at most {limit}"));
        }
    }
    walk.found
}

struct Walk<'a> {
    root: &'a Value,
    found: Vec<String>,
    properties: usize,
    enum_values: usize,
    characters: usize,
}

impl Walk<'_> {
    fn report(&mut self, place: &str, what: &str) {
        self.found.push(format!("{place}: {what}"));
    }

    fn schema(&mut self, schema: &Value, place: &str) {
        let Some(members) = schema.as_object() else {
            self.report(place, "a schema must be an object");
            return;
        };
        if let Some(target) = members.get("$ref") {
            if members.len() > 1 {
                self.report(place, "nothing may stand beside $ref");
            }
            if resolve(self.root, target).is_none() {
                self.report(place, &format!("{target} leads nowhere"));
            }
            return;
        }
        for keyword in members.keys() {
            let at_root = keyword == "$defs" && place == "#";
            if !at_root && !KEYWORDS.contains(&keyword.as_str()) {
                self.report(place, &format!("the keyword {keyword} is not supported"));
            }
        }
        self.values(members, place);
        if let Some(branches) = members.get("anyOf") {
            let branches = branches.as_array().map(Vec::as_slice).unwrap_or_default();
            if branches.is_empty() {
                self.report(place, "anyOf needs branches");
            }
            for (index, branch) in branches.iter().enumerate() {
                self.schema(branch, &format!("{place}/anyOf/{index}"));
            }
        } else {
            self.typed(members, place);
        }
        if let Some(definitions) = members.get("$defs").and_then(Value::as_object) {
            for (name, definition) in definitions {
                self.characters += name.chars().count();
                self.schema(definition, &format!("{place}/$defs/{name}"));
            }
        }
    }

    fn typed(&mut self, members: &Map<String, Value>, place: &str) {
        let name = members
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("no type");
        match name {
            "object" => self.object(members, place),
            "array" => match members.get("items") {
                Some(items) => self.schema(items, &format!("{place}/items")),
                None => self.report(place, "an array needs items"),
            },
            "null" => {}
            name if TYPES.contains(&name) => {}
            name => self.report(place, &format!("{name} is not supported")),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, place: &str) {
        if members.get("additionalProperties") != Some(&Value::Bool(false)) {
            self.report(place, "additionalProperties must be false");
        }
        let none = Map::new();
        let properties = members
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let mut keys: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut required: Vec<&str> = members
            .get("required")
            .and_then(Value::as_array)
            .map(|keys| keys.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        keys.sort_unstable();
        required.sort_unstable();
        if keys != required {
            self.report(place, "required must list every key, once");
        }
        self.properties += properties.len();
        for (key, property) in properties {
            self.characters += key.chars().count();
            self.schema(property, &format!("{place}/properties/{key}"));
        }
    }

    fn values(&mut self, members: &Map<String, Value>, place: &str) {
        if let Some(format) = members.get("format")
            && !FORMATS.iter().any(|known| format == known)
        {
            self.report(place, &format!("the format {format} is not supported"));
        }
        if let Some(values) = members.get("enum").and_then(Value::as_array) {
            let texts = values.iter().filter_map(Value::as_str);
            let characters: usize = texts.map(|text| text.chars().count()).sum();
            if values.is_empty() {
                self.report(place, "an enum needs values");
            }
            if values.len() > 250 && characters > 15_000 {
                self.report(
                    place,
                    "an enum of over 250 values may have 15000 characters",
                );
            }
            self.enum_values += values.len();
            self.characters += characters;
        }
        if let Some(text) = members.get("const").and_then(Value::as_str) {
            self.characters += text.chars().count();
        }
    }
}

fn resolve<'a>(root: &'a Value, target: &Value) -> Option<&'a Value> {
    root.pointer(target.as_str()?.strip_prefix('#')?)
}

/// Objects inside of each other, through references but not around a circle.
fn levels<'a>(root: &'a Value, schema: &'a Value, open: &mut Vec<*const Value>) -> usize {
    if let Some(target) = schema.get("$ref") {
        return resolve(root, target).map_or(0, |target| levels(root, target, open));
    }
    let address = std::ptr::from_ref(schema);
    if open.contains(&address) {
        return 0;
    }
    open.push(address);
    let properties = schema.get("properties").and_then(Value::as_object);
    let branches = schema.get("anyOf").and_then(Value::as_array);
    let parts = (properties.into_iter().flat_map(Map::values))
        .chain(branches.into_iter().flatten())
        .chain(schema.get("items"));
    let below = parts
        .map(|part| levels(root, part, open))
        .max()
        .unwrap_or(0);
    open.pop();
    below + usize::from(schema["type"] == "object")
}

mod tests {
    use super::violations;
    use serde_json::{Value, json};

    #[test]
    fn a_legal_schema_has_no_violations() {
        let legal = json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "A name.", "pattern": "^a"},
                "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
                "step": {"$ref": "#/$defs/Step"},
            },
            "required": ["name", "child", "step"],
            "additionalProperties": false,
            "$defs": {"Step": {"type": "string", "enum": ["a", "b"]}},
        });
        assert_eq!(violations(&legal), Vec::<String>::new());
    }

    #[test]
    fn every_rule_finds_its_violation() {
        let closed = |properties: Value| {
            let required: Vec<&String> = properties.as_object().expect("object").keys().collect();
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
        };
        let mut deep = json!({"type": "string"});
        for _ in 0..11 {
            deep = closed(json!({ "next": deep }));
        }
        let many: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
        let long: Vec<String> = (0..251).map(|number| format!("{number:060}")).collect();
        let cases = [
            (
                json!({"type": "array", "items": {"type": "string"}}),
                "root must be an object",
            ),
            (
                closed(json!({"a": {"type": "string", "maxLength": 1}})),
                "maxLength is not supported",
            ),
            (
                closed(json!({"a": {"type": "string", "default": 1}})),
                "default is not supported",
            ),
            (
                closed(json!({"a": {"type": "string", "format": "uri"}})),
                "format \"uri\" is not supported",
            ),
            (
                closed(json!({"a": {"$ref": "#", "description": "x"}})),
                "nothing may stand beside $ref",
            ),
            (
                closed(json!({"a": {"$ref": "#/$defs/Step"}})),
                "leads nowhere",
            ),
            (
                closed(
                    json!({"a": {"type": "object", "additionalProperties": {"type": "string"}}}),
                ),
                "additionalProperties must be false",
            ),
            (
                json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": false}),
                "required must list every key",
            ),
            (
                closed(json!({"a": {"description": "anything"}})),
                "no type is not supported",
            ),
            (
                closed(json!({"a": {"type": "array"}})),
                "an array needs items",
            ),
            (
                closed(json!({"a": {"type": "string", "enum": many}})),
                "1001 enum values",
            ),
            (
                closed(json!({"a": {"type": "string", "enum": long}})),
                "15000 characters",
            ),
            (deep, "11 levels"),
        ];
        for (schema, expected) in cases {
            let found = violations(&schema);
            assert!(
                found.iter().any(|violation| violation.contains(expected)),
                "{expected:?} is not in {found:?}"
            );
        }
    }
}
