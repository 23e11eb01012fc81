//! Quotes that are held against the text they are taken from.

mod nearest;
mod source;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::model::ResponseModel;
use crate::rule::{Checks, custom};
use crate::schema::{Body, Edge, Field, Literal, Named, Node, identity};
use crate::validate::Path;

pub use source::Source;

/// A quote of a [`Source`]: in JSON a string, in Rust a text that can be found in the source again.
///
/// Models are asked to copy word for word, and do so nearly always. A quote is found if it stands in the source
///
/// * with other white space, quotation marks, hyphens and dashes, or with quotation marks around it;
/// * with one letter in ten that is wrong, missing or too many, but at most 5 of them. So a quote of less than 10 letters must be
///   exact.
///
/// A quote that leaves something out in its middle is not found: each passage is a quote of its own.
///
/// If the call is given a [`Source`] with [`Create::context`](crate::Create::context), a quote that is not in it is a fault like any
/// other, and is asked for again. If not, quotes are taken as they are, and [`Source::located`] drops those that are not there.
///
/// ```
/// use instructor_core::{Citation, Source};
///
/// # use instructor_core::ResponseModel;
/// # use instructor_derive::ResponseModel;
/// /// What the text says, with its evidence.
/// #[derive(serde::Deserialize, ResponseModel)]
/// # #[response_model(crate = instructor_core)]
/// struct Fact {
///     statement: String,
///     evidence: Vec<Citation>,
/// }
///
/// let source = Source::new("Ada was born in 1815,\nin London.");
/// let json = r#"{"statement": "Ada is from London", "evidence": ["born in 1815, in London", "raised in Paris"]}"#;
/// let fact: Fact = serde_json::from_str(json)?;
///
/// let [born, raised] = &fact.evidence[..] else { panic!() };
/// let place = born.locate(&source).unwrap();
/// assert_eq!(&source.text()[place], "born in 1815,\nin London");
/// assert_eq!(raised.locate(&source), None);
/// // Those that are there, without the others.
/// assert_eq!(source.located(&fact.evidence).count(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[allow(clippy::exhaustive_structs, reason = "a quote is its text")]
pub struct Citation {
    /// The quote, as the model wrote it.
    pub quote: String,
}

impl Citation {
    /// The quote `quote`.
    pub fn new(quote: impl Into<String>) -> Self {
        Citation {
            quote: quote.into(),
        }
    }

    /// Where it stands in `source`, in bytes of [`Source::text`], if it does: [`Source::find`].
    pub fn locate(&self, source: &Source) -> Option<Range<usize>> {
        source.find(&self.quote)
    }
}

impl ResponseModel for Citation {
    const NODE: Edge = {
        static QUOTE: Field = Field::new(Literal::EMPTY, Literal::EMPTY, String::NODE);
        static TYPE: Named = Named::new(
            identity(module_path!(), "Citation", line!(), column!()),
            "Citation",
            Literal::new("A passage of the source, copied word for word and without gaps."),
            Body::Newtype {
                field: &QUOTE,
                transparent: true,
            },
        )
        .with_custom(&[|json, context| custom::of_json(json, context, fault)]);
        static NODE: Node = Node::Named(&TYPE);
        Edge::to(&NODE)
    };
    type Partial = String;

    fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
        custom::check(fault(self, checks.context()), path, checks);
    }
}

/// Without a source there is nothing to hold the quote against.
fn fault(citation: &Citation, context: &Context) -> Option<String> {
    let source = context.get::<Source>()?;
    let message = "is not in the source: copy one passage of it, word for word and without gaps";
    citation
        .locate(source)
        .is_none()
        .then(|| message.to_owned())
}
