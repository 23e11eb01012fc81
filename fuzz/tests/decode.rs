//! The codecs of all dialects: `cargo xtask fuzz --only decode`.

use std::sync::atomic::{AtomicUsize, Ordering};

use instructor_fuzz::decode::{OWN, Recipe, WRONG, compare};
use instructor_fuzz::watch::Watch;

#[test]
fn bodies_and_streams_are_what_was_said_or_an_error() {
    let watch = Watch::start();
    bolero::check!().with_type::<Recipe>().for_each(|recipe| {
        let input = recipe.input();
        watch.over(input.clone(), || compare(&input, OWN))
    });
}

#[test]
fn the_comparison_finds_wrong_codecs() {
    let found = WRONG.map(|_| AtomicUsize::new(0));
    bolero::check!()
        .with_iterations(5_000)
        .with_type::<Recipe>()
        .for_each(|recipe| {
            let input = recipe.input();
            for (found, (_, wrong)) in found.iter().zip(WRONG) {
                let is_found = compare(&input, wrong).is_err();
                found.fetch_add(usize::from(is_found), Ordering::Relaxed);
            }
        });
    for ((name, _), found) in WRONG.iter().zip(found) {
        let found = found.into_inner();
        println!("{found} inputs are taken wrongly if {name}");
        assert!(found > 0, "no input is taken wrongly if {name}");
    }
}
