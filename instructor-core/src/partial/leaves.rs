//! Values without parts.

use serde::de::DeserializeOwned;

use super::{PartialValue, Start};

/// A value that is shown when it is whole.
fn whole<T: DeserializeOwned>(start: Start<'_>) -> Option<T> {
    match start {
        Start::Whole(text) => serde_json::from_str(text).ok(),
        Start::Null => serde_json::from_str("null").ok(),
        _ => None,
    }
}

/// Types that are shown when they are whole.
macro_rules! leaves {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::partial::PartialValue for $type {
            fn begin(start: $crate::partial::Start<'_>) -> Option<Self> {
                $crate::partial::leaves::whole(start)
            }
        })*
    };
}

leaves! {
    (), bool, char,
    i8, i16, i32, i64, i128, isize,
    u8, u16, u32, u64, u128, usize,
    f32, f64, serde_json::Number,
    serde_json::Value, serde_json::Map<String, serde_json::Value>,
    std::num::NonZeroI8, std::num::NonZeroI16, std::num::NonZeroI32, std::num::NonZeroI64,
    std::num::NonZeroI128, std::num::NonZeroIsize,
    std::num::NonZeroU8, std::num::NonZeroU16, std::num::NonZeroU32, std::num::NonZeroU64,
    std::num::NonZeroU128, std::num::NonZeroUsize,
    std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::IpAddr,
    std::net::SocketAddrV4, std::net::SocketAddrV6, std::net::SocketAddr,
    std::time::Duration,
}

#[cfg(feature = "chrono")]
leaves! {
    chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::TimeDelta,
    chrono::Weekday, chrono::Month,
    chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::FixedOffset>,
}
#[cfg(feature = "jiff")]
leaves! {
    jiff::Timestamp, jiff::Span, jiff::SignedDuration,
    jiff::civil::Date, jiff::civil::Time, jiff::civil::DateTime,
}
#[cfg(feature = "rust_decimal")]
leaves!(rust_decimal::Decimal);
#[cfg(feature = "time")]
leaves! {
    time::OffsetDateTime, time::PrimitiveDateTime, time::UtcDateTime, time::UtcOffset,
    time::Date, time::Time, time::Duration, time::Month, time::Weekday,
}
#[cfg(feature = "url")]
leaves!(url::Url);
#[cfg(feature = "uuid")]
leaves!(uuid::Uuid);

/// The room that a text begins with. Most are shorter than that, and a longer one has fewer places to move to: it comes a few letters at
/// a time.
const FIRST_ROOM: usize = 32;

/// A text is shown as it grows.
impl PartialValue for String {
    fn begin(start: Start<'_>) -> Option<Self> {
        match start {
            Start::Text => Some(String::new()),
            other => whole(other),
        }
    }

    fn push_str(&mut self, more: &str) {
        if self.capacity() == 0 {
            self.reserve(more.len().max(FIRST_ROOM));
        }
        String::push_str(self, more);
    }
}
