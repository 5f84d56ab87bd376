//! The methods of [`Session`] that run operations, and those for an application that ends.

use bytes::Bytes;
use http::HeaderValue;
use tracing::Span;

use crate::error::Error;
use crate::http::CallOptions;
use crate::http::form::Content;
use crate::http::graphql::{OperationMeta, decode_answer, finish_response, into_data};
use crate::operation::{Operation, SingleResponse};
use crate::response::Response;
#[cfg(feature = "subscriptions")]
use crate::stream::subscriptions::SubscriptionStream;

use super::profile::Credential;
use super::response_stream::ResponseStream;
use super::{Session, request, shutdown, single_flight};

// Running operations: `request.rs`, and `http/graphql.rs` for the response.
//
// `compat.rs` adds operations of `graphql_client` and `cynic`.
impl Session {
    /// Runs a query or a mutation, and gives its data.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::Me;
    ///
    /// let me = session.run(&Me {}).await?.me;
    /// assert_eq!(me.id, "user-emma");
    /// # Ok(()) }
    /// ```
    ///
    /// A subscription, which has no single response, does not compile:
    ///
    /// ```compile_fail,E0277
    /// use attendium::operation::{Operation, Subscription};
    ///
    /// async fn run<O: Operation<Kind = Subscription>>(session: attendium::Session, operation: O) {
    ///     session.run(&operation).await;
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::Graphql`] where the API reports any error, even beside partial data, which
    /// [`Session::request`] gives. For other errors see [`Session::request`].
    pub async fn run<O>(&self, operation: &O) -> Result<O::Data, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        self.run_with(operation, &CallOptions::new()).await
    }

    /// As [`Session::run`], with options for this call: headers, a deadline, whether a mutation may
    /// be sent again.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::{CallOptions, Me};
    /// use std::time::Duration;
    ///
    /// let options = CallOptions::new().deadline(Duration::from_secs(3));
    /// let me = session.run_with(&Me {}, &options).await?.me;
    /// # assert_eq!(me.id, "user-emma");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn run_with<O>(&self, operation: &O, options: &CallOptions) -> Result<O::Data, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        let response = self.request_with(operation, options).await?;
        into_data(response, OperationMeta::of(operation).name)
    }

    /// Runs a query or a mutation, and gives the whole response: partial data, errors, extensions
    /// and the HTTP head.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::Me;
    ///
    /// let response = session.request(&Me {}).await?;
    /// for error in &response.errors {
    ///     eprintln!("{error}, {:?}", error.path);
    /// }
    /// if let Some(data) = response.data {
    ///     println!("logged in as {}", data.me.id);
    /// }
    /// # assert_eq!(response.http.map(|head| head.status.as_u16()), Some(200));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::LoginRequired`] where nobody is logged in; the other variants where there is no
    /// GraphQL response.
    pub async fn request<O>(&self, operation: &O) -> Result<Response<O::Data>, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        self.request_with(operation, &CallOptions::new()).await
    }

    /// As [`Session::request`], with options for this call.
    ///
    /// # Errors
    /// As [`Session::request`].
    pub async fn request_with<O>(
        &self,
        operation: &O,
        options: &CallOptions,
    ) -> Result<Response<O::Data>, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        let meta = OperationMeta::of(operation);
        let content = Content::of(operation);
        let (response, span) = self.send(&meta, content, options).await?;
        let decoded = decode_answer::<O>(&response);
        finish_response(meta, response, decoded, &span)
    }

    /// Runs a query or a mutation, and gives each state of an answer that comes in parts: at first
    /// without what is under `@defer` and `@stream`, then with more and more of it.
    ///
    /// An answer that comes whole is one state, so this works with any operation and any server.
    /// Parts that arrive while a state is being looked at are one state. The request is sent when
    /// the first state is asked for, with the same token, renewal and retries as by
    /// [`Session::request`]. A failure after the first part is not repeated: it ends the stream.
    /// Between two pieces of the answer, the transport's
    /// [`read_timeout`](crate::transport::Limits::read_timeout) may pass.
    ///
    /// ```no_run
    /// # use attendium::{Deferred, Session};
    /// # pub struct Event { }
    /// # #[derive(Debug)]
    /// # pub struct Data { pub name: String, pub numbers: Deferred<Numbers> }
    /// # #[derive(Debug)]
    /// # pub struct Numbers { pub sold: i32 }
    /// # attendium::impl_graphql! {
    /// #     query Event {
    /// #         data: Data,
    /// #         name: "Event",
    /// #         source: "queries/event.graphql:1",
    /// #         document: "query Event{name ...@defer(label:\"numbers\"){sold}}",
    /// #         incremental: true,
    /// #     }
    /// #     variables Event {}
    /// #     object Data { name, ..numbers @ "numbers" }
    /// #     object Numbers { sold }
    /// # }
    /// # async fn example(session: Session) -> Result<(), attendium::Error> {
    /// // query Event { name ... @defer(label: "numbers") { sold } }
    /// let mut states = session.stream(&Event {});
    /// while let Some(state) = states.next().await {
    ///     if let Some(data) = state?.data {
    ///         println!("{}: {:?} sold", data.name, data.numbers.ready());
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream<O>(&self, operation: &O) -> ResponseStream<O::Data>
    where
        O: Operation<Kind: SingleResponse>,
    {
        self.stream_with(operation, &CallOptions::new())
    }

    /// As [`Session::stream`], with options for this call. A deadline is that of the last state.
    pub fn stream_with<O>(&self, operation: &O, options: &CallOptions) -> ResponseStream<O::Data>
    where
        O: Operation<Kind: SingleResponse>,
    {
        let (config, credential) = (self.config.clone(), self.credential.clone());
        ResponseStream::new(config, credential, operation, options)
    }

    /// Sends an operation's content, authorised. The span ends when the response was read.
    pub(crate) async fn send(
        &self,
        meta: &OperationMeta,
        content: Content,
        options: &CallOptions,
    ) -> Result<(http::Response<Bytes>, Span), Error> {
        request::send(&self.config, &self.credential, meta, content, options).await
    }

    /// The `Authorization` header for a request of the application's own to the same server: with a
    /// token that is fresh, after a refresh where one is due. None where this session sends no
    /// header.
    ///
    /// Its `Debug` shows nothing, and its memory is zeroed when it is dropped. Who has it acts as
    /// the user: send it to nobody else.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// let header = session.authorization_header().await?.expect("the user is logged in");
    /// assert!(header.is_sensitive());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::LoginRequired`] where nobody is logged in; the other variants where a refresh
    /// fails.
    pub async fn authorization_header(&self) -> Result<Option<HeaderValue>, Error> {
        request::authorization_header(&self.credential).await
    }

    /// Waits for a refresh that is under way, and for a login whose tokens are not kept yet.
    ///
    /// A program that is about to end its runtime calls this, so that a rotated refresh token is
    /// not lost on the way to the store. [`Session::shutdown_signal`] calls it by itself.
    ///
    /// ```no_run
    /// # fn example(runtime: tokio::runtime::Runtime, session: attendium::Session) {
    /// runtime.block_on(session.wait_for_refresh());
    /// runtime.shutdown_background();
    /// # }
    /// ```
    pub async fn wait_for_refresh(&self) {
        if let Credential::Profile(profile) = &self.credential {
            single_flight::wait_for_flight(profile).await;
        }
        self.config.critical.wait().await;
    }

    /// Waits for a signal that ends the process (SIGINT, SIGTERM, SIGHUP; Ctrl-C, Ctrl-Break and
    /// the closed window on Windows), and then until no refresh and no login of this session, with
    /// any of its profiles, is between the server and the store. A second signal ends that wait.
    /// Gives the exit code that shells expect, such as 130 for SIGINT.
    ///
    /// From the first call on, these signals no longer end the process by themselves.
    ///
    /// ```no_run
    /// # async fn serve(session: attendium::Session) {}
    /// # async fn example(session: attendium::Session) {
    /// tokio::select! {
    ///     () = serve(session.clone()) => {}
    ///     code = session.shutdown_signal() => std::process::exit(code.into()),
    /// }
    /// # }
    /// ```
    pub async fn shutdown_signal(&self) -> u8 {
        self.shutdown_signal_with(|| {}).await
    }

    /// As [`Session::shutdown_signal`], and calls `tell` where there is something to wait for.
    pub async fn shutdown_signal_with(&self, tell: impl FnOnce() + Send) -> u8 {
        shutdown::shutdown_signal(&self.config.critical, tell).await
    }
}

// Subscriptions: `subscribe.rs`, and `stream/subscriptions` for what carries them.
#[cfg(feature = "subscriptions")]
impl Session {
    /// Subscribes: gives a stream of the subscription's events.
    ///
    /// There is nothing to wait for. The request is sent when the stream is polled for the first
    /// time; with a token that is fresh, and again with a new one where the server refuses it or
    /// the connection is lost. [`SubscriptionSettings`](crate::subscription::SubscriptionSettings)
    /// say how events come, and what happens where the application reads too slowly.
    ///
    /// ```no_run
    /// # attendium::graphql!(
    /// #     schema = "schema/example.graphql",
    /// #     "
    /// #     subscription CheckedIn { checkedIn { id } }
    /// #     "
    /// # );
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::subscription::StreamExt as _;
    ///
    /// let mut events = session.subscribe(&CheckedIn {});
    /// while let Some(event) = events.next().await {
    ///     println!("{} came in", event?.checked_in.id);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Queries and mutations have one response, and do not compile here:
    ///
    /// ```compile_fail,E0271
    /// # fn example(session: attendium::Session) {
    /// session.subscribe(&attendium::Me {});
    /// # }
    /// ```
    pub fn subscribe<O>(&self, operation: &O) -> SubscriptionStream<O::Data>
    where
        O: Operation<Kind = crate::operation::Subscription>,
    {
        SubscriptionStream::new(&self.subscriptions, operation)
    }

    /// Ends all subscriptions of this session and of its clones: the server is told, the
    /// connections are closed, and the streams end without an error.
    pub async fn close_subscriptions(&self) {
        self.subscriptions.close().await;
    }
}
