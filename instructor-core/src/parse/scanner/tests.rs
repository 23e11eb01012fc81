use super::*;
use crate::leniency::Leniency;
use crate::parse;

/// The JSON of what was told, as far as it is there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Where the value that was told last begins and ends.
    start: Option<usize>,
    end: Option<usize>,
    depth: usize,
    restarts: usize,
}

impl Listener for Told {
    fn event(&mut self, _text: &str, event: Event<'_>, at: usize) {
        match event {
            Event::ObjectStart | Event::ArrayStart => {
                self.start.get_or_insert(at);
                self.depth += 1;
            }
            Event::ObjectEnd | Event::ArrayEnd => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.end = Some(at);
                }
            }
            _ => {}
        }
    }

    fn restart(&mut self) {
        let restarts = self.restarts + 1;
        *self = Told {
            restarts,
            ..Told::default()
        };
    }
}

fn told<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (Told, String) {
    let mut told = Told::default();
    let mut scanner = Scanner::default();
    for piece in pieces {
        scanner.push(piece, &mut told);
    }
    let text = scanner.text().to_owned();
    (told, text)
}

/// What an answer that ends here shows.
fn shown(text: &str) -> String {
    let (told, text) = told([text]);
    let end = told.end.unwrap_or(text.len());
    let start = told.start.unwrap_or(end);
    text[start..end].to_owned()
}

const ANSWERS: [(&str, &str); 19] = [
    ("```json\n{\"a\":1}\n```", "{\"a\":1}"),
    ("text {\"a\": 1} more", "{\"a\": 1}"),
    ("{\"a\": {\"b\": [1, 2", "{\"a\": {\"b\": [1, 2"),
    ("{\"a\": 1}{\"b\": 2}", "{\"b\": 2}"),
    ("{\"a\": 2} [2,]", "{\"a\": 2}"),
    ("[1] {\"a\": 2}", "{\"a\": 2}"),
    ("prefix {not json} {\"a\":1}", "{\"a\":1}"),
    ("{\"people\": [{\"name\":\"A\"}], oops}", ""),
    ("<think>{\"a\": 0}</think>{\"a\":1}", "{\"a\":1}"),
    (
        "\u{feff}<thinking>[é</thinking>\n<think>{</think> {\"a\":1}",
        "{\"a\":1}",
    ),
    ("<think>{\"a\": 0}", ""),
    ("so {\"a\": 1} </think> {\"b\":1}", "{\"b\":1}"),
    ("{\"a\": \"</think>{\"}", "{\"a\": \"</think>{\"}"),
    ("{so <b {\" </think> {\"b\":1}", "{\"b\":1}"),
    ("{so \"</thinking>{\"b\":1}", "{\"b\":1}"),
    ("{so </think {\"b\":1}} {\"a\":1}", "{\"a\":1}"),
    ("{so} [1]", "[1]"),
    ("1 < 2: {\"a\": 1}", "{\"a\": 1}"),
    ("{\"a\": 1} trailing", "{\"a\": 1}"),
];

#[test]
fn the_json_in_an_answer_is_told() {
    for (answer, expected) in ANSWERS {
        assert_eq!(shown(answer), expected, "{answer}");
    }
}

#[test]
fn any_split_tells_the_same() {
    for (answer, _) in ANSWERS {
        let whole = told([answer]);
        for at in 0..answer.len() {
            if let Some((before, after)) = answer.split_at_checked(at) {
                assert_eq!(told([before, after]), whole, "{answer} split at {at}");
            }
        }
        assert_eq!(told(answer.split_inclusive(|_| true)), whole, "{answer}");
    }
}

#[test]
fn it_is_what_a_finished_answer_is_read_from() {
    for (answer, _) in ANSWERS {
        if let Ok(json) = parse::json(answer, Leniency::Default) {
            assert_eq!(shown(answer), json.text, "{answer}");
        }
    }
}

#[test]
fn what_turns_out_to_be_thought_is_taken_back() {
    // That there is nothing else is known only at the end, when the whole answer is looked at.
    let answer = "so {\"a\": 1} </think> none";
    assert_eq!(shown(answer), "");
    let json = parse::json(answer, Leniency::Default).expect("JSON");
    assert_eq!(json.text, "{\"a\": 1}");
}

#[test]
fn hostile_text_takes_linear_work() {
    for (text, times) in [("[", 200_000), ("{\"a\":", 100_000), ("[\"x[", 50_000)] {
        told([&*text.repeat(times)]);
    }
    let text = "<think>".repeat(50_000);
    told(text.split_inclusive(|_| true));
}

#[test]
fn the_shared_cases_of_streams_hold() {
    let cases = include_str!("../../../../tests/conformance/cases.jsonl");
    let cases = cases
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let mut count = 0;
    for case in cases.filter(|case| case["area"] == "stream_extract") {
        let chunks = case["input"]["chunks"].as_array().expect("chunks");
        let (told, text) = told(chunks.iter().filter_map(|chunk| chunk.as_str()));
        let end = told.end.unwrap_or(text.len());
        let start = told.start.unwrap_or(end);
        assert_eq!(text[start..end], case["expect"]["json"], "{}", case["id"]);
        count += 1;
    }
    assert_eq!(count, 4);
}
