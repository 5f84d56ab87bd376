//! Descriptions on operations, fragments and variables (September 2025 edition, section 2.3), which the parser does not
//! know yet: they are taken out of the text before it is parsed and given to what they describe afterwards.
//!
//! Enter at [`take`].

use std::collections::HashMap;

/// A text without descriptions, every other byte in its place.
pub struct Described {
    pub text: String,
    /// By the byte offset of the definition or variable that follows.
    pub descriptions: HashMap<usize, String>,
    /// Whether there is anything but white space, commas and comments.
    pub has_definitions: bool,
}

/// Takes the descriptions out of an executable document.
///
/// A string is one where a definition could begin and one follows, or where a variable definition could begin and one follows.
pub fn take(text: &str) -> Described {
    let mut described = Described {
        text: String::new(),
        descriptions: HashMap::new(),
        has_definitions: false,
    };
    let mut scan = Scan { text, at: 0 };
    // Most documents have none.
    if !text.contains('"') {
        described.text = text.to_owned();
        described.has_definitions = scan.token().is_some();
        return described;
    }
    let (mut braces, mut parens) = (0_i32, 0_i32);
    let mut before = "";
    let mut pending: Option<(usize, usize)> = None;
    let mut taken: Vec<(usize, usize)> = Vec::new();
    while let Some((start, end)) = scan.token() {
        described.has_definitions = true;
        let token = &text[start..end];
        if let Some((from, to)) = pending.take() {
            let definition =
                parens == 0 && matches!(token, "query" | "mutation" | "subscription" | "fragment");
            if definition || (parens == 1 && token == "$") {
                taken.push((from, to));
                described
                    .descriptions
                    .insert(start, content(&text[from..to]));
            }
        }
        match token {
            "{" => braces += 1,
            "}" => braces -= 1,
            "(" => parens += 1,
            ")" => parens -= 1,
            _ if token.starts_with('"') && braces == 0 && before != "=" => {
                pending = Some((start, end))
            }
            _ => {}
        }
        before = token;
    }
    if taken.is_empty() {
        described.text = text.to_owned();
        return described;
    }
    let mut at = 0;
    for (from, to) in taken {
        described.text.push_str(&text[at..from]);
        described.text.extend(text[from..to].bytes().map(|byte| {
            if matches!(byte, b'\n' | b'\r') {
                char::from(byte)
            } else {
                ' '
            }
        }));
        at = to;
    }
    described.text.push_str(&text[at..]);
    described
}

/// The tokens of a document, as far as strings, punctuators and words have to be told apart.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn token(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        loop {
            match *bytes.get(self.at)? {
                b'#' => {
                    self.at += bytes[self.at..]
                        .iter()
                        .position(|byte| matches!(byte, b'\n' | b'\r'))
                        .unwrap_or(bytes.len() - self.at)
                }
                b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
                0xef if self.text[self.at..].starts_with('\u{feff}') => self.at += 3,
                _ => break,
            }
        }
        let start = self.at;
        let rest = &self.text[start..];
        let length = if let Some(block) = rest.strip_prefix("\"\"\"") {
            6 + block_length(block)
        } else if rest.starts_with('"') {
            string_length(rest)
        } else {
            let word = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            if word > 0 {
                word
            } else {
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
        self.at = (start + length).min(self.text.len());
        Some((start, self.at))
    }
}

/// The length of a block string up to its closing quotes; all that is left where there are none.
fn block_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find("\"\"\"") {
        if !text[..at + found].ends_with('\\') {
            return at + found;
        }
        at += found + 3;
    }
    text.len().saturating_sub(3)
}

/// The length of a string with its quotes; a line's end ends it as well.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    text.len()
}

/// What a string says.
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
    use super::take;

    #[test]
    fn strings_that_describe_are_taken_and_all_others_stay() {
        let text = "\"Finds\" query A(\"first\" $a: String = \"x\" $b: [Int] = [1]) { f(x: \"y\") }\n\"\"\"Block\n \\\"\"\" é\"\"\"\nfragment F on T { id }";
        let described = take(text);
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
            assert_eq!(take(text).text, text);
        }
    }
}
