//! A number as it arrives.

/// The number that is being read.
#[derive(Debug, Default)]
pub(super) struct Number {
    text: String,
    place: Place,
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
        }
        self.text.push_str(rest.get(..taken).unwrap_or_default());
        taken
    }

    /// What is there, if it is a number.
    pub(super) fn so_far(&self) -> Option<&str> {
        let is_number = matches!(
            self.place,
            Place::Zero | Place::Integer | Place::Fraction | Place::Power
        );
        is_number.then_some(&self.text)
    }
}
