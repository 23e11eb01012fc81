//! Random JSON values for a schema: most of them fit it, and the others nearly do.

use serde_json::{Map, Value, json};

/// How deep values are made through references, which may go in circles.
const DEPTH: usize = 6;

/// Makes values for one schema, the same ones for the same seed.
pub(super) struct Generator<'a> {
    root: &'a Value,
    random: fastrand::Rng,
}

impl<'a> Generator<'a> {
    pub(super) fn new(root: &'a Value, seed: u64) -> Self {
        Generator {
            root,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// A value that fits the schema, but for patterns, which are left to chance.
    pub(super) fn fitting(&mut self) -> Value {
        self.value(self.root, 0)
    }

    /// The same with something changed somewhere.
    pub(super) fn changed(&mut self, mut value: Value) -> Value {
        let mut places = Vec::new();
        collect(&value, String::new(), &mut places);
        let place = &places[self.random.usize(..places.len())];
        if let Some(place) = value.pointer_mut(place) {
            self.change(place);
        }
        value
    }

    fn change(&mut self, place: &mut Value) {
        match place {
            Value::Object(members) if self.random.bool() => {
                let keys: Vec<String> = members.keys().cloned().collect();
                match keys.get(self.random.usize(..=keys.len())) {
                    Some(key) => {
                        let value = members.remove(key);
                        if self.random.bool() {
                            let name = self.text();
                            members.insert(name, value.unwrap_or_default());
                        }
                    }
                    None => {
                        let name = self.key();
                        let value = self.scalar();
                        members.insert(name, value);
                    }
                }
            }
            Value::Array(items) if self.random.bool() => {
                if self.random.bool() || items.is_empty() {
                    let item = items.first().cloned().unwrap_or(json!(1));
                    items.push(item);
                } else {
                    items.pop();
                }
            }
            other => *other = self.scalar(),
        }
    }

    fn value(&mut self, schema: &'a Value, depth: usize) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self
                .root
                .pointer(reference.trim_start_matches('#'))
                .expect("a reference leads somewhere");
            return self.value(target, depth + 1);
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            // The last branch of an option is null, which ends circles.
            let chosen = if depth > DEPTH {
                branches.len() - 1
            } else {
                self.random.usize(..branches.len())
            };
            return self.value(&branches[chosen], depth + 1);
        }
        if let Some(values) = schema["enum"].as_array() {
            return values[self.random.usize(..values.len())].clone();
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema, depth),
            Some("array") => self.array(schema, depth),
            Some("string") => Value::String(self.string(schema)),
            Some("integer") => self.integer(schema),
            Some("number") => self.number(schema),
            Some("boolean") => json!(self.random.bool()),
            Some("null") => Value::Null,
            _ => self.scalar(),
        }
    }

    fn object(&mut self, schema: &'a Value, depth: usize) -> Value {
        let mut members = Map::new();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .map(|keys| keys.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        if let Some(properties) = schema["properties"].as_object() {
            for (key, property) in properties {
                if required.contains(&key.as_str()) || (depth < DEPTH && self.random.bool()) {
                    members.insert(key.clone(), self.value(property, depth + 1));
                }
            }
        }
        let values = &schema["additionalProperties"];
        if values.is_object() {
            for _ in 0..self.random.usize(..3) {
                let names = &schema["propertyNames"];
                let key = match names["type"].as_str() {
                    None if names.is_object() => self.random.i32(-40_000..70_000).to_string(),
                    Some(_) if self.random.u8(..4) > 0 => {
                        let name = self.value(names, depth + 1);
                        name.as_str().expect("a text").to_owned()
                    }
                    _ => self.key(),
                };
                members.insert(key, self.value(values, depth + 1));
            }
        }
        Value::Object(members)
    }

    fn array(&mut self, schema: &'a Value, depth: usize) -> Value {
        if let Some(places) = schema["prefixItems"].as_array() {
            return places
                .iter()
                .map(|place| self.value(place, depth + 1))
                .collect();
        }
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(least + 2);
        let count = if depth > DEPTH {
            least
        } else {
            self.random.u64(least..=most)
        };
        (0..count)
            .map(|_| self.value(&schema["items"], depth + 1))
            .collect()
    }

    fn string(&mut self, schema: &Value) -> String {
        match schema["format"].as_str() {
            Some("email") => {
                return ["a@b.org", "a.b@c", "@", "a@b@c"][self.random.usize(..4)].into();
            }
            Some("uri") => {
                return ["https://a.org/b?c", "mailto:a@b", "a/b", "http://[::1]:80"]
                    [self.random.usize(..4)]
                .into();
            }
            Some("uuid") => {
                return [
                    "67e55044-10b1-426f-9247-bb680e5fe0c8",
                    "67e5504410b1426f9247bb680e5fe0c8",
                ][self.random.usize(..2)]
                .into();
            }
            Some("ipv4") => return ["192.0.2.1", "192.0.2.01"][self.random.usize(..2)].into(),
            Some("ipv6") => return ["2001:db8::1", "::1%0"][self.random.usize(..2)].into(),
            _ => {}
        }
        let least = schema["minLength"].as_u64().unwrap_or(0);
        let most = schema["maxLength"].as_u64().unwrap_or(least + 3);
        let count = self.random.u64(least..=most);
        (0..count)
            .map(|_| ['a', 'b', 'c', 'f', '1', 'é', '🦀', '"', ' '][self.random.usize(..9)])
            .collect()
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        match schema["maximum"].as_i64() {
            Some(most) if self.random.bool() => json!(self.random.i64(least..=most)),
            Some(most) => [json!(least), json!(most)][self.random.usize(..2)].clone(),
            // Bounds of 64 bits are not said, so the generator keeps them.
            None if least == 0 => {
                [json!(0), json!(u64::from(u32::MAX) + 1)][self.random.usize(..2)].clone()
            }
            None => json!(self.random.i64(least.max(-9)..=9)),
        }
    }

    fn number(&mut self, schema: &Value) -> Value {
        let bound = |name: &str| schema[name].as_f64();
        let least = bound("minimum")
            .or(bound("exclusiveMinimum"))
            .unwrap_or(-2.0);
        let most = bound("maximum")
            .or(bound("exclusiveMaximum"))
            .unwrap_or(2.5);
        [
            json!(least),
            json!(most),
            json!(least + (most - least) / 4.0),
            json!(1),
        ][self.random.usize(..4)]
        .clone()
    }

    fn text(&mut self) -> String {
        ["", "a", "abc", "known", "Nothing", "kind", "é", "1"][self.random.usize(..8)].to_owned()
    }

    fn key(&mut self) -> String {
        ["x", "y", "mail", "kind", "user", "7"][self.random.usize(..6)].to_owned()
    }

    fn scalar(&mut self) -> Value {
        match self.random.u8(..12) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(0),
            3 => json!(-1),
            4 => json!(256),
            5 => json!(0.5),
            6 => json!(i64::MIN),
            7 => json!([]),
            8 => json!({}),
            9 => json!("low"),
            10 => json!([1, "a"]),
            _ => json!(self.text()),
        }
    }
}

/// The JSON pointers of all places in a value.
fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{place}/{key}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{place}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}
