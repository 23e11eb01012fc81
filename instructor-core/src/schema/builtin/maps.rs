//! Maps, and what their keys may be.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;

use crate::model::ResponseModel;
use crate::rule::Checks;
use crate::schema::graph::{Edge, Keys, Node};
use crate::validate::Path;

/// A type that can be the key of a map in an answer. In JSON every key is a text; integers are written in it.
///
/// `#[derive(ResponseModel)]` implements it for enums of names, and for newtypes around a key that add no rule.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a map in an answer",
    label = "neither text nor an integer",
    note = "the keys of JSON objects are texts: use `String`, an integer of at most 64 bits, an enum whose variants hold nothing and have one name each, or a list of structs with a key and a value"
)]
pub trait MapKey: 'static {
    /// What the keys look like.
    const KEYS: Keys;

    /// The key as it stands in JSON.
    fn json(&self) -> Cow<'_, str>;
}

macro_rules! texts {
    ($($type:ty),*) => {
        $(impl MapKey for $type {
            const KEYS: Keys = Keys::Text;

            fn json(&self) -> Cow<'_, str> {
                Cow::Borrowed(self)
            }
        })*
    };
}

texts!(String, Box<str>, Cow<'static, str>);

/// With the regular expression of exactly the integers of the type.
macro_rules! integers {
    ($($type:ty => $pattern:literal),* $(,)?) => {
        $(impl MapKey for $type {
            const KEYS: Keys = Keys::Integer {
                minimum: <$type>::MIN as i128,
                maximum: <$type>::MAX as u128,
                pattern: $pattern,
            };

            fn json(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        })*
    };
}

integers! {
    i8 => "^(?:0|[1-9][0-9]{0,1}|1[0-1][0-9]|12[0-6]|127|-(?:[1-9][0-9]{0,1}|1[0-1][0-9]|12[0-7]|128))$",
    i16 => "^(?:0|[1-9][0-9]{0,3}|[1-2][0-9]{4}|3[0-1][0-9]{3}|32[0-6][0-9]{2}|327[0-5][0-9]|3276[0-6]|32767|-(?:[1-9][0-9]{0,3}|[1-2][0-9]{4}|3[0-1][0-9]{3}|32[0-6][0-9]{2}|327[0-5][0-9]|3276[0-7]|32768))$",
    i32 => "^(?:0|[1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7}|214[0-6][0-9]{6}|2147[0-3][0-9]{5}|21474[0-7][0-9]{4}|214748[0-2][0-9]{3}|2147483[0-5][0-9]{2}|21474836[0-3][0-9]|214748364[0-6]|2147483647|-(?:[1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7}|214[0-6][0-9]{6}|2147[0-3][0-9]{5}|21474[0-7][0-9]{4}|214748[0-2][0-9]{3}|2147483[0-5][0-9]{2}|21474836[0-3][0-9]|214748364[0-7]|2147483648))$",
    i64 => "^(?:0|[1-9][0-9]{0,17}|[1-8][0-9]{18}|9[0-1][0-9]{17}|92[0-1][0-9]{16}|922[0-2][0-9]{15}|9223[0-2][0-9]{14}|92233[0-6][0-9]{13}|922337[0-1][0-9]{12}|92233720[0-2][0-9]{10}|922337203[0-5][0-9]{9}|9223372036[0-7][0-9]{8}|92233720368[0-4][0-9]{7}|922337203685[0-3][0-9]{6}|9223372036854[0-6][0-9]{5}|92233720368547[0-6][0-9]{4}|922337203685477[0-4][0-9]{3}|9223372036854775[0-7][0-9]{2}|922337203685477580[0-6]|9223372036854775807|-(?:[1-9][0-9]{0,17}|[1-8][0-9]{18}|9[0-1][0-9]{17}|92[0-1][0-9]{16}|922[0-2][0-9]{15}|9223[0-2][0-9]{14}|92233[0-6][0-9]{13}|922337[0-1][0-9]{12}|92233720[0-2][0-9]{10}|922337203[0-5][0-9]{9}|9223372036[0-7][0-9]{8}|92233720368[0-4][0-9]{7}|922337203685[0-3][0-9]{6}|9223372036854[0-6][0-9]{5}|92233720368547[0-6][0-9]{4}|922337203685477[0-4][0-9]{3}|9223372036854775[0-7][0-9]{2}|922337203685477580[0-7]|9223372036854775808))$",
    u8 => "^(?:0|[1-9][0-9]{0,1}|1[0-9]{2}|2[0-4][0-9]|25[0-4]|255)$",
    u16 => "^(?:0|[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-4]|65535)$",
    u32 => "^(?:0|[1-9][0-9]{0,8}|[1-3][0-9]{9}|4[0-1][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}|4294[0-8][0-9]{5}|42949[0-5][0-9]{4}|429496[0-6][0-9]{3}|4294967[0-1][0-9]{2}|42949672[0-8][0-9]|429496729[0-4]|4294967295)$",
    u64 => "^(?:0|[1-9][0-9]{0,18}|1[0-7][0-9]{18}|18[0-3][0-9]{17}|184[0-3][0-9]{16}|1844[0-5][0-9]{15}|18446[0-6][0-9]{14}|184467[0-3][0-9]{13}|1844674[0-3][0-9]{12}|184467440[0-6][0-9]{10}|1844674407[0-2][0-9]{9}|18446744073[0-6][0-9]{8}|1844674407370[0-8][0-9]{6}|18446744073709[0-4][0-9]{5}|184467440737095[0-4][0-9]{4}|18446744073709550[0-9]{3}|18446744073709551[0-5][0-9]{2}|1844674407370955160[0-9]|1844674407370955161[0-4]|18446744073709551615)$",
}

/// Types that are written as texts of a form of their own. The compiler is not to list them in its errors: which there are
/// depends on features.
macro_rules! typed {
    ($($type:ty),* $(,)?) => {
        $(#[diagnostic::do_not_recommend]
        impl MapKey for $type {
            const KEYS: Keys = Keys::Typed(<$type as ResponseModel>::NODE);

            fn json(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        })*
    };
}

typed!(
    char,
    std::net::IpAddr,
    std::net::Ipv4Addr,
    std::net::Ipv6Addr
);
#[cfg(feature = "chrono")]
typed!(chrono::NaiveDate, chrono::Weekday);
#[cfg(feature = "jiff")]
typed!(jiff::civil::Date);
#[cfg(feature = "time")]
typed!(time::Date, time::Month, time::Weekday);
#[cfg(feature = "uuid")]
typed!(uuid::Uuid);

#[cfg(feature = "chrono")]
#[diagnostic::do_not_recommend]
impl MapKey for chrono::Month {
    const KEYS: Keys = Keys::Typed(<chrono::Month as ResponseModel>::NODE);

    fn json(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.name())
    }
}

#[cfg(target_pointer_width = "64")]
mod pointer_sized {
    use super::{Cow, Keys, MapKey};

    impl MapKey for usize {
        const KEYS: Keys = u64::KEYS;

        fn json(&self) -> Cow<'_, str> {
            Cow::Owned(self.to_string())
        }
    }

    impl MapKey for isize {
        const KEYS: Keys = i64::KEYS;

        fn json(&self) -> Cow<'_, str> {
            Cow::Owned(self.to_string())
        }
    }
}

macro_rules! maps {
    ($($map:ident<K, V $(, $state:ident)?> where K: $($bound:path),+;)*) => {
        $(impl<K, V $(, $state)?> ResponseModel for $map<K, V $(, $state)?>
        where
            K: MapKey + DeserializeOwned $(+ $bound)+,
            V: ResponseModel + DeserializeOwned,
            $($state: BuildHasher + Default + 'static,)?
        {
            const NODE: Edge = Edge::to(&Node::Map {
                keys: K::KEYS,
                values: V::NODE,
            });
            type Partial = BTreeMap<String, V::Partial>;

            fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                for (key, value) in self {
                    value.check_rules(&path.key(&key.json()), checks);
                }
            }
        })*
    };
}

maps! {
    HashMap<K, V, S> where K: Eq, Hash;
    BTreeMap<K, V> where K: Ord;
}

impl ResponseModel for serde_json::Map<String, serde_json::Value> {
    const NODE: Edge = Edge::to(&Node::Map {
        keys: Keys::Text,
        values: serde_json::Value::NODE,
    });
    type Partial = Self;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds<T: MapKey + Ord + DeserializeOwned>(key: &str) {
        let Keys::Integer { pattern, .. } = T::KEYS else {
            panic!("an integer")
        };
        let matches = regex::Regex::new(pattern).expect("a pattern").is_match(key);
        let json = format!("{{\"{key}\":0}}");
        let read = serde_json::from_str::<BTreeMap<T, u8>>(&json).is_ok();
        assert_eq!(matches, read, "{key} of {}", std::any::type_name::<T>());
    }

    #[test]
    fn the_patterns_of_integer_keys_are_what_serde_reads() {
        let mut keys: Vec<String> = [
            "", "-0", "00", "01", "+1", "1.0", "1e2", " 1", "1 ", "-", "a",
        ]
        .map(str::to_owned)
        .to_vec();
        for bits in 0..=64 {
            let power = 1_i128 << bits;
            for near in [power - 2, power - 1, power, power + 1] {
                keys.push(near.to_string());
                keys.push((-near).to_string());
            }
        }
        for key in keys {
            holds::<i8>(&key);
            holds::<i16>(&key);
            holds::<i32>(&key);
            holds::<i64>(&key);
            holds::<u8>(&key);
            holds::<u16>(&key);
            holds::<u32>(&key);
            holds::<u64>(&key);
            holds::<usize>(&key);
            holds::<isize>(&key);
        }
    }
}
