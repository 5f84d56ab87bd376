//! Operations of `graphql_client` and of `cynic`, run through the same session: for applications that come from there.
//!
//! Their answers are read with their own types, through serde; login, refresh, replay, errors and traces are the session's.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{About, reply};
use crate::error::{Error, Step};
use crate::json::{self, Read, ReadAs, Reader, Serde};
use crate::operation::OperationKind;
use crate::response::Response;
use crate::session::Session;

/// Data that is read through serde.
struct Through<T>(T);

impl<'a, T: DeserializeOwned> Read<'a> for Through<T> {
    type Fields = ();
    fn read(reader: &mut Reader<'a>) -> json::Result<Self> {
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
        let about = about(body.operation_name.into(), body.query);
        let name = about.name.clone();
        self.foreign(about, &body).await?.into_data(name)
    }

    /// Runs a `graphql_client::GraphQLQuery`, and gives the whole answer (feature `graphql_client`).
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
        self.foreign(about(body.operation_name.into(), body.query), &body)
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
        let about = about_cynic(operation);
        let name = about.name.clone();
        self.foreign(about, operation).await?.into_data(name)
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
        self.foreign(about_cynic(operation), operation).await
    }

    async fn foreign<B: Serialize, T: DeserializeOwned>(
        &self,
        about: About,
        body: &B,
    ) -> Result<Response<T>, Error> {
        let body = serde_json::to_vec(body).map_err(|error| {
            Error::malformed(
                Step::Graphql,
                format!("the variables can't be sent: {error}"),
            )
        })?;
        let (response, span) = self.post(&about, Bytes::from(body)).await?;
        let decoded = crate::response::decode_data::<Through<T>>(response.body());
        let response = reply(about, response, decoded, &span)?;
        Ok(Response {
            data: response.data.map(|Through(data)| data),
            errors: response.errors,
            extensions: response.extensions,
            http: response.http,
        })
    }
}

#[cfg(feature = "cynic")]
fn about_cynic<F, V>(operation: &cynic::Operation<F, V>) -> About {
    let name = operation
        .operation_name
        .clone()
        .unwrap_or(Cow::Borrowed("anonymous"));
    about(name, &operation.query)
}

/// The kind is looked for in the document: one that has the word for a mutation or a subscription anywhere is not taken for a
/// query. That is more careful than it need be, and never sends a mutation twice.
fn about(name: Cow<'static, str>, document: &str) -> About {
    let query = !["mutation", "subscription"]
        .iter()
        .any(|word| document.contains(word));
    About {
        name,
        kind: if query {
            OperationKind::Query
        } else {
            OperationKind::Mutation
        },
    }
}
