//! The right answers, and the prompts they answer.

use std::fmt::Write;

use serde_json::{Value, json};

/// 40 tokens or so, in one prompt of about 30.
pub(crate) fn email() -> (String, Value) {
    let prompt = "Write an email to Bob, bob@example.com: he is to approve the Q3 launch plan by Friday, it is urgent.";
    let answer = json!({"recipient": "bob@example.com", "subject": "Please approve the Q3 launch plan by Friday", "priority": "high"});
    (prompt.to_owned(), answer)
}

/// 70 tokens or so, in a prompt of about 110.
pub(crate) fn event() -> (String, Value) {
    let prompt = "Put the meeting of this message into the calendar.\n\nHi all, as Carla is only back on Tuesday, let us move the \
                  review of the warehouse plans to the 8th of December 2026, half past nine, same room as last time, B204. An hour \
                  and a half should do. Carla (carla@example.com), Deniz (deniz@example.com) and Emeka (emeka@example.com): please \
                  bring your numbers. Anna";
    let answer = json!({
        "title": "Review of the warehouse plans",
        "day": "2026-12-08",
        "minutes": 90,
        "room": "B204",
        "attendees": ["carla@example.com", "deniz@example.com", "emeka@example.com"],
    });
    (prompt.to_owned(), answer)
}

/// 8 KB, in a prompt that holds the document it is read from.
pub(crate) fn order() -> (String, Value) {
    const ARTICLES: [&str; 8] = [
        "Oak board, planed",
        "Beech dowel, 8 mm",
        "Brass hinge, pair",
        "Drawer runner, 450 mm",
        "Wood glue, 1 kg",
        "Linseed oil, 5 l",
        "Steel bracket, zinc",
        "Cabinet knob, black",
    ];
    let mut prompt = String::from(
        "Read the purchase order.\n\nPurchase order of Holzmann & Daughters, Graz, Austria (orders@holzmann.example)\n",
    );
    let mut lines = Vec::new();
    for number in 0..72_u32 {
        let article = ARTICLES[number as usize % ARTICLES.len()];
        let sku = format!(
            "{}-{:04}",
            ["OAK", "BEE", "HDW"][number as usize % 3],
            1000 + 37 * number
        );
        let quantity = 1 + (number * 7) % 40;
        let unit_price = f64::from(250 + 35 * (number % 50)) / 100.0;
        let note = (number % 9 == 4).then_some("part delivery allowed");
        let _ = write!(prompt, "\n{quantity} x {article} ({sku}) at {unit_price}");
        if let Some(note) = note {
            let _ = write!(prompt, ", {note}");
        }
        lines.push(json!({"article": article, "sku": sku, "quantity": quantity, "unit_price": unit_price, "note": note}));
    }
    prompt.push_str("\n\nOn pallets, within ten days.");
    let customer = json!({"name": "Holzmann & Daughters", "email": "orders@holzmann.example", "country": "AT"});
    let shipping = json!({"method": "pallet", "days": 10});
    (
        prompt,
        json!({"customer": customer, "lines": lines, "shipping": shipping}),
    )
}

/// 8 KB, in a prompt of about 60 tokens: the model writes it out of what it knows.
pub(crate) fn report() -> (String, Value) {
    const SENTENCES: [&str; 6] = [
        "The branches in the south sold more than in any quarter before, most of it to returning customers.",
        "Two suppliers were late in nine of ten weeks, which cost us the autumn campaign in four countries.",
        "Staff turnover fell to the lowest figure since the office was opened, after the new rota was agreed.",
        "Energy was dearer than planned, yet the new cold store has used a third less of it than the old one.",
        "Returns are mostly of one article, whose description was wrong until the middle of October.",
        "The audit found no loss, but three processes that depend on a single person and have no deputy.",
    ];
    let prompt = "Write the report of the third quarter for the board: twelve sections of some sentences each, about sales, suppliers, \
                  staff, energy, returns and the audit, first for the south and then for the north, with a summary of one sentence.";
    let topics = ["Sales", "Suppliers", "Staff", "Energy", "Returns", "Audit"];
    let sections: Vec<Value> = (0..12)
        .map(|number| {
            let body: Vec<&str> = (0..6)
                .map(|next| SENTENCES[(number + next) % SENTENCES.len()])
                .collect();
            let topic = topics[number % topics.len()];
            let region = ["south", "north"][number / topics.len()];
            json!({
                "heading": format!("{topic} in the {region}"),
                "body": body.join(" "),
                "confidence": 0.75,
                "tags": [topic.to_lowercase(), region],
            })
        })
        .collect();
    let answer = json!({
        "title": "Third quarter: growth in the south, late suppliers",
        "summary": "Sales grew in the south while late suppliers cost us the autumn campaign in four countries.",
        "sections": sections,
    });
    (prompt.to_owned(), answer)
}
