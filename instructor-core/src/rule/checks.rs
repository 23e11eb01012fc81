//! The run of the rules over one value.

use crate::context::Context;
use crate::validate::{ValidationError, ValidationErrors};

/// What the rules of a value may look at besides it, and what they found.
///
/// ```
/// use instructor_core::{Checks, Context, ErrorCode, Path, ResponseModel, ValidationError};
///
/// let context = Context::new();
/// let mut checks = Checks::new(&context);
/// vec![1, 2].check_rules(&Path::ROOT, &mut checks);
/// checks.push(ValidationError::new(&Path::ROOT, ErrorCode::Custom, "must be sorted"));
/// assert_eq!(checks.into_errors().to_string(), "$: must be sorted");
/// ```
#[derive(Debug)]
pub struct Checks<'a> {
    context: &'a Context,
    errors: ValidationErrors,
}

impl<'a> Checks<'a> {
    /// Nothing was found yet. Allocates nothing.
    pub const fn new(context: &'a Context) -> Self {
        Checks {
            context,
            errors: ValidationErrors::new(),
        }
    }

    /// The values that the caller gave to the call.
    pub const fn context(&self) -> &'a Context {
        self.context
    }

    /// Adds a fault.
    pub fn push(&mut self, error: ValidationError) {
        self.errors.push(error);
    }

    /// How many faults were found.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether every rule held so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The faults, in the order they were found.
    pub fn into_errors(self) -> ValidationErrors {
        self.errors
    }
}
