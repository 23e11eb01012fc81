//! `pattern("...")`: a regular expression that must match somewhere in the text.
//!
//! The syntax and the meaning are those of [`Regex::is_match`]: the expression may match anywhere, so anchor it with `^` and
//! `$` if the whole text is meant.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::Checks;
use crate::validate::{ErrorCode, Path, ValidationError};

/// A type that `#[validate(pattern("..."))]` and the other rules about text can stand on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no text",
    label = "a rule about text cannot stand on this type",
    note = "`pattern`, `email`, `url`, `contains` and the like are about strings, also inside `Option` and `Box`"
)]
pub trait Text {
    /// The text; `None` if there is no value.
    fn text(&self) -> Option<&str>;
}

/// A regular expression in a `static`, compiled at its first use.
pub struct Pattern {
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The expression `source`.
    pub const fn new(source: &'static str) -> Pattern {
        Pattern {
            source,
            regex: OnceLock::new(),
        }
    }

    /// What is wrong with `text`, if anything.
    pub fn fault(&self, text: &str) -> Option<String> {
        let regex = self.regex.get_or_init(|| Regex::new(self.source).ok());
        match regex {
            Some(regex) if regex.is_match(text) => None,
            Some(_) => Some(format!("must match the pattern `{}`", self.source)),
            // The derive has checked the syntax, so what is left is the size (`\w{1000}{1000}`). A rule that cannot be
            // checked must not let answers through.
            None => Some(format!(
                "the pattern `{}` is too large to be compiled: simplify it",
                self.source
            )),
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.source).finish()
    }
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(
    value: &T,
    pattern: &Pattern,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    if let Some(fault) = value.text().and_then(|text| pattern.fault(text)) {
        checks.push(ValidationError::new(path, ErrorCode::Pattern, fault));
    }
}

impl Text for str {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Text for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(T::text)
    }
}

macro_rules! pointers {
    ($($type:ty),*) => {
        $(impl<T: Text + ?Sized> Text for $type {
            fn text(&self) -> Option<&str> {
                T::text(self)
            }
        })*
    };
}

pointers!(Box<T>, Rc<T>, Arc<T>);

impl<T: Text + ToOwned + ?Sized> Text for Cow<'_, T> {
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_anywhere_unless_anchored() {
        static ANYWHERE: Pattern = Pattern::new("[0-9]{5}");
        static WHOLE: Pattern = Pattern::new("^[0-9]{5}$");
        assert_eq!(ANYWHERE.fault("AB 12345"), None);
        assert_eq!(
            WHOLE.fault("AB 12345").as_deref(),
            Some("must match the pattern `^[0-9]{5}$`")
        );
        assert_eq!(WHOLE.fault("12345"), None);
    }

    #[test]
    fn a_pattern_that_cannot_be_compiled_fails_every_text() {
        static HUGE: Pattern = Pattern::new(r"\w{1000}{1000}");
        let fault = HUGE.fault("anything").expect("a fault");
        assert!(fault.contains("too large"), "{fault}");
    }

    #[test]
    fn nothing_has_no_pattern() {
        assert_eq!(None::<String>.text(), None);
        assert_eq!(Some(Box::new(String::from("a"))).text(), Some("a"));
    }
}
