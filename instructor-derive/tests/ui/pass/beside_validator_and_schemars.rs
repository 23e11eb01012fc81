//! Three derives read the same fields; what they call alike means the same to all.
use instructor::ResponseModel;
use schemars::JsonSchema;
use serde::Deserialize;
use validator::Validate;

/// A user.
#[derive(Debug, Deserialize, ResponseModel, Validate, JsonSchema)]
struct User {
    #[validate(length(min = 1, max = 60, message = "between 1 and 60"))]
    name: String,
    #[validate(length(equal = 2))]
    country: String,
    #[validate(range(min = 0, max = 130, code = "age"))]
    age: u8,
    #[validate(range(exclusive_min = 0.0, exclusive_max = 1.0))]
    share: f64,
    #[validate(email)]
    email: String,
    #[validate(url)]
    home: Option<String>,
    #[validate(contains(pattern = "@"), does_not_contain(pattern = " "))]
    handle: String,
    #[validate(nested)]
    address: Address,
}

#[derive(Debug, Deserialize, ResponseModel, Validate, JsonSchema)]
struct Address {
    #[validate(length(max = 10))]
    // What only one of the three knows has a spelling of its own.
    #[response_model(validate(pattern("^[0-9]+$")))]
    zip_code: String,
}

fn main() {
    assert!(User::SCHEMA.standard().contains(r#""format":"email""#));
    let text = r#"{"name": "", "country": "us", "age": 131, "share": 0.5, "email": "a", "home": null, "handle": "@a",
        "address": {"zip_code": "1"}}"#;
    let user: User = serde_json::from_str(text).unwrap();
    let theirs = user.validate().unwrap_err();
    let context = instructor::Context::new();
    let mut ours = instructor::Checks::new(&context);
    user.check_rules(&instructor::Path::ROOT, &mut ours);
    let ours = ours.into_errors();
    let names: Vec<&str> = ours.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(names, ["name", "age", "email"]);
    for name in names {
        assert!(theirs.field_errors().contains_key(name));
    }
}
