//! The schema of some places of an answer: what a model that corrects only those is held to.
//!
//! Which places they are depends on the answer, so these are the only texts that are rendered for one request.

use super::definitions::{Definitions, Part};
use super::dialect::Dialect;
use super::graph::{Edge, Field, Named};
use super::limits::{Fit, fit, is_foreign, openness};
use super::render::Renderer;
use super::writer;

/// A place of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Its key among the corrections.
    pub(crate) key: String,
    /// Where it stands, for `Value::pointer_mut`.
    pub(crate) pointer: String,
    /// What stands there.
    pub(crate) edge: Edge,
    /// The field it is the value of, if it is one: with its description and rules.
    pub(crate) field: Option<&'static Field>,
    /// The type whose part it is.
    pub(crate) current: Option<&'static Named>,
}

/// The schema of an object with a key for each of `places`, or the reason why `dialect` has none.
pub(crate) fn fragment(places: &[Place], dialect: Dialect) -> Result<String, String> {
    let can = dialect.capabilities();
    for place in places {
        if is_foreign(place.edge) {
            return Err(format!("`{}` describes itself", place.key));
        }
        if let Some(what) = openness(place.edge)
            && !can.maps
        {
            return Err(format!("`{}`{what}{dialect} cannot say", place.key));
        }
    }
    let definitions = Definitions::of_places(places);
    match fit(dialect, &definitions, Part::ALL) {
        Fit::Unions => {}
        // A whole answer may leave out keys instead; a correction has every key that it is asked for.
        Fit::Omitted => return Err(format!("there are more unions than {dialect} allows")),
        Fit::Not(reason) => return Err(reason.as_str().to_owned()),
    }
    let render = |words: &mut [u128]| {
        let mut renderer = Renderer::new(dialect, &definitions, false, words);
        renderer.places(places);
        (renderer.foreign_count, renderer.out.finish())
    };
    let (foreign, length) = render(&mut []);
    if foreign > 0 {
        return Err("a type in it describes itself".to_owned());
    }
    let mut words = vec![0; length.div_ceil(size_of::<u128>())];
    render(&mut words);
    Ok(writer::text(&words, length))
}
