//! What generated code calls: one macro, [`impl_graphql!`](crate::impl_graphql), and functions that
//! are compiled once, here.
//!
//! Generated types are plain Rust items. Behind them stands one call of the macro, which says how
//! GraphQL names and treats what Rust's names and types do not say, and writes the implementations.
//! Enter at [`impl_graphql!`](crate::impl_graphql); `answers` has what is read, `inputs` what is
//! sent, `leaves` enums and scalars, `serde` serde's traits over all of them.

mod answers;
mod inputs;
mod leaves;
#[doc(hidden)]
pub mod private;
mod serde;

/// Implements the traits of GraphQL for plain types, a row for each.
///
/// The compiler writes one call behind the types of a module. Written by hand, it makes any struct
/// or enum one that answers are read into or variables are written from.
///
/// | row | for | implements |
/// |---|---|---|
/// | `object Event { … }` | a struct that is read from an object | [`Read`](crate::rt::Read) |
/// | `union Search { … }` | an enum that is read by `__typename` | [`Read`](crate::rt::Read) |
/// | `variables EventPage { … }`, `input Filter { … }` | a struct that is sent | [`Write`](crate::rt::Write) |
/// | `one_of Key { … }` | an enum that is sent as an object with one key | [`Write`](crate::rt::Write) |
/// | `enum Role { … }` | an enum of GraphQL, open to values that it does not know | `Read`, `Write`, `Display`, `as_str` |
/// | `scalar DateTime;` | a newtype over [`Json`](crate::Json) | `Read`, `Write` |
/// | `query EventPage { … }`, also `mutation` and `subscription` | the struct of an operation's variables | [`Operation`](crate::Operation) |
///
/// A row of a struct has all its fields, in the order of the document:
///
/// | a field as | is |
/// |---|---|
/// | `created_at` | the value of the key `createdAt`: the name in camel case |
/// | `url: "URL"` | the value of that key |
/// | `guests?` | under `@include` or `@skip`, so an `Option`, or a [`Maybe`](crate::Maybe) where it is nullable |
/// | `at as Serde` | through a codec, here [`Serde`](crate::rt::Serde) for a type that only serde knows |
/// | `..card`, `..card?` | a fragment, read from the same object |
/// | `..card @ "label"` | a fragment under `@defer` with this label: a [`Deferred`](crate::Deferred) |
///
/// A row of an enum has its variants but `Other`, which stands for all that is not known: `User`
/// or `Actor: "Bot" | "App"` in a union, `Owner: "OWNER"` in an enum, `Id: "id"` in a oneOf object.
///
/// `#![derive(Serialize, Deserialize)]` before the rows implements serde's traits for all of them.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub struct Event {
///     pub id: attendium::Id,
///     pub starts_at: String,
///     pub owner: Owner,
///     pub card: Card,
/// }
///
/// #[derive(Debug, PartialEq)]
/// pub enum Owner {
///     User(User),
///     Other(attendium::Other),
/// }
///
/// #[derive(Debug, PartialEq)]
/// pub struct User {
///     pub login: String,
/// }
///
/// /// A fragment that shares `id` with the event.
/// #[derive(Debug, PartialEq)]
/// pub struct Card {
///     pub id: attendium::Id,
///     pub link: Option<String>,
/// }
///
/// attendium::impl_graphql! {
///     object Event { id, starts_at, owner, ..card }
///     union Owner { User }
///     object User { login }
///     object Card { id, link: "URL" }
/// }
///
/// let event: Event = attendium::rt::from_str(
///     r#"{"id": 7, "startsAt": "8pm", "owner": {"__typename": "Robot"}, "URL": null}"#,
/// )?;
/// assert_eq!(event.card.id, "7");
/// assert_eq!(event.owner, Owner::Other(attendium::Other { typename: "Robot".into() }));
/// # Ok::<(), attendium::DecodeError>(())
/// ```
///
/// An operation is a struct of its variables:
///
/// ```
/// pub struct EventPage {
///     pub id: attendium::Id,
///     pub first: attendium::Maybe<i32>,
/// }
///
/// pub struct Data {
///     pub title: Option<String>,
/// }
///
/// attendium::impl_graphql! {
///     query EventPage {
///         data: Data,
///         name: "EventPage",
///         source: "queries/event.graphql:1",
///         document: "query EventPage($id:ID!,$first:Int){title(id:$id,first:$first)}",
///     }
///     variables EventPage { id, first }
///     object Data { title }
/// }
///
/// let page = EventPage { id: "7".into(), first: attendium::Maybe::Absent };
/// assert_eq!(attendium::operation::variables(&page), br#"{"id":"7"}"#);
/// ```
// For generated code alone: applications never call it.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_graphql {
    (#![derive $traits:tt] $($kind:ident $type:ident $body:tt)*) => {$(
        $crate::__implement! { $kind $type $body }
        $crate::__implement_serde! { $kind $traits $type $body }
    )*};
    ($($kind:ident $type:ident $body:tt)*) => {
        $($crate::__implement! { $kind $type $body })*
    };
}

/// One row of [`impl_graphql!`](crate::impl_graphql), without serde's traits.
#[doc(hidden)]
#[macro_export]
macro_rules! __implement {
    (object $type:ident $fields:tt) => {
        $crate::__read_object! { $type $fields }
    };
    (union $type:ident $variants:tt) => {
        $crate::__read_union! { $type $variants }
    };
    (variables $type:ident $fields:tt) => {
        $crate::__write_input! { $type $fields }
    };
    (input $type:ident $fields:tt) => {
        $crate::__write_input! { $type $fields }
    };
    (one_of $type:ident $variants:tt) => {
        $crate::__write_one_of! { $type $variants }
    };
    (enum $type:ident $values:tt) => {
        $crate::__read_and_write_enum! { $type $values }
    };
    (scalar $type:ident $end:tt) => {
        $crate::__read_and_write_scalar! { $type }
    };
    (query $type:ident $operation:tt) => {
        $crate::__operation! { Query $type $operation }
    };
    (mutation $type:ident $operation:tt) => {
        $crate::__operation! { Mutation $type $operation }
    };
    (subscription $type:ident $operation:tt) => {
        $crate::__operation! { Subscription $type $operation }
    };
}

/// Fails to compile where generated code was made for another version of the macros above.
///
/// The version is raised when code that an earlier compiler has made no longer compiles, or no
/// longer means what it meant.
///
/// ```
/// attendium::assert_contract!(1, "attendium-codegen 0.1.0");
/// ```
///
/// ```compile_fail
/// attendium::assert_contract!(2, "attendium-codegen 0.9.0");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! assert_contract {
    (1, $generator:literal) => {};
    ($version:literal, $generator:literal) => {
        ::core::compile_error!(::core::concat!(
            "this code was generated by ",
            $generator,
            " for version ",
            $version,
            " of the contract between generated code and the crate `attendium`; this `attendium` ",
            "has version 1: use `attendium` and `attendium-codegen` of one version, and generate \
             the code again"
        ));
    };
}
