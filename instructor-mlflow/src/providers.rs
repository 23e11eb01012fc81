//! Which providers' calls are traced.

use std::sync::{PoisonError, RwLock};

use instructor_core::trace::Recording;

/// The providers whose calls are traced.
#[derive(Debug)]
pub(crate) struct Providers(RwLock<Traced>);

/// What was chosen, and what of it was taken back.
#[derive(Debug)]
struct Traced {
    chosen: Selection,
    /// Names of dialects.
    except: Vec<&'static str>,
}

/// A choice of providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    All,
    /// Names of dialects or providers.
    Only(Vec<&'static str>),
}

impl Selection {
    fn extend(&mut self, more: Selection) {
        match (self, more) {
            (Selection::All, _) => {}
            (this, Selection::All) => *this = Selection::All,
            (Selection::Only(names), Selection::Only(more)) => {
                for name in more {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
    }
}

impl Providers {
    pub(crate) fn new(selection: Selection) -> Self {
        Providers(RwLock::new(Traced {
            chosen: selection,
            except: Vec::new(),
        }))
    }

    /// Traces the calls of `more` as well.
    pub(crate) fn extend(&self, more: Selection) {
        let mut traced = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match &more {
            Selection::All => traced.except.clear(),
            Selection::Only(names) => traced.except.retain(|name| !names.contains(name)),
        }
        traced.chosen.extend(more);
    }

    /// Traces the calls in these dialects no longer.
    pub(crate) fn remove(&self, dialects: &[&'static str]) {
        let mut traced = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Selection::Only(names) = &mut traced.chosen {
            names.retain(|name| !dialects.contains(name));
        }
        for dialect in dialects {
            if !traced.except.contains(dialect) {
                traced.except.push(dialect);
            }
        }
    }

    /// Whether the call with this recording is traced: its dialect or its provider is chosen. A call that failed before
    /// either was known is traced too.
    pub(crate) fn trace(&self, call: &Recording) -> bool {
        let traced = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let any_of = |names: &[&str]| {
            let mut known = call.dialect.into_iter().chain(call.provider.as_deref());
            known.any(|name| names.contains(&name))
        };
        let unknown = call.dialect.is_none() && call.provider.is_none();
        match &traced.chosen {
            _ if unknown => true,
            Selection::All => !any_of(&traced.except),
            Selection::Only(names) => any_of(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(provider: &'static str, dialect: &'static str) -> Recording {
        let mut recording = Recording::default();
        recording.provider = Some(provider.into());
        recording.dialect = Some(dialect);
        recording
    }

    #[test]
    fn a_service_is_traced_with_the_dialect_it_speaks() {
        let providers = Providers::new(Selection::Only(vec!["openai"]));
        assert!(providers.trace(&call("openai", "openai")));
        assert!(providers.trace(&call("groq", "openai")));
        assert!(!providers.trace(&call("anthropic", "anthropic")));
        assert!(providers.trace(&Recording::default()));
    }

    #[test]
    fn a_selection_grows() {
        let providers = Providers::new(Selection::Only(vec!["openai"]));
        providers.extend(Selection::Only(vec!["anthropic", "openai"]));
        assert!(providers.trace(&call("anthropic", "anthropic")));
        assert!(!providers.trace(&call("google", "gemini")));
        providers.extend(Selection::All);
        assert!(providers.trace(&call("google", "gemini")));
    }

    #[test]
    fn what_was_chosen_can_be_taken_back() {
        for chosen in [Selection::All, Selection::Only(vec!["openai", "anthropic"])] {
            let providers = Providers::new(chosen);
            providers.remove(&["openai"]);
            assert!(!providers.trace(&call("groq", "openai")));
            assert!(providers.trace(&call("anthropic", "anthropic")));
            providers.extend(Selection::Only(vec!["openai"]));
            assert!(providers.trace(&call("groq", "openai")));
        }
    }
}
