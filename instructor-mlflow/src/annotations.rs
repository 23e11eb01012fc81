//! What is known of a trace besides its spans: the prompts that it used, and what its checks found.
//!
//! Where the record holds the root of its trace, assessments travel with the info of the trace. Calls below a root of the
//! user's, which may never close, are told of one by one.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::Arc;

use serde_json::json;

use crate::api::NewAssessment;
use crate::convert::assessments;
use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::prompt::{LINKED_PROMPTS_TAG, PromptReference, linked_prompts};
use crate::quarantine::Withheld;
use crate::span::TraceId;
use crate::trace_info::TraceInfo;

/// How often what is known of a trace is sent again after an internal error of the server.
const MAX_INTERNAL_ERRORS: u32 = 3;

/// What is to be said about a trace whose spans are there.
#[derive(Debug, Default)]
pub(crate) struct Annotations {
    pub(crate) trace_id: String,
    /// Those that do not travel with the info of the trace.
    pub(crate) assessments: Vec<NewAssessment>,
    pub(crate) prompts: Vec<Arc<PromptReference>>,
    /// The tag that shows the prompts, if it does not travel with the info.
    pub(crate) linked_prompts: Option<String>,
    internal_errors: u32,
}

impl Annotations {
    /// Those of the record. What `info` can take along is put there.
    pub(crate) fn new(
        parcel: &Parcel,
        processors: &Processors,
        info: Option<&mut TraceInfo>,
        open: &mut OpenTraces,
    ) -> Annotations {
        let destination = parcel.destination();
        let record = &parcel.record;
        let prompts = record.prompts.iter().map(|prompt| {
            Arc::new(PromptReference {
                address: destination.address.clone(),
                name: prompt.name.clone(),
                version: prompt.version,
            })
        });
        let prompts = prompts.collect();
        let assessments = match &record.prepared {
            Some(prepared) => prepared.assessments.clone(),
            // Span processors would not see what is quoted here.
            None if destination.log_assessments => {
                let quotes = processors.is_empty() && destination.capture_content;
                assessments::assessments(record, quotes)
            }
            None => Vec::new(),
        };
        let mut annotations = Annotations {
            trace_id: record.trace_id.to_string(),
            prompts,
            ..Annotations::default()
        };
        match info {
            Some(info) => {
                info.set_assessments(assessments);
                if !annotations.prompts.is_empty() {
                    info.set_tag(LINKED_PROMPTS_TAG, linked_prompts(&annotations.prompts));
                }
            }
            None => {
                annotations.assessments = assessments;
                if !annotations.prompts.is_empty() {
                    let all = open.add(record.trace_id, &annotations.prompts);
                    annotations.linked_prompts = Some(linked_prompts(all));
                }
            }
        }
        annotations
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.assessments.is_empty() && self.prompts.is_empty() && self.linked_prompts.is_none()
    }

    /// Takes out all that is left to say, for people.
    pub(crate) fn withhold(&mut self, reason: &str) -> Withheld {
        let prompts: Vec<_> = mem::take(&mut self.prompts)
            .iter()
            .map(|prompt| json!({"name": prompt.name, "version": prompt.version}))
            .collect();
        let content = json!({
            "trace_id": self.trace_id,
            "assessments": mem::take(&mut self.assessments),
            "prompts": prompts,
        });
        self.linked_prompts = None;
        Withheld {
            content: content.to_string().into_bytes(),
            reason: format!("assessments, or links to prompts: {reason}"),
        }
    }

    /// Whether to try again after an internal error of the server.
    pub(crate) fn may_try_again(&mut self) -> bool {
        self.internal_errors += 1;
        self.internal_errors <= MAX_INTERNAL_ERRORS
    }
}

/// The prompts of traces whose roots have not closed: the tag that shows them is written anew with each call.
#[derive(Debug, Default)]
pub(crate) struct OpenTraces {
    prompts: HashMap<TraceId, Vec<Arc<PromptReference>>>,
    order: VecDeque<TraceId>,
}

/// How many traces are kept in mind; of an older one the tag shows only the prompts of later calls.
const MAX_OPEN_TRACES: usize = 1000;

impl OpenTraces {
    /// Adds prompts of a trace; all that are known of it.
    fn add(&mut self, trace: TraceId, prompts: &[Arc<PromptReference>]) -> &[Arc<PromptReference>] {
        if !self.prompts.contains_key(&trace) {
            self.order.push_back(trace);
            if self.order.len() > MAX_OPEN_TRACES
                && let Some(oldest) = self.order.pop_front()
            {
                self.prompts.remove(&oldest);
            }
        }
        let known = self.prompts.entry(trace).or_default();
        for prompt in prompts {
            if !known.contains(prompt) {
                known.push(prompt.clone());
            }
        }
        known
    }
}
