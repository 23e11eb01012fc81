//! The schema of every shape in every dialect, as files to be read: `snapshots/<shape>.txt`. Written anew with
//! `UPDATE_EXPECT=1`.

use std::fmt::Write;
use std::path::Path;

use expect_test::expect_file;
use instructor::ResponseModel;
use instructor::schema::Dialect;

use super::zoo::*;
use super::{lines, parse};
use crate::strict_schema::violations;

fn snapshot<T: ResponseModel>(name: &str) {
    let mut text = format!(
        "{}: {}\n{}",
        T::SCHEMA.name,
        T::SCHEMA.description,
        T::SCHEMA
            .wrapper
            .map(|key| format!("wrapped in `{key}`\n"))
            .unwrap_or_default()
    );
    for dialect in Dialect::ALL {
        match T::SCHEMA.text(dialect) {
            Ok(schema) => {
                let parsed = parse(schema);
                jsonschema::meta::validate(&parsed)
                    .unwrap_or_else(|error| panic!("{name}: no JSON Schema: {error}"));
                if dialect == Dialect::OpenAiStrict {
                    assert_eq!(violations(&parsed), Vec::<String>::new(), "{name}");
                }
                writeln!(text, "\n# {dialect}\n{}", lines(schema)).expect("a string");
            }
            Err(reason) => writeln!(text, "\n# {dialect}\nnone: {reason}").expect("a string"),
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schema/snapshots");
    expect_file![folder.join(format!("{name}.txt"))].assert_eq(&text);
}

#[test]
fn every_shape_in_every_dialect() {
    every_shape!(snapshot);
}
