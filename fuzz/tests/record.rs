//! Records as they wait for their server: `cargo xtask fuzz --only record`.

use std::sync::atomic::{AtomicUsize, Ordering};

use instructor_fuzz::record::{OWN, Recipe, WRONG, check};
use instructor_fuzz::watch::Watch;

#[test]
fn any_bytes_are_a_record_or_an_error() {
    let watch = Watch::start();
    bolero::check!().with_type::<Recipe>().for_each(|recipe| {
        let mut records = recipe.records().into_iter();
        records.try_for_each(|record| watch.over(record.clone(), || check(&record, OWN)))
    });
}

#[test]
fn the_check_finds_wrong_readers() {
    let found = WRONG.map(|_| AtomicUsize::new(0));
    bolero::check!()
        .with_iterations(1_000)
        .with_type::<Recipe>()
        .for_each(|recipe| {
            for record in recipe.records() {
                for (found, (_, wrong)) in found.iter().zip(WRONG) {
                    let is_found = check(&record, wrong).is_err();
                    found.fetch_add(usize::from(is_found), Ordering::Relaxed);
                }
            }
        });
    for ((name, _), found) in WRONG.iter().zip(found) {
        let found = found.into_inner();
        println!("{found} records are taken wrongly if {name}");
        assert!(found > 0, "no record is taken wrongly if {name}");
    }
}
