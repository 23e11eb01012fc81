//! The segments of the spool: `cargo xtask fuzz --only spool`.

use instructor_fuzz::spool::{Recipe, check, read, settled};
use instructor_fuzz::watch::Watch;

#[test]
fn what_is_whole_is_found_and_nothing_else() {
    let watch = Watch::start();
    bolero::check!()
        .with_type::<Recipe>()
        .for_each(|recipe| watch.over(recipe.clone(), || check(&recipe.segment())));
}

#[test]
fn any_bytes_can_be_read() {
    let watch = Watch::start();
    bolero::check!()
        .with_type::<(Vec<u8>, Recipe)>()
        .for_each(|(bytes, recipe)| {
            watch.over(recipe.clone(), || {
                read(bytes);
                // After a header, which makes more of them interesting.
                let mut segment = recipe.segment().bytes;
                segment.extend_from_slice(bytes);
                read(&segment);
            });
        });
}

#[test]
fn what_is_settled_is_written_down_and_read() {
    let watch = Watch::start();
    bolero::check!()
        .with_type::<settled::Recipe>()
        .for_each(|recipe| watch.over(recipe.clone(), || settled::check(recipe)));
}
