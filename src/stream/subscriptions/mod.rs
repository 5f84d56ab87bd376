//! Subscriptions: one stream of typed events, over a WebSocket, server-sent events or multipart.
//!
//! The application holds a `stream`, which reads a `queue`. A task fills it, the `carrier`: it
//! holds a `connection` and carries its subscriptions over every loss of it (`recovery`). The
//! `registry` knows which carrier has which subscription, and begins one where none is there.
//!
//! A connection is one of three: a `socket` (`message` is what goes over it), an `answer` to one
//! subscription's request, or a `single` stream of server-sent events for all. `endpoint` is what
//! they share, `settings` what can be chosen, `failure` why one ended.

mod answer;
mod carrier;
mod connection;
pub(crate) mod endpoint;
mod failure;
mod message;
mod queue;
mod recovery;
pub(crate) mod registry;
mod settings;
mod single;
mod socket;
mod stream;

pub use settings::{NewToken, Overflow, SubscriptionProtocol, SubscriptionSettings};
pub use stream::{SubscriptionStream, SubscriptionUpdate, SubscriptionUpdates};
