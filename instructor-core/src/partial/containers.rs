//! Options, pointers, lists, maps and tuples.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Part, PartialValue, Slot, Start, Step};

/// `None` is null; that nothing has come yet is for what is around it to say.
impl<P: PartialValue> PartialValue for Option<P> {
    fn begin(start: Start<'_>) -> Option<Self> {
        match start {
            Start::Null | Start::Whole("null") => Some(None),
            other => P::begin(other).map(Some),
        }
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
        self.as_mut()?.field(index)
    }

    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool {
        self.as_mut()
            .is_some_and(|value| PartialValue::begin_part(value, step, start))
    }

    fn part(&mut self, step: &Step) -> Option<&mut dyn Part> {
        PartialValue::part(self.as_mut()?, step)
    }

    fn push_str(&mut self, more: &str) {
        if let Some(value) = self {
            PartialValue::push_str(value, more);
        }
    }
}

impl<P: PartialValue> PartialValue for Box<P> {
    fn begin(start: Start<'_>) -> Option<Self> {
        P::begin(start).map(Box::new)
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
        P::field(self, index)
    }

    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool {
        P::begin_part(self, step, start)
    }

    fn part(&mut self, step: &Step) -> Option<&mut dyn Part> {
        P::part(self, step)
    }

    fn push_str(&mut self, more: &str) {
        P::push_str(self, more);
    }
}

/// The item that arrives is the last one.
impl<P: PartialValue> PartialValue for Vec<P> {
    fn begin(start: Start<'_>) -> Option<Self> {
        matches!(start, Start::List).then(Vec::new)
    }

    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool {
        if let (Step::LastItem, Start::Nothing) = (step, start) {
            return self.pop().is_some();
        }
        let Some(item) = P::begin(start) else {
            return false;
        };
        match (step, self.last_mut()) {
            (Step::NewItem, _) => self.push(item),
            (Step::LastItem, Some(last)) => *last = item,
            _ => return false,
        }
        true
    }

    fn part(&mut self, step: &Step) -> Option<&mut dyn Part> {
        match step {
            Step::LastItem => self.last_mut().map(|item| -> &mut dyn Part { item }),
            Step::NewItem | Step::Field(_) | Step::Entry(_) => None,
        }
    }
}

impl<P: PartialValue> PartialValue for BTreeMap<String, P> {
    fn begin(start: Start<'_>) -> Option<Self> {
        matches!(start, Start::Object).then(BTreeMap::new)
    }

    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool {
        let Step::Entry(key) = step else {
            return false;
        };
        if matches!(start, Start::Nothing) {
            return self.remove(key).is_some();
        }
        let Some(value) = P::begin(start) else {
            return false;
        };
        self.insert(key.clone(), value);
        true
    }

    fn part(&mut self, step: &Step) -> Option<&mut dyn Part> {
        match step {
            Step::Entry(key) => self.get_mut(key).map(|value| -> &mut dyn Part { value }),
            Step::Field(_) | Step::NewItem | Step::LastItem => None,
        }
    }
}

impl<P: PartialValue> PartialValue for Range<Option<P>> {
    fn begin(start: Start<'_>) -> Option<Self> {
        matches!(start, Start::Type(..)).then_some(None..None)
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
        match index {
            0 => Some(&mut self.start),
            1 => Some(&mut self.end),
            _ => None,
        }
    }
}

impl<P: PartialValue, E: PartialValue> PartialValue for Result<Option<P>, Option<E>> {
    fn begin(start: Start<'_>) -> Option<Self> {
        match start {
            Start::Type(_, 0) => Some(Ok(None)),
            Start::Type(_, 1) => Some(Err(None)),
            _ => None,
        }
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
        match self {
            _ if index > 0 => None,
            Ok(value) => Some(value),
            Err(error) => Some(error),
        }
    }
}

macro_rules! tuples {
    ($(($($type:ident $index:tt)+);)*) => {
        $(impl<$($type: PartialValue),+> PartialValue for ($(Option<$type>,)+)
        {
            fn begin(start: Start<'_>) -> Option<Self> {
                matches!(start, Start::List).then_some(($(None::<$type>,)+))
            }

            fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
                match index {
                    $($index => Some(&mut self.$index),)+
                    _ => None,
                }
            }
        })*
    };
}
tuples! {
    (A 0);
    (A 0 B 1);
    (A 0 B 1 C 2);
    (A 0 B 1 C 2 D 3);
    (A 0 B 1 C 2 D 3 E 4);
    (A 0 B 1 C 2 D 3 E 4 F 5);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
}
