//! The twenty cases: what the model gets wrong in each attempt before it is right.

use serde_json::{Value, json};

use crate::objects;

/// Wrong values by their JSON pointers.
type Wrong = Vec<(&'static str, Value)>;

/// A prompt, the right answer, and the wrong ones that come before it.
pub(crate) struct Case {
    /// Stable, for example `order-6-wrong`.
    pub(crate) id: &'static str,
    pub(crate) model: &'static str,
    pub(crate) prompt: String,
    /// What the model says in one attempt after the other; the last is right.
    pub(crate) answers: Vec<Value>,
    /// What the judge of `Email` or `Report` does not take.
    pub(crate) rejected: Option<&'static str>,
}

impl Case {
    fn new(
        id: &'static str,
        model: &'static str,
        (prompt, right): (String, Value),
        attempts: Vec<Wrong>,
    ) -> Case {
        let wrong = attempts.into_iter().map(|wrong| {
            let mut answer = right.clone();
            for (pointer, value) in wrong {
                match answer.pointer_mut(pointer) {
                    Some(place) => *place = value,
                    None => unreachable!("{id}: there is nothing at {pointer}"),
                }
            }
            answer
        });
        let answers = wrong.collect::<Vec<_>>();
        Case {
            id,
            model,
            prompt,
            answers: answers.into_iter().chain([right]).collect(),
            rejected: None,
        }
    }

    fn rejecting(mut self, value: &'static str) -> Case {
        self.rejected = Some(value);
        self
    }

    /// How often it has to be asked for again.
    pub(crate) fn reasks(&self) -> usize {
        self.answers.len() - 1
    }

    /// The right answer.
    pub(crate) fn right(&self) -> &Value {
        &self.answers[self.answers.len() - 1]
    }
}

fn email(id: &'static str, attempts: Vec<Wrong>) -> Case {
    Case::new(id, "Email", objects::email(), attempts)
}

fn event(id: &'static str, attempts: Vec<Wrong>) -> Case {
    Case::new(id, "Event", objects::event(), attempts)
}

fn order(id: &'static str, attempts: Vec<Wrong>) -> Case {
    Case::new(id, "Order", objects::order(), attempts)
}

fn report(id: &'static str, attempts: Vec<Wrong>) -> Case {
    Case::new(id, "Report", objects::report(), attempts)
}

/// Ten small objects and ten of 8 KB; one reask in ten of them, two or three in the others.
pub(crate) fn cases() -> Vec<Case> {
    let long = "A reminder that the plan for the launch in the third quarter is still waiting for your approval";
    let vague = "Some thoughts on Q3";
    let no_sentence = "Growth; late suppliers; costs";
    vec![
        email("email-1-wrong", vec![vec![("/recipient", json!("Bob"))]]),
        email("email-too-long", vec![vec![("/subject", json!(long))]]),
        email("email-judged", vec![vec![("/subject", json!(vague))]]).rejecting(vague),
        email(
            "email-3-then-1",
            vec![
                vec![
                    ("/recipient", json!("Bob")),
                    ("/subject", json!(long)),
                    ("/priority", json!("urgent")),
                ],
                vec![("/recipient", json!("bob at example.com"))],
            ],
        ),
        email(
            "email-2-then-judged",
            vec![
                vec![("/recipient", json!("Bob")), ("/subject", json!("Q3"))],
                vec![("/subject", json!(vague))],
            ],
        )
        .rejecting(vague),
        event("event-1-wrong", vec![vec![("/room", json!("B 204"))]]),
        event(
            "event-3-wrong",
            vec![vec![
                ("/day", json!("8 December")),
                ("/minutes", json!("an hour and a half")),
                ("/room", json!("204")),
            ]],
        ),
        event(
            "event-5-then-1",
            vec![
                vec![
                    (
                        "/title",
                        json!("The review of the plans for the warehouse in December"),
                    ),
                    ("/day", json!("8.12.2026")),
                    ("/minutes", json!(0)),
                    ("/room", json!("room B204")),
                    ("/attendees/1", json!("Deniz")),
                ],
                vec![("/day", json!("2026/12/08"))],
            ],
        ),
        event(
            "event-4-then-2-then-1",
            vec![
                vec![
                    ("/day", json!("8.12.2026")),
                    ("/minutes", json!(1.5)),
                    ("/room", json!("the same")),
                    ("/attendees/0", json!("Carla")),
                ],
                vec![
                    ("/day", json!("Tuesday")),
                    ("/room", json!("same as last time")),
                ],
                vec![("/room", json!("b204"))],
            ],
        ),
        event(
            "event-2-then-2-then-1",
            vec![
                vec![("/minutes", json!(900)), ("/room", json!("B2O4"))],
                vec![("/minutes", json!(1)), ("/room", json!("B-204"))],
                vec![("/room", json!("204B"))],
            ],
        ),
        order(
            "order-1-wrong",
            vec![vec![("/lines/17/quantity", json!(0))]],
        ),
        order(
            "order-3-wrong",
            vec![vec![
                ("/customer/country", json!("Austria")),
                ("/lines/3/sku", json!("OAK1111")),
                ("/lines/40/unit_price", json!("16.50 EUR")),
            ]],
        ),
        order(
            "order-6-wrong",
            vec![vec![
                ("/customer/email", json!("orders at holzmann")),
                ("/lines/0/quantity", json!(0)),
                ("/lines/9/sku", json!("OAK-133")),
                ("/lines/33/unit_price", json!(-1)),
                ("/lines/71/quantity", json!(1200)),
                ("/shipping/days", json!(90)),
            ]],
        ),
        order(
            "order-6-then-2",
            vec![
                vec![
                    ("/customer/country", json!("AUT")),
                    ("/lines/5/quantity", json!("many")),
                    ("/lines/6/quantity", json!("some")),
                    ("/lines/7/quantity", json!("few")),
                    ("/lines/8/sku", json!("8")),
                    ("/shipping/method", json!("truck")),
                ],
                vec![
                    ("/lines/8/sku", json!("HDW-129")),
                    ("/shipping/method", json!("on pallets")),
                ],
            ],
        ),
        order(
            "order-4-then-2-then-1",
            vec![
                vec![
                    ("/customer/country", json!("Austria")),
                    ("/lines/12/sku", json!("OAK")),
                    ("/lines/30/sku", json!("OAK")),
                    ("/lines/60/sku", json!("OAK")),
                ],
                vec![
                    ("/lines/30/sku", json!("OAK-211")),
                    ("/lines/60/sku", json!("OAK-322")),
                ],
                vec![("/lines/60/sku", json!("OAK 3220"))],
            ],
        ),
        report(
            "report-1-wrong",
            vec![vec![("/sections/4/confidence", json!(75))]],
        ),
        report(
            "report-judged",
            vec![vec![("/summary", json!(no_sentence))]],
        )
        .rejecting(no_sentence),
        report(
            "report-3-then-1",
            vec![
                vec![
                    ("/title", json!("Q3")),
                    ("/sections/2/confidence", json!("high")),
                    ("/sections/8/tags", json!([])),
                ],
                vec![("/sections/2/confidence", json!(1.75))],
            ],
        ),
        report(
            "report-2-then-2-then-1",
            vec![
                vec![
                    ("/title", json!("Q3")),
                    ("/sections/11/tags", json!(["a", "b", "c", "d", "e"])),
                ],
                vec![
                    ("/title", json!("Report")),
                    ("/sections/11/tags", json!([])),
                ],
                vec![("/title", json!("Quarter 3"))],
            ],
        ),
        report(
            "report-3-then-judged",
            vec![
                vec![
                    ("/summary", json!(no_sentence)),
                    ("/sections/0/heading", json!("S")),
                    ("/sections/7/confidence", json!(7)),
                ],
                vec![("/summary", json!(no_sentence))],
            ],
        )
        .rejecting(no_sentence),
    ]
}
