//! Text for errors: a server's words made fit to be shown, and an error with its causes.

use std::collections::HashSet;

/// An error with its causes on one line, for logs and for people.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Makes text of a server fit for an error: one line, no control characters, at most 200
/// characters.
pub(crate) fn printable(text: &str) -> String {
    let clean = |c: char| if is_control(c) { ' ' } else { c };
    let mut short: String = text.chars().take(200).map(clean).collect();
    if text.chars().nth(200).is_some() {
        short.push('…');
    }
    short.trim().to_owned()
}

/// Takes control characters out of a server's text, which may have many lines.
pub(crate) fn without_controls(text: &str) -> String {
    let clean = |c: char| {
        if c != '\n' && is_control(c) { ' ' } else { c }
    };
    text.chars().map(clean).collect()
}

/// Whether a character steers a terminal, or the direction of a text.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What stands in place of a secret.
const REMOVED: &str = "[removed]";
/// So many characters of a secret in a row are taken for a part of it: servers shorten what they
/// quote.
const PART: usize = 8;

/// Takes secrets out of a text, whole or in part.
///
/// A server that repeats the request in its error must not bring a secret into a log.
pub(crate) fn redact(text: &str, secrets: &[&str]) -> String {
    let bytes = text.as_bytes();
    let mut hidden = vec![false; bytes.len()];
    let mut hide = |at: usize, length: usize| hidden[at..at + length].fill(true);
    for secret in secrets.iter().map(|secret| secret.as_bytes()) {
        if secret.len() < PART {
            let windows = bytes.windows(secret.len().max(1));
            for (at, window) in windows.enumerate() {
                if window == secret {
                    hide(at, secret.len());
                }
            }
        } else {
            let parts: HashSet<&[u8]> = secret.windows(PART).collect();
            for (at, window) in bytes.windows(PART).enumerate() {
                if parts.contains(window) {
                    hide(at, PART);
                }
            }
        }
    }
    let mut clean = String::with_capacity(text.len());
    let mut before_hidden = false;
    for (at, c) in text.char_indices() {
        let now_hidden = (at..at + c.len_utf8()).any(|at| hidden[at]);
        match (now_hidden, before_hidden) {
            (false, _) => clean.push(c),
            (true, false) => clean.push_str(REMOVED),
            (true, true) => {}
        }
        before_hidden = now_hidden;
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_taken_out_and_lines_stay() {
        assert_eq!(without_controls("a\u{1b}[31m\tb\nc"), "a [31m b\nc");
        assert_eq!(printable("a\u{1b}[31m\tb\nc"), "a [31m b c");
    }

    #[test]
    fn point_50_a_secret_is_taken_out_whole_and_in_part() {
        let secret = "s3cr3t-of-the-login";
        for (text, clean) in [
            ("no s3cr3t-of-the-login!", "no [removed]!"),
            ("s3cr3t-of…", "[removed]…"),
            ("…the-login is wrong", "…[removed] is wrong"),
            ("s3cr3t-of-the-logins3cr3t-of-the-login", "[removed]"),
            ("the login is over", "the login is over"),
            ("", ""),
        ] {
            assert_eq!(redact(text, &[secret]), clean);
        }
        assert_eq!(
            redact("pin 4711, really", &["4711"]),
            "pin [removed], really"
        );
        assert_eq!(redact("a", &["", "b"]), "a");
        assert_eq!(redact("Zoë ë", &["ë"]), "Zo[removed] [removed]");
    }
}
