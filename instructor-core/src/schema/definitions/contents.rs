//! What is somewhere among the fields of a schema.

use super::Definitions;
use crate::schema::limits::is_foreign;

impl Definitions {
    /// Whether some field of some type carries an LLM rule.
    pub(in crate::schema) const fn has_llm_rules(&self) -> bool {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                while let [field, rest @ ..] = fields {
                    if !field.llm_rules.is_empty() {
                        return true;
                    }
                    fields = rest;
                }
                list += 1;
            }
            index += 1;
        }
        false
    }

    /// Whether some field describes itself when the program runs.
    pub(in crate::schema) const fn has_foreign(&self) -> bool {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                while let [field, rest @ ..] = fields {
                    if is_foreign(field.edge) {
                        return true;
                    }
                    fields = rest;
                }
                list += 1;
            }
            index += 1;
        }
        false
    }

    /// Whether a rule can only be checked on the JSON: it stands on a field that is converted, or below one.
    pub(in crate::schema) const fn has_json_rules(&self) -> bool {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                while let [field, rest @ ..] = fields {
                    if field.is_converted
                        && (!field.rules.is_empty()
                            || Definitions::below(field.edge, named).has_rules())
                    {
                        return true;
                    }
                    fields = rest;
                }
                list += 1;
            }
            index += 1;
        }
        false
    }

    const fn has_rules(&self) -> bool {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                while let [field, rest @ ..] = fields {
                    if !field.rules.is_empty() {
                        return true;
                    }
                    fields = rest;
                }
                list += 1;
            }
            index += 1;
        }
        false
    }
}
