//! HTTP: the seam to a client, one request with its retries, and the GraphQL request.
//!
//! Everything that leaves the process goes through [`Transport::send`]: discovery, registration,
//! tokens and GraphQL. Read in this order:
//!
//! - `transport` is the seam: [`Transport`] for a client of your own, [`Middleware`] around one;
//!   `body` is what it carries, `tower` makes one of a service and a service of one, `socket` is
//!   the seam to sockets;
//! - `client` is the default client, [`HttpTransport`], with its [`Limits`]; `codings` reads what
//!   is compressed;
//! - `form` is what a request sends, files included;
//! - `retries` decides whether and when a request is sent again; `sender` sends it;
//! - `response` judges a response by its status and headers; `sent` remembers the request in it;
//! - `graphql` makes the GraphQL request and reads its response.
//!
//! Nothing here imports the session, which calls it.

mod body;
mod call;
pub(crate) mod challenge;
mod client;
mod codings;
pub(crate) mod form;
pub(crate) mod graphql;
pub(crate) mod parts;
pub(crate) mod response;
mod retries;
mod sender;
pub(crate) mod sent;
#[cfg(feature = "subscriptions")]
mod socket;
#[cfg(feature = "tower")]
mod tower;
mod transport;

pub use body::{Body, BoxFuture};
pub use call::CallOptions;
pub use client::{HttpTransport, Limits};
pub use retries::Retries;
#[cfg(feature = "subscriptions")]
pub use socket::{Socket, SocketAnswer, SocketTransport};
#[cfg(feature = "tower")]
pub use tower::{ServiceTransport, TransportService};
pub use transport::{AnsweredFrom, Middleware, StreamedAnswer, StreamedRequest, Transport};

pub(crate) use client::is_loopback;
pub(crate) use retries::{RetrySafety, jitter};
pub(crate) use sender::Sender;
pub(crate) use transport::Layered;
