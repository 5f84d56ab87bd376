//! The tables that generated code is made of.
//!
//! Structs of answers, what is sent and enums stand as they are, mostly, and behind them a table says the rest: `__fields!`, `__input!`, `__enum!`. What takes more words
//! than a row stands in its macro as people would write it, with `as` and its name in GraphQL where Rust's name does not say it. The macros write the
//! implementations. Each is one pass of repetition and no recursion over tokens, because what they expand
//! to is compiled for every type of every application: calls of a few functions, which are compiled once, in this crate.
//!
//! | macro | for | implements |
//! |---|---|---|
//! | [`operation!`](crate::operation!) | an operation and its variables | [`Operation`](crate::Operation) |
//! | [`selection!`](crate::selection) | what an operation or a fragment selects from an object | [`Read`](crate::json::Read); on request `Debug`, `Clone` and `PartialEq` |
//! | [`union!`](crate::union) | the same where the object may have several types | the same |
//! | [`input!`](crate::input) | variables and input objects | [`Write`](crate::json::Write), `new`, and a setter for each optional field; on request the same three |
//! | [`one_of!`](crate::one_of) | `@oneOf` input objects | [`Write`](crate::json::Write) |
//! | [`open_enum!`](crate::open_enum) | an enum | [`Read`](crate::json::Read), [`Write`](crate::json::Write), `Display`, `as_str`; on request `PartialEq`, `Eq` and `Hash` |
//! | [`scalar!`](crate::scalar) | a custom scalar, beside its type | [`Read`](crate::json::Read), [`Write`](crate::json::Write) |
//!
//! All of them but `operation!` take serde's traits behind the type's name (`enum Entry: Serialize, Deserialize { … }`), and
//! `selection!` and `union!` a type with one lifetime (`struct Event<'a> { … }`), whose strings are borrowed from the answer.

mod answers;
#[doc(hidden)]
pub mod private;
mod variables;
