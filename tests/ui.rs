//! What the compiler says about each mistake, and that legal uses compile. `TRYBUILD=overwrite cargo test --test ui` writes
//! the expected texts anew: read them before committing.

#[test]
fn mistakes_are_explained_where_they_are_made() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
    if cfg!(feature = "templates") {
        cases.compile_fail("tests/ui/templates/fail/*.rs");
    }
}

#[test]
fn legal_uses_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    if cfg!(feature = "templates") {
        cases.pass("tests/ui/templates/pass/*.rs");
    }
}
