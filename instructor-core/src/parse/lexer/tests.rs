use super::*;

/// What a lexer told, in words; strings and numbers as far as they were whole.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    events: Vec<String>,
    slips: Vec<(Slip, usize)>,
    text: String,
}

impl Sink for Told {
    fn event(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Text(text) => self.text.push_str(text),
            Event::TextEnd => {
                let text = std::mem::take(&mut self.text);
                self.events.push(format!("{text:?} ..{at}"));
            }
            Event::TextStart
            | Event::Number {
                is_whole: false, ..
            } => {}
            event => self.events.push(format!("{event:?} @{at}")),
        }
    }

    fn slip(&mut self, slip: Slip, at: usize) {
        self.slips.push((slip, at));
    }
}

/// What is told of a text in pieces, and how far it was read.
fn told<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (Told, Progress) {
    let mut told = Told::default();
    let mut lexer = Lexer::new(0);
    let mut before = 0;
    for piece in pieces {
        match lexer.push(piece, &mut told) {
            Progress::Open => before += piece.len(),
            Progress::Done(end) => return (told, Progress::Done(before + end)),
            Progress::Broken(fault, end) => return (told, Progress::Broken(fault, before + end)),
        }
    }
    (told, Progress::Open)
}

const DOCUMENTS: [&str; 9] = [
    r#"{"a": 1, "b": [true, false, null, -0.5e+10, 12], "c": {"d": ""}}"#,
    r#"["\"\\\/\b\f\n\r\té\ud83d\ude00x\ud83d", "é😀", "\ud83d\u0041", "\ude00"]"#,
    "{\"a\u{e9}\\u00e9\": [1 , ] , }",
    "[{\"a\": 1}{\"a\": 2} [3]\n\"no\"]",
    "{\"a\":\"b\n\tc\",\u{b}\"d\":\u{85}1}",
    r#"{"a": 01}"#,
    r#"{"a": 1.}"#,
    r#"{"a": tru}"#,
    r#"{"key": "cut off he"#,
];

#[test]
fn any_split_tells_the_same() {
    for document in DOCUMENTS {
        let whole = told([document]);
        for at in 0..document.len() {
            if let Some((before, after)) = document.split_at_checked(at) {
                assert_eq!(told([before, after]), whole, "{document} split at {at}");
            }
        }
        let characters = document.split_inclusive(|_| true);
        assert_eq!(told(characters), whole, "{document} in characters");
    }
}

#[test]
fn what_serde_reads_is_read_and_the_mended_text_is_read_by_serde() {
    for document in DOCUMENTS {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(document).is_ok();
        let (told, progress) = told([document]);
        let is_clean = told.slips.is_empty() && matches!(progress, Progress::Done(_));
        assert_eq!(is_clean, is_json, "{document}: {progress:?}");
    }
}

#[test]
fn events_say_where_they_are() {
    let (told, progress) = told([r#"{"a": [12, "x"], "b": null}"#]);
    expect_test::expect![[r#"
        ObjectStart @0
        Key("a") @4
        ArrayStart @6
        Number { text: "12", is_whole: true } @7
        "x" ..14
        ArrayEnd @15
        Key("b") @20
        Null @22
        ObjectEnd @27"#]]
    .assert_eq(&told.events.join("\n"));
    assert_eq!(progress, Progress::Done(27));
}

#[test]
fn halves_of_pairs_become_one_mark() {
    let (told, _) = told([r#"["\ud83d\ud83d\ude00\ude00\ud83d"]"#]);
    assert_eq!(told.events[1], "\"\u{fffd}😀\u{fffd}\u{fffd}\" ..33");
}

#[test]
fn a_number_is_told_as_it_grows() {
    #[derive(Default)]
    struct Numbers(Vec<(String, bool)>);
    impl Sink for Numbers {
        fn event(&mut self, event: Event<'_>, _at: usize) {
            if let Event::Number { text, is_whole } = event {
                self.0.push((text.to_owned(), is_whole));
            }
        }
    }
    let mut numbers = Numbers::default();
    let mut lexer = Lexer::new(0);
    for piece in ["[", "-", "3", "0.", "5", "]"] {
        lexer.push(piece, &mut numbers);
    }
    let expected = [
        ("-3", false),
        ("-30", false),
        ("-30.5", false),
        ("-30.5", true),
    ];
    let expected = expected.map(|(text, is_whole)| (text.to_owned(), is_whole));
    assert_eq!(numbers.0, expected);
}

#[test]
fn a_text_of_brackets_is_bounded() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(told([&*deep(127)]).1, Progress::Done(254));
    let broken = Progress::Broken(Fault::TooDeep, 127);
    assert_eq!(told([&*deep(128)]).1, broken);
}
