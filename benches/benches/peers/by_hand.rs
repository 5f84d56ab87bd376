//! Structs for serde_json, written by hand as one would: fragments put in flat, a tag for the union
//! and the interface.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Response {
    pub data: Option<Data>,
}

#[derive(Debug, Deserialize)]
pub struct Data {
    pub repository: Option<Repository>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Repository {
    pub id: String,
    pub name: String,
    pub name_with_owner: String,
    pub description: Option<String>,
    pub url: String,
    pub stargazer_count: i32,
    pub fork_count: i32,
    pub is_private: bool,
    pub created_at: String,
    pub issues: Issues,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Issues {
    pub total_count: i32,
    pub page_info: PageInfo,
    pub nodes: Vec<Issue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    pub id: String,
    pub number: i32,
    pub title: String,
    pub body: String,
    pub state: State,
    pub created_at: String,
    pub updated_at: String,
    pub url: String,
    pub locked: bool,
    pub score: Option<f64>,
    pub author_association: Association,
    pub author: Option<Author>,
    pub labels: Labels,
    pub timeline_items: Timeline,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Open,
    Closed,
    #[serde(untagged)]
    Other(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Association {
    Owner,
    Member,
    Collaborator,
    Contributor,
    None,
    #[serde(untagged)]
    Other(String),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "__typename")]
pub enum Author {
    #[serde(rename_all = "camelCase")]
    User {
        login: String,
        avatar_url: String,
        url: String,
        name: Option<String>,
        company: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    Bot {
        login: String,
        avatar_url: String,
        url: String,
        database_id: Option<i32>,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Labels {
    pub total_count: i32,
    pub nodes: Vec<Label>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Label {
    pub id: String,
    pub name: String,
    pub color: String,
    pub description: Option<String>,
    pub is_default: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    pub total_count: i32,
    pub nodes: Vec<TimelineItem>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "__typename")]
pub enum TimelineItem {
    #[serde(rename_all = "camelCase")]
    IssueComment {
        id: String,
        body_text: String,
        created_at: String,
        author_association: Association,
        upvotes: i32,
    },
    #[serde(rename_all = "camelCase")]
    ClosedEvent {
        id: String,
        created_at: String,
        reason: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    LabeledEvent {
        id: String,
        created_at: String,
        label: Label,
    },
    #[serde(other)]
    Other,
}
