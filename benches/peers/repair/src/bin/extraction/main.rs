//! Thirty texts to a real language model, with rules that no schema says: every text and number of the answer must stand in the
//! text it was read from.
//!
//! `extraction URL MODEL` prints one line of JSON for each way of asking.

mod texts;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;

use instructor::prelude::*;
use instructor::provider::openai::OPENAI;
use instructor::{Context, Reask};
use serde_json::json;

/// A person.
#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    /// The first name, as it is written in the text.
    #[validate(custom(is_in_text, use_context))]
    name: String,
    /// In years.
    #[validate(custom(is_number_in_text, use_context))]
    age: u32,
    /// Where the person is now.
    #[validate(custom(is_in_text, use_context))]
    town: String,
}

/// What somebody bought.
#[derive(Debug, Deserialize, ResponseModel)]
struct Purchase {
    /// The article, as it is written in the text.
    #[validate(custom(is_in_text, use_context))]
    article: String,
    /// How many.
    #[validate(custom(is_number_in_text, use_context))]
    quantity: u32,
    /// The name of the shop.
    #[validate(custom(is_in_text, use_context))]
    shop: String,
}

/// A flight.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(validate = Flight::goes_somewhere)]
struct Flight {
    /// The town where it starts.
    #[validate(custom(is_in_text, use_context))]
    from: String,
    /// How many people fly.
    #[validate(custom(is_number_in_text, use_context))]
    passengers: u32,
    /// The town where it ends.
    #[validate(custom(is_in_text, use_context))]
    to: String,
}

impl Flight {
    fn goes_somewhere(&self) -> Result<(), String> {
        if self.from == self.to {
            return Err("`from` and `to` are the same town".to_owned());
        }
        Ok(())
    }
}

/// The text that an answer is read from.
struct Source(&'static str);

fn is_in_text(value: &str, context: &Context) -> Result<(), String> {
    let source = context.get::<Source>().map_or("", |source| source.0);
    if value.len() >= 2 && source.contains(value) {
        return Ok(());
    }
    Err("must be words of the text, copied exactly".to_owned())
}

fn is_number_in_text(value: &u32, context: &Context) -> Result<(), String> {
    let source = context.get::<Source>().map_or("", |source| source.0);
    let mut numbers = source.split(|letter: char| !letter.is_ascii_digit());
    if numbers.any(|number| number.parse() == Ok(*value)) {
        return Ok(());
    }
    Err("must be a number of the text".to_owned())
}

/// A way of asking.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    retries: u32,
    reask: Reask,
}

const WAYS: [Way; 3] = [
    Way {
        name: "no retries",
        retries: 0,
        reask: Reask::Full,
    },
    Way {
        name: "ours",
        retries: 3,
        reask: Reask::Auto,
    },
    Way {
        name: "full",
        retries: 3,
        reask: Reask::Full,
    },
];

/// What came of it.
#[derive(Default)]
struct Outcome {
    accepted: u32,
    right: u32,
    requests: usize,
    tokens: u64,
}

struct Asking {
    client: Client,
    way: Way,
    outcome: Outcome,
}

impl Asking {
    async fn ask<T: ResponseModel>(
        &mut self,
        text: &'static str,
        is_right: impl FnOnce(&T) -> bool,
    ) {
        let prompt = format!("Extract the data from this text: {text}");
        let completion = self
            .client
            .create::<T>(prompt)
            .extension(Source(text))
            .max_retries(self.way.retries)
            .reask(self.way.reask)
            // Hosted models sample unless they are told otherwise; this one does not.
            .temperature(0.7)
            .max_tokens(80)
            .with_completion()
            .await;
        let attempts = match &completion {
            Ok(completion) => &completion.attempts,
            Err(error) => error.attempts(),
        };
        self.outcome.requests += attempts.len();
        self.outcome.tokens += attempts
            .iter()
            .map(|attempt| attempt.usage().total_tokens())
            .sum::<u64>();
        match completion {
            Ok(completion) => {
                self.outcome.accepted += 1;
                self.outcome.right += u32::from(is_right(&completion.value));
            }
            // Whatever else happens is no matter of the model.
            Err(error @ (instructor::Error::Transport { .. } | instructor::Error::Api { .. })) => {
                eprintln!("error: {text}: {error}")
            }
            Err(_) => {}
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(url), Some(model)) = (arguments.next(), arguments.next()) else {
        return Err("usage: extraction URL MODEL".into());
    };
    let mut outcomes = BTreeMap::new();
    for way in WAYS {
        let client = Client::builder(OPENAI.clone(), model.as_str())
            .base_url(format!("{url}/v1"))
            .api_key("unused")
            .build()?;
        let mut asking = Asking {
            client,
            way,
            outcome: Outcome::default(),
        };
        for (text, name, age, town) in texts::PERSONS {
            asking
                .ask::<Person>(text, |it| {
                    it.name == name && it.age == age && it.town == town
                })
                .await;
        }
        for (text, article, quantity, shop) in texts::PURCHASES {
            asking
                .ask::<Purchase>(text, |it| {
                    it.article == article && it.quantity == quantity && it.shop == shop
                })
                .await;
        }
        for (text, from, passengers, to) in texts::FLIGHTS {
            asking
                .ask::<Flight>(text, |it| {
                    it.from == from && it.passengers == passengers && it.to == to
                })
                .await;
        }
        let Outcome {
            accepted,
            right,
            requests,
            tokens,
        } = asking.outcome;
        outcomes.insert(
            way.name,
            json!({"accepted": accepted, "right": right, "requests": requests, "tokens": tokens}),
        );
    }
    println!("{}", json!(outcomes));
    Ok(())
}
