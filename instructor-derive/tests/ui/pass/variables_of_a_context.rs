//! Every form of a variable that a context has.

use instructor::prelude::*;

struct Shop {
    customers: Vec<String>,
    r#type: &'static str,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(context = Shop)]
#[llm_validate("about a {{ type }}, {{ 'all' }} of {{ range(3) }}, {{ not true }}")]
struct Letter<T> {
    #[llm_validate("one of {{customers}} or {{- customers[0] | upper -}}", each)]
    greetings: Vec<String>,
    #[llm_validate("{% for customer in customers %}not {{ customer }}{% endfor %}")]
    text: T,
}

fn main() {
    let shop = Shop { customers: Vec::new(), r#type: "letter" };
    let letter = Letter { greetings: shop.customers, text: shop.r#type.to_owned() };
    fn is_model<T: ResponseModel>(_: &T) {}
    is_model(&letter);
}
