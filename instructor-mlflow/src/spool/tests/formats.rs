//! The bytes of segments and of what is settled.

use std::collections::BTreeSet;
use std::io;

use fastrand::Rng;

use super::super::acknowledged::{Acknowledged, AcknowledgedError, AcknowledgedFile};
use super::super::entry::{self, Kind, Place};
use super::super::segment::{Found, Header, MAX_LABEL_BYTES, Scan, SegmentError, Source};

struct Bytes(Vec<u8>);

impl Source for Bytes {
    fn read(&self, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        let begin = usize::try_from(offset).unwrap().min(self.0.len());
        let end = self.0.len().min(begin.saturating_add(most));
        Ok(self.0[begin..end].to_vec())
    }
}

fn header(salt: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let label = (*b"label").into();
    Header {
        created: 1,
        salt,
        label,
    }
    .encode(&mut bytes);
    bytes
}

fn push(segment: &mut Vec<u8>, salt: u64, sequence: u64, payload: &[u8]) {
    let offset = segment.len() as u64;
    entry::encode(
        segment,
        Place { salt, offset },
        Kind::Record,
        sequence,
        payload,
    );
}

/// The sequence numbers that are found, and how many bytes are damaged.
fn scan(segment: Vec<u8>) -> (Vec<u64>, u64) {
    let length = segment.len() as u64;
    let mut scan = Scan::open(Bytes(segment), length).unwrap();
    let (mut sequences, mut damaged) = (Vec::new(), 0);
    while let Some(found) = scan.next().unwrap() {
        match found {
            Found::Record { sequence, .. } => sequences.push(sequence),
            Found::Definition { .. } => {}
            Found::Damage(range) => damaged += range.end - range.start,
        }
    }
    (sequences, damaged)
}

#[test]
fn bytes_are_only_an_entry_at_their_place() {
    let mut inner = header(5);
    push(&mut inner, 5, 1, b"inner");
    // A record that holds a segment, whose own head is damaged.
    let mut segment = header(6);
    let begin = segment.len();
    push(&mut segment, 6, 1, &inner);
    push(&mut segment, 6, 2, b"second");
    segment[begin + 6] ^= 1;
    let (sequences, _) = scan(segment.clone());
    assert_eq!(sequences, [2]);
    // An entry that was moved.
    let mut moved = segment.clone();
    moved.insert(begin, 0);
    assert_eq!(scan(moved).0, [0; 0]);
}

#[test]
fn the_next_entry_is_found_however_far_it_is() {
    for filling in [1, 3, 24, 25, 26, 262_143, 262_144, 262_145, 700_000] {
        let mut segment = header(1);
        push(&mut segment, 1, 1, b"first");
        // Half a magic after the other, as far as it goes; or nothing like one.
        for between in [entry::MAGIC.as_slice(), &[0]] {
            let mut segment = segment.clone();
            segment.extend(between.iter().cycle().take(filling));
            push(&mut segment, 1, 2, &vec![7; 300_000]);
            push(&mut segment, 1, 3, b"third");
            assert_eq!(scan(segment), (vec![1, 2, 3], filling as u64), "{filling}");
        }
    }
}

#[test]
fn a_label_may_be_long() {
    for (length, is_read) in [(MAX_LABEL_BYTES, true), (MAX_LABEL_BYTES + 1, false)] {
        let mut segment = Vec::new();
        let header = Header {
            created: 1,
            salt: 2,
            label: vec![b'x'; length].into(),
        };
        header.encode(&mut segment);
        let all = segment.len() as u64;
        assert_eq!(Scan::open(Bytes(segment), all).is_ok(), is_read, "{length}");
    }
}

#[test]
fn a_header_is_read_or_refused() {
    let bytes = header(9);
    for length in 0..bytes.len() {
        assert!(matches!(
            Header::decode(&bytes[..length]),
            Err(SegmentError::Header)
        ));
    }
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0x80;
        let is_version = (8..10).contains(&at);
        match Header::decode(&wrong) {
            Err(SegmentError::Newer(_)) => assert!(is_version),
            Err(SegmentError::Header) => assert!(!is_version),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn ranges_hold_what_was_inserted() {
    for seed in 0..200 {
        let mut random = Rng::with_seed(seed);
        let (mut acknowledged, mut model) = (Acknowledged::default(), BTreeSet::new());
        for _ in 0..100 {
            if random.bool() {
                let one = random.u64(..60);
                assert_eq!(acknowledged.insert(one), model.insert(one));
            } else {
                let start = random.u64(..60);
                let end = start + random.u64(..6);
                acknowledged.insert_range(start..end);
                model.extend(start..end);
            }
            let (start, end) = (random.u64(..70), random.u64(..70));
            let missing = (start..end).filter(|one| !model.contains(one)).count() as u64;
            assert_eq!(acknowledged.missing(start..end), missing);
        }
        assert!((0..70).all(|one| acknowledged.contains(one) == model.contains(&one)));
        let file = AcknowledgedFile {
            acknowledged,
            state: (*b"state").into(),
            label: (*b"label").into(),
        };
        let bytes = file.encode();
        assert_eq!(AcknowledgedFile::decode(&bytes), Ok(file));
        let at = random.usize(..bytes.len());
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        assert_eq!(
            AcknowledgedFile::decode(&wrong),
            Err(AcknowledgedError::Damaged)
        );
        assert_eq!(
            AcknowledgedFile::decode(&bytes[..at]),
            Err(AcknowledgedError::Damaged)
        );
    }
}

#[test]
fn a_record_that_is_cut_off_is_damage_up_to_its_end() {
    let mut segment = header(1);
    // What is read at once ends in the next one.
    push(&mut segment, 1, 1, &[7; 262_000]);
    let begin = segment.len();
    push(&mut segment, 1, 2, &[8; 200]);
    let last = |bytes: Vec<u8>, length: usize| {
        let mut scan = Scan::open(Bytes(bytes), length as u64).unwrap();
        scan.next().unwrap();
        match scan.next().unwrap() {
            Some(Found::Damage(range)) => range,
            other => panic!("{other:?}"),
        }
    };
    let expected = begin as u64..begin as u64 + 150;
    let whole = segment.clone();
    assert_eq!(last(whole, begin + 150), expected, "it is not known yet");
    let cut = segment[..begin + 150].to_vec();
    assert_eq!(last(cut, segment.len()), expected);
}

#[test]
fn a_header_of_something_else_is_no_newer_one() {
    let mut bytes = header(9);
    bytes[8] = 2;
    assert!(matches!(
        Header::decode(&bytes),
        Err(SegmentError::Newer(2))
    ));
    bytes[0] ^= 0x80;
    assert!(matches!(Header::decode(&bytes), Err(SegmentError::Header)));
}
