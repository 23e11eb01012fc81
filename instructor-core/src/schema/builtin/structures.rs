//! Types of the standard library that serde reads as a derived type would be read.

use std::marker::PhantomData;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::model::ResponseModel;
use crate::rule::Checks;
use crate::schema::graph::{Argument, Body, Edge, Field, Named, Node, Payload, Tagging, Variant};
use crate::schema::identity::identity;
use crate::schema::literal::Literal;
use crate::validate::Path;

impl ResponseModel for Duration {
    /// serde reads no other keys.
    const NODE: Edge = Edge::to(&Node::Named(&Named::new(
        identity(module_path!(), "Duration", line!(), column!()),
        "Duration",
        Literal::new("A span of time."),
        Body::Object {
            fields: &[
                Field::new(
                    Literal::new("secs"),
                    Literal::new("Whole seconds."),
                    u64::NODE,
                ),
                Field::new(
                    Literal::new("nanos"),
                    Literal::new("Nanoseconds beyond them."),
                    u32::NODE,
                ),
            ],
            closed: true,
        },
    )));
    type Partial = Self;
}

/// The descriptions of the generic types. A constant of its own for each, since a static cannot be generic.
struct Described<T>(PhantomData<T>);

/// The fields of a range. Both keys must be there, even if they are options: serde asks the range and not them.
struct Ends<T>(PhantomData<T>);

impl<T: ResponseModel> Ends<T> {
    const BODY: Body = Body::Object {
        fields: &[
            Field::new(Literal::new("start"), Literal::EMPTY, T::NODE).converted(),
            Field::new(Literal::new("end"), Literal::EMPTY, T::NODE).converted(),
        ],
        closed: true,
    };
}

macro_rules! ranges {
    ($($range:ident, $name:literal, $description:literal, |$value:ident| ($start:expr, $end:expr);)*) => {
        $(
            impl<T: ResponseModel> Described<$range<T>> {
                const TYPE: &'static Named = &Named::new(
                    identity(module_path!(), $name, line!(), column!()),
                    $name,
                    Literal::new($description),
                    Ends::<T>::BODY,
                )
                .with_arguments(&[Argument::Type(T::NODE)]);
            }

            impl<T: ResponseModel + DeserializeOwned> ResponseModel for $range<T> {
                const NODE: Edge = Edge::to(&Node::Named(Described::<$range<T>>::TYPE));
                type Partial = Range<Option<T::Partial>>;

                fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                    let $value = self;
                    let (start, end): (&T, &T) = ($start, $end);
                    start.check_rules(&path.key("start"), checks);
                    end.check_rules(&path.key("end"), checks);
                }
            }
        )*
    };
}

ranges! {
    Range, "Range", "From the start on, up to the end, which is not in it.",
        |range| (&range.start, &range.end);
    RangeInclusive, "RangeInclusive", "From the start to the end, both in it.",
        |range| (range.start(), range.end());
}

impl<T: ResponseModel, E: ResponseModel> Described<Result<T, E>> {
    const TYPE: &'static Named = &Named::new(
        identity(module_path!(), "Result", line!(), column!()),
        "Result",
        Literal::EMPTY,
        Body::Enum {
            variants: &[
                Variant::new(Literal::new("Ok"), Literal::new("What was asked for.")).with_payload(
                    Payload::Newtype(&Field::new(Literal::EMPTY, Literal::EMPTY, T::NODE)),
                ),
                Variant::new(Literal::new("Err"), Literal::new("Why it cannot be given."))
                    .with_payload(Payload::Newtype(&Field::new(
                        Literal::EMPTY,
                        Literal::EMPTY,
                        E::NODE,
                    ))),
            ],
            tagging: Tagging::External,
            closed: false,
        },
    )
    .with_arguments(&[Argument::Type(T::NODE), Argument::Type(E::NODE)]);
}

impl<T, E> ResponseModel for Result<T, E>
where
    T: ResponseModel + DeserializeOwned,
    E: ResponseModel + DeserializeOwned,
{
    const NODE: Edge = Edge::to(&Node::Named(Described::<Result<T, E>>::TYPE));
    type Partial = Result<Option<T::Partial>, Option<E::Partial>>;

    fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
        match self {
            Ok(value) => value.check_rules(&path.key("Ok"), checks),
            Err(error) => error.check_rules(&path.key("Err"), checks),
        }
    }
}
