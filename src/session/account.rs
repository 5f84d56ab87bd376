//! Who logged in, as the API says: for the callback's page and the status.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;

use crate::error::printable;
use crate::http::graphql::{GraphqlEndpoint, OperationMeta};
use crate::http::{CallOptions, RetrySafety};
use crate::operation::{self, Operation};

/// A query for the account's name, without the query's types.
#[derive(Clone)]
pub(crate) struct AccountQuery {
    meta: Arc<OperationMeta>,
    body: Bytes,
    read: Arc<ReadAccount>,
}

type ReadAccount = dyn Fn(&[u8]) -> Option<String> + Send + Sync;

impl AccountQuery {
    pub(crate) fn new<O: Operation>(
        operation: &O,
        name: impl Fn(O::Data) -> String + Send + Sync + 'static,
    ) -> Self {
        Self {
            meta: Arc::new(OperationMeta::of(operation)),
            body: Bytes::from(operation::body(operation)),
            read: Arc::new(move |body| Some(name(crate::response::decode::<O>(body).ok()?.data?))),
        }
    }

    /// Asks the API who the tokens belong to. A failure never keeps a login from working.
    pub(crate) async fn find_account(
        &self,
        graphql: &GraphqlEndpoint,
        authorization: HeaderValue,
    ) -> Option<String> {
        // Sent again only where the server did not act, and five seconds in all: a person waits for
        // the page in the browser.
        let options = CallOptions::new();
        let sending = graphql.send(
            &self.meta,
            RetrySafety::UnlessProcessed,
            Some(authorization),
            self.body.clone().into(),
            &options,
        );
        let response = tokio::time::timeout(Duration::from_secs(5), sending)
            .await
            .ok()?
            .ok()?;
        let account = printable(&(self.read)(response.body())?);
        (!account.is_empty()).then_some(account)
    }
}
