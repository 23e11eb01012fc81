//! The README's program, typed into a new crate with exactly the dependencies that the README names.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The text of the first code block in `language`.
fn block(language: &str) -> String {
    let start = format!("```{language}\n");
    let (_, rest) = README
        .split_once(&start)
        .unwrap_or_else(|| panic!("the README has a block in {language}"));
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_program_compiles_in_a_new_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    // The last lines only say where this crate is, and let the check share what the workspace has compiled.
    let manifest = format!(
        "[package]\nname = \"fresh\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{}\n\
         [patch.crates-io]\ninstructor-rs = {{ path = {root:?} }}\n\n\
         [workspace]\n[profile.dev.package.\"*\"]\ndebug = false\n",
        block("toml"),
    );
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.path().join("src/main.rs"), block("rust,no_run")).unwrap();
    // The versions this workspace was tested with, so that nothing is fetched twice.
    std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();

    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--manifest-path"])
        .arg(folder.path().join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !errors.contains("warning"),
        "{errors}"
    );
}

#[test]
fn the_program_is_short() {
    let program = block("rust,no_run");
    let lines = program
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim().starts_with("///"));
    assert_eq!(lines.count(), 15, "the README promises a short program");
}
