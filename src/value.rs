//! The types of generated code that Rust does not have: ids, three-state values, unknown types.
//!
//! Enter at [`Id`] and [`Maybe`].

use std::borrow::Borrow;
use std::fmt;

use smol_str::SmolStr;

/// Any JSON: the type of a custom scalar that is not mapped to another.
///
/// It holds integers of 64 bits and floats of 64 bits. In the answer for such a scalar, a number
/// that would lose digits is an error. Where they count, map the scalar to [`RawJson`]; where they
/// don't, to `f64` or to `Json` by its name, which round.
pub type Json = serde_json::Value;

/// JSON as it is written: every digit of a number, and the order of keys.
///
/// Map custom scalars to it whose numbers are larger or finer than 64 bits hold:
/// `--scalar numeric=attendium::RawJson`.
///
/// ```
/// use attendium::RawJson;
/// let amount: RawJson = "123456789012345678901234567890.10".parse()?;
/// assert_eq!(amount.as_str(), "123456789012345678901234567890.10");
/// # Ok::<(), attendium::DecodeError>(())
/// ```
///
/// Through serde it is what `serde_json::Value` is, which rounds numbers without its feature
/// `arbitrary_precision`. Two are equal if their texts are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RawJson(pub(crate) Box<str>);

impl RawJson {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into()
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Json> for RawJson {
    fn from(value: Json) -> Self {
        Self(value.to_string().into())
    }
}

/// A GraphQL `ID`: opaque, compared as text. An integer that a server sends is kept as its digits.
///
/// An id of at most 23 bytes needs no allocation. Cloning a longer one allocates nothing either.
///
/// ```
/// use attendium::Id;
/// let id = Id::from("evt_1");
/// assert_eq!(id, "evt_1");
/// assert_eq!(id.to_string(), "evt_1");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Id(SmolStr);

impl Id {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as an owned text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A map whose keys are ids can be asked with text.
impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<String> for Id {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl From<&str> for Id {
    fn from(id: &str) -> Self {
        Self(SmolStr::new(id))
    }
}

impl From<&Id> for Id {
    fn from(id: &Id) -> Self {
        id.clone()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.into_string()
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// Absent, `null` or a value: three different things in a GraphQL input (GraphQL, section 3.10).
///
/// It is also the type of a nullable field of an answer that `@include` or `@skip` may leave out.
///
/// ```
/// use attendium::Maybe;
/// let limit: Maybe<i32> = 20.into();
/// assert_eq!(limit, Maybe::Value(20));
/// assert_eq!(Maybe::<i32>::from(None), Maybe::Null);
/// assert_eq!(Maybe::<i32>::default(), Maybe::Absent);
/// assert_eq!(limit.into_option(), Some(20));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Maybe<T> {
    /// Not there. An input is not sent, so its default applies; an answer does not have the key.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// A value.
    Value(T),
}

impl<T> Maybe<T> {
    /// The value where there is one, else absent: what was not given stays as it is. (From an
    /// `Option`, `None` is `Null`, which clears it.)
    ///
    /// ```
    /// use attendium::Maybe;
    ///
    /// let given: Option<String> = None;
    /// assert_eq!(Maybe::if_some(given.clone()), Maybe::Absent);
    /// assert_eq!(Maybe::<String>::from(given), Maybe::Null);
    ///
    /// // A setter takes a `Maybe` of the field's own type, and an `Option` has to have that.
    /// let list: Option<&str> = Some("list-vip");
    /// assert!(Maybe::if_some(list.map(attendium::Id::from)).value().is_some());
    /// ```
    #[must_use]
    pub fn if_some(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }

    /// Whether it is [`Absent`](Self::Absent).
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it is [`Null`](Self::Null).
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.as_ref().into_option()
    }

    /// The value, if there is one. Absent and null both become `None`.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Borrows the value.
    #[must_use]
    pub fn as_ref(&self) -> Maybe<&T> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(value),
        }
    }

    /// Changes the value, if there is one.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Maybe<U> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(change(value)),
        }
    }
}

impl<T> From<T> for Maybe<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` is `null`; to leave a value out, say [`Maybe::Absent`] or don't set it.
impl<T> From<Option<T>> for Maybe<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T> From<T> for Maybe<Box<T>> {
    fn from(value: T) -> Self {
        Self::Value(Box::new(value))
    }
}

impl From<&str> for Maybe<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl From<&str> for Maybe<Id> {
    fn from(value: &str) -> Self {
        Self::Value(value.into())
    }
}

impl From<String> for Maybe<Id> {
    fn from(value: String) -> Self {
        Self::Value(value.into())
    }
}

/// An object of a union or an interface whose type the query does not name, or the schema did not
/// have yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Other {
    /// The object's type, as the server names it.
    pub typename: String,
}
