//! JSON pointers (RFC 6901), which say where in an answer a value stands: `/steps/2/owner`.

/// Appends a key.
pub(crate) fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

/// The key that a part of a pointer stands for.
pub(crate) fn key(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// Whether a pointer leads to `place` or into it.
pub(crate) fn is_within(pointer: &str, place: &str) -> bool {
    pointer
        .strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_within_itself_but_not_within_its_neighbours() {
        for (pointer, expected) in [
            ("/a/1", true),
            ("/a/1/b", true),
            ("/a/10", false),
            ("/a", false),
        ] {
            assert_eq!(is_within(pointer, "/a/1"), expected, "{pointer}");
        }
    }

    #[test]
    fn keys_are_escaped() {
        let mut pointer = "/a".to_owned();
        push(&mut pointer, "b/c~d");
        assert_eq!(pointer, "/a/b~1c~0d");
        assert_eq!(key("b~1c~0d"), "b/c~d");
    }
}
