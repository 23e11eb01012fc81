//! What the rules of a call may look at besides the answer.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

/// Values of the caller's own, one of each type: the text that an answer must quote, the customers that exist, a database.
///
/// Given to a call with [`Create::context`](crate::Create::context) and [`Create::extension`](crate::Create::extension). Custom
/// rules find a value by its type; templates find the fields of those given as context by their names. Cheap to clone.
///
/// ```
/// use instructor_core::Context;
///
/// #[derive(serde::Serialize)]
/// struct Source {
///     text: String,
/// }
///
/// let context = Context::new().with(Source { text: "the sky is blue".to_owned() });
/// assert_eq!(context.get::<Source>().map(|source| source.text.as_str()), Some("the sky is blue"));
/// assert!(context.get::<String>().is_none());
/// ```
#[derive(Clone, Default)]
pub struct Context {
    /// `None` costs no allocation, and most calls have no context.
    entries: Option<Arc<HashMap<TypeId, Entry>>>,
}

#[derive(Clone)]
struct Entry {
    type_name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
    /// Writes the value for templates; `None` if they may not see it.
    json: Option<fn(&(dyn Any + Send + Sync)) -> serde_json::Result<Value>>,
}

impl Context {
    /// Nothing.
    pub fn new() -> Self {
        Context::default()
    }

    /// The same with `value`, which templates see too. It takes the place of another value of its type.
    #[must_use]
    pub fn with<C: Serialize + Any + Send + Sync>(self, value: C) -> Self {
        self.insert(value, Some(json::<C>))
    }

    /// The same with `value`, which templates do not see. It takes the place of another value of its type.
    #[must_use]
    pub fn with_extension<C: Any + Send + Sync>(self, value: C) -> Self {
        self.insert(value, None)
    }

    /// The value of type `C`.
    pub fn get<C: Any>(&self) -> Option<&C> {
        let entry = self.entries.as_ref()?.get(&TypeId::of::<C>())?;
        entry.value.downcast_ref()
    }

    /// The variables of templates: the fields of all values that were given as context and are written as objects.
    ///
    /// # Errors
    ///
    /// If a value cannot be written as JSON, or if two of them have a field of the same name.
    pub fn variables(&self) -> Result<Map<String, Value>, String> {
        let mut variables = Map::new();
        for entry in self.entries() {
            let Some(json) = entry.json else { continue };
            let value = json(&*entry.value).map_err(|error| {
                format!(
                    "the context `{}` cannot be written: {error}",
                    entry.type_name
                )
            })?;
            let Value::Object(fields) = value else {
                continue;
            };
            for (name, value) in fields {
                if variables.insert(name.clone(), value).is_some() {
                    return Err(format!(
                        "two values of the context have a field `{name}`: templates cannot tell them apart"
                    ));
                }
            }
        }
        Ok(variables)
    }

    fn insert<C: Any + Send + Sync>(
        mut self,
        value: C,
        json: Option<fn(&(dyn Any + Send + Sync)) -> serde_json::Result<Value>>,
    ) -> Self {
        let entry = Entry {
            type_name: std::any::type_name::<C>(),
            value: Arc::new(value),
            json,
        };
        let entries = self.entries.get_or_insert_default();
        Arc::make_mut(entries).insert(TypeId::of::<C>(), entry);
        self
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().flat_map(|entries| entries.values())
    }
}

fn json<C: Serialize + Any>(value: &(dyn Any + Send + Sync)) -> serde_json::Result<Value> {
    value
        .downcast_ref::<C>()
        .map_or(Ok(Value::Null), serde_json::to_value)
}

/// Only the names of the types: what is in them is nobody's business.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&str> = self.entries().map(|entry| entry.type_name).collect();
        names.sort_unstable();
        f.debug_tuple("Context").field(&names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Source {
        text: &'static str,
    }

    #[derive(Serialize)]
    struct Other {
        text: u8,
    }

    struct Secret;

    #[test]
    fn values_are_found_by_type_and_fields_by_name() {
        let context = Context::new()
            .with(Source { text: "a" })
            .with(7_u8)
            .with_extension(Secret)
            .with(Source { text: "b" });
        assert_eq!(context.get::<Source>().map(|source| source.text), Some("b"));
        assert_eq!(context.get::<u8>(), Some(&7));
        assert!(context.get::<Secret>().is_some());
        let variables = context.variables().expect("no clash");
        assert_eq!(Value::Object(variables), serde_json::json!({"text": "b"}));
        assert!(format!("{context:?}").contains("Secret"));
    }

    #[test]
    fn fields_of_one_name_are_refused() {
        let context = Context::new()
            .with(Source { text: "a" })
            .with(Other { text: 1 });
        let error = context.variables().expect_err("two");
        assert!(error.contains("`text`"), "{error}");
    }
}
