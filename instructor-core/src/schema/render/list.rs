//! Lists, sets, arrays and tuples.

use super::{Renderer, Site};
use crate::schema::graph::{Edge, Field, Rule};
use crate::schema::writer::piece;

impl Renderer<'_> {
    pub(super) const fn array(
        &mut self,
        items: Edge,
        length: Option<usize>,
        unique: bool,
        site: Site,
    ) {
        self.out.put(piece!("\"type\":\"array\",\"items\":"));
        self.schema(items, Site::ruled(Rule::of_items(site.rules)));
        let unique = unique || has_unique_items(site.rules);
        if let Some(length) = length {
            self.exact_count(length);
        } else {
            self.item_counts(site.rules);
        }
        if unique && self.can.everything {
            self.out.put(piece!(",\"uniqueItems\":true"));
        }
        self.annotate(site);
        if unique && !self.can.everything {
            self.sentence("No item twice.");
        }
        if !self.can.counts {
            match length {
                Some(length) => self.describe_exact_count(length),
                None => self.describe_item_counts(site.rules),
            }
        }
        if let [_, ..] = site.examples {
            self.describe_examples(site.examples);
        }
    }

    pub(super) const fn tuple(&mut self, items: &'static [Edge], site: Site) {
        self.begin_tuple();
        let mut rest = items;
        while let [item, after @ ..] = rest {
            self.schema(*item, Site::PLAIN);
            if !after.is_empty() {
                self.out.put(piece!(","));
            }
            rest = after;
        }
        self.end_tuple(items.len());
        self.annotate(site);
        self.describe_tuple(items.len());
        if let [_, ..] = site.examples {
            self.describe_examples(site.examples);
        }
    }

    /// A tuple struct or variant: a tuple whose places have rules and descriptions.
    pub(super) const fn fields_in_order(&mut self, fields: &'static [Field]) {
        self.begin_tuple();
        let mut rest = fields;
        while let [field, after @ ..] = rest {
            self.schema(field.edge, Site::of(field));
            if !after.is_empty() {
                self.out.put(piece!(","));
            }
            rest = after;
        }
        self.end_tuple(fields.len());
        self.describe_tuple(fields.len());
    }

    const fn begin_tuple(&mut self) {
        self.out.text(if self.can.tuples {
            "\"type\":\"array\",\"prefixItems\":["
        } else {
            // Not said: which type stands where. Still checked.
            "\"type\":\"array\",\"items\":{\"anyOf\":["
        });
    }

    const fn end_tuple(&mut self, count: usize) {
        self.out.text(if self.can.tuples { "]" } else { "]}" });
        self.exact_count(count);
    }
}

const fn has_unique_items(mut rules: &[Rule]) -> bool {
    while let [rule, rest @ ..] = rules {
        if let Rule::UniqueItems = rule {
            return true;
        }
        rules = rest;
    }
    false
}
