//! The decoder of server-sent events: `cargo xtask fuzz --only sse`.

use std::sync::atomic::{AtomicUsize, Ordering};

use instructor_fuzz::sse::{
    Recipe, WRONG, WRONG_LIMITED, compare, compare_limited, decode, decode_limited,
};
use instructor_fuzz::watch::Watch;

#[test]
fn streams_have_the_events_that_other_decoders_find() {
    let watch = Watch::start();
    bolero::check!()
        .with_type::<(Recipe, u8)>()
        .for_each(|(recipe, limit)| {
            let stream = recipe.stream();
            watch.over(stream.clone(), || {
                compare(&stream, decode)?;
                compare_limited(&stream, usize::from(*limit), decode_limited)
            })
        });
}

#[test]
fn the_comparisons_find_wrong_decoders() {
    let names = WRONG.map(|(name, _)| name);
    let limited_names = WRONG_LIMITED.map(|(name, _)| name);
    let names: Vec<_> = names.into_iter().chain(limited_names).collect();
    let found: Vec<_> = names.iter().map(|_| AtomicUsize::new(0)).collect();
    bolero::check!()
        .with_iterations(10_000)
        .with_type::<(Recipe, u8)>()
        .for_each(|(recipe, limit)| {
            let stream = recipe.stream();
            let limit = usize::from(*limit);
            let by_events = WRONG.iter().map(|(_, wrong)| compare(&stream, *wrong));
            let by_limit = WRONG_LIMITED
                .iter()
                .map(|(_, wrong)| compare_limited(&stream, limit, *wrong));
            for (found, outcome) in found.iter().zip(by_events.chain(by_limit)) {
                found.fetch_add(usize::from(outcome.is_err()), Ordering::Relaxed);
            }
        });
    for (name, found) in names.iter().zip(found) {
        let found = found.into_inner();
        println!("{found} inputs are taken wrongly if {name}");
        assert!(found > 0, "no input is taken wrongly if {name}");
    }
}
