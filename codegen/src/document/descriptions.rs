//! Descriptions of operations, fragments and variables (September 2025 edition, section 2.3), which
//! apollo-compiler does not know yet: they are taken out of the text before it is parsed.
//!
//! Enter at [`take`].

use crate::lexer::{Lexer, Token};
use std::collections::HashMap;
use std::ops::Range;

/// A text without descriptions, every other byte in its place.
pub struct WithoutDescriptions {
    pub text: String,
    /// By the byte offset of the definition or variable that follows.
    pub descriptions: HashMap<usize, String>,
    /// Whether there is anything but white space, commas and comments.
    pub has_definitions: bool,
}

/// Takes the descriptions out of an executable document.
///
/// A string is a description where a definition, or the definition of a variable, could begin and
/// one follows.
pub fn split_descriptions(text: &str) -> WithoutDescriptions {
    let mut described = WithoutDescriptions {
        text: String::new(),
        descriptions: HashMap::new(),
        has_definitions: false,
    };
    let mut lexer = Lexer::new(text);
    // Most documents have none.
    if !text.contains('"') {
        described.text = text.to_owned();
        described.has_definitions = lexer.next().is_some();
        return described;
    }
    let (mut braces, mut parens) = (0_i32, 0_i32);
    let mut before = None;
    let mut pending: Option<Range<usize>> = None;
    let mut taken: Vec<Range<usize>> = Vec::new();
    while lexer.peek().is_some() {
        let start = lexer.at;
        let Some(token) = lexer.next() else { break };
        described.has_definitions = true;
        if let Some(string) = pending.take() {
            let definition = parens == 0
                && matches!(
                    token,
                    Token::Name("query" | "mutation" | "subscription" | "fragment")
                );
            if definition || (parens == 1 && token == Token::Byte(b'$')) {
                let content = content(&text[string.clone()]);
                described.descriptions.insert(start, content);
                taken.push(string);
            }
        }
        match token {
            Token::Byte(b'{') => braces += 1,
            Token::Byte(b'}') => braces -= 1,
            Token::Byte(b'(') => parens += 1,
            Token::Byte(b')') => parens -= 1,
            Token::String if braces == 0 && before != Some(Token::Byte(b'=')) => {
                pending = Some(start..lexer.at);
            }
            _ => {}
        }
        before = Some(token);
    }
    if taken.is_empty() {
        described.text = text.to_owned();
        return described;
    }
    let mut at = 0;
    for string in taken {
        described.text.push_str(&text[at..string.start]);
        described
            .text
            .extend(text[string.clone()].bytes().map(|byte| {
                if matches!(byte, b'\n' | b'\r') {
                    char::from(byte)
                } else {
                    ' '
                }
            }));
        at = string.end;
    }
    described.text.push_str(&text[at..]);
    described
}

/// The content of a string token.
fn content(token: &str) -> String {
    match token
        .strip_prefix("\"\"\"")
        .and_then(|rest| rest.strip_suffix("\"\"\""))
    {
        Some(block) => block.replace("\\\"\"\"", "\"\"\"").trim().to_owned(),
        None => serde_json::from_str(token).unwrap_or_else(|_| token.trim_matches('"').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::split_descriptions;

    #[test]
    fn strings_that_describe_are_taken_and_all_others_stay() {
        let text = concat!(
            "\"Finds\" query A(\"first\" $a: String = \"x\" $b: [Int] = [1]) { f(x: \"y\") }\n",
            "\"\"\"Block\n \\\"\"\" é\"\"\"\nfragment F on T { id }",
        );
        let described = split_descriptions(text);
        assert_eq!(
            described.text.len(),
            text.len(),
            "every other byte keeps its place"
        );
        assert_eq!(
            described.text.replace(' ', ""),
            "queryA($a:String=\"x\"$b:[Int]=[1]){f(x:\"y\")}\n\n\nfragmentFonT{id}"
        );
        let mut found: Vec<String> = described.descriptions.into_values().collect();
        found.sort();
        assert_eq!(found, ["Block\n \"\"\" é", "Finds", "first"]);
    }

    #[test]
    fn texts_that_are_no_documents_are_left_as_they_are() {
        for text in [
            "\"",
            "\"\"\"",
            "\"\"\"\\\"\"\"",
            "\"a",
            "query \"x",
            "é\"é\"é",
            "# only this",
            "",
        ] {
            assert_eq!(split_descriptions(text).text, text);
        }
    }
}
