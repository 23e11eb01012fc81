//! What is sent to MLflow: `cargo xtask fuzz --only otlp`.

use std::sync::atomic::{AtomicUsize, Ordering};

use instructor_fuzz::otlp::{OWN, Recipe, WRONG, check};
use instructor_fuzz::watch::Watch;

#[test]
fn every_tree_of_spans_is_sent_as_what_it_is() {
    let watch = Watch::start();
    bolero::check!().with_type::<Recipe>().for_each(|recipe| {
        let tree = recipe.tree();
        watch.over(tree.clone(), || check(&tree, OWN))
    });
}

#[test]
fn the_check_finds_wrong_encoders() {
    let found = WRONG.map(|_| AtomicUsize::new(0));
    bolero::check!()
        .with_iterations(1_000)
        .with_type::<Recipe>()
        .for_each(|recipe| {
            let tree = recipe.tree();
            for (found, (_, wrong)) in found.iter().zip(WRONG) {
                let is_found = check(&tree, wrong).is_err();
                found.fetch_add(usize::from(is_found), Ordering::Relaxed);
            }
        });
    for ((name, _), found) in WRONG.iter().zip(found) {
        let found = found.into_inner();
        println!("{found} trees are taken wrongly if {name}");
        assert!(found > 0, "no tree is taken wrongly if {name}");
    }
}
