//! Names that the code gives: they may leave the program.

use std::collections::HashSet;

use serde_json::Value;

use crate::record::{Record, Request, ResponseModel};

/// Names of fields and tools in the response models of a frame.
#[derive(Debug, Default)]
pub(in crate::convert) struct Names {
    fields: HashSet<String>,
    tools: HashSet<String>,
}

/// In place of the key of a map, which the model has written.
pub(super) const KEY: &str = "[key]";

/// The most digits of an index. A longer number may be something else.
const INDEX_DIGITS: usize = 6;

impl Names {
    /// The names of all requests in the record.
    pub(in crate::convert) fn in_record(record: &Record<'_>) -> Names {
        let requests = record.spans.iter().filter_map(|span| span.request());
        Names::of(record, requests)
    }

    /// The names of these requests in the record.
    pub(in crate::convert) fn of<'a>(
        record: &Record<'_>,
        requests: impl IntoIterator<Item = &'a Request<'a>>,
    ) -> Names {
        let mut names = Names::default();
        for request in requests {
            if let Some(model) = record.response_model(request) {
                names.add(model);
            }
            let correction = request.correction.as_deref();
            names.tools.extend(correction.map(str::to_owned));
        }
        names
    }

    pub(super) fn add(&mut self, model: &ResponseModel) {
        let tools = model.tools.iter().map(|tool| (&tool.name, &tool.schema));
        for (name, schema) in tools.chain([(&model.name, &model.schema)]) {
            // Requests of one call have one schema, which is read once.
            if self.tools.insert(name.clone())
                && let Ok(schema) = serde_json::from_str(schema)
            {
                collect(&schema, &mut self.fields);
            }
        }
    }

    pub(super) fn has_field(&self, name: &str) -> bool {
        self.fields.contains(name)
    }

    pub(super) fn has_tool(&self, name: &str) -> bool {
        self.tools.contains(name)
    }

    /// The path of a value with the keys of maps left out: `scores.[key].points[2]`.
    pub(in crate::convert) fn path(&self, path: &str) -> String {
        let segments: Vec<&str> = path
            .split('.')
            .map(|segment| {
                let (name, indices) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
                let is_known = name.is_empty() || name == "$" || self.has_field(name);
                match is_known && are_indices(indices) {
                    true => segment,
                    false => KEY,
                }
            })
            .collect();
        segments.join(".")
    }
}

/// Whether `text` is `[1][20]`, or nothing.
fn are_indices(text: &str) -> bool {
    let mut rest = text;
    while let Some(index) = rest.strip_prefix('[') {
        let Some((digits, after)) = index.split_once(']') else {
            return false;
        };
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || digits.is_empty() || digits.len() > INDEX_DIGITS {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// The names under `properties`, wherever they stand in the schema.
fn collect(schema: &Value, names: &mut HashSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().cloned());
            }
            for member in members.values() {
                collect(member, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_the_names_of_fields_and_lose_the_keys_of_maps() {
        let mut names = Names::default();
        names
            .fields
            .extend(["steps", "owner"].map(ToOwned::to_owned));
        for (path, shown) in [
            ("$", "$"),
            ("steps[2].owner", "steps[2].owner"),
            ("[0].owner", "[0].owner"),
            ("steps[1][20]", "steps[1][20]"),
            ("Ann Example.owner", "[key].owner"),
            ("steps.5551234", "steps.[key]"),
            ("steps[5551234]", "[key]"),
            ("steps[12-3].ann@example.com", "[key].[key].[key]"),
            ("steps[", "[key]"),
            ("", ""),
        ] {
            assert_eq!(names.path(path), shown, "{path}");
        }
    }
}
