//! Operations of `graphql_client` and `cynic`, run through the session: for applications that come
//! from there.
//!
//! Their responses are read with their own types, through serde. Login, refresh, retries, errors
//! and traces are the session's.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Step};
use crate::http::CallOptions;
use crate::http::form::Content;
use crate::http::graphql::{OperationMeta, finish_response, into_data};
use crate::json::Read;
use crate::json::codec::{ReadAs, Serde};
use crate::operation::OperationKind;
use crate::response::Response;
use crate::rt::{self, Reader};
use crate::session::Session;

/// Data that is read through serde.
struct ViaSerde<T>(T);

impl<'a, T: DeserializeOwned> Read<'a> for ViaSerde<T> {
    fn read(reader: &mut Reader<'a>) -> rt::Result<Self> {
        Serde::read_as(reader).map(Self)
    }
}

impl Session {
    /// Runs a `graphql_client::GraphQLQuery`, and gives its data (feature `graphql_client`).
    ///
    /// # Errors
    /// As [`Session::run`].
    #[cfg(feature = "graphql_client")]
    pub async fn run_graphql_client<Q: graphql_client::GraphQLQuery>(
        &self,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData, Error>
    where
        Q::ResponseData: DeserializeOwned,
    {
        let body = Q::build_query(variables);
        let meta = operation_meta(body.operation_name.into(), body.query);
        let name = meta.name.clone();
        into_data(self.request_serde(meta, &body).await?, name)
    }

    /// Runs a `graphql_client::GraphQLQuery`, and gives the whole answer (feature
    /// `graphql_client`).
    ///
    /// # Errors
    /// As [`Session::request`].
    #[cfg(feature = "graphql_client")]
    pub async fn request_graphql_client<Q: graphql_client::GraphQLQuery>(
        &self,
        variables: Q::Variables,
    ) -> Result<Response<Q::ResponseData>, Error>
    where
        Q::ResponseData: DeserializeOwned,
    {
        let body = Q::build_query(variables);
        self.request_serde(
            operation_meta(body.operation_name.into(), body.query),
            &body,
        )
        .await
    }

    /// Runs a `cynic::Operation`, and gives its data (feature `cynic`).
    ///
    /// # Errors
    /// As [`Session::run`].
    #[cfg(feature = "cynic")]
    pub async fn run_cynic<F: DeserializeOwned, V: Serialize>(
        &self,
        operation: &cynic::Operation<F, V>,
    ) -> Result<F, Error> {
        let meta = cynic_meta(operation);
        let name = meta.name.clone();
        into_data(self.request_serde(meta, operation).await?, name)
    }

    /// Runs a `cynic::Operation`, and gives the whole answer (feature `cynic`).
    ///
    /// # Errors
    /// As [`Session::request`].
    #[cfg(feature = "cynic")]
    pub async fn request_cynic<F: DeserializeOwned, V: Serialize>(
        &self,
        operation: &cynic::Operation<F, V>,
    ) -> Result<Response<F>, Error> {
        self.request_serde(cynic_meta(operation), operation).await
    }

    async fn request_serde<B: Serialize, T: DeserializeOwned>(
        &self,
        meta: OperationMeta,
        body: &B,
    ) -> Result<Response<T>, Error> {
        let body = serde_json::to_vec(body).map_err(|error| {
            Error::malformed(
                Step::Graphql,
                format!("the variables can't be sent: {error}"),
            )
        })?;
        let (response, span) = self
            .send(&meta, Content::Bytes(body.into()), &CallOptions::new())
            .await?;
        let decoded = crate::response::decode_data::<ViaSerde<T>>(response.body());
        let response = finish_response(meta, response, decoded, &span)?;
        Ok(Response {
            data: response.data.map(|ViaSerde(data)| data),
            errors: response.errors,
            extensions: response.extensions,
            data_error: response.data_error,
            has_next: response.has_next,
            pending: response.pending,
            http: response.http,
        })
    }
}

#[cfg(feature = "cynic")]
fn cynic_meta<F, V>(operation: &cynic::Operation<F, V>) -> OperationMeta {
    let name = operation
        .operation_name
        .clone()
        .unwrap_or(Cow::Borrowed("anonymous"));
    operation_meta(name, &operation.query)
}

/// Looks for the kind in the document: one with the word for a mutation or a subscription anywhere
/// is not taken for a query. That is more careful than it need be, and never sends a mutation
/// twice.
fn operation_meta(name: Cow<'static, str>, document: &str) -> OperationMeta {
    let query = !["mutation", "subscription"]
        .iter()
        .any(|word| document.contains(word));
    let kind = if query {
        OperationKind::Query
    } else {
        OperationKind::Mutation
    };
    OperationMeta::new(name, kind)
}
