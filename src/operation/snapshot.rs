//! What an operation sends, laid out for a snapshot test. Enter at [`snapshot`].

use std::fmt;

use super::request::{body, variables};
use super::traits::{Operation, OperationInfo};
use crate::json;
use crate::value::Json;

/// Shows what an operation sends, for a snapshot test.
///
/// The `Display` of what is returned shows the document in lines, the variables and the body.
///
/// ```
/// # pub struct Me {}
/// # pub struct Data { pub me: User }
/// # pub struct User { pub id: attendium::Id }
/// # attendium::impl_graphql! {
/// #     query Me {
/// #         data: Data,
/// #         name: "Me",
/// #         source: "queries/me.graphql:1",
/// #         document: "query Me{me{id}}",
/// #     }
/// #     variables Me {}
/// #     object Data { me }
/// #     object User { id }
/// # }
/// // In an application's test: insta::assert_snapshot!(attendium::operation::snapshot(&Me {}));
/// let shown = attendium::operation::snapshot(&Me {}).to_string();
/// let head = "query Me, queries/me.graphql:1\n\nquery Me {\n  me {\n    id\n  }\n}\n";
/// assert!(shown.starts_with(head), "{shown}");
/// ```
#[must_use]
pub fn snapshot<O: Operation>(operation: &O) -> Snapshot {
    Snapshot {
        info: O::INFO,
        document: operation.document().to_owned(),
        variables: variables(operation),
        body: body(operation),
    }
}

/// What an operation sends; see [`snapshot`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The operation.
    pub info: &'static OperationInfo,
    /// The document that is sent.
    pub document: String,
    /// Its variables, as they are sent.
    pub variables: Vec<u8>,
    /// Its request's body.
    pub body: Vec<u8>,
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OperationInfo {
            kind, name, source, ..
        } = self.info;
        let variables = String::from_utf8_lossy(&self.variables);
        let pretty = json::from_str::<Json>(&variables).map(|json| format!("{json:#}"));
        writeln!(f, "{kind} {name}, {source}\n\n{}", lay_out(&self.document))?;
        writeln!(
            f,
            "variables: {}\n",
            pretty.as_deref().unwrap_or(&variables)
        )?;
        write!(f, "body: {}", String::from_utf8_lossy(&self.body))
    }
}

/// Lays a document out for reading: a line for each field, indented. Tokens are kept as they are.
fn lay_out(document: &str) -> String {
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
            let spaced =
                matches!(token, "{" | "@") || name && !matches!(last, "@" | "...") || token == "on";
            if spaced && !last.is_empty() {
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
    use super::lay_out;

    #[test]
    fn a_document_is_laid_out_a_line_for_each_field() {
        let sent = "query Event($id:ID!,$first:Int=-3,$in:In={a:[1,2] b:\"{ x\"})\
            {event(id:$id,tags:[\"a b\"]){id...Card...on Event{n:name@include(if:$x)on}}}\
            fragment Card on Event{id}";
        assert_eq!(
            lay_out(sent),
            r#"query Event($id: ID!, $first: Int = -3, $in: In = {a: [1, 2] b: "{ x"}) {
  event(id: $id, tags: ["a b"]) {
    id
    ...Card
    ... on Event {
      n: name @include(if: $x)
      on
    }
  }
}

fragment Card on Event {
  id
}
"#
        );
        // It ends on any text.
        for odd in ["", "}}}", "\"", "\"\"\"", "# a", "é{", "...", ")("] {
            assert!(lay_out(odd).ends_with('\n'));
        }
    }
}
