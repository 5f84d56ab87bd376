//! This client with strings borrowed from the answer: tables of types with a lifetime, by hand, for
//! the same selection.

use std::borrow::Cow;

use crate::ours::{Association, IssueState};

type Text<'a> = Cow<'a, str>;

attendium::selection! {
    #[derive(Debug)]
    pub struct Data<'a> {
        pub repository: Option<Repository<'a>>,
    }

    #[derive(Debug)]
    pub struct Repository<'a> {
        pub card: RepositoryCard<'a> as (..),
        pub issues: Issues<'a>,
    }

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

    #[derive(Debug)]
    pub struct Issues<'a> {
        pub total_count: i32,
        pub page_info: PageInfo<'a>,
        pub nodes: Vec<Issue<'a>>,
    }

    #[derive(Debug)]
    pub struct PageInfo<'a> {
        pub has_next_page: bool,
        pub end_cursor: Option<Text<'a>>,
    }

    #[derive(Debug)]
    pub struct Issue<'a> {
        pub card: IssueCard<'a> as (..),
        pub author: Option<Author<'a>>,
        pub labels: Labels<'a>,
        pub timeline_items: Timeline<'a>,
    }

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
}

attendium::union! {
    #[derive(Debug)]
    pub enum Author<'a> {
        User(User<'a>) as "User",
        Bot(Bot<'a>) as "Bot",
        Other(OtherAuthor<'a>),
    }
}

attendium::selection! {
    #[derive(Debug)]
    pub struct User<'a> {
        pub login: Text<'a>,
        pub avatar_url: Text<'a>,
        pub url: Text<'a>,
        pub name: Option<Text<'a>>,
        pub company: Option<Text<'a>>,
    }

    #[derive(Debug)]
    pub struct Bot<'a> {
        pub login: Text<'a>,
        pub avatar_url: Text<'a>,
        pub url: Text<'a>,
        pub database_id: Option<i32>,
    }

    #[derive(Debug)]
    pub struct OtherAuthor<'a> {
        pub login: Text<'a>,
        pub avatar_url: Text<'a>,
        pub url: Text<'a>,
    }

    #[derive(Debug)]
    pub struct Labels<'a> {
        pub total_count: i32,
        pub nodes: Vec<Label<'a>>,
    }

    #[derive(Debug)]
    pub struct Label<'a> {
        pub id: Text<'a>,
        pub name: Text<'a>,
        pub color: Text<'a>,
        pub description: Option<Text<'a>>,
        pub is_default: bool,
    }

    #[derive(Debug)]
    pub struct Timeline<'a> {
        pub total_count: i32,
        pub nodes: Vec<TimelineItem<'a>>,
    }
}

attendium::union! {
    #[derive(Debug)]
    pub enum TimelineItem<'a> {
        IssueComment(IssueComment<'a>) as "IssueComment",
        ClosedEvent(ClosedEvent<'a>) as "ClosedEvent",
        LabeledEvent(LabeledEvent<'a>) as "LabeledEvent",
        Other(attendium::Other),
    }
}

attendium::selection! {
    #[derive(Debug)]
    pub struct IssueComment<'a> {
        pub id: Text<'a>,
        pub body_text: Text<'a>,
        pub created_at: Text<'a>,
        pub author_association: Association,
        pub upvotes: i32,
    }

    #[derive(Debug)]
    pub struct ClosedEvent<'a> {
        pub id: Text<'a>,
        pub created_at: Text<'a>,
        pub reason: Option<Text<'a>>,
    }

    #[derive(Debug)]
    pub struct LabeledEvent<'a> {
        pub id: Text<'a>,
        pub created_at: Text<'a>,
        pub label: Label<'a>,
    }
}
