//! The numbers that tell types of one name apart under `$defs`.

use super::Definitions;
use crate::schema::graph::Named;
use crate::schema::name::Name;
use crate::schema::writer::equal;

impl Definitions {
    /// The number that tells the type at `index` from others of its name under `$defs`: 1 for the first, which goes without,
    /// then 2, 3, ... A number is skipped if `name__number` is the plain name of some other type.
    pub(in crate::schema) const fn number_of(&self, index: usize) -> usize {
        self.numbers[index]
    }

    pub(super) const fn number(&mut self) {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            if self.is_referenced(index) && !self.is_root(index) {
                let mut number = 1;
                let mut before = 0;
                while before < index {
                    if let Some(other) = self.get(before)
                        && self.is_referenced(before)
                        && !self.is_root(before)
                        && same_name(other, named)
                        && self.numbers[before] >= number
                    {
                        number = self.numbers[before] + 1;
                    }
                    before += 1;
                }
                while number > 1 && self.is_taken(named, number) {
                    number += 1;
                }
                self.numbers[index] = number;
            }
            index += 1;
        }
    }

    /// Whether some type is called `name__number`.
    const fn is_taken(&self, named: &Named, number: usize) -> bool {
        let name = Name::of(named);
        let mut index = 0;
        while let Some(other) = self.get(index) {
            let other = Name::of(other);
            if let Some([b'_', b'_', digits @ ..]) = strip_prefix(other.as_bytes(), name.as_bytes())
                && let Some(value) = decimal(digits)
                && value == number
            {
                return true;
            }
            index += 1;
        }
        false
    }
}

const fn same_name(one: &Named, other: &Named) -> bool {
    if one.arguments.is_empty() && other.arguments.is_empty() {
        return equal(one.name, other.name);
    }
    equal(Name::of(one).as_str(), Name::of(other).as_str())
}

const fn strip_prefix<'a>(mut text: &'a [u8], mut prefix: &[u8]) -> Option<&'a [u8]> {
    while let [expected, prefix_rest @ ..] = prefix {
        match text {
            [byte, rest @ ..] if *byte == *expected => text = rest,
            _ => return None,
        }
        prefix = prefix_rest;
    }
    Some(text)
}

/// The value of decimal digits; `None` if there are none, too many, or a leading zero.
const fn decimal(mut digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 6 || digits[0] == b'0' {
        return None;
    }
    let mut value = 0;
    while let [digit, rest @ ..] = digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + (*digit - b'0') as usize;
        digits = rest;
    }
    Some(value)
}
