//! Guests as people paste them: one to a line.
//!
//! ```text
//! John Smith +2                  three tickets
//! Katy Perry +1 (2)              two tickets, two of them free
//! Hugo Smith (free)              one ticket, free
//! Jon Snow +2 (3) : a note       three free tickets and a note
//! Ann Lee ann@example.com        one ticket and an email address
//! ```

/// A line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastedGuest {
    pub name: String,
    pub tickets: i32,
    pub free: i32,
    pub email: Option<String>,
    pub note: Option<String>,
}

/// More than a group can be, so that a slip of the finger is caught.
pub(crate) const LARGEST_GROUP: i32 = 1000;

/// Reads one line. An error says what is wrong with it.
pub(crate) fn parse_line(line: &str) -> Result<PastedGuest, String> {
    let (guest, note) = match line.split_once(':') {
        Some((guest, note)) => (guest, Some(note.trim()).filter(|note| !note.is_empty())),
        None => (line, None),
    };
    let mut name = Vec::new();
    let (mut more, mut free, mut all_free, mut email) = (None, None, false, None);
    for word in guest.split_whitespace() {
        if let Some(number) = word.strip_prefix('+').and_then(count) {
            if more.replace(number).is_some() {
                return Err("has more than one `+`".into());
            }
        } else if word.eq_ignore_ascii_case("(free)") {
            all_free = true;
        } else if let Some(number) = word
            .strip_prefix('(')
            .and_then(|word| word.strip_suffix(')'))
            .and_then(count)
        {
            if free.replace(number).is_some() {
                return Err("has more than one number of free tickets".into());
            }
        } else if is_email(word) && email.is_none() {
            email = Some(word.to_owned());
        } else {
            name.push(word);
        }
    }
    if name.is_empty() {
        return Err("has no name".into());
    }
    let tickets = more.unwrap_or(0) + 1;
    let free = if all_free { tickets } else { free.unwrap_or(0) };
    if tickets > LARGEST_GROUP {
        return Err(format!("is a group of {tickets}: at most {LARGEST_GROUP}"));
    }
    if free > tickets {
        return Err(format!(
            "has {free} free tickets but only {tickets} tickets"
        ));
    }
    Ok(PastedGuest {
        name: name.join(" "),
        tickets,
        free,
        email,
        note: note.map(Into::into),
    })
}

fn count(digits: &str) -> Option<i32> {
    let all_digits =
        !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits {
        digits.parse().ok()
    } else {
        None
    }
}

/// Whether this looks like an email address: something, an `@`, and a name with a dot.
pub(crate) fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && !word.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_product_are_understood() {
        let guest =
            |name: &str, tickets, free, email: Option<&str>, note: Option<&str>| PastedGuest {
                name: name.into(),
                tickets,
                free,
                email: email.map(Into::into),
                note: note.map(Into::into),
            };
        let lines = [
            ("John Smith +2", guest("John Smith", 3, 0, None, None)),
            ("Katy Perry +1 (2)", guest("Katy Perry", 2, 2, None, None)),
            ("Hugo Smith (free)", guest("Hugo Smith", 1, 1, None, None)),
            (
                "Jon Snow +2 (3) : a note",
                guest("Jon Snow", 3, 3, None, Some("a note")),
            ),
            (
                "Ann Lee ann@example.com",
                guest("Ann Lee", 1, 0, Some("ann@example.com"), None),
            ),
            (
                "  李雷  +1 : 12:30 : late ",
                guest("李雷", 2, 0, None, Some("12:30 : late")),
            ),
            (
                "Team (blue) +4 (FREE)",
                guest("Team (blue)", 5, 5, None, None),
            ),
        ];
        for (line, expected) in lines {
            assert_eq!(parse_line(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn a_line_that_makes_no_sense_says_why() {
        for (line, reason) in [
            ("", "name"),
            ("+2 (1)", "name"),
            ("A (2)", "free tickets but only 1"),
            ("A +1 +2", "more than one `+`"),
            ("A +1000", "at most 1000"),
        ] {
            let error = parse_line(line).expect_err(line);
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
