use super::*;

/// An event: its name and its data.
type Event = (&'static str, &'static str);

/// Streams and their events. Those of the standard itself, those of the web platform tests (`eventsource/format-*`, by their names
/// there), and what can be in between.
const CASES: &[(&str, &[u8], &[Event])] = &[
    (
        "the standard's stock ticker",
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        &[("message", "YHOO\n+2\n10")],
    ),
    (
        "the standard's four blocks",
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        &[
            ("message", "first event"),
            ("message", "second event"),
            ("message", " third event"),
        ],
    ),
    (
        "the standard's empty data, of which the last is unfinished",
        b"data\n\ndata\ndata\n\ndata:",
        &[("message", ""), ("message", "\n")],
    ),
    (
        "the standard's optional space",
        b"data:test\n\ndata: test\n\n",
        &[("message", "test"), ("message", "test")],
    ),
    (
        "format-bom",
        b"\xEF\xBB\xBFdata:1\n\n\xEF\xBB\xBFdata:2\n\ndata:3\n\n",
        &[("message", "1"), ("message", "3")],
    ),
    (
        "format-bom-2",
        b"\xEF\xBB\xBF\xEF\xBB\xBFdata:1\n\ndata:2\n\n\xEF\xBB\xBFdata:3\n\n",
        &[("message", "2")],
    ),
    (
        "format-comments",
        b"data:1\r:\0\n:\r\ndata:2\n:aaaaaaaaaa\rdata:3\n:data:fail\r:ssssssssss\n\n",
        &[("message", "1\n2\n3")],
    ),
    (
        "format-data-before-final-empty-line",
        b"retry:1000\ndata:test1\n\nid:test\ndata:test2",
        &[("message", "test1")],
    ),
    (
        "format-field-data",
        b"data:\n\ndata\ndata\n\ndata:test\n\n",
        &[("message", ""), ("message", "\n"), ("message", "test")],
    ),
    (
        "format-field-event",
        b"event:test\ndata:x\n\ndata:x\n\n",
        &[("test", "x"), ("message", "x")],
    ),
    (
        "format-field-event-empty",
        b"event: \ndata:data\n\n",
        &[("message", "data")],
    ),
    (
        "format-field-parsing",
        b"data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
        &[("message", "\0\n 2\n1\n3\n\n4")],
    ),
    (
        "format-field-unknown",
        b"data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\n\n",
        &[("message", "test\n")],
    ),
    (
        "format-leading-space",
        b"data:\ttest\rdata: \ndata:test\n\n",
        &[("message", "\ttest\n\ntest")],
    ),
    (
        "format-newlines",
        b"data:test\r\ndata\ndata:test\r\n\r",
        &[("message", "test\n\ntest")],
    ),
    (
        "format-null-character",
        b"data:\0\n\n\n\n",
        &[("message", "\0")],
    ),
    (
        "format-utf-8",
        "data:ok…\n\n".as_bytes(),
        &[("message", "ok…")],
    ),
    ("an empty stream", b"", &[]),
    ("nothing but a byte order mark", b"\xEF\xBB\xBF", &[]),
    ("half a byte order mark", b"\xEF\xBBdata:1\n\ndata:2\n\n", &[("message", "2")]),
    (
        "carriage returns alone",
        b"data:1\r\rdata:2\rdata:3\r\r",
        &[("message", "1"), ("message", "2\n3")],
    ),
    (
        "carriage returns and line feeds",
        b"\r\n\r\nevent:a\r\ndata:1\r\n\r\ndata:2\r\n\r\n",
        &[("a", "1"), ("message", "2")],
    ),
    (
        "a line feed and a carriage return are two ends",
        b"data:1\n\rdata:2\n\r",
        &[("message", "1"), ("message", "2")],
    ),
    (
        "an event without data, whose name is forgotten",
        b"event:a\n\ndata:1\n\n",
        &[("message", "1")],
    ),
    (
        "the last of several names, empty or not",
        b"event:a\nevent:b\ndata:1\n\nevent:a\nevent\ndata:2\n\n",
        &[("b", "1"), ("message", "2")],
    ),
    (
        "colons in values",
        b"event:a:b\ndata::\ndata: : \n\n",
        &[("a:b", ":\n: ")],
    ),
    (
        "letters of several bytes",
        "event: größe\ndata: 𝄞 ü\n\n".as_bytes(),
        &[("größe", "𝄞 ü")],
    ),
    (
        "bytes that are no UTF-8, each maximal part of a letter replaced",
        b"event:\xFF\ndata:\xF0\x9D\x84\ndata:\x9Ea\xC3\ndata:\xED\xA0\x80\xE2\x82\xACb\n\n",
        &[("\u{FFFD}", "\u{FFFD}\n\u{FFFD}a\u{FFFD}\n\u{FFFD}\u{FFFD}\u{FFFD}€b")],
    ),
    (
        "fields whose names are no UTF-8",
        b"data\xFF:1\n\xC3data:2\ndata:3\n\n",
        &[("message", "3")],
    ),
];

/// What `decoder` gives for a stream in pieces: its events, and the error if that was its end.
fn decoded(
    mut decoder: Decoder,
    chunks: &[&[u8]],
) -> (Vec<(String, String)>, Option<TooLong>, String) {
    let mut events = Vec::new();
    let mut error = None;
    for chunk in chunks {
        decoder.push(chunk);
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push((event.name.to_owned(), event.data.to_owned())),
                Ok(None) => break,
                Err(too_long) => {
                    error = Some(too_long);
                    break;
                }
            }
        }
    }
    (events, error, decoder.last_event_id().to_owned())
}

/// Calls `check` with `stream` whole, in two pieces, in three of which one is of one byte, and byte by byte.
fn each_split(stream: &[u8], mut check: impl FnMut(&[&[u8]])) {
    check(&[stream]);
    check(&stream.chunks(1).collect::<Vec<_>>());
    for (position, byte) in stream.chunks(1).enumerate() {
        let (before, after) = (&stream[..position], &stream[position + 1..]);
        check(&[before, &stream[position..]]);
        check(&[before, b"", byte, after]);
    }
}

#[test]
fn streams_have_the_events_of_the_standard_however_they_are_split() {
    for (name, stream, expected) in CASES {
        each_split(stream, |chunks| {
            let (events, error, _) = decoded(Decoder::new(), chunks);
            let events: Vec<_> = events
                .iter()
                .map(|(name, data)| (name.as_str(), data.as_str()))
                .collect();
            assert_eq!(events, *expected, "{name}: {chunks:?}");
            assert_eq!(error, None, "{name}: {chunks:?}");
        });
    }
}

#[test]
fn the_last_event_id_is_that_of_the_last_block() {
    for (stream, expected) in [
        ("", ""),
        ("id: 1\ndata: a\n\n", "1"),
        ("id: 1\ndata: a\n\ndata: b\n\n", "1"),
        ("id: 1\ndata: a\n\nid\ndata: b\n\n", ""),
        ("id: 1\ndata: a\n\nid: 2\ndata: b\n", "1"),
        ("id: 1\nid: 2\n\n", "2"),
        ("id: 1\n\nid: 2\0\n\n", "1"),
        ("id:  ü\r\r", " ü"),
    ] {
        each_split(stream.as_bytes(), |chunks| {
            let (_, _, id) = decoded(Decoder::new(), chunks);
            assert_eq!(id, expected, "{chunks:?}");
        });
    }
}

#[test]
fn the_last_event_id_is_not_that_of_events_to_come() {
    let mut decoder = Decoder::new();
    decoder.push(b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    for id in ["1", "2"] {
        assert!(decoder.next_event().expect("short").is_some());
        assert_eq!(decoder.last_event_id(), id);
    }
}

#[test]
fn an_event_is_there_as_soon_as_its_last_byte_is() {
    for end in ["\n\n", "\r\r", "\r\n\r"] {
        let mut decoder = Decoder::new();
        decoder.push(format!("data: 1{end}").as_bytes());
        let event = decoder.next_event().expect("short");
        assert_eq!(event, Some(StreamEvent::new("message", "1")), "{end:?}");
    }
}

#[test]
fn an_event_has_a_limit_however_it_arrives() {
    for (stream, limit, expected) in [
        // A line that is too long, be it of data, of a comment or of nothing known.
        ("data:12345\n\n", 10, 1),
        ("data:123456\n\n", 10, 0),
        ("data:1\n\n:1234567890\n\n", 10, 1),
        ("data:1\n\n12345678901", 10, 1),
        // Lines that are too long together; the line feed between them counts.
        ("data:12\ndata:1\n\n", 10, 1),
        ("data:123\ndata:12\n\n", 10, 0),
        ("event:12\ndata:12\n\n", 10, 1),
        ("event:1234\ndata:123\n\n", 10, 0),
        // Comments in an event take no room.
        ("data:1\n:12345678\n:12345678\n:12345678\n\n", 11, 1),
        // As much as there is of the events before.
        ("data:12345\n\ndata:12345\n\ndata:12345\n\n", 10, 3),
        // A byte order mark is no part of a line.
        ("\u{FEFF}data:1\n\n", 6, 1),
        ("\u{FEFF}data:1\n\n", 5, 0),
        ("\u{FEFF}\n\n", 0, 0),
    ] {
        let (whole, error, _) = decoded(Decoder::with_limit(limit), &[stream.as_bytes()]);
        assert_eq!(whole.len(), expected, "{stream:?}");
        each_split(stream.as_bytes(), |chunks| {
            let again = decoded(Decoder::with_limit(limit), chunks);
            assert_eq!((&again.0, again.1), (&whole, error), "{chunks:?}");
        });
    }
}

/// Random inputs found that the whole stream was read, and one in pieces was not.
#[test]
fn bytes_that_are_no_utf_8_count_as_what_takes_their_place() {
    let stream = b"id:1\ndata:1\n\nid:2\ndata:\xff\xff\xff\xff\n\n";
    for (limit, expected) in [(12, 1), (13, 2)] {
        let (whole, error, id) = decoded(Decoder::with_limit(limit), &[stream]);
        assert_eq!(
            (whole.len(), error.is_some()),
            (expected, expected == 1),
            "{limit}"
        );
        each_split(stream, |chunks| {
            let again = decoded(Decoder::with_limit(limit), chunks);
            assert_eq!(
                (&again.0, again.1, &again.2),
                (&whole, error, &id),
                "{chunks:?}"
            );
        });
    }
}

#[test]
fn after_an_event_that_is_too_long_there_is_nothing_but_the_error() {
    let mut decoder = Decoder::with_limit(8);
    decoder.push(b"id:1\ndata:1\n\ndata:12345\n\ndata:1\n\n");
    assert!(decoder.next_event().expect("short").is_some());
    for _ in 0..3 {
        let error = decoder.next_event().expect_err("too long");
        assert_eq!(error, TooLong { limit: 8 });
        decoder.push(b"\n\ndata:1\n\n");
    }
    assert_eq!(decoder.last_event_id(), "1");
    assert_eq!(
        TooLong { limit: 8 }.to_string(),
        "an event of the stream has more than 8 bytes"
    );
}

#[test]
fn what_is_kept_of_a_line_that_does_not_end_is_bounded() {
    let mut decoder = Decoder::with_limit(10_000);
    let error = (0..).find_map(|_| {
        decoder.push(&[b'x'; 1000]);
        decoder.next_event().err()
    });
    assert_eq!(error, Some(TooLong { limit: 10_000 }));
    assert_eq!(decoder.lines.unfinished(), 0, "it is given back");
}

#[test]
fn each_byte_is_looked_at_once_and_no_more_are_moved_than_read() {
    let line = format!("data:{}\n\n", "x".repeat(1_000_000));
    let blanks = "\n".repeat(100_000);
    let events = "data: 1\r\n\r\n".repeat(10_000);
    let comments = ":\n".repeat(10_000) + &line;
    for stream in [line, blanks, events, comments] {
        for size in [1, 7, 1000, 65_536, stream.len()] {
            let mut decoder = Decoder::new();
            for chunk in stream.as_bytes().chunks(size) {
                decoder.push(chunk);
                while decoder.next_event().expect("short").is_some() {}
            }
            assert_linear(&decoder, &stream, 0);
        }
        // All is pushed before anything is read, and then a little before each event: the worst there is for moving.
        let mut decoder = Decoder::new();
        decoder.push(stream.as_bytes());
        let mut more = 0;
        while decoder.next_event().expect("short").is_some() {
            decoder.push(b":\n");
            more += 2;
        }
        assert_linear(&decoder, &stream, more);
    }
}

/// Whether the work was in proportion to the stream, and `more` bytes of it that have no carriage return.
fn assert_linear(decoder: &Decoder, stream: &str, more: usize) {
    let Lines {
        looked_at, moved, ..
    } = decoder.lines;
    let length = stream.len() + more;
    // The line feed behind a carriage return is skipped without a look for another end.
    let skipped = stream.matches("\r\n").count();
    assert_eq!(looked_at, length - skipped);
    assert!(moved <= length, "{moved} of {length}");
}

#[test]
fn the_beginning_of_a_line_is_moved_to_the_front_once_and_not_looked_at_again() {
    let mut decoder = Decoder::new();
    decoder.push(b"data: 1\n\ndata:");
    assert!(decoder.next_event().expect("short").is_some());
    assert_eq!(decoder.next_event(), Ok(None));
    decoder.push(b" 2");
    assert_eq!(decoder.next_event(), Ok(None));
    decoder.push(b"\n\n");
    assert!(decoder.next_event().expect("short").is_some());
    let Lines {
        looked_at, moved, ..
    } = decoder.lines;
    assert_eq!((looked_at, moved), (18, 5));
}

#[test]
fn data_of_one_line_is_not_copied() {
    for (stream, is_copied) in [("data: 1\n\n", false), ("data: 1\ndata: 2\n\n", true)] {
        let mut decoder = Decoder::new();
        decoder.push(stream.as_bytes());
        assert!(decoder.next_event().expect("short").is_some());
        assert_eq!(decoder.event.data.capacity() > 0, is_copied, "{stream:?}");
    }
}

/// A decoder of a stream that has begun.
fn begun(limit: usize) -> Decoder {
    let mut decoder = Decoder::with_limit(limit);
    decoder.push(b"\n");
    assert_eq!(decoder.next_event(), Ok(None));
    decoder
}

/// Knows data that begins with `known`.
fn known(bytes: &[u8]) -> Option<((), usize)> {
    bytes.starts_with(b"known").then_some(((), 5))
}

/// The events of a stream that arrives in pieces of so many bytes, of which those that begin with `known` are passed over.
fn passed_and_seen(
    mut decoder: Decoder,
    stream: &str,
    pieces: usize,
) -> (usize, Vec<String>, String) {
    let (mut passed, mut seen) = (0, Vec::new());
    for mut piece in stream.as_bytes().chunks(pieces) {
        loop {
            while let Some(((), length)) = decoder.pass(piece, known) {
                passed += 1;
                piece = &piece[length..];
            }
            decoder.push(std::mem::take(&mut piece));
            match decoder.next_event() {
                Ok(Some(event)) => seen.push(event.data.to_owned()),
                Ok(None) => break,
                Err(TooLong { .. }) => return (passed, seen, "too long".to_owned()),
            }
        }
    }
    let last_event_id = decoder.last_event_id().to_owned();
    (passed, seen, last_event_id)
}

#[test]
fn known_events_are_passed_over_if_nothing_else_stands_in_them() {
    let known = "data: known\n\nevent: name\ndata: known\n\nid: 1\ndata: other\n\ndata: known\n\n";
    let (passed, seen, id) = passed_and_seen(begun(100), known, usize::MAX);
    assert_eq!((passed, seen.len(), id.as_str()), (3, 1, "1"));
    for other in [
        "data: known\ndata: lines\n\n",
        "data: known more\n\n",
        "data:known\n\n",
        "data: known\r\n\r\n",
        "event: name\rdata: known\n\n",
        "event: name\n:\ndata: known\n\n",
        "data: first\ndata: known\n\n",
        "id: 2\ndata: other\n\n",
        "data: known\n",
        "data: known\n:\n\n",
    ] {
        // The first is looked at where it arrives, the other one where it was copied to.
        for before in ["", "data: before\n\n"] {
            let stream = format!("{before}{other}");
            let expected = passed_and_seen(begun(100), &stream.replace("known", "k"), usize::MAX);
            let (passed, seen, id) = passed_and_seen(begun(100), &stream, usize::MAX);
            let seen: Vec<_> = seen.iter().map(|data| data.replace("known", "k")).collect();
            assert_eq!((passed, seen, id), expected, "{stream:?}");
        }
    }
}

#[test]
fn known_events_that_arrive_in_pieces_are_seen_or_passed_over() {
    let stream = "\u{feff}data: known\n\nid: 7\ndata: other\n\nevent: a\ndata: known\n\n".repeat(9);
    for pieces in 1..stream.len() {
        let (passed, seen, id) = passed_and_seen(Decoder::new(), &stream, pieces);
        let known = seen.iter().filter(|data| *data == "known").count();
        // The mark of the byte order is none within the stream: there the line has a name that nobody knows.
        assert_eq!(
            (passed + known, seen.len() - known, id.as_str()),
            (10, 9, "7"),
            "{pieces}"
        );
    }
}

#[test]
fn a_part_of_an_event_that_has_begun_is_not_passed_over() {
    for (begin, expected) in [
        ("event: a\n", ("a", "known")),
        ("data: first\n", ("message", "first\nknown")),
    ] {
        let mut decoder = begun(100);
        decoder.push(begin.as_bytes());
        assert_eq!(decoder.next_event(), Ok(None));
        let rest = b"data: known\n\n";
        assert_eq!(decoder.pass(rest, known), None, "{begin:?}");
        decoder.push(rest);
        let event = decoder.next_event().expect("short").expect("an event");
        assert_eq!((event.name, event.data), expected);
    }
    let mut failed = begun(3);
    failed.push(b"data: long");
    assert!(failed.next_event().is_err());
    assert_eq!(failed.pass(b"data: known\n\n", known), None);
}

#[test]
fn known_events_are_not_copied() {
    let mut decoder = begun(100);
    let stream = b"data: known\n\ndata: known";
    assert_eq!(decoder.pass(stream, known), Some(((), 13)));
    assert_eq!(decoder.pass(&stream[13..], known), None);
    assert!(decoder.is_read());
    decoder.push(&stream[13..]);
    assert!(!decoder.is_read());
    assert_eq!(decoder.pass(b"\n\n", known), None, "it is in two pieces");
    assert_eq!(decoder.next_event(), Ok(None));
    decoder.push(b"\n\n");
    assert!(decoder.next_event().expect("short").is_some());
    assert!(decoder.is_read());
}

#[test]
fn an_event_that_is_passed_over_is_no_longer_than_another() {
    let event = "data: known\n\n";
    let (passed, seen, id) = passed_and_seen(begun(11), event, usize::MAX);
    assert_eq!((passed, seen.len(), id.as_str()), (1, 0, ""));
    let (passed, seen, end) = passed_and_seen(begun(10), event, usize::MAX);
    assert_eq!((passed, seen.len(), end.as_str()), (0, 0, "too long"));
}

#[test]
fn an_event_may_have_16_mib() {
    for (length, expected) in [
        (16_777_216, Ok(true)),
        (16_777_217, Err(TooLong { limit: 16_777_216 })),
    ] {
        let mut decoder = Decoder::new();
        decoder.push(b"data:");
        decoder.push(&vec![b'x'; length - "data:".len()]);
        decoder.push(b"\n\n");
        let found = decoder.next_event().map(|event| event.is_some());
        assert_eq!(found, expected, "{length}");
    }
}

#[test]
fn events_of_the_usual_size_need_no_memory_after_the_first() {
    let mut decoder = Decoder::new();
    let buffers = |decoder: &Decoder| {
        let event = &decoder.event;
        let texts = [&event.name, &event.data, &event.id, &decoder.last_event_id];
        texts.map(|text| (text.as_ptr(), text.capacity()))
    };
    let mut first = None;
    for number in 100..200 {
        decoder.push(format!("event: delta\nid: {number}\ndata: some {number}\n\n").as_bytes());
        assert!(decoder.next_event().expect("short").is_some());
        assert_eq!(decoder.next_event(), Ok(None));
        let now = (buffers(&decoder), decoder.lines.capacity());
        assert_eq!(*first.get_or_insert(now), now);
    }
}
