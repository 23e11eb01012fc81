//! How values, ids and bytes are written.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::DecodeError;

/// How deep values may nest, those of fields that only a later version knows included. Records nest a dozen deep.
const DEEPEST: usize = 64;

/// Writes a value behind what is in `bytes`.
pub(super) fn write(value: &impl Serialize, bytes: &mut Vec<u8>) {
    let mut serializer = rmp_serde::Serializer::new(bytes).with_struct_map();
    // Writing to memory cannot fail, and nothing here nests any deeper than its types do.
    let _ = value.serialize(&mut serializer);
}

/// Reads the value that `bytes` begin with.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(DEEPEST);
    Ok(T::deserialize(&mut deserializer)?)
}

/// Bytes as they are, and not as a list of numbers.
pub(super) mod bytes {
    use std::borrow::Cow;

    use serde::{Deserialize as _, Deserializer, Serializer};
    use serde_bytes::{ByteBuf, Serialize as _};

    pub(in crate::record) fn serialize<S: Serializer>(
        bytes: &Option<Cow<'_, [u8]>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.serialize(serializer)
    }

    pub(in crate::record) fn deserialize<'a, 'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Cow<'a, [u8]>>, D::Error> {
        let bytes = Option::<ByteBuf>::deserialize(deserializer)?;
        Ok(bytes.map(|bytes| bytes.into_vec().into()))
    }
}

/// An id is bytes of a fixed length, which are not all zero.
macro_rules! id {
    ($name:ident, $id:ty) => {
        pub(crate) mod $name {
            use serde::de::Error;
            use serde::{Deserialize as _, Deserializer, Serializer};
            use serde_bytes::ByteArray;

            pub(crate) fn serialize<S: Serializer>(
                id: &$id,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&id.to_bytes())
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$id, D::Error> {
                let bytes = ByteArray::deserialize(deserializer)?.into_array();
                <$id>::from_bytes(bytes).ok_or_else(|| D::Error::custom("an id of zeroes"))
            }
        }
    };
}

id!(trace_id, crate::span::TraceId);
id!(span_id, crate::span::SpanId);

/// The id of a parent, which not every span has.
pub(super) mod parent {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::span::SpanId;

    #[derive(Serialize, Deserialize)]
    struct Id(#[serde(with = "super::span_id")] SpanId);

    pub(in crate::record) fn serialize<S: Serializer>(
        id: &Option<SpanId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        id.map(Id).serialize(serializer)
    }

    pub(in crate::record) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SpanId>, D::Error> {
        let id = Option::<Id>::deserialize(deserializer)?;
        Ok(id.map(|Id(id)| id))
    }
}
