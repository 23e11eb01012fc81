//! What documents are made of. What is here more than once is drawn more often.

/// What stands in strings, as it is written.
pub(super) const LETTERS: [&str; 28] = [
    "a",
    "b",
    "name",
    " ",
    "1",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "<think>",
    "ü",
    "€",
    "𝄞",
    "\u{7f}",
    "\u{2028}",
    "\\n",
    "\\t",
    "\\\"",
    "\\\\",
    "\\/",
    "\\u0041",
    "\\u00e9",
    "\\ud834\\udd1e",
    "\\ud834",
    "\\udd1e",
    "\\u0000",
];

/// Numbers in all forms of the grammar.
pub(super) const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "1",
    "5",
    "12",
    "-7",
    "255",
    "256",
    "4294967296",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "0.5",
    "-1.250",
    "0.1e1",
    "1e3",
    "2E+2",
    "5e-1",
    "1e999",
    "123456789012345678901234567890.125",
    "1.7976931348623157e308",
];

/// Between tokens.
pub(super) const SPACES: [&str; 8] = ["", "", "", "", " ", "\n  ", "\t", "\r\n"];

/// Keys: those of [`Record`](super::Record), and others.
pub(super) const KEYS: [&str; 24] = [
    "title", "count", "ratio", "tags", "notes", "kind", "events", "adjacent", "either", "pair",
    "child", "any", "x", "y", "at", "type", "value", "from", "Circle", "Line", "a", "\\u0061", "ü",
    "",
];

/// What a change puts into a document.
pub(super) const INSERTED: [&str; 44] = [
    ",", ",", ",", ",", ":", "{", "}", "[", "]", "\"", "\"", "\\", "\n", "\n", "\r", "\t", "\0",
    "\u{1}", "\u{b}", "\u{7f}", "\u{85}", "\u{feff}", " ", "0", "1", "-", "+", ".", "e", "E5",
    "true", "nul", "NaN", "'", "/", "//", "<think>", "</think>", "```", "ü", "€", "𝄞", "\\u",
    "\\ud834",
];

/// What is written, and in its place a mistake that has one correction.
pub(super) const SLIPS: [(&str, &str); 8] = [
    ("]", ",]"),
    ("}", ",}"),
    ("}", "\t,\n}"),
    ("},", "}"),
    ("],", "] "),
    ("\"", "\"\n"),
    (":", "\u{1}:"),
    (",", ",\u{b}"),
];
