//! Numbers and booleans.

use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};

use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Node, Scalar};

macro_rules! scalars {
    ($($type:ty => $scalar:expr),* $(,)?) => {
        $(impl ResponseModel for $type {
            const NODE: Edge = Edge::to(&Node::Scalar($scalar));
            type Partial = Self;
        })*
    };
}

macro_rules! integers {
    ($($type:ty),*) => {
        scalars! {
            $($type => Scalar::Integer {
                minimum: <$type>::MIN as i128,
                maximum: <$type>::MAX as u128,
            }),*
        }
    };
}

macro_rules! positive {
    ($($type:ty),*) => {
        scalars! {
            $($type => Scalar::Integer {
                minimum: 1,
                maximum: <$type>::MAX.get() as u128,
            }),*
        }
    };
}

macro_rules! nonzero {
    ($($type:ty),*) => {
        scalars! {
            $($type => Scalar::NonZero {
                minimum: <$type>::MIN.get() as i128,
                maximum: <$type>::MAX.get() as u128,
            }),*
        }
    };
}

scalars! {
    bool => Scalar::Boolean,
    f32 => Scalar::Float32,
    f64 => Scalar::Float64,
    serde_json::Number => Scalar::Float64,
}

integers!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);
positive!(
    NonZeroU8,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroU128,
    NonZeroUsize
);
nonzero!(
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize
);
