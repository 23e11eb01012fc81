//! Types that already derive `schemars::JsonSchema`.

use std::ops::{Deref, DerefMut};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Foreign, Node};

/// A field whose type derives `schemars::JsonSchema` instead of `ResponseModel`.
///
/// In JSON it is what `T` is. Its schema is made once, when the program runs, so no limit of a provider is checked for it, and
/// only the dialects without such limits can say it. Rules inside of `T` are not known here.
///
/// ```
/// use instructor_core::ResponseModel;
/// use instructor_core::schema::Schemars;
///
/// #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
/// struct Legacy {
///     /// Said once.
///     name: String,
/// }
///
/// let text = <Schemars<Legacy>>::SCHEMA.standard();
/// assert!(text.contains("Said once."));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "a newtype to be taken apart")]
pub struct Schemars<T>(pub T);

impl<T> Schemars<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Schemars<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Schemars<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Schemars<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Schemars)
    }
}

impl<T: Serialize> Serialize for Schemars<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: JsonSchema + DeserializeOwned + 'static> ResponseModel for Schemars<T> {
    const NODE: Edge = Edge::to(&Node::Foreign(Foreign::new(schema::<T>)));
    type Partial = serde_json::Value;
}

fn schema<T: JsonSchema>() -> String {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    // A type that contains itself keeps definitions. They are found from here, wherever the schema is put, if it has an id.
    if schema.get("$defs").is_some() || refers_to_itself(schema.as_value()) {
        let id = format!("urn:schemars:{}", identifier(&T::schema_id()));
        schema.insert("$id".to_owned(), id.into());
    }
    schema.to_value().to_string()
}

fn refers_to_itself(schema: &serde_json::Value) -> bool {
    match schema {
        serde_json::Value::Object(members) => {
            members.contains_key("$ref") || members.values().any(refers_to_itself)
        }
        serde_json::Value::Array(items) => items.iter().any(refers_to_itself),
        _ => false,
    }
}

/// The letters and digits of a name, for a URN.
fn identifier(name: &str) -> String {
    let legal = |character: char| {
        if character.is_ascii_alphanumeric() {
            character
        } else {
            '-'
        }
    };
    name.chars().map(legal).collect()
}
