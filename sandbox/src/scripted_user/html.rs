//! As much of HTML as the scripted user reads: forms, the title, and the text.

/// A form with what can be sent by it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub action: String,
    pub post: bool,
    pub inputs: Vec<Input>,
    pub buttons: Vec<Input>,
}

/// A field or a button.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Input {
    pub kind: String,
    pub name: String,
    pub value: String,
}

/// A piece of a document.
enum Token<'a> {
    Tag {
        name: String,
        attributes: Vec<(String, String)>,
    },
    Text(&'a str),
}

/// The document in pieces. The content of `style` and `script` is left out.
fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        tokens.push(Token::Text(&rest[..open]));
        rest = &rest[open + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = tag_end(rest);
        let (tag, after) = rest.split_at(end);
        rest = after.strip_prefix('>').unwrap_or(after);
        let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
        let name = tag[..name_end].trim_end_matches('/').to_ascii_lowercase();
        if name == "style" || name == "script" {
            let close = format!("</{name}");
            rest = rest.find(&close).map_or("", |at| &rest[at..]);
        }
        let attributes = attributes(&tag[name_end..]);
        tokens.push(Token::Tag { name, attributes });
    }
    tokens.push(Token::Text(rest));
    tokens
}

/// Where a tag ends: at the first `>` that is in no quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if character == '"' || character == '\'' => quote = Some(character),
            None if character == '>' => return at,
            None => {}
        }
    }
    text.len()
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|character: char| character == '=' || character.is_whitespace());
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        let after = after.trim_start();
        let value = if let Some(after) = after.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after
                .chars()
                .next()
                .filter(|first| *first == '"' || *first == '\'');
            let (value, after) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            rest = after.trim_start();
            value
        } else {
            rest = after;
            ""
        };
        let name = name.trim_matches('/').to_ascii_lowercase();
        if !name.is_empty() {
            attributes.push((name, unescape(value)));
        }
    }
    attributes
}

fn unescape(text: &str) -> String {
    // `&amp;` last, so that `&amp;lt;` stays `&lt;`.
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// Every form, in order.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut inside = false;
    for token in tokens(html) {
        let Token::Tag { name, attributes } = token else {
            continue;
        };
        let get = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        match name.as_str() {
            "form" => {
                inside = true;
                forms.push(Form {
                    action: get("action"),
                    post: get("method").eq_ignore_ascii_case("post"),
                    ..Form::default()
                });
            }
            "/form" => inside = false,
            "input" | "button" if inside => {
                let field = Input {
                    kind: Some(get("type"))
                        .filter(|kind| !kind.is_empty())
                        .unwrap_or_else(|| "text".into()),
                    name: get("name"),
                    value: get("value"),
                };
                if let Some(form) = forms.last_mut() {
                    if name == "button" {
                        form.buttons.push(field)
                    } else {
                        form.inputs.push(field)
                    }
                }
            }
            _ => {}
        }
    }
    forms
}

/// The document's title.
pub(crate) fn title(html: &str) -> String {
    let mut tokens = tokens(html).into_iter();
    let found = tokens.any(|token| matches!(token, Token::Tag { name, .. } if name == "title"));
    match tokens.next() {
        Some(Token::Text(text)) if found => unescape(text.trim()),
        _ => String::new(),
    }
}

/// What the body says, with single spaces.
pub(crate) fn text(html: &str) -> String {
    let pieces = tokens(html);
    let body = pieces
        .iter()
        .position(|token| matches!(token, Token::Tag { name, .. } if name == "body"));
    let mut said = String::new();
    for token in &pieces[body.unwrap_or(0)..] {
        if let Token::Text(text) = token {
            said.push_str(text);
            said.push(' ');
        }
    }
    let said = unescape(&said);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_hidden_fields_and_buttons() {
        let html = r#"<!doctype html><title>A &amp; B</title><style>form > input { }</style><body>
            <!-- <form action="/no"> -->
            <form method=POST action="/go?x=1&amp;y=2">
            <input type="hidden" name="t" value="a&quot;>&amp;lt;b">
            <input name='q' required autofocus>
            <button name="d" value="allow">Go <b>on</b></button></form>
            <input name="outside">"#;
        let forms = forms(html);
        assert_eq!(forms.len(), 1);
        let form = &forms[0];
        assert_eq!((form.action.as_str(), form.post), ("/go?x=1&y=2", true));
        let inputs: Vec<_> = form
            .inputs
            .iter()
            .map(|input| (&*input.kind, &*input.name, &*input.value))
            .collect();
        assert_eq!(inputs, [("hidden", "t", "a\">&lt;b"), ("text", "q", "")]);
        assert_eq!(form.buttons[0].value, "allow");
        assert_eq!(title(html), "A & B");
        assert_eq!(text(html), "Go on");
    }
}
