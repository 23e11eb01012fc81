//! Ids that nobody else has.

/// Random bytes from the operating system. A generator in memory goes on the same way in a child of `fork` as in its parent: the ids of
/// their traces would be the same.
pub(crate) fn bytes<const COUNT: usize>() -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    if getrandom::fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    bytes
}

/// The same as a number.
pub(crate) fn number() -> u64 {
    u64::from_ne_bytes(bytes())
}
