//! What the program says about a trace as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a trace ended, where the program says so itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TraceState {
    /// All is well.
    Ok,
    /// It failed.
    Error,
}

/// What the program said about a trace: with [`update_current_trace`](crate::update_current_trace), or by the
/// [`TraceScope`](crate::TraceScope) in which the trace began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TraceNotes {
    /// Can be changed later, and searched for: `tags.team = 'growth'`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Cannot be changed once the trace is finished.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The conversation that the trace is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Who caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The id of the request that was served, in the words of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    /// What the list of traces shows as the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_preview: Option<String>,
    /// What the list of traces shows as the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_preview: Option<String>,
    /// How the trace ended; by default, as its root did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<TraceState>,
}

impl TraceNotes {
    /// Adds what was said later, which wins.
    pub(crate) fn update(&mut self, later: TraceNotes) {
        let TraceNotes {
            tags,
            metadata,
            session,
            user,
            client_request_id,
            request_preview,
            response_preview,
            state,
        } = later;
        self.tags.extend(tags);
        self.metadata.extend(metadata);
        let replace = |old: &mut Option<String>, new: Option<String>| {
            if new.is_some() {
                *old = new;
            }
        };
        replace(&mut self.session, session);
        replace(&mut self.user, user);
        replace(&mut self.client_request_id, client_request_id);
        replace(&mut self.request_preview, request_preview);
        replace(&mut self.response_preview, response_preview);
        self.state = state.or(self.state);
    }

    /// About how many bytes of memory they take.
    pub(crate) fn weight(&self) -> usize {
        let maps = [&self.tags, &self.metadata];
        let pairs = maps.into_iter().flatten();
        let texts = [
            &self.session,
            &self.user,
            &self.client_request_id,
            &self.request_preview,
            &self.response_preview,
        ];
        pairs
            .map(|(key, value)| key.len() + value.len())
            .chain(texts.into_iter().flatten().map(String::len))
            .sum::<usize>()
            + size_of::<TraceNotes>()
    }
}
