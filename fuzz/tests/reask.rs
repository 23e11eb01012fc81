//! Requests after wrong answers: `cargo xtask fuzz --only reask`.

use std::sync::atomic::{AtomicUsize, Ordering};

use instructor_fuzz::reask::{Recipe, WRONG, check, requests};
use instructor_fuzz::watch::Watch;

#[test]
fn whatever_is_answered_the_next_request_is_ours() {
    let watch = Watch::start();
    bolero::check!().with_type::<Recipe>().for_each(|recipe| {
        let input = recipe.input();
        watch.over(input.clone(), || check(&input, requests))
    });
}

#[test]
fn the_check_finds_wrong_requests() {
    let found = WRONG.map(|_| AtomicUsize::new(0));
    bolero::check!()
        .with_iterations(2_000)
        .with_type::<Recipe>()
        .for_each(|recipe| {
            let input = recipe.input();
            for (found, (_, wrong)) in found.iter().zip(WRONG) {
                let is_found = check(&input, wrong).is_err();
                found.fetch_add(usize::from(is_found), Ordering::Relaxed);
            }
        });
    for ((name, _), found) in WRONG.iter().zip(found) {
        let found = found.into_inner();
        println!("{found} inputs are taken wrongly if {name}");
        assert!(found > 0, "no input is taken wrongly if {name}");
    }
}
