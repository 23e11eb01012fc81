//! The items of a call that have closed, on their way to the reader.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use serde::de::DeserializeOwned;

use super::ItemSummary;
use super::finder::Finder;
use crate::attempt::Attempt;
use crate::check;
use crate::context::Context;
use crate::create::Completion;
use crate::error::{Error, Result};
use crate::leniency::Leniency;
use crate::model::ResponseModel;
use crate::parse::scanner::Scanner;
use crate::request::Request;
use crate::response::Response;
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};
use crate::watcher::{Arriving, Verdict, Watcher};

/// What the call and the reader share.
pub(crate) struct Queue<T> {
    items: VecDeque<Result<T>>,
    /// What became of each item, by its index in the list.
    fates: Vec<Fate>,
    /// The key around the list.
    wrapper: Option<&'static str>,
    valid: usize,
    invalid: usize,
    /// How a single item is read, and how its faults are told.
    read: fn(&str, &Context, Leniency) -> Result<T, ValidationErrors>,
    context: Context,
    leniency: Leniency,
    /// A wrong item is asked for again at the end.
    repairs: bool,
    /// Whether items are only known to be right at the end.
    is_judged: bool,
}

/// What became of an item.
enum Fate {
    Given,
    /// It waits for the end.
    Held,
    /// It was told to be wrong.
    Refused,
}

/// The watcher of a call for a list, and the queue that it fills.
pub(crate) fn watched<T: ResponseModel + DeserializeOwned>(
    context: Context,
    leniency: Leniency,
    repairs: bool,
) -> (Gatherer<T>, Arc<Mutex<Queue<T>>>) {
    let queue = Arc::new(Mutex::new(Queue {
        items: VecDeque::new(),
        fates: Vec::new(),
        wrapper: <Vec<T>>::SCHEMA.wrapper,
        valid: 0,
        invalid: 0,
        read: read::<T>,
        context,
        leniency,
        repairs,
        is_judged: T::SCHEMA.has_llm_rules() || T::SCHEMA.has_async_rules(),
    }));
    let gatherer = Gatherer {
        queue: Arc::clone(&queue),
        scanner: Scanner::default(),
        finder: Finder::new(<Vec<T>>::SCHEMA.wrapper),
        arriving: Arriving::default(),
        next: 0,
    };
    (gatherer, queue)
}

/// Reads and checks one item, as the only one of a list.
fn read<T: ResponseModel + DeserializeOwned>(
    json: &str,
    context: &Context,
    leniency: Leniency,
) -> Result<T, ValidationErrors> {
    let list = match <Vec<T>>::SCHEMA.wrapper {
        Some(key) => format!("{{\"{key}\":[{json}]}}"),
        None => format!("[{json}]"),
    };
    let mut items: Vec<T> = check::read_with(&list, context, leniency, &mut Vec::new())?;
    // A list of one item has one.
    let missing = || ValidationError::new(&Path::ROOT, ErrorCode::Missing, "there is no item");
    items.pop().ok_or_else(|| missing().into())
}

impl<T> Queue<T> {
    pub(super) fn pop(&mut self) -> Option<Result<T>> {
        self.items.pop_front()
    }

    fn counted(&mut self, item: Result<T>) -> Result<T> {
        match &item {
            Ok(_) => self.valid += 1,
            Err(_) => self.invalid += 1,
        }
        item
    }

    /// Takes the item that has closed as number `index`.
    fn closed(&mut self, index: usize, json: &str) {
        // An item that was given cannot be taken back, whatever the model writes after it.
        if index < self.fates.len() {
            return;
        }
        if self.is_judged {
            self.fates.push(Fate::Held);
            return;
        }
        let fate = match (self.read)(json, &self.context, self.leniency) {
            Ok(item) => {
                let item = self.counted(Ok(item));
                self.items.push_back(item);
                Fate::Given
            }
            Err(_) if self.repairs => Fate::Held,
            Err(errors) => {
                let errors = self.of_item(&errors, 0, index);
                let item = self.counted(Err(Error::Item { index, errors }));
                self.items.push_back(item);
                Fate::Refused
            }
        };
        self.fates.push(fate);
    }

    /// What is left to be told once the call has ended. Without a summary, an error is the last of it.
    pub(super) fn ended(
        &mut self,
        outcome: Result<Completion<Vec<T>>>,
    ) -> (VecDeque<Result<T>>, Option<ItemSummary>) {
        let (rest, end) = match outcome {
            Ok(Completion { value, attempts }) => {
                let items = value.into_iter().enumerate();
                let is_left = |index| !matches!(self.fates.get(index), Some(Fate::Given));
                let rest = items.filter(|(index, _)| is_left(*index));
                (rest.map(|(_, item)| Ok(item)).collect(), Ok(attempts))
            }
            Err(error) => self.stayed_wrong(error),
        };
        let mut rest: VecDeque<_> = rest.into_iter().map(|item| self.counted(item)).collect();
        match end {
            Ok(attempts) => {
                let summary = ItemSummary {
                    valid: self.valid,
                    invalid: self.invalid,
                    attempts,
                };
                (rest, Some(summary))
            }
            Err(error) => {
                rest.push_back(Err(error));
                (rest, None)
            }
        }
    }

    /// The items of a list that stayed wrong, as far as they were not given, and its attempts; or the error, if it is about more than
    /// items that were told.
    fn stayed_wrong(&self, error: Error) -> (VecDeque<Result<T>>, Result<Vec<Attempt>>) {
        let attempts = match &error {
            Error::Exhausted { attempts, .. } if !self.fates.is_empty() => attempts.as_slice(),
            _ => &[],
        };
        let answered = attempts.iter().rposition(|one| one.answer.is_some());
        let Some((at, last)) = answered.and_then(|at| Some((at, attempts.get(at)?))) else {
            return (VecDeque::new(), Err(error));
        };
        let (left, is_all) = self.left(last);
        let is_all = is_all && at + 1 == attempts.len();
        match error {
            Error::Exhausted { attempts, .. } if is_all => (left, Ok(attempts)),
            error => (left, Err(error)),
        }
    }

    /// The items of the last answer that were not given, and whether all that is wrong with it is about items that are told.
    fn left(&self, last: &Attempt) -> (VecDeque<Result<T>>, bool) {
        let nothing = ValidationErrors::new();
        let errors = last.errors.as_ref().unwrap_or(&nothing);
        let answer = last.answer.as_deref().unwrap_or_default();
        let mut finder = Finder::new(self.wrapper);
        Scanner::default().push(answer, &mut finder);
        let found = finder.closed;
        let is_known = |index| index < self.fates.len().max(found.len());
        let mut errors_of_items = errors.iter().map(|error| self.item_of(&error.path));
        let mut is_all = errors_of_items.all(|index| index.is_some_and(is_known));
        // One that was held back and is not there any more was never told.
        is_all &= !self
            .fates
            .iter()
            .skip(found.len())
            .any(|fate| matches!(fate, Fate::Held));
        // With a fault that needs no judge, nothing was judged.
        let is_judge = |code| matches!(code, ErrorCode::Llm | ErrorCode::Moderation);
        let is_unknown = self.is_judged && !errors.iter().all(|error| is_judge(error.code));
        let items = found.into_iter().enumerate();
        let left = items.filter(|(index, _)| {
            !matches!(self.fates.get(*index), Some(Fate::Given | Fate::Refused))
        });
        let left: VecDeque<_> = left
            .map(|(index, (start, end))| {
                let json = answer.get(start..end).unwrap_or_default();
                let own = self.of_item(errors, index, index);
                let item = if own.is_empty() {
                    (self.read)(json, &self.context, self.leniency)
                        .map_err(|errors| self.of_item(&errors, 0, index))
                } else {
                    Err(own)
                };
                item.map_err(|errors| Error::Item { index, errors })
            })
            .filter(|item| {
                let is_unjudged = is_unknown && item.is_ok();
                is_all &= !is_unjudged;
                !is_unjudged
            })
            .collect();
        (left, is_all)
    }

    /// The number of the item that a path leads into.
    fn item_of(&self, path: &str) -> Option<usize> {
        let list = self.wrapper.unwrap_or_default();
        let (index, _) = path
            .strip_prefix(list)?
            .strip_prefix('[')?
            .split_once(']')?;
        index.parse().ok()
    }

    /// The errors of an item that was number `from`, as those of number `to`.
    fn of_item(&self, errors: &ValidationErrors, from: usize, to: usize) -> ValidationErrors {
        let list = self.wrapper.unwrap_or_default();
        let place = format!("{list}[{from}]");
        let mut own = ValidationErrors::new();
        for error in errors {
            let rest = error.path.strip_prefix(&place);
            if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            {
                own.push(ValidationError {
                    path: format!("{list}[{to}]{rest}"),
                    ..error.clone()
                });
            }
        }
        own
    }
}

/// Finds the items of an answer as they close.
pub(crate) struct Gatherer<T> {
    queue: Arc<Mutex<Queue<T>>>,
    scanner: Scanner,
    finder: Finder,
    arriving: Arriving,
    /// The index of the item that closes next.
    next: usize,
}

impl<T> Gatherer<T> {
    fn restart(&mut self) {
        let wrapper = self.with_queue(|queue| queue.wrapper);
        self.scanner = Scanner::default();
        self.finder = Finder::new(wrapper);
        self.next = 0;
    }

    fn with_queue<R>(&self, look: impl FnOnce(&mut Queue<T>) -> R) -> R {
        look(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn read(&mut self, more: &str) {
        self.scanner.push(more, &mut self.finder);
        if std::mem::take(&mut self.finder.has_restarted) {
            self.next = 0;
        }
        for (start, end) in std::mem::take(&mut self.finder.closed) {
            let json = self.scanner.text().get(start..end).unwrap_or_default();
            self.with_queue(|queue| queue.closed(self.next, json));
            self.next += 1;
        }
    }
}

impl<T: Send> Watcher for Gatherer<T> {
    fn begin(&mut self, attempt: &Attempt) {
        self.arriving = Arriving::default();
        if attempt.number > 1 {
            self.restart();
        }
    }

    fn arrive(&mut self, request: &Request, response: &Response) -> Verdict {
        let mut arriving = std::mem::take(&mut self.arriving);
        let new = arriving.read(request, response);
        if new.is_restart {
            self.restart();
        }
        self.read(new.text);
        self.arriving = arriving;
        Verdict::GoOn
    }

    fn settle(&mut self, text: &str) {
        // The end of calls, and a body that came as a whole.
        if let Some(rest) = text.strip_prefix(self.scanner.text()) {
            self.read(rest);
        }
    }

    fn errors(&self) -> ValidationErrors {
        ValidationErrors::new()
    }

    fn has_field(&self) -> bool {
        self.with_queue(|queue| !queue.fates.is_empty())
    }

    /// Items wait in the queue.
    fn poll_seen(&mut self) -> Poll<()> {
        Poll::Ready(())
    }
}
