//! What has changed in a partial value.

/// The places that changed, in the order in which they did.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// All paths, one behind the other: the buffer is used again and again.
    paths: String,
    places: Vec<Place>,
    /// How many of them are over, and not removed yet.
    over: usize,
}

#[derive(Debug)]
struct Place {
    start: usize,
    end: usize,
    is_whole: bool,
}

/// A place of a partial value that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change<'a> {
    /// Where: `steps[2].owner`, or `$` for the whole answer.
    pub path: &'a str,
    /// The value there is whole. A text or a list may still grow, and a number may still be the beginning of a longer one.
    pub is_whole: bool,
}

impl Changes {
    pub(crate) fn clear(&mut self) {
        self.over = self.places.len();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.over == self.places.len()
    }

    pub(crate) fn add(&mut self, path: &str, is_whole: bool) {
        if self.is_empty() {
            self.paths.clear();
            self.places.clear();
            self.over = 0;
        } else if let Some(last) = self.places.last_mut()
            && self.paths.get(last.start..last.end) == Some(path)
        {
            // A value that begins again takes the place of a whole one.
            last.is_whole = is_whole;
            return;
        }
        let start = self.paths.len();
        self.paths.push_str(path);
        self.places.push(Place {
            start,
            end: self.paths.len(),
            is_whole,
        });
    }

    /// The place that was [added](Changes::add) last changes again, and is not whole: its path is known.
    #[inline]
    pub(crate) fn again(&mut self) {
        if !self.is_empty() {
            return;
        }
        if self.places.len() > 1 {
            self.keep_last();
        }
        if let Some(last) = self.places.last_mut() {
            last.is_whole = false;
            self.over = 0;
        }
    }

    #[inline(never)]
    fn keep_last(&mut self) {
        if let Some(last) = self.places.pop() {
            self.places.clear();
            self.paths.drain(..last.start);
            self.places.push(Place {
                start: 0,
                end: last.end - last.start,
                ..last
            });
        }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Change<'_>> {
        let places = self.places.get(self.over..).unwrap_or_default();
        places.iter().map(|place| {
            let path = self.paths.get(place.start..place.end).unwrap_or_default();
            Change {
                path: if path.is_empty() { "$" } else { path },
                is_whole: place.is_whole,
            }
        })
    }
}
