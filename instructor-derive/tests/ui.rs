//! What the compiler says about each mistake, and that legal uses compile. `TRYBUILD=overwrite cargo test --package instructor-derive
//! --test ui` writes the expected texts anew: read them before committing.
//!
//! They are tests of this package since they are built with what its tests depend on, all of it anew: of those of the facade that is ten
//! times as much.

#[test]
fn mistakes_are_explained_where_they_are_made() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn legal_uses_compile() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
