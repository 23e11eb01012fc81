//! Mistakes of writing that have one correction only: a comma behind the last item, a line break in a string.

use super::lexer::{Event, Lexer, Sink, Slip};
use crate::leniency::CorrectionKind;

/// The slips in a text, in order.
#[derive(Debug, Default)]
pub(super) struct Slips(Vec<(Slip, usize)>);

impl Sink for Slips {
    fn event(&mut self, _event: Event<'_>, _at: usize) {}

    fn slip(&mut self, slip: Slip, at: usize) {
        // That a comma is the last one is known after what stands behind it.
        let place = self.0.partition_point(|(_, before)| *before < at);
        self.0.insert(place, (slip, at));
    }
}

/// `text`, which is one value, without the mistakes of writing in it; `None` if there are none.
pub(crate) fn mended(text: &str) -> Option<String> {
    let mut slips = Slips::default();
    Lexer::new(0).push(text, &mut slips);
    (!slips.is_empty()).then(|| slips.mended(text))
}

impl Slips {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has to be put right, each once.
    pub(super) fn kinds(&self) -> Vec<CorrectionKind> {
        let mut kinds = Vec::new();
        for (slip, _) in &self.0 {
            let kind = match slip {
                Slip::TrailingComma => CorrectionKind::TrailingComma,
                Slip::MissingComma => CorrectionKind::MissingComma,
                Slip::ControlInString(_) | Slip::ControlBetween(_) => {
                    CorrectionKind::ControlCharacter
                }
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// `text`, in which they are, without them: JSON.
    pub(super) fn mended(&self, text: &str) -> String {
        let mut mended = String::with_capacity(text.len() + self.0.len() * 6);
        let mut kept = 0;
        for &(slip, at) in &self.0 {
            mended.push_str(text.get(kept..at).unwrap_or_default());
            let replaced = match slip {
                Slip::TrailingComma => 1,
                Slip::MissingComma => {
                    mended.push(',');
                    0
                }
                Slip::ControlInString(character) => {
                    mended.push_str(&format!("\\u{:04x}", u32::from(character)));
                    character.len_utf8()
                }
                Slip::ControlBetween(character) => {
                    mended.push(' ');
                    character.len_utf8()
                }
            };
            kept = at + replaced;
        }
        mended.push_str(text.get(kept..).unwrap_or_default());
        mended
    }
}
