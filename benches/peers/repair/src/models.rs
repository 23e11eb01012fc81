//! What is asked for. `xtask/python/repair_cases.py` has the same types with the same rules, as a user of Python writes them.

use instructor::prelude::*;
use serde::Serialize;

/// An email that is ready to be sent.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Email {
    /// Who receives it.
    #[validate(email)]
    pub(crate) recipient: String,
    #[validate(length(min = 5, max = 60))]
    #[llm_validate("says what the reader is asked to do")]
    pub(crate) subject: String,
    pub(crate) priority: Priority,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Priority {
    Low,
    Normal,
    High,
}

/// A meeting in the calendar.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Event {
    #[validate(length(min = 3, max = 40))]
    pub(crate) title: String,
    /// The day, as YYYY-MM-DD.
    #[validate(pattern(r"^\d{4}-\d{2}-\d{2}$"))]
    pub(crate) day: String,
    #[validate(range(min = 5, max = 480))]
    pub(crate) minutes: u32,
    /// A letter and three digits.
    #[validate(pattern(r"^[A-Z]\d{3}$"))]
    pub(crate) room: String,
    /// Their addresses.
    #[validate(length(min = 1), each(email))]
    pub(crate) attendees: Vec<String>,
}

/// A purchase order.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Order {
    pub(crate) customer: Customer,
    pub(crate) lines: Vec<Line>,
    pub(crate) shipping: Shipping,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Customer {
    pub(crate) name: String,
    #[validate(email)]
    pub(crate) email: String,
    /// Two letters, ISO 3166.
    #[validate(pattern("^[A-Z]{2}$"))]
    pub(crate) country: String,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Line {
    pub(crate) article: String,
    /// Three letters, a dash, four digits.
    #[validate(pattern(r"^[A-Z]{3}-\d{4}$"))]
    pub(crate) sku: String,
    #[validate(range(min = 1, max = 999))]
    pub(crate) quantity: u32,
    /// Euros.
    #[validate(range(min = 0))]
    pub(crate) unit_price: f64,
    pub(crate) note: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Shipping {
    pub(crate) method: Method,
    #[validate(range(min = 1, max = 60))]
    pub(crate) days: u32,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    Parcel,
    Pallet,
    Pickup,
}

/// A report for the board.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Report {
    #[validate(length(min = 10, max = 80))]
    pub(crate) title: String,
    /// What was found, in one sentence.
    #[llm_validate("one sentence that says what was found")]
    pub(crate) summary: String,
    #[validate(length(min = 3))]
    pub(crate) sections: Vec<Section>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(crate) struct Section {
    #[validate(length(min = 3, max = 60))]
    pub(crate) heading: String,
    pub(crate) body: String,
    /// Between 0 and 1.
    #[validate(range(min = 0, max = 1))]
    pub(crate) confidence: f64,
    #[validate(length(min = 1, max = 4))]
    pub(crate) tags: Vec<String>,
}
