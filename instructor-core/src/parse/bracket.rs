//! Where a bracket is closed, in a text that is no JSON.

/// Looks for the bracket that closes the first one. Brackets in strings do not count.
#[derive(Debug, Default)]
pub(super) struct Bracket {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
}

impl Bracket {
    /// Reads on, and says after how many bytes it is closed.
    pub(super) fn close(&mut self, text: &str) -> Option<usize> {
        for (index, byte) in text.bytes().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(index + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
