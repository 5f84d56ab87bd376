//! The headers of `--header`, from the command line or a file. Enter at [`read`].
//!
//! Everybody on a machine can read the arguments of its processes, so what may be a credential is
//! taken from a file alone.

use crate::failure::Failure;
use http::{HeaderName, HeaderValue, header};

pub type Header = (HeaderName, HeaderValue);

/// The headers that the flags say: `NAME: VALUE`, or `@FILE` with a header on each line.
///
/// Not a parser of clap, which would repeat a value that it refuses.
pub fn read(given: &[String]) -> Result<Vec<Header>, Failure> {
    let mut headers = Vec::new();
    for each in given {
        if let Some(path) = each.strip_prefix('@') {
            headers.extend(read_file(path)?);
            continue;
        }
        let (name, value) = parse(each)
            .map_err(|help| Failure::usage("`--header` holds no header that can be sent", help))?;
        if is_secret(&name) {
            return Err(Failure::usage(
                format!("`{name}` may be a credential, and arguments are not secret"),
                "put it into ATTENDIUM_TOKEN, or into a file: `--header @FILE`",
            ));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

fn read_file(path: &str) -> Result<Vec<Header>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("can't read `{path}`: {error}"),
            "give `--header` a file with a header on each line, as `@headers.txt`",
        )
    })?;
    let lines = text.lines().zip(1..);
    let lines = lines.filter(|(line, _)| !line.trim().is_empty());
    let headers = lines.map(|(line, number)| {
        let failed = |help| {
            let what = format!("line {number} of `{path}` holds no header that can be sent");
            Failure::usage(what, help)
        };
        parse(line).map_err(failed)
    });
    headers.collect()
}

/// Whether they stand in place of a login.
pub fn authorize(headers: &[Header]) -> bool {
    headers
        .iter()
        .any(|(name, _)| *name == header::AUTHORIZATION)
}

/// A header, or what to write. Not a word of the line: it may be a secret.
fn parse(line: &str) -> Result<Header, String> {
    let wrong = || "write NAME: VALUE, as `--header 'x-tenant: north'`".to_owned();
    let (name, value) = line.split_once(':').ok_or_else(wrong)?;
    let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
    if OF_THE_REQUEST.contains(&name) {
        return Err(format!("leave `{name}` out: it follows from the request"));
    }
    let mut value = HeaderValue::try_from(value.trim()).map_err(|_| wrong())?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// Headers that belong to the body and the connection.
const OF_THE_REQUEST: [HeaderName; 7] = [
    header::ACCEPT,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Whether a header of this name is a credential.
fn is_secret(name: &HeaderName) -> bool {
    let parts = [
        "auth",
        "cookie",
        "credential",
        "key",
        "passw",
        "secret",
        "session",
        "token",
    ];
    parts.iter().any(|part| name.as_str().contains(part))
}
