//! Types of which every text carries a rule that never holds, and one for a judge: what the one finds the other must find too.

use std::collections::BTreeMap;

use instructor::ResponseModel;
use serde::Deserialize;

/// Calls `$visit::<Type>("name")` for every type here.
macro_rules! every_judged {
    ($visit:ident) => {
        $visit::<JudgedStruct>("struct");
        $visit::<JudgedFlat>("flat");
        $visit::<JudgedExternal>("external");
        $visit::<JudgedInternal>("internal");
        $visit::<JudgedAdjacent>("adjacent");
        $visit::<JudgedUntagged>("untagged");
        $visit::<JudgedMixed>("mixed");
        $visit::<Vec<JudgedInternal>>("root_list");
    };
}
pub(super) use every_judged;

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct Text(
    #[validate(length(min = 1000))]
    #[llm_validate("polite")]
    String,
);

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct Pair {
    #[serde(alias = "first")]
    one: Text,
    #[serde(default)]
    #[validate(length(min = 1000))]
    #[llm_validate("polite")]
    two: Option<String>,
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct Tuple(
    Text,
    #[serde(default)]
    #[validate(length(min = 1000))]
    #[llm_validate("polite")]
    Option<String>,
);

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct JudgedStruct {
    #[serde(alias = "p/air")]
    pair: Pair,
    tuple: Tuple,
    list: Vec<Pair>,
    map: BTreeMap<String, Text>,
    each: (Text, Pair),
    #[serde(default)]
    external: Option<JudgedExternal>,
    #[serde(default)]
    internal: Option<JudgedInternal>,
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct JudgedFlat {
    #[serde(flatten)]
    texts: BTreeMap<String, serde_json::Value>,
    #[serde(flatten)]
    pair: Pair,
    #[serde(flatten)]
    rest: BTreeMap<String, Text>,
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) enum JudgedExternal {
    #[serde(alias = "nothing")]
    Nothing,
    #[serde(alias = "t~e/xt")]
    Text(
        #[validate(length(min = 1000))]
        #[llm_validate("polite")]
        String,
    ),
    #[serde(alias = "named")]
    Named {
        text: Text,
        #[serde(default)]
        more: Vec<Pair>,
    },
    #[serde(alias = "tuple")]
    Tuple(Text, Pair),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
pub(super) enum JudgedInternal {
    Nothing,
    #[serde(alias = "named")]
    Named {
        text: Text,
        pairs: Vec<Pair>,
        #[serde(default)]
        inner: Option<Box<JudgedInternal>>,
    },
    Pair(Pair),
    Wrapped(Wrapped),
    Open(
        #[validate(length(min = 1000))]
        #[llm_validate("complete")]
        BTreeMap<String, Text>,
    ),
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct Wrapped(Pair);

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "t", content = "c")]
pub(super) enum JudgedAdjacent {
    Nothing,
    #[serde(alias = "text")]
    Text(Text),
    Maybe(
        #[validate(length(min = 1000))]
        #[llm_validate("polite")]
        Option<String>,
    ),
    Tuple(Text, Pair),
    Named {
        text: Text,
        internal: Option<JudgedInternal>,
    },
}

/// The rules tell the variants apart, which serde does not.
#[derive(Debug, Deserialize, ResponseModel)]
#[serde(untagged)]
pub(super) enum JudgedUntagged {
    Text(
        #[validate(length(min = 1000))]
        #[llm_validate("polite")]
        String,
    ),
    Never(String),
    Pair(Pair),
    List(Vec<JudgedUntagged>),
    Internal(JudgedInternal),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
pub(super) enum JudgedMixed {
    Named {
        text: Text,
        external: Option<JudgedExternal>,
    },
    #[serde(untagged)]
    Any { text: String },
    #[serde(untagged)]
    Text(Text),
}
