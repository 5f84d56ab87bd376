//! This client with strings borrowed from the answer: tables of types with a lifetime, by hand, for the same selection.

use std::borrow::Cow;

use crate::ours::{Association, IssueState};

type Text<'a> = Cow<'a, str>;

#[derive(Debug)]
pub struct Data<'a> {
    pub repository: Option<Repository<'a>>,
}
attendium::selection!(Data<'a> { repository: "repository" });

#[derive(Debug)]
pub struct Repository<'a> {
    pub card: RepositoryCard<'a>,
    pub issues: Issues<'a>,
}
attendium::selection!(Repository<'a> { card: (..), issues: "issues" });

#[derive(Debug)]
pub struct RepositoryCard<'a> {
    pub id: Text<'a>,
    pub name: Text<'a>,
    pub name_with_owner: Text<'a>,
    pub description: Option<Text<'a>>,
    pub url: Text<'a>,
    pub stargazer_count: i32,
    pub fork_count: i32,
    pub is_private: bool,
    pub created_at: Text<'a>,
}
attendium::selection!(RepositoryCard<'a> {
    id: "id", name: "name", name_with_owner: "nameWithOwner", description: "description", url: "url",
    stargazer_count: "stargazerCount", fork_count: "forkCount", is_private: "isPrivate", created_at: "createdAt",
});

#[derive(Debug)]
pub struct Issues<'a> {
    pub total_count: i32,
    pub page_info: PageInfo<'a>,
    pub nodes: Vec<Issue<'a>>,
}
attendium::selection!(Issues<'a> { total_count: "totalCount", page_info: "pageInfo", nodes: "nodes" });

#[derive(Debug)]
pub struct PageInfo<'a> {
    pub has_next_page: bool,
    pub end_cursor: Option<Text<'a>>,
}
attendium::selection!(PageInfo<'a> { has_next_page: "hasNextPage", end_cursor: "endCursor" });

#[derive(Debug)]
pub struct Issue<'a> {
    pub card: IssueCard<'a>,
    pub author: Option<Author<'a>>,
    pub labels: Labels<'a>,
    pub timeline_items: Timeline<'a>,
}
attendium::selection!(Issue<'a> { card: (..), author: "author", labels: "labels", timeline_items: "timelineItems" });

#[derive(Debug)]
pub struct IssueCard<'a> {
    pub id: Text<'a>,
    pub number: i32,
    pub title: Text<'a>,
    pub body: Text<'a>,
    pub state: IssueState,
    pub created_at: Text<'a>,
    pub updated_at: Text<'a>,
    pub url: Text<'a>,
    pub locked: bool,
    pub score: Option<f64>,
    pub author_association: Association,
}
attendium::selection!(IssueCard<'a> {
    id: "id", number: "number", title: "title", body: "body", state: "state", created_at: "createdAt", updated_at: "updatedAt",
    url: "url", locked: "locked", score: "score", author_association: "authorAssociation",
});

#[derive(Debug)]
pub enum Author<'a> {
    User(User<'a>),
    Bot(Bot<'a>),
    Other(OtherAuthor<'a>),
}
attendium::union!(Author<'a> { User: "User", Bot: "Bot" });

#[derive(Debug)]
pub struct User<'a> {
    pub login: Text<'a>,
    pub avatar_url: Text<'a>,
    pub url: Text<'a>,
    pub name: Option<Text<'a>>,
    pub company: Option<Text<'a>>,
}
attendium::selection!(User<'a> { login: "login", avatar_url: "avatarUrl", url: "url", name: "name", company: "company" });

#[derive(Debug)]
pub struct Bot<'a> {
    pub login: Text<'a>,
    pub avatar_url: Text<'a>,
    pub url: Text<'a>,
    pub database_id: Option<i32>,
}
attendium::selection!(Bot<'a> { login: "login", avatar_url: "avatarUrl", url: "url", database_id: "databaseId" });

#[derive(Debug)]
pub struct OtherAuthor<'a> {
    pub login: Text<'a>,
    pub avatar_url: Text<'a>,
    pub url: Text<'a>,
}
attendium::selection!(OtherAuthor<'a> { login: "login", avatar_url: "avatarUrl", url: "url" });

#[derive(Debug)]
pub struct Labels<'a> {
    pub total_count: i32,
    pub nodes: Vec<Label<'a>>,
}
attendium::selection!(Labels<'a> { total_count: "totalCount", nodes: "nodes" });

#[derive(Debug)]
pub struct Label<'a> {
    pub id: Text<'a>,
    pub name: Text<'a>,
    pub color: Text<'a>,
    pub description: Option<Text<'a>>,
    pub is_default: bool,
}
attendium::selection!(Label<'a> { id: "id", name: "name", color: "color", description: "description", is_default: "isDefault" });

#[derive(Debug)]
pub struct Timeline<'a> {
    pub total_count: i32,
    pub nodes: Vec<TimelineItem<'a>>,
}
attendium::selection!(Timeline<'a> { total_count: "totalCount", nodes: "nodes" });

#[derive(Debug)]
pub enum TimelineItem<'a> {
    IssueComment(IssueComment<'a>),
    ClosedEvent(ClosedEvent<'a>),
    LabeledEvent(LabeledEvent<'a>),
    Other(attendium::Other),
}
attendium::union!(TimelineItem<'a> { IssueComment: "IssueComment", ClosedEvent: "ClosedEvent", LabeledEvent: "LabeledEvent" });

#[derive(Debug)]
pub struct IssueComment<'a> {
    pub id: Text<'a>,
    pub body_text: Text<'a>,
    pub created_at: Text<'a>,
    pub author_association: Association,
    pub upvotes: i32,
}
attendium::selection!(IssueComment<'a> {
    id: "id", body_text: "bodyText", created_at: "createdAt", author_association: "authorAssociation", upvotes: "upvotes",
});

#[derive(Debug)]
pub struct ClosedEvent<'a> {
    pub id: Text<'a>,
    pub created_at: Text<'a>,
    pub reason: Option<Text<'a>>,
}
attendium::selection!(ClosedEvent<'a> { id: "id", created_at: "createdAt", reason: "reason" });

#[derive(Debug)]
pub struct LabeledEvent<'a> {
    pub id: Text<'a>,
    pub created_at: Text<'a>,
    pub label: Label<'a>,
}
attendium::selection!(LabeledEvent<'a> { id: "id", created_at: "createdAt", label: "label" });
