//! The place in a text that a pattern can be made into with the fewest edits: the algorithm of Sellers, cut off after Ukkonen.
//!
//! A table has a row for each letter of the pattern and a column for each of the text; only one column is kept, and of it only the rows
//! that can still lead to few enough edits: in ordinary text about as many as there may be edits.

use std::cmp::Reverse;
use std::ops::Range;

/// Cells of the table that are enough for some megabytes of ordinary text, and take a tenth of a second.
pub(super) const MOST_CELLS: usize = 1 << 25;

/// A place, in letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) range: Range<usize>,
    /// Letters that are replaced, missing or too many.
    pub(super) edits: usize,
}

/// The first letters of the pattern, up to a row, made into the text from `start` to the column.
#[derive(Clone, Copy)]
struct Cell {
    edits: usize,
    start: usize,
}

impl Cell {
    fn edited(self, edits: usize) -> Cell {
        Cell {
            edits: self.edits + edits,
            ..self
        }
    }
}

/// The first of the places with the fewest edits, if that is at most `most`. `None` also if the text is so repetitive that more than
/// `cells` of the table had to be looked at.
pub(super) fn find(
    pattern: &[char],
    text: impl IntoIterator<Item = char>,
    mut most: usize,
    mut cells: usize,
) -> Option<Place> {
    let mut column: Vec<Cell> = (1..=pattern.len())
        .map(|edits| Cell { edits, start: 0 })
        .collect();
    // Rows that are few enough edits away; the cells of those below are more away than that, though maybe of an earlier column.
    let mut active = most.min(pattern.len());
    let mut found = None;
    for (position, letter) in text.into_iter().enumerate() {
        // A match may start anywhere.
        let mut diagonal = Cell {
            edits: 0,
            start: position,
        };
        let mut above = Cell {
            edits: 0,
            start: position + 1,
        };
        cells = cells.checked_sub(active + 1)?;
        let rows = column.iter_mut().zip(pattern).take(active + 1);
        active = 0;
        for (row, (cell, expected)) in (1..).zip(rows) {
            let replaced = diagonal.edited(usize::from(letter != *expected));
            let missing = above.edited(1);
            let surplus = cell.edited(1);
            diagonal = *cell;
            *cell = nearer(nearer(replaced, missing), surplus);
            above = *cell;
            if cell.edits <= most {
                active = row;
            }
        }
        if active == pattern.len()
            && let Some(Cell { edits, start }) = column.last()
        {
            found = Some(Place {
                range: *start..position + 1,
                edits: *edits,
            });
            // From now on only a better one counts.
            let Some(fewer) = edits.checked_sub(1) else {
                break;
            };
            most = fewer;
            let rows = column.get(..active).unwrap_or_default();
            let last = rows.iter().rposition(|cell| cell.edits <= most);
            active = last.map_or(0, |row| row + 1);
        }
    }
    found
}

/// The cell with fewer edits, and of two the one that takes less of the text.
fn nearer(one: Cell, other: Cell) -> Cell {
    if (other.edits, Reverse(other.start)) < (one.edits, Reverse(one.start)) {
        other
    } else {
        one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    /// Levenshtein's distance, by the whole table.
    fn distance(one: &[char], other: &[char]) -> usize {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (index, letter) in one.iter().enumerate() {
            let mut next = vec![index + 1];
            for (place, expected) in other.iter().enumerate() {
                let replaced = row[place] + usize::from(letter != expected);
                next.push(replaced.min(row[place + 1] + 1).min(next[place] + 1));
            }
            row = next;
        }
        row[other.len()]
    }

    /// The fewest edits to any part of the text, by trying them all.
    fn fewest(pattern: &[char], text: &[char]) -> usize {
        let ranges =
            (0..=text.len()).flat_map(|start| (start..=text.len()).map(move |end| start..end));
        ranges
            .map(|range| distance(pattern, &text[range]))
            .min()
            .expect("a range")
    }

    #[test]
    fn it_finds_what_trying_everything_finds() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut hits = 0;
        for _ in 0..4000 {
            let mut word = |length| -> Vec<char> {
                let length = random.usize(length);
                (0..length).map(|_| random.char('a'..='c')).collect()
            };
            let (pattern, text) = (word(1..9), word(0..16));
            let most = random.usize(0..=pattern.len().min(4));
            let context = format!("{pattern:?} in {text:?}, {most}");
            let expected = fewest(&pattern, &text);
            match find(&pattern, text.iter().copied(), most, MOST_CELLS) {
                Some(Place { range, edits }) => {
                    hits += 1;
                    assert_eq!(edits, expected, "{context}");
                    assert!(edits <= most, "{context}");
                    assert_eq!(distance(&pattern, &text[range]), edits, "{context}");
                }
                // An empty part of the text is no place.
                None => assert!(expected > most || expected == pattern.len(), "{context}"),
            }
        }
        assert!(hits > 500, "{hits} of them are found");
    }

    #[test]
    fn of_equal_places_the_first_counts() {
        let place = find(&letters("abcd"), "xxabxd abcx abcd".chars(), 1, MOST_CELLS);
        let expected = Place {
            range: 12..16,
            edits: 0,
        };
        assert_eq!(place, Some(expected));
        let place = find(&letters("abcdef"), "abcxef abcyef".chars(), 1, MOST_CELLS);
        assert_eq!(place.map(|place| place.range), Some(0..6));
    }

    #[test]
    fn a_hostile_text_is_given_up() {
        // Every column is as long as the pattern.
        let mut pattern = vec!['a'; 4096];
        pattern.extend(['b'; 6]);
        let text = std::iter::repeat_n('a', 1 << 15);
        assert_eq!(find(&pattern, text, 5, 1 << 20), None);
        // The same length of ordinary text is not.
        let text = (0..1 << 15).map(|index: u64| char::from(b'a' + (index * index % 23) as u8));
        let text: Vec<char> = text.chain("the quick brown fox".chars()).collect();
        let place = find(&letters("the quack brown fox"), text, 1, 1 << 20).expect("found");
        assert_eq!(place.edits, 1);
    }
}
