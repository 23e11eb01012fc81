//! What a type must say about itself to be an answer.

use serde::Deserializer;
use serde::de::DeserializeOwned;

use crate::partial::PartialValue;
use crate::rule::Checks;
use crate::schema::{Edge, Schema};
use crate::validate::Path;

/// A type that a language model can be asked for, alone or as a part of another.
///
/// `#[derive(Deserialize, ResponseModel)]` implements it. Texts, numbers, `bool`, options, lists, sets, maps, tuples and
/// `serde_json::Value` have it too.
///
/// By hand, for a type that reads itself from some JSON that has a schema:
///
/// ```
/// use instructor_core::ResponseModel;
/// use instructor_core::schema::Edge;
///
/// #[derive(Debug)]
/// struct Celsius(f64);
///
/// impl<'de> serde::Deserialize<'de> for Celsius {
///     fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         Ok(Celsius(f64::deserialize(deserializer)?))
///     }
/// }
///
/// impl ResponseModel for Celsius {
///     const NODE: Edge = f64::NODE;
///     type Partial = f64;
/// }
///
/// assert_eq!(Celsius::SCHEMA.name, "Response");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an answer of a language model",
    label = "has no schema",
    note = "add `#[derive(Deserialize, ResponseModel)]` to `{Self}`, or use a type that has a schema: text, numbers, bool, Option, lists, sets, maps with text or integer keys, tuples"
)]
pub trait ResponseModel: Deserializable + 'static {
    /// The type's node in the schema graph.
    const NODE: Edge;

    /// The value while it arrives: every field optional, all the way down.
    type Partial: PartialValue;

    /// The schema. It is made from [`NODE`](Self::NODE); an implementation leaves it as it is.
    const SCHEMA: &'static Schema = &Schema::of::<Self>();

    /// Checks the rules of this value and of everything in it, and adds what is wrong to `checks`. Rules of fields that a
    /// function reads or that are converted are checked on the JSON instead.
    fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
        let _ = (path, checks);
    }
}

/// The typed partial of a response model: [`ResponseModel::Partial`], by a shorter name.
pub type Partial<T> = <T as ResponseModel>::Partial;

/// A type that serde can read: all that implement [`DeserializeOwned`], and nothing else.
///
/// [`ResponseModel`] asks for this one, since a missing `Deserialize` is then told in our words, and once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `Deserialize`",
    label = "cannot be read from an answer",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`, beside `ResponseModel`"
)]
#[doc(hidden)]
pub trait Deserializable: Sized {
    /// [`serde::Deserialize::deserialize`]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Deserializable for T {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer)
    }
}
