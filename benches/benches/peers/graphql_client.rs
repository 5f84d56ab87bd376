//! graphql_client: what its derive writes for the same file.

use graphql_client::GraphQLQuery;

type DateTime = String;
#[allow(clippy::upper_case_acronyms)]
type URI = String;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "queries/repository_issues.graphql",
    response_derives = "Debug",
    variables_derives = "Debug,Clone"
)]
pub struct RepositoryIssues;
