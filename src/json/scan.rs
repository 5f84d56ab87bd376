//! The lexical part of JSON: how far a string, a number, white space or a whole value reaches.
//!
//! Plain functions over a byte slice and an offset. The text is known to be UTF-8. An offset that
//! these functions return is beside an ASCII byte, so it is a boundary of a character.
//! Enter at [`value_end`].

use std::borrow::Cow;

use wide::u8x16;

use super::error::{DecodeErrorKind, MAX_DEPTH};

/// Where a scan failed and why.
pub(super) type Fault = (usize, DecodeErrorKind);

/// The byte at an offset, or 0 behind the end: no token of JSON begins with 0.
#[inline]
pub(super) fn byte_at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The first offset at or behind `at` that is no white space.
#[inline]
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(byte_at(bytes, at), b' ' | b'\n' | b'\r' | b'\t') {
        at += 1;
    }
    at
}

/// `N` bytes of the text.
#[inline]
pub(super) fn chunk_at<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.first_chunk()
}

/// The first offset from `start` on that holds a quote, a backslash or a control character.
#[inline]
pub(super) fn plain_run(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let (chunks, tail) = rest.as_chunks();
    let mut at = start;
    for chunk in chunks {
        let special = special_bytes(chunk);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += chunk.len();
    }
    let special = |&byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + tail.iter().position(special).unwrap_or(tail.len())
}

/// Which of 16 bytes are special in a string, a bit for each.
#[inline]
fn special_bytes(chunk: &[u8; 16]) -> u32 {
    let bytes = u8x16::new(*chunk);
    // Swaps the quote with the space, which is the first byte above the control characters.
    let swapped = bytes ^ u8x16::splat(b'"' ^ b' ');
    let special =
        swapped.min(u8x16::splat(b' ')).simd_eq(swapped) | bytes.simd_eq(u8x16::splat(b'\\'));
    special.to_bitmask()
}

/// From a string's first byte to its closing quote. Also says whether it has escapes.
#[inline]
pub(super) fn string_end(bytes: &[u8], at: usize) -> Result<(usize, bool), Fault> {
    let end = plain_run(bytes, at);
    if byte_at(bytes, end) == b'"' {
        Ok((end, false))
    } else {
        Ok((escaped_string_end(bytes, end)?, true))
    }
}

/// From a special byte of a string to its closing quote.
#[inline(never)]
fn escaped_string_end(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = plain_run(bytes, escape(bytes, at)?.1),
            Some(_) => {
                return Err((
                    at,
                    DecodeErrorKind::Syntax("a control character in a string must be escaped"),
                ));
            }
            None => return Err((at, DecodeErrorKind::Syntax("a string does not end"))),
        }
    }
}

/// The character of the escape sequence at the backslash `at`, and the offset behind it.
pub(super) fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let short = |character| Ok((character, at + 2));
    match byte_at(bytes, at + 1) {
        b'"' => short('"'),
        b'\\' => short('\\'),
        b'/' => short('/'),
        b'b' => short('\u{8}'),
        b'f' => short('\u{c}'),
        b'n' => short('\n'),
        b'r' => short('\r'),
        b't' => short('\t'),
        b'u' => unicode_escape(bytes, at),
        _ => Err((at, DecodeErrorKind::Syntax("an unknown escape sequence"))),
    }
}

/// The string that begins at `start`, behind its opening quote, and where its closing quote is.
#[inline]
pub(super) fn string(text: &str, start: usize) -> Result<(Cow<'_, str>, usize), Fault> {
    let end = plain_run(text.as_bytes(), start);
    if byte_at(text.as_bytes(), end) == b'"' {
        // Both ends are beside an ASCII quote, so the text is always there.
        let string = text.get(start..end).unwrap_or_default();
        Ok((Cow::Borrowed(string), end))
    } else {
        escaped_string(text, start, end).map(|(string, end)| (Cow::Owned(string), end))
    }
}

/// A string with its escapes resolved. Its first special byte is at `special`.
#[inline(never)]
fn escaped_string(text: &str, start: usize, special: usize) -> Result<(String, usize), Fault> {
    let bytes = text.as_bytes();
    let end = escaped_string_end(bytes, special)?;
    // It is never longer than with its escapes.
    let mut string = String::with_capacity(end - start);
    let (mut from, mut at) = (start, special);
    while at < end {
        string.push_str(text.get(from..at).unwrap_or_default());
        let (character, behind) = escape(bytes, at)?;
        string.push(character);
        (from, at) = (behind, plain_run(bytes, behind));
    }
    string.push_str(text.get(from..end).unwrap_or_default());
    Ok((string, end))
}

/// `\uXXXX`, or two of them for a character outside the basic plane (RFC 8259, section 7).
fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let first = hex4(bytes, at + 2).ok_or((
        at,
        DecodeErrorKind::Syntax("`\\u` needs four hexadecimal digits"),
    ))?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, at + 6));
    }
    let second = match (byte_at(bytes, at + 6), byte_at(bytes, at + 7)) {
        (b'\\', b'u') => hex4(bytes, at + 8),
        _ => None,
    };
    match (first, second) {
        (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) => {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            char::from_u32(code).map(|character| (character, at + 12))
        }
        _ => None,
    }
    .ok_or((
        at,
        DecodeErrorKind::Syntax(
            "a surrogate escape without its other half (of a text that was cut)",
        ),
    ))
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |code, &digit| {
        Some(code << 4 | char::from(digit).to_digit(16)?)
    })
}

/// From a number's first byte to behind its last; also says whether it is an integer in form.
pub(super) fn number_end(bytes: &[u8], start: usize) -> Result<(usize, bool), Fault> {
    let digits = |mut at: usize| {
        let from = at;
        while byte_at(bytes, at).is_ascii_digit() {
            at += 1;
        }
        if at == from {
            Err((
                at,
                DecodeErrorKind::Syntax("a digit is missing in a number"),
            ))
        } else {
            Ok(at)
        }
    };
    let mut at = start;
    if byte_at(bytes, at) == b'-' {
        at += 1;
    }
    if byte_at(bytes, at) == b'0' {
        at += 1;
        if byte_at(bytes, at).is_ascii_digit() {
            return Err((at, DecodeErrorKind::Syntax("a number with a leading zero")));
        }
    } else {
        at = digits(at)?;
    }
    let integer_end = at;
    if byte_at(bytes, at) == b'.' {
        at = digits(at + 1)?;
    }
    if matches!(byte_at(bytes, at), b'e' | b'E') {
        at += 1;
        if matches!(byte_at(bytes, at), b'+' | b'-') {
            at += 1;
        }
        at = digits(at)?;
    }
    Ok((at, at == integer_end))
}

/// Behind the value that begins at `at`, checking all of its syntax. `depth` is how deep `at` lies.
///
/// It has a stack of its own, a bit for each level, so that no text exhausts the thread's.
pub(super) fn value_end(bytes: &[u8], mut at: usize, depth: usize) -> Result<usize, Fault> {
    let levels_left = MAX_DEPTH - depth.min(MAX_DEPTH);
    let mut level = 0;
    let mut objects = 0u128;
    loop {
        // A value begins at `at`.
        match byte_at(bytes, at) {
            b'"' => at = string_end(bytes, at + 1)?.0 + 1,
            b'-' | b'0'..=b'9' => at = number_end(bytes, at)?.0,
            b't' => at = word_end(bytes, at, b"true")?,
            b'f' => at = word_end(bytes, at, b"false")?,
            b'n' => at = word_end(bytes, at, b"null")?,
            open @ (b'{' | b'[') => {
                if level == levels_left {
                    return Err((at, DecodeErrorKind::Depth));
                }
                let object = open == b'{';
                at = skip_space(bytes, at + 1);
                if byte_at(bytes, at) == if object { b'}' } else { b']' } {
                    at += 1;
                } else {
                    level += 1;
                    objects = objects << 1 | u128::from(object);
                    if object {
                        at = key_end(bytes, at)?.2;
                    }
                    continue;
                }
            }
            _ => return Err((at, no_value(bytes, at))),
        }
        // A value ended at `at`.
        loop {
            if level == 0 {
                return Ok(at);
            }
            let object = objects & 1 == 1;
            at = skip_space(bytes, at);
            match byte_at(bytes, at) {
                b',' => {
                    at = skip_space(bytes, at + 1);
                    if object {
                        at = key_end(bytes, at)?.2;
                    }
                    break;
                }
                b'}' if object => {}
                b']' if !object => {}
                _ if object => {
                    return Err((
                        at,
                        DecodeErrorKind::Syntax("expected `,` or `}` after a value"),
                    ));
                }
                _ => {
                    return Err((
                        at,
                        DecodeErrorKind::Syntax("expected `,` or `]` after a value"),
                    ));
                }
            }
            at += 1;
            level -= 1;
            objects >>= 1;
        }
    }
}

/// From a key's opening quote: where its closing quote is, whether it has escapes, and where its
/// value begins.
#[inline]
pub(super) fn key_end(bytes: &[u8], at: usize) -> Result<(usize, bool, usize), Fault> {
    if byte_at(bytes, at) != b'"' {
        return Err((at, DecodeErrorKind::Syntax("expected a key in quotes")));
    }
    let (end, escaped) = string_end(bytes, at + 1)?;
    let colon = skip_space(bytes, end + 1);
    if byte_at(bytes, colon) != b':' {
        return Err((colon, DecodeErrorKind::Syntax("expected `:` after a key")));
    }
    Ok((end, escaped, skip_space(bytes, colon + 1)))
}

/// The name of the key with this opening quote. Empty where the key is not well-formed.
pub(super) fn key_name(text: &str, quote: usize) -> Cow<'_, str> {
    string(text, quote + 1).map_or(Cow::Borrowed(""), |(name, _)| name)
}

/// Behind one of the words of JSON.
#[inline]
pub(super) fn word_end<const N: usize>(
    bytes: &[u8],
    at: usize,
    word: &[u8; N],
) -> Result<usize, Fault> {
    if chunk_at(bytes, at) == Some(word) {
        Ok(at + N)
    } else {
        Err((
            at,
            DecodeErrorKind::Syntax(
                "expected a value; the words of JSON are `true`, `false` and `null`",
            ),
        ))
    }
}

/// Why there is no value at `at`.
pub(super) fn no_value(bytes: &[u8], at: usize) -> DecodeErrorKind {
    DecodeErrorKind::Syntax(if at >= bytes.len() {
        "the text ends where a value is expected"
    } else {
        "expected a value"
    })
}

#[cfg(test)]
mod tests {
    use super::plain_run;

    #[test]
    fn special_bytes_are_found_at_every_place_among_every_neighbour() {
        for byte in 0..=u8::MAX {
            for neighbour in [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xFF] {
                for length in [7, 16, 40, 85] {
                    for at in 0..length {
                        let mut text = vec![neighbour; length];
                        text[at] = byte;
                        let expected = if matches!(byte, b'"' | b'\\' | 0..0x20) {
                            at
                        } else {
                            length
                        };
                        assert_eq!(plain_run(&text, 0), expected, "{byte} at {at} of {length}");
                    }
                }
            }
        }
    }
}
