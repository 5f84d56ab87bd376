//! What a compiled operation is: its kind, its name, its document, its variables and the type of its answer.
//!
//! Enter at [`Operation`], which generated code implements, and [`body`], which makes the request of it.

use std::fmt;

use crate::json::{self, Read, Write, write_between};
use crate::value::Json;

/// An operation that can be run: a value of this type holds its variables, and writes them as a JSON object.
///
/// Generated code implements it through [`operation!`](crate::operation!).
pub trait Operation: Write {
    /// The operation's answer: what `data` holds.
    type Data: for<'a> Read<'a>;

    /// Whether it is a [`Query`], a [`Mutation`] or a [`Subscription`].
    type Kind: OperationType;

    /// What is known before it runs.
    const INFO: &'static OperationInfo;
}

/// What is known of an operation when it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationInfo {
    /// Query, mutation or subscription.
    pub kind: OperationKind,
    /// The operation's name in the document.
    pub name: &'static str,
    /// The document that is sent: the operation and the fragments that it reaches.
    pub document: &'static str,
    /// The request's body up to the variables: `{"query":"…","operationName":"…","variables":`.
    pub body_prefix: &'static str,
    /// Where the operation was written: `file:line`.
    pub source: &'static str,
}

/// The kinds of operation (GraphQL, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Reads, and may be sent again.
    Query,
    /// Changes something, and is sent once.
    Mutation,
    /// Asks for a stream of answers.
    Subscription,
}

impl OperationKind {
    /// The keyword of the query language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A kind of operation as a type: [`Query`], [`Mutation`] or [`Subscription`].
///
/// Bounds on [`Operation::Kind`] say which operations a function takes. No other type implements it.
pub trait OperationType: sealed::Sealed {
    /// The kind as a value.
    const KIND: OperationKind;
}

/// A kind of operation that has one response: [`Query`] or [`Mutation`].
#[diagnostic::on_unimplemented(
    message = "a subscription gives a stream of answers: only queries and mutations can be run",
    label = "this operation has no single response"
)]
pub trait SingleResponse: OperationType {}

/// The kind of an operation that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query;

/// The kind of an operation that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutation;

/// The kind of an operation that asks for a stream of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription;

impl OperationType for Query {
    const KIND: OperationKind = OperationKind::Query;
}

impl OperationType for Mutation {
    const KIND: OperationKind = OperationKind::Mutation;
}

impl OperationType for Subscription {
    const KIND: OperationKind = OperationKind::Subscription;
}

impl SingleResponse for Query {}

impl SingleResponse for Mutation {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Query {}
    impl Sealed for super::Mutation {}
    impl Sealed for super::Subscription {}
}

/// The body of the operation's request (GraphQL over HTTP, section 5.4), in one allocation.
#[must_use]
pub fn body<O: Operation>(operation: &O) -> Vec<u8> {
    write_between(O::INFO.body_prefix, &|out| operation.write(out), "}")
}

/// The operation's variables as JSON, in one allocation.
#[must_use]
pub fn variables<O: Operation>(operation: &O) -> Vec<u8> {
    write_between("", &|out| operation.write(out), "")
}

/// What an operation sends, for a snapshot test: its `Display` shows the document in lines, the variables and the body.
///
/// ```
/// # attendium::input! { pub struct Me {} }
/// # attendium::operation!(Me => Data, Query "Me", "queries/me.graphql:1", "query Me{me{id}}");
/// # attendium::selection! {
/// #     pub struct Data { pub me: User }
/// #     pub struct User { pub id: attendium::Id }
/// # }
/// // In an application's test: insta::assert_snapshot!(attendium::operation::snapshot(&Me {}));
/// let shown = attendium::operation::snapshot(&Me {}).to_string();
/// assert!(shown.starts_with("query Me, queries/me.graphql:1\n\nquery Me {\n  me {\n    id\n  }\n}\n"), "{shown}");
/// ```
#[must_use]
pub fn snapshot<O: Operation>(operation: &O) -> Snapshot {
    Snapshot {
        info: O::INFO,
        variables: variables(operation),
        body: body(operation),
    }
}

/// What an operation sends; see [`snapshot`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The operation.
    pub info: &'static OperationInfo,
    /// Its variables, as they are sent.
    pub variables: Vec<u8>,
    /// Its request's body.
    pub body: Vec<u8>,
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OperationInfo {
            kind,
            name,
            document,
            source,
            ..
        } = self.info;
        let variables = String::from_utf8_lossy(&self.variables);
        let pretty = json::from_str::<Json>(&variables).map(|json| format!("{json:#}"));
        writeln!(f, "{kind} {name}, {source}\n\n{}", layout(document))?;
        writeln!(
            f,
            "variables: {}\n",
            pretty.as_deref().unwrap_or(&variables)
        )?;
        write!(f, "body: {}", String::from_utf8_lossy(&self.body))
    }
}

/// Lays a document out for reading: a line for each field, indented. Tokens are kept as they are.
fn layout(document: &str) -> String {
    let mut out = String::new();
    let (mut indent, mut nested) = (0usize, 0usize);
    let (mut last, mut before_last) = ("", "");
    let mut rest = document;
    loop {
        let behind = rest.trim_start_matches([' ', ',', '\n', '\r', '\t', '\u{feff}']);
        let (gap, _) = rest.split_at(rest.len() - behind.len());
        let (token, behind) = behind.split_at(token_length(behind));
        rest = behind;
        let first = token.chars().next();
        let name = first.is_some_and(|c| c == '_' || c.is_alphanumeric());
        let new_line = match token {
            "" => break,
            _ if nested > 0 => false,
            "}" => {
                indent = indent.saturating_sub(1);
                true
            }
            "..." => true,
            _ if indent == 0 => matches!(last, "}"),
            _ => {
                name && !matches!(last, ":" | "@" | "...") && (last, before_last) != ("on", "...")
                    || last == "{"
            }
        };
        if new_line {
            out.push_str(if indent == 0 && last == "}" && token != "}" {
                "\n\n"
            } else {
                "\n"
            });
            out.push_str(&"  ".repeat(indent));
        } else if nested > 0 && !matches!(token, ")" | "]" | "}") {
            if gap.contains(',') && !matches!(last, "(" | "[" | "{") {
                out.push_str(", ");
            } else if !gap.is_empty() && !matches!(last, "(" | "[" | "{")
                || matches!(last, ":" | "=")
                || token == "="
            {
                out.push(' ');
            }
        } else if nested == 0 {
            let parts =
                matches!(token, "{" | "@") || name && !matches!(last, "@" | "...") || token == "on";
            if parts && !last.is_empty() {
                out.push(' ');
            }
        }
        out.push_str(token);
        match token {
            "{" if nested == 0 => indent += 1,
            "(" | "[" | "{" => nested += 1,
            ")" | "]" | "}" => nested = nested.saturating_sub(1),
            _ => {}
        }
        (before_last, last) = (last, token);
    }
    out.push('\n');
    out
}

/// The length of the first token of a document, comments left in as if they were tokens.
fn token_length(text: &str) -> usize {
    let is_name = |c: char| c == '_' || c.is_ascii_alphanumeric();
    match text.chars().next() {
        None => 0,
        Some('"') if text.starts_with("\"\"\"") => {
            // A block string ends at three quotes that no backslash stands before.
            let mut end = 3;
            while let Some(at) = text.get(end..).and_then(|rest| rest.find("\"\"\"")) {
                end += at + 3;
                if !text
                    .get(..end - 3)
                    .is_some_and(|block| block.ends_with('\\'))
                {
                    return end;
                }
            }
            text.len()
        }
        Some('"') => {
            let mut escaped = true;
            let end = text.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(text.len(), |end| end + 1)
        }
        Some('#') => text.find('\n').unwrap_or(text.len()),
        Some('.') if text.starts_with("...") => 3,
        Some(first) if is_name(first) || first == '-' => {
            let behind = text.get(1..).unwrap_or_default();
            let number = first != '_' && !first.is_ascii_alphabetic();
            behind
                .find(|c: char| !(is_name(c) || number && matches!(c, '.' | '+' | '-')))
                .map_or(text.len(), |end| end + 1)
        }
        Some(first) => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn a_document_is_laid_out_a_line_for_each_field() {
        let sent = "query Event($id:ID!,$first:Int=-3,$in:In={a:[1,2] b:\"{ x\"}){event(id:$id,tags:[\"a b\"]){id...Card...on Event{n:name@include(if:$x)on}}}fragment Card on Event{id}";
        assert_eq!(
            layout(sent),
            "query Event($id: ID!, $first: Int = -3, $in: In = {a: [1, 2] b: \"{ x\"}) {\n  event(id: $id, tags: [\"a b\"]) {\n    id\n    ...Card\n    \
             ... on Event {\n      n: name @include(if: $x)\n      on\n    }\n  }\n}\n\nfragment Card on Event {\n  id\n}\n"
        );
        // Whatever it is given, it ends.
        for odd in ["", "}}}", "\"", "\"\"\"", "# a", "é{", "...", ")("] {
            assert!(layout(odd).ends_with('\n'));
        }
    }
}
