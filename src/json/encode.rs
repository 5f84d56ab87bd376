//! [`Encode`]: generated types back to the JSON that they were read from, for `Serialize` where the
//! configuration asks for it.
//!
//! A struct and its fragments were read from one object, whose keys they may share in part, at any
//! depth. Writing must merge what they hold: each value is encoded *into* what is there already,
//! objects key by key and lists element by element. So this goes by way of a [`Json`] tree, which
//! writing is not in a hurry to avoid.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::decode::{from_slice, from_str};
use super::read::Read;
use super::writer::{Write, to_vec};
use crate::value::{Id, Json, Maybe, Other, RawJson};

/// The keys and values of a JSON object, in order.
pub type Map = serde_json::Map<String, Json>;

/// A type that can be put back into the JSON from which it was read.
pub trait Encode {
    /// Puts the value into its place, merging it with what another fragment has put there.
    fn encode(&self, slot: &mut Json);
}

/// A selection that can be put back into its object.
pub trait Merge {
    /// Puts the fields into the object.
    fn merge(&self, object: &mut Map);
}

/// Encodes a selection: [`Encode::encode`] of the types that implement [`Merge`].
pub fn encode_merged(value: &dyn Merge, slot: &mut Json) {
    if !slot.is_object() {
        *slot = Json::Object(Map::new());
    }
    if let Json::Object(object) = slot {
        value.merge(object);
    }
}

/// Encodes one field of an object.
pub(crate) fn encode_field(object: &mut Map, key: &str, encode: impl FnOnce(&mut Json)) {
    match object.get_mut(key) {
        Some(slot) => encode(slot),
        None => {
            let mut slot = Json::Null;
            encode(&mut slot);
            object.insert(key.to_owned(), slot);
        }
    }
}

/// Encodes a list into its place, merging element by element where another fragment has put the
/// same list there.
pub(crate) fn encode_list<T>(list: &[T], slot: &mut Json, mut encode: impl FnMut(&T, &mut Json)) {
    match slot {
        Json::Array(slots) if slots.len() == list.len() => {
            list.iter()
                .zip(slots)
                .for_each(|(value, slot)| encode(value, slot));
        }
        _ => {
            let mut slots = vec![Json::Null; list.len()];
            list.iter()
                .zip(&mut slots)
                .for_each(|(value, slot)| encode(value, slot));
            *slot = Json::Array(slots);
        }
    }
}

/// `Serialize::serialize` of generated types.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &dyn Encode, serializer: S) -> Result<S::Ok, S::Error> {
    let mut slot = Json::Null;
    value.encode(&mut slot);
    slot.serialize(serializer)
}

/// `Serialize::serialize` of input objects: what a request would send.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_written<T: Write, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let json: Json = from_slice(&to_vec(value)).map_err(serde::ser::Error::custom)?;
    json.serialize(serializer)
}

/// `Deserialize::deserialize` of generated types.
///
/// # Errors
/// Those of the deserializer, and where the value is not of this type.
pub fn deserialize<'de, T: for<'a> Read<'a>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = Json::deserialize(deserializer)?.to_string();
    from_str(&text).map_err(serde::de::Error::custom)
}

impl Encode for RawJson {
    fn encode(&self, slot: &mut Json) {
        *slot = serde_json::from_str(self.as_str()).unwrap_or_default();
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

macro_rules! encode {
    ($($type:ty: |$value:ident| $json:expr;)*) => {$(
        impl Encode for $type {
            fn encode(&self, slot: &mut Json) {
                let $value = self;
                *slot = $json;
            }
        }
    )*};
}

encode! {
    String: |value| Json::from(value.as_str());
    str: |value| Json::from(value);
    std::borrow::Cow<'_, str>: |value| Json::from(&**value);
    Id: |value| Json::from(value.as_str());
    bool: |value| Json::from(*value);
    i32: |value| Json::from(*value);
    i64: |value| Json::from(*value);
    u64: |value| Json::from(*value);
    f64: |value| Json::from(*value);
    Json: |value| value.clone();
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, slot: &mut Json) {
        T::encode(self, slot);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, slot: &mut Json) {
        match self {
            Some(value) => value.encode(slot),
            None => *slot = Json::Null,
        }
    }
}

impl<T: Encode> Encode for Maybe<T> {
    fn encode(&self, slot: &mut Json) {
        match self {
            Self::Value(value) => value.encode(slot),
            Self::Absent | Self::Null => *slot = Json::Null,
        }
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, slot: &mut Json) {
        encode_list(self, slot, T::encode);
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, slot: &mut Json) {
        T::encode(self, slot);
    }
}

impl<T: Merge> Merge for Box<T> {
    fn merge(&self, object: &mut Map) {
        T::merge(self, object);
    }
}

impl Merge for Other {
    fn merge(&self, object: &mut Map) {
        encode_field(object, "__typename", |slot| {
            *slot = Json::from(self.typename.as_str())
        });
    }
}

impl Encode for Other {
    fn encode(&self, slot: &mut Json) {
        encode_merged(self, slot);
    }
}
