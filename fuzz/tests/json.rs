//! The reader of JSON that arrives in pieces, and the partial values made of it: `cargo xtask fuzz --only json`.

use std::sync::atomic::{AtomicUsize, Ordering};

use instructor_fuzz::json::{Recipe, WRONG, WRONG_SHOWN, compare, compare_shown, read, shown};
use instructor_fuzz::watch::Watch;

#[test]
fn documents_have_the_values_that_serde_json_reads() {
    let watch = Watch::start();
    bolero::check!().with_type::<Recipe>().for_each(|recipe| {
        let document = recipe.document();
        watch.over(document.clone(), || {
            compare(&document, read)?;
            compare_shown(&document, shown)
        })
    });
}

#[test]
fn the_comparisons_find_wrong_readers() {
    let names = WRONG.map(|(name, _)| name);
    let shown_names = WRONG_SHOWN.map(|(name, _)| name);
    let names: Vec<_> = names.into_iter().chain(shown_names).collect();
    let found: Vec<_> = names.iter().map(|_| AtomicUsize::new(0)).collect();
    bolero::check!()
        .with_iterations(10_000)
        .with_type::<Recipe>()
        .for_each(|recipe| {
            let document = recipe.document();
            let by_value = WRONG.iter().map(|(_, wrong)| compare(&document, *wrong));
            let by_partial = WRONG_SHOWN
                .iter()
                .map(|(_, wrong)| compare_shown(&document, *wrong));
            for (found, outcome) in found.iter().zip(by_value.chain(by_partial)) {
                found.fetch_add(usize::from(outcome.is_err()), Ordering::Relaxed);
            }
        });
    for (name, found) in names.iter().zip(found) {
        let found = found.into_inner();
        println!("{found} inputs are taken wrongly if {name}");
        assert!(found > 0, "no input is taken wrongly if {name}");
    }
}
