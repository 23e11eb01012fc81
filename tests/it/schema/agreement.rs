//! What a schema accepts, serde deserialises.
