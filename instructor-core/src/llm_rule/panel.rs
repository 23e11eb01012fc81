//! Who judges what: prepared before the first request, so that what cannot be judged costs nothing.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::cache::ValidatorCache;
use super::judge::Judge;
use super::question::{Question, Verdict};
use super::{moderation, statement};
use crate::attempt::Attempt;
use crate::client::Client;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::schema::{Criterion, LlmRule, Schema};
use crate::trace;

/// The judges of one call.
pub(crate) struct Panel {
    briefs: Vec<(LlmRule, Brief)>,
    concurrency: usize,
    cache: ValidatorCache,
}

/// The verdicts that a call remembers if it is given no cache: those of its earlier attempts, whose values are often the same.
const REMEMBERED: usize = 1000;

/// How one rule is judged.
pub(super) struct Brief {
    judge: Judge,
    base_url: Arc<str>,
    /// What must be true; `None` for moderation.
    statement: Option<Cow<'static, str>>,
}

impl Panel {
    /// The judges for the LLM rules of `schema`: `judge`, unless a rule names another one of `client`'s.
    ///
    /// # Errors
    ///
    /// [`Error::Validator`] with the place of the rule, if its judge cannot be had or its statement cannot be written.
    pub(crate) fn new(
        schema: &Schema,
        judge: &Judge,
        client: &Client,
        context: &Context,
        cache: Option<ValidatorCache>,
    ) -> Result<Panel> {
        let mut briefs: Vec<(LlmRule, Brief)> = Vec::new();
        let mut variables = None;
        for (place, rule) in schema.llm_rules() {
            if briefs.iter().any(|(known, _)| *known == rule) {
                continue;
            }
            let brief =
                Brief::new(&rule, judge, client, context, &mut variables).map_err(|error| {
                    Error::Validator {
                        path: place,
                        error: Box::new(error),
                        attempts: Vec::new(),
                    }
                })?;
            briefs.push((rule, brief));
        }
        Ok(Panel {
            briefs,
            concurrency: client.validators().concurrency(),
            cache: cache
                .or_else(|| client.validators().cache().cloned())
                .unwrap_or_else(|| ValidatorCache::new(REMEMBERED)),
        })
    }

    pub(super) fn brief(&self, rule: &LlmRule) -> Option<&Brief> {
        let known = self.briefs.iter().find(|(known, _)| known == rule);
        known.map(|(_, brief)| brief)
    }

    /// Who is asked for verdicts that cost something: moderation is free.
    pub(crate) fn paid_judges(&self) -> impl Iterator<Item = (&Client, &Arc<str>)> {
        let paid = |(_, brief): &&(LlmRule, Brief)| brief.statement.is_some();
        let judges = self.briefs.iter().filter(paid);
        judges.map(|(_, brief)| (&brief.judge.client, &brief.judge.model))
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(super) fn cache(&self) -> &ValidatorCache {
        &self.cache
    }
}

impl Brief {
    /// `variables` are read from the context for the first rule that needs them.
    fn new(
        rule: &LlmRule,
        judge: &Judge,
        client: &Client,
        context: &Context,
        variables: &mut Option<Map<String, Value>>,
    ) -> Result<Brief> {
        let mut judge = match rule.model {
            None => judge.clone(),
            Some(name) => client.validators().judge(name, judge, client)?,
        };
        let statement = match rule.criterion {
            Criterion::Statement(statement) => Some(Cow::Borrowed(statement)),
            Criterion::Template(template) => {
                let variables = match variables {
                    Some(variables) => variables,
                    None => {
                        variables.insert(context.variables().map_err(|reason| Error::Template {
                            template: template.to_owned(),
                            variable: None,
                            reason,
                        })?)
                    }
                };
                Some(Cow::Owned(statement::render(template, variables)?))
            }
            Criterion::Moderation => {
                if rule.model.is_none() {
                    judge.model = moderation::MODEL.into();
                }
                moderation::endpoint(&judge)?;
                None
            }
        };
        Ok(Brief {
            base_url: judge.client.base_url().into(),
            judge,
            statement,
        })
    }

    pub(super) fn question(&self, value: &Value) -> Question {
        Question {
            provider: self.judge.client.provider().name.clone(),
            base_url: Arc::clone(&self.base_url),
            model: self.model(),
            statement: self.statement.clone(),
            value: value.to_string(),
        }
    }

    pub(super) fn model(&self) -> Arc<str> {
        Arc::clone(&self.judge.model)
    }

    /// The statement, for people.
    pub(super) fn statement(&self) -> Cow<'static, str> {
        self.statement
            .clone()
            .unwrap_or(Cow::Borrowed("moderation"))
    }

    /// Asks the `question` about the value at `path`. What was sent goes to `attempts`, or is in the error.
    pub(super) async fn ask(
        &self,
        question: &Question,
        path: &str,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Verdict> {
        let statement = self.statement();
        let value: Value = serde_json::from_str(&question.value).unwrap_or_default();
        let provider = &self.judge.client.provider().name;
        let span = trace::llm_validate_span(path, &statement, &self.judge.model, provider);
        trace::record(&span, |recording| {
            let validator = trace::Validator::new(path.to_owned(), statement, value.clone());
            recording.validator = Some(Arc::new(validator));
        });
        match (&self.statement, &value) {
            (Some(statement), value) => self.judge.ask(statement, value, span, attempts).await,
            (None, Value::String(text)) => moderation::ask(&self.judge, text, span, attempts).await,
            (None, _) => moderation::ask(&self.judge, &question.value, span, attempts).await,
        }
    }
}
