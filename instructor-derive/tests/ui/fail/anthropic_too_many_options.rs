use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(anthropic))]
struct Wide {
    field_0: Option<u8>,
    field_1: Option<u8>,
    field_2: Option<u8>,
    field_3: Option<u8>,
    field_4: Option<u8>,
    field_5: Option<u8>,
    field_6: Option<u8>,
    field_7: Option<u8>,
    field_8: Option<u8>,
    field_9: Option<u8>,
    field_10: Option<u8>,
    field_11: Option<u8>,
    field_12: Option<u8>,
    field_13: Option<u8>,
    field_14: Option<u8>,
    field_15: Option<u8>,
    field_16: Option<u8>,
    field_17: Option<u8>,
    field_18: Option<u8>,
    field_19: Option<u8>,
    field_20: Option<u8>,
    field_21: Option<u8>,
    field_22: Option<u8>,
    field_23: Option<u8>,
    field_24: Option<u8>,
    field_25: Option<u8>,
}

fn main() {}
