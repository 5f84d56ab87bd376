//! Texts of the code: string literals, and what rustfmt would break over several lines.

/// How long a line of items may be: rustfmt's default, so that committed code stays as written.
pub const WIDTH: usize = 100;

/// A type with its arguments on lines of their own, as far as they are too long.
pub fn broken(rust: &str, indent: &str) -> String {
    let Some((head, inner)) = rust
        .split_once('<')
        .and_then(|(head, rest)| Some((head, rest.strip_suffix('>')?)))
    else {
        return rust.to_owned();
    };
    let deeper = format!("{indent}    ");
    let inner = if deeper.len() + inner.chars().count() < WIDTH {
        inner.to_owned()
    } else {
        broken(inner, &deeper)
    };
    format!("{head}<\n{deeper}{inner},\n{indent}>")
}

/// A string literal: raw where that reads better.
pub fn literal(text: &str) -> String {
    if is_plain(text, |byte| matches!(byte, b'"' | b'\\')) {
        return format!("\"{text}\"");
    }
    let plain = !text.chars().any(is_hidden);
    if plain && text.contains(['"', '\\']) && !text.contains("\"#") {
        format!("r#\"{text}\"#")
    } else {
        format!("{text:?}")
    }
}

/// A string literal on lines that are not too long. `indent` is that of the line that it begins
/// on, after `before` bytes.
///
/// The compiler takes white space at the beginning of a continued line away, so no line begins
/// with a space of the text.
pub fn literal_on_lines(text: &str, indent: &str, before: usize) -> String {
    let mut out = String::from("\"");
    let mut length = before + 1;
    let mut line = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => line.extend(['\\', character]),
            hidden if is_hidden(hidden) => line.extend(hidden.escape_default()),
            other => line.push(other),
        }
        let may_break = matches!(character, ' ' | ',' | '{' | '}' | ')')
            && characters.peek().is_some_and(|next| !next.is_whitespace());
        if !may_break && characters.peek().is_some() {
            continue;
        }
        let width = line.chars().count();
        if length + width + 1 > WIDTH && out.len() > 1 {
            out.push_str("\\\n");
            out.push_str(indent);
            out.push_str("    ");
            length = indent.len() + 4;
        }
        length += width;
        out.push_str(&line);
        line.clear();
    }
    out.push('"');
    out
}

/// Whether a text has nothing but printable ASCII, and nothing special. Most have, and are written
/// as they are, without a look at each letter that costs much in a build script, which is compiled
/// without optimisation.
pub fn is_plain(text: &str, is_special: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b' '..=b'~') || is_special(bytes[at]) {
            return false;
        }
        at += 1;
    }
    true
}

/// Control characters, and those that change the direction of text (Unicode, UAX #9).
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_literal_is_the_same_text_on_lines() {
        let document = "query Long($text:String=\"a \\\"b\\\"\\n \"){".to_owned()
            + &"field(a:1,b:{c:\"  \"})@include(if:$x) ".repeat(9)
            + "}";
        let literal = literal_on_lines(&document, "        ", 20);
        assert!(literal.lines().count() > 3);
        assert!(literal.lines().all(|line| line.len() <= WIDTH), "{literal}");
        // Read back as rustc does.
        let mut read = String::new();
        let mut left = literal[1..literal.len() - 1].chars();
        while let Some(character) = left.next() {
            match (character, left.clone().next()) {
                ('\\', Some('\n')) => {
                    let rest = left.as_str().trim_start();
                    left = rest.chars();
                }
                ('\\', Some(escaped)) => {
                    read.push(escaped);
                    left.next();
                }
                (other, _) => read.push(other),
            }
        }
        assert_eq!(read, document);
    }
}
