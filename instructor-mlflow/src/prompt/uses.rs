//! Which texts came from which prompts: how a record, which is made of the messages of a call, comes to name its prompts.
//!
//! A formatted prompt is a plain text on its way into a call, and may pass through any code of the user's. So it is known
//! again by what it says: the hash of each text is kept, for the newest [`MAX_USES`] of them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use instructor_core::{Message, Part};

use super::reference::PromptReference;
use crate::config::Address;

/// How many formatted prompts are known again; about a megabyte.
const MAX_USES: usize = 10_000;

/// How many prompts one text may come from.
const MAX_ALIKE: usize = 4;

static USES: LazyLock<Uses> = LazyLock::new(Uses::default);

/// Seeded by chance, so that nobody can write a text that is taken for another.
#[derive(Default)]
struct Uses {
    state: RandomState,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By the hash of the last text of the prompt.
    by_text: HashMap<u64, Vec<Use>>,
    /// The keys in the order in which they were first seen.
    order: VecDeque<u64>,
}

/// A prompt that was formatted.
struct Use {
    /// Hashes of all of its texts.
    texts: Vec<u64>,
    prompt: Arc<PromptReference>,
}

/// Notes that these texts came from the prompt.
pub(super) fn note(prompt: &Arc<PromptReference>, texts: &[&str]) {
    USES.note(prompt, texts);
}

/// The prompts on the server at `address` that these conversations came from, each once.
pub(crate) fn prompts_in<'a>(
    conversations: impl Iterator<Item = &'a [Message]>,
    address: &Address,
) -> Vec<Arc<PromptReference>> {
    let mut found = Vec::new();
    for messages in conversations {
        USES.find(messages, address, &mut found);
    }
    found
}

impl Uses {
    fn note(&self, prompt: &Arc<PromptReference>, texts: &[&str]) {
        let texts: Vec<u64> = texts.iter().map(|text| self.state.hash_one(text)).collect();
        let Some(last) = texts.last().copied() else {
            return;
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { by_text, order } = &mut *known;
        match by_text.entry(last) {
            Entry::Occupied(mut alike) => {
                let alike = alike.get_mut();
                // Of two versions that say the same, the later one was meant.
                alike.retain(|other| {
                    let is_same = other.texts == texts
                        && other.prompt.name == prompt.name
                        && other.prompt.address == prompt.address;
                    !is_same
                });
                if alike.len() >= MAX_ALIKE {
                    alike.remove(0);
                }
                alike.push(Use {
                    texts,
                    prompt: prompt.clone(),
                });
            }
            Entry::Vacant(place) => {
                place.insert(vec![Use {
                    texts,
                    prompt: prompt.clone(),
                }]);
                order.push_back(last);
            }
        }
        if order.len() > MAX_USES
            && let Some(oldest) = order.pop_front()
        {
            by_text.remove(&oldest);
        }
    }

    fn find(&self, messages: &[Message], address: &Address, found: &mut Vec<Arc<PromptReference>>) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.by_text.is_empty() {
            return;
        }
        let texts: Vec<u64> = messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match part {
                Part::Text(text) => Some(self.state.hash_one(text.as_str())),
                _ => None,
            })
            .collect();
        let uses = texts.iter().filter_map(|text| known.by_text.get(text));
        for used in uses.flatten() {
            let is_whole = used.texts.iter().all(|text| texts.contains(text));
            if is_whole && used.prompt.address == *address && !found.contains(&used.prompt) {
                found.push(used.prompt.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn address(uri: &str) -> Address {
        let settings = Settings {
            tracking_uri: Some(uri.to_owned().into()),
            ..Settings::default()
        };
        settings.resolve(|_| None).expect("an address").address
    }

    fn prompt(name: &str, version: u32) -> Arc<PromptReference> {
        Arc::new(PromptReference {
            address: address("http://here"),
            name: name.to_owned(),
            version,
        })
    }

    fn found(uses: &Uses, messages: &[Message]) -> Vec<String> {
        let mut found = Vec::new();
        uses.find(messages, &address("http://here"), &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_text_is_known_again_by_the_prompt_that_said_it_last() {
        let uses = Uses::default();
        uses.note(&prompt("a", 1), &["Hello"]);
        uses.note(&prompt("a", 2), &["Hello"]);
        uses.note(&prompt("b", 1), &["Hello"]);
        let messages = [Message::system("Be kind."), Message::user("Hello")];
        assert_eq!(found(&uses, &messages), ["a/2", "b/1"]);
        assert!(found(&uses, &[Message::user("Hello!")]).is_empty());
        let mut elsewhere = Vec::new();
        uses.find(&messages, &address("http://there"), &mut elsewhere);
        assert!(elsewhere.is_empty());
    }

    #[test]
    fn of_a_chat_prompt_every_message_must_be_there() {
        let uses = Uses::default();
        uses.note(&prompt("chat", 1), &["Be kind.", "Hello"]);
        assert!(found(&uses, &[Message::user("Hello")]).is_empty());
        let messages = [Message::system("Be kind."), Message::user("Hello")];
        assert_eq!(found(&uses, &messages), ["chat/1"]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let uses = Uses::default();
        for number in 0..MAX_USES + 3 {
            uses.note(&prompt("a", 1), &[&number.to_string()]);
        }
        assert!(found(&uses, &[Message::user("2")]).is_empty());
        assert_eq!(found(&uses, &[Message::user("3")]), ["a/1"]);
        let known = uses.known.lock().expect("not poisoned");
        assert_eq!(
            (known.by_text.len(), known.order.len()),
            (MAX_USES, MAX_USES)
        );
    }
}
