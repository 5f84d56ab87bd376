//! What a server says when it refuses a request: the challenges of `WWW-Authenticate` (RFC 9110
//! §11.6.1). Enter at [`bearer_challenges`].

use std::collections::BTreeMap;

use http::{Response, header};

/// A challenge's parameters, their names in lower case.
type Parameters = BTreeMap<String, String>;

/// The parameters of each `Bearer` challenge (RFC 6750 §3), in their order.
///
/// Several challenges may stand in one header and several headers in one response. What is no
/// challenge is skipped.
pub(crate) fn bearer_challenges<B>(response: &Response<B>) -> Vec<Parameters> {
    let mut challenges = Vec::new();
    for header in response.headers().get_all(header::WWW_AUTHENTICATE) {
        // Not only ASCII: some servers write a realm in UTF-8.
        let text = String::from_utf8_lossy(header.as_bytes());
        add_challenges(&text, &mut challenges);
    }
    challenges
        .into_iter()
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, parameters)| parameters)
        .collect()
}

fn add_challenges(text: &str, challenges: &mut Vec<(String, Parameters)>) {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=', '"']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=');
        rest = match value {
            // A new challenge: a scheme alone.
            None if !word.is_empty() => {
                challenges.push((word.to_owned(), Parameters::new()));
                after
            }
            None => match after.chars().next() {
                // A quote out of place.
                Some(first) => &after[first.len_utf8()..],
                None => return,
            },
            Some(value) => {
                let (value, after) = take_value(value.trim_start_matches([' ', '\t']));
                if let Some((_, parameters)) = challenges.last_mut() {
                    let name = word.to_ascii_lowercase();
                    parameters.entry(name).or_insert(value);
                }
                after
            }
        };
    }
}

/// A token or a quoted string (RFC 9110 §5.6.4), and what follows it.
fn take_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> Vec<Vec<(String, String)>> {
        let mut response = Response::new(());
        for text in headers {
            let header = http::HeaderValue::from_str(text).unwrap();
            response
                .headers_mut()
                .append(header::WWW_AUTHENTICATE, header);
        }
        let found = bearer_challenges(&response).into_iter();
        found
            .map(|parameters| parameters.into_iter().collect())
            .collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn point_48_challenges_are_read_wherever_they_stand() {
        let plain = pairs(&[("error", "invalid_token"), ("scope", "a b")]);
        for text in [
            r#"Bearer error="invalid_token", scope="a b""#,
            r#"bearer scope="a b",error=invalid_token"#,
            r#"Basic realm="x, Bearer y", BEARER Error = "invalid_token" ,Scope="a b""#,
            r#"Negotiate YWJj==, Bearer error="invalid_token", scope="a b", Basic realm=x"#,
            r#", ,Bearer error="invalid\_token", scope="a b""#,
            r#"Bearer error="invalid_token", scope="a b", error="second""#,
        ] {
            assert_eq!(read(&[text]), std::slice::from_ref(&plain), "{text}");
        }
        assert_eq!(read(&["Bearer"]), [pairs(&[])]);
        assert_eq!(
            read(&["Basic realm=x", "Bearer a=b", "Bearer c=\"d"]),
            [pairs(&[("a", "b")]), pairs(&[("c", "d")])]
        );
        for text in [
            "",
            "\"",
            "\"\"",
            "=",
            "=x",
            "a=\"b",
            "Basic x=y",
            "error=invalid_token",
        ] {
            assert!(read(&[text]).is_empty(), "{text}");
        }
    }
}
