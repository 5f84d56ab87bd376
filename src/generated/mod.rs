//! The tables that generated code is made of.
//!
//! The compiler writes plain structs in `selection!`, and other structs and enums with a table of names beside them in one of the other
//! macros; the macros write the implementations. Each is one pass of repetition and no recursion over tokens, because what they expand
//! to is compiled for every type of every application: calls of a few functions, which are compiled once, in this crate.
//!
//! | macro | for | implements |
//! |---|---|---|
//! | [`operation!`](crate::operation!) | an operation and its variables | [`Operation`](crate::Operation) |
//! | [`selection!`](crate::selection) | what an operation or a fragment selects from an object | [`Read`](crate::json::Read); on request `Debug`, `Clone` and `PartialEq` |
//! | [`union!`](crate::union) | the same where the object may have several types | the same |
//! | [`open_enum!`](crate::open_enum) | an enum | [`Read`](crate::json::Read), [`Write`](crate::json::Write), `Display`, `as_str` |
//! | [`scalar!`](crate::scalar) | a custom scalar | [`Read`](crate::json::Read), [`Write`](crate::json::Write) |
//! | [`input!`](crate::input), [`one_of!`](crate::one_of) | variables and input objects | [`Write`](crate::json::Write) |
//! | [`constructor!`](crate::constructor) | the same | `new`, and a setter for each optional field |
//!
//! All of them but `operation!` and `constructor!` take serde's traits behind the type's name (`union!(Entry: Serialize, Deserialize { … })`), and
//! `selection!` and `union!` a type with one lifetime (`struct Event<'a> { … }`), whose strings are borrowed from the answer.

mod answers;
#[doc(hidden)]
pub mod private;
mod variables;
