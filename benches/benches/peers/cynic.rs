//! cynic: its derives over structs written for the same query, with a struct for each fragment.

#[allow(clippy::all, missing_docs, dead_code)]
mod schema {
    cynic::use_schema!("schema.graphql");
}

#[derive(cynic::Scalar, Debug, Clone)]
pub struct DateTime(pub String);

#[derive(cynic::Scalar, Debug, Clone)]
#[cynic(graphql_type = "URI")]
pub struct Uri(pub String);

#[derive(cynic::Enum, Debug, Clone, Copy)]
#[cynic(schema_path = "schema.graphql")]
pub enum IssueState {
    Open,
    Closed,
}

#[derive(cynic::Enum, Debug, Clone, Copy)]
#[cynic(schema_path = "schema.graphql")]
pub enum Association {
    Owner,
    Member,
    Collaborator,
    Contributor,
    None,
}

#[derive(cynic::Enum, Debug, Clone, Copy)]
#[cynic(schema_path = "schema.graphql")]
pub enum OrderDirection {
    Asc,
    Desc,
}

#[derive(cynic::InputObject, Debug, Clone)]
#[cynic(schema_path = "schema.graphql")]
pub struct IssueFilters {
    pub labels: Option<Vec<String>>,
    pub since: Option<DateTime>,
    pub states: Option<Vec<IssueState>>,
    pub direction: Option<OrderDirection>,
}

#[derive(cynic::QueryVariables, Debug, Clone)]
pub struct RepositoryIssuesVariables {
    pub owner: String,
    pub name: String,
    pub first: i32,
    pub after: Option<String>,
    pub filter_by: Option<IssueFilters>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(
    schema_path = "schema.graphql",
    graphql_type = "Query",
    variables = "RepositoryIssuesVariables"
)]
pub struct RepositoryIssues {
    #[arguments(owner: $owner, name: $name)]
    pub repository: Option<Repository>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(
    schema_path = "schema.graphql",
    variables = "RepositoryIssuesVariables"
)]
pub struct Repository {
    #[cynic(spread)]
    pub card: RepositoryCard,
    #[arguments(first: $first, after: $after, filterBy: $filter_by)]
    pub issues: IssueConnection,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql", graphql_type = "Repository")]
pub struct RepositoryCard {
    pub id: cynic::Id,
    pub name: String,
    pub name_with_owner: String,
    pub description: Option<String>,
    pub url: Uri,
    pub stargazer_count: i32,
    pub fork_count: i32,
    pub is_private: bool,
    pub created_at: DateTime,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct IssueConnection {
    pub total_count: i32,
    pub page_info: PageInfo,
    pub nodes: Vec<Issue>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct Issue {
    #[cynic(spread)]
    pub card: IssueCard,
    pub author: Option<Actor>,
    #[arguments(first: 10)]
    pub labels: LabelConnection,
    #[arguments(first: 10)]
    pub timeline_items: TimelineConnection,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql", graphql_type = "Issue")]
pub struct IssueCard {
    pub id: cynic::Id,
    pub number: i32,
    pub title: String,
    pub body: String,
    pub state: IssueState,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub url: Uri,
    pub locked: bool,
    pub score: Option<f64>,
    pub author_association: Association,
}

#[derive(cynic::InlineFragments, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub enum Actor {
    User(User),
    Bot(Bot),
    #[cynic(fallback)]
    Other,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct User {
    pub login: String,
    pub avatar_url: Uri,
    pub url: Uri,
    pub name: Option<String>,
    pub company: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct Bot {
    pub login: String,
    pub avatar_url: Uri,
    pub url: Uri,
    pub database_id: Option<i32>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct LabelConnection {
    pub total_count: i32,
    pub nodes: Vec<Label>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct Label {
    pub id: cynic::Id,
    pub name: String,
    pub color: String,
    pub description: Option<String>,
    pub is_default: bool,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct TimelineConnection {
    pub total_count: i32,
    pub nodes: Vec<TimelineItem>,
}

#[derive(cynic::InlineFragments, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub enum TimelineItem {
    IssueComment(IssueComment),
    ClosedEvent(ClosedEvent),
    LabeledEvent(LabeledEvent),
    #[cynic(fallback)]
    Other,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct IssueComment {
    pub id: cynic::Id,
    pub body_text: String,
    pub created_at: DateTime,
    pub author_association: Association,
    pub upvotes: i32,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct ClosedEvent {
    pub id: cynic::Id,
    pub created_at: DateTime,
    pub reason: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(schema_path = "schema.graphql")]
pub struct LabeledEvent {
    pub id: cynic::Id,
    pub created_at: DateTime,
    pub label: Label,
}
