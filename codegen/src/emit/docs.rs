//! Descriptions of the schema as comments of the code, written so that rustdoc has nothing to warn
//! of: its lints can't be allowed in as many words as fit on a line. Enter at `Emitter::docs`.

use super::emitter::Emitter;
use super::text::{is_hidden, is_plain};
use std::fmt::Write;

impl Emitter<'_> {
    /// A description below a first line of our own.
    pub fn described(&mut self, indent: &str, description: Option<&str>) {
        // An empty one leaves no blank line either.
        if is_described(description) {
            let _ = writeln!(self.out, "{indent}///");
            self.docs(indent, description);
        }
    }

    /// The word of GraphQL for what has another name in Rust. A blank line divides it from a
    /// description before it.
    pub fn in_graphql(&mut self, indent: &str, described: bool, names: &str) {
        if described {
            let _ = writeln!(self.out, "{indent}///");
        }
        let _ = writeln!(self.out, "{indent}/// {names} in GraphQL.");
    }

    /// The text of an operation or fragment, laid out, as a block below the first line.
    pub fn graphql_block(&mut self, text: &str) {
        // A fence that no text ends, as long as a string of the document has no longer one.
        let fence = if text.contains("```") { "````" } else { "```" };
        let _ = writeln!(self.out, "///\n/// {fence}graphql");
        for line in text.trim_end().lines() {
            let line: String = line.chars().filter(|one| !is_hidden(*one)).collect();
            let _ = writeln!(self.out, "{}", format!("/// {line}").trim_end());
        }
        let _ = writeln!(self.out, "/// {fence}");
    }

    /// A description as documentation. What rustdoc or doctests would take for more than text is
    /// defused.
    pub fn docs(&mut self, indent: &str, description: Option<&str>) {
        for line in description.unwrap_or_default().trim().lines() {
            let line = line.trim();
            if line.is_empty() {
                let _ = writeln!(self.out, "{indent}///");
                continue;
            }
            // `:` may be that of an address.
            if is_plain(line, |byte| {
                matches!(byte, b'[' | b']' | b'<' | b'>' | b'`' | b'~' | b':')
            }) {
                self.out.push_str(indent);
                self.out.push_str("/// ");
                self.out.push_str(line);
                self.out.push('\n');
                continue;
            }
            let mut written = String::new();
            let defused = line.replace("```", "`` `").replace("~~~", "~~ ~");
            let mut left = defused.as_str();
            while let Some((before, address, behind)) = link(left) {
                escape(before, &mut written);
                let _ = write!(written, "<{address}>");
                left = behind;
            }
            escape(left, &mut written);
            let line = format!("{indent}/// {written}");
            let _ = writeln!(self.out, "{}", line.trim_end());
        }
    }
}

/// Whether there is a description at all: introspection has an empty one for one that says nothing.
pub fn is_described(description: Option<&str>) -> bool {
    description.is_some_and(|text| !text.trim().is_empty())
}

/// Text of a comment in which nothing is markup that rustdoc would warn of.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '[' | ']' | '<' | '>' => {
                out.push('\\');
                out.push(character);
            }
            // A bare carriage return is not allowed in a doc comment, nor is what turns the
            // direction of text.
            hidden if is_hidden(hidden) => {}
            other => out.push(other),
        }
    }
}

/// The first address of the web that is no part of code: what is before it, the address, what is
/// behind it.
fn link(line: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from
            + ["https://", "http://"]
                .into_iter()
                .filter_map(|scheme| line.get(from..)?.find(scheme))
                .min()?;
        let (before, rest) = line.split_at(start);
        let end = rest
            .find(|c: char| {
                !c.is_ascii() || c.is_ascii_whitespace() || "<>[]()`\"'\\|{}^*".contains(c)
            })
            .unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '_', '~']);
        let code = before.matches('`').count() % 2 == 1 && rest.contains('`');
        if !code && !address.ends_with("//") {
            return Some((before, address, &rest[address.len()..]));
        }
        from = start + end.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn addresses_become_links_and_code_stays_code() {
        let linked = |line| link(line).map(|(_, address, behind)| (address, behind));
        for (line, address, behind) in [
            (
                "see https://example.com/a_b?c=d#e.",
                "https://example.com/a_b?c=d#e",
                ".",
            ),
            (
                "[it](http://example.com/x) there",
                "http://example.com/x",
                ") there",
            ),
            (
                "`https://a.example` and https://b.example",
                "https://b.example",
                "",
            ),
            (
                "an owner`s page, https://c.example/é",
                "https://c.example/",
                "é",
            ),
        ] {
            assert_eq!(linked(line), Some((address, behind)), "{line}");
        }
        for line in [
            "the schemes http:// and https://",
            "`curl https://a.example`",
            "none",
        ] {
            assert_eq!(linked(line), None, "{line}");
        }
    }
}
