//! A number as it arrives.

/// How long a number may be that is told before it is whole: who is told reads all of it each time. A longer one says nothing new.
const LONGEST_TOLD: usize = 64;

/// The number that is being read.
#[derive(Debug, Default)]
pub(super) struct Number {
    text: String,
    place: Place,
    /// How much of it is a number by itself, and told: of `1.` the first digit.
    known: usize,
    /// How much was told before it was whole.
    told: usize,
}

/// Where in the grammar of a number (RFC 8259, section 6) the text is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

impl Place {
    const fn after(self, byte: u8) -> Option<Place> {
        Some(match (self, byte) {
            (Place::Start, b'-') => Place::Minus,
            (Place::Start | Place::Minus, b'0') => Place::Zero,
            (Place::Start | Place::Minus, b'1'..=b'9') | (Place::Integer, b'0'..=b'9') => {
                Place::Integer
            }
            (Place::Zero | Place::Integer, b'.') => Place::Point,
            (Place::Point | Place::Fraction, b'0'..=b'9') => Place::Fraction,
            (Place::Zero | Place::Integer | Place::Fraction, b'e' | b'E') => Place::Exponent,
            (Place::Exponent, b'+' | b'-') => Place::Sign,
            (Place::Exponent | Place::Sign | Place::Power, b'0'..=b'9') => Place::Power,
            _ => return None,
        })
    }
}

impl Number {
    pub(super) fn begin(&mut self) {
        self.text.clear();
        self.place = Place::Start;
        self.known = 0;
        self.told = 0;
    }

    /// Reads on, and says how many bytes belong to the number.
    pub(super) fn take(&mut self, rest: &str) -> usize {
        let mut taken = 0;
        for byte in rest.bytes() {
            let Some(place) = self.place.after(byte) else {
                break;
            };
            self.place = place;
            taken += 1;
            let length = self.text.len() + taken;
            if self.is_number() && length <= LONGEST_TOLD {
                self.known = length;
            }
        }
        self.text.push_str(rest.get(..taken).unwrap_or_default());
        taken
    }

    fn is_number(&self) -> bool {
        matches!(
            self.place,
            Place::Zero | Place::Integer | Place::Fraction | Place::Power
        )
    }

    /// All of it, if it is a number.
    pub(super) fn whole(&self) -> Option<&str> {
        self.is_number().then_some(&self.text)
    }

    /// What is known of it, if that is more than what was told. It is the same wherever the pieces of the text end.
    pub(super) fn news(&mut self) -> Option<&str> {
        if self.known == self.told {
            return None;
        }
        self.told = self.known;
        self.text.get(..self.known)
    }

    /// How much of it is there.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}
