//! Recorded bodies and streams of every dialect, and those with which a mistake was found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Below the folder of this package, each searched through and through.
const FOLDERS: [&str; 2] = ["../instructor-core/tests/wire", "corpus/decode"];

/// What an inserted word may be: what the codecs look for, and what is wrong where it stands.
pub(super) const WORDS: [&[u8]; 56] = [
    b"null",
    b"true",
    b"0",
    b"1",
    b"-1",
    b"18446744073709551615",
    b"1e400",
    b"\"\"",
    b"[]",
    b"{}",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\n",
    b"\n\n",
    b"data: ",
    b"data: [DONE]\n\n",
    b"event: ",
    b"\\ud83e",
    b"\\udd80",
    b"\\u0000",
    "🦀".as_bytes(),
    b"\xFF",
    b"\"id\":null,",
    b"\"model\":\"m\",",
    b"\"index\":0,",
    b"\"index\":7,",
    b"\"index\":18446744073709551615,",
    b"\"output_index\":3,",
    b"\"type\":\"text\",",
    b"\"type\":\"tool_use\",",
    b"\"type\":\"thinking\",",
    b"\"type\":\"error\",",
    b"\"type\":\"message\",",
    b"\"type\":\"reasoning\",",
    b"\"type\":\"function_call\",",
    b"\"text\":\"a\",",
    b"\"content\":\"a\",",
    b"\"content\":null,",
    b"\"refusal\":\"no\",",
    b"\"refusal\":\"\",",
    b"\"reasoning\":\"a\",",
    b"\"arguments\":\"{\",",
    b"\"arguments\":{\"a\":1},",
    b"\"input\":\"a\",",
    b"\"input\":7,",
    b"\"error\":{\"message\":\"no\"},",
    b"\"error\":null,",
    b"\"code\":429,",
    b"\"usage\":{},",
    b"\"input_tokens\":18446744073709551615,",
    b"\"stop_reason\":\"refusal\",",
    b"\"finish_reason\":\"length\",",
    b"\"status\":\"failed\",",
    b"\"choices\":[],",
];

/// The files, by their paths.
pub(super) static RECORDED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in FOLDERS {
        find(&package.join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| fs::read(path).expect("the file can be read");
    paths.into_iter().map(read).collect()
});

fn find(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(&path, paths);
        } else {
            paths.push(path);
        }
    }
}
