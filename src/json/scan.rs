//! The lexical part of JSON: how far a string, a number, white space or a whole value reaches.
//!
//! Plain functions over a byte slice and an offset. Nothing is built here, so nothing is allocated. The text is known
//! to be UTF-8; an offset that these functions return stands behind an ASCII byte, so it is a character's boundary.

use std::borrow::Cow;

use wide::u8x16;

use super::MAX_DEPTH;
use super::error::ErrorKind;

/// Where a scan failed and why.
pub(super) type Fault = (usize, ErrorKind);

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

/// Some bytes of the text.
#[inline]
pub(super) fn chunk_at<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.first_chunk()
}

/// The first offset at or behind `at` that holds a quote, a backslash or a control character.
///
/// The usual case, that it is in the next 32 bytes, is looked at in place; what is long, or near the text's end, is left to a call.
#[inline]
pub(super) fn plain_run(bytes: &[u8], mut at: usize) -> usize {
    for _ in 0..2 {
        let Some(chunk) = chunk_at::<16>(bytes, at) else {
            return short_run(bytes, at);
        };
        let special = specials(chunk);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += chunk.len();
    }
    long_run(bytes, at)
}

/// The same, 32 bytes a step.
#[inline(never)]
fn long_run(bytes: &[u8], mut at: usize) -> usize {
    let (chunks, _) = bytes.get(at..).unwrap_or_default().as_chunks::<32>();
    for chunk in chunks {
        let special = specials(chunk);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += 32;
    }
    if let Some(chunk) = chunk_at::<16>(bytes, at) {
        let special = specials(chunk);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += 16;
    }
    short_run(bytes, at)
}

/// The same in the text's last bytes, which are less than 16.
#[inline(never)]
fn short_run(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if let (Some(first), Some(last)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        // The last eight bytes may be in both halves.
        let both =
            u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << 64;
        let found = specials(&both.to_le_bytes()).trailing_zeros() as usize;
        return at
            + match found {
                0..8 => found,
                8..16 => rest.len() + found - 16,
                _ => rest.len(),
            };
    }
    let special = |&byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + rest.iter().position(special).unwrap_or(rest.len())
}

/// Which of the bytes, 16 or 32, are special, a bit for each.
#[inline]
pub(super) fn specials<const N: usize>(chunk: &[u8; N]) -> u32 {
    let mut specials = 0;
    for (index, half) in chunk.as_chunks::<16>().0.iter().enumerate() {
        let bytes = u8x16::new(*half);
        // The quote changes places with the space, and then is the next to the control characters.
        let turned = bytes ^ u8x16::splat(b'"' ^ b' ');
        let special =
            turned.min(u8x16::splat(b' ')).simd_eq(turned) | bytes.simd_eq(u8x16::splat(b'\\'));
        specials |= special.to_bitmask() << (16 * index);
    }
    specials
}

/// From behind the opening quote to the closing one; also says whether there are escapes between.
#[inline]
pub(super) fn string_end(bytes: &[u8], at: usize) -> Result<(usize, bool), Fault> {
    let end = plain_run(bytes, at);
    if byte_at(bytes, end) == b'"' {
        Ok((end, false))
    } else {
        string_end_escaped(bytes, end, &mut Escapes::default()).map(|end| (end, true))
    }
}

/// Where a string's first escape sequences stand, so that they need not be looked for twice.
#[derive(Default)]
struct Escapes {
    at: [usize; 16],
    count: usize,
}

/// From a byte of a string that is special to its closing quote.
#[inline(never)]
fn string_end_escaped(bytes: &[u8], mut at: usize, escapes: &mut Escapes) -> Result<usize, Fault> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => {
                if let Some(place) = escapes.at.get_mut(escapes.count) {
                    *place = at;
                }
                escapes.count += 1;
                at = plain_run(bytes, escape(bytes, at)?.1);
            }
            Some(_) => {
                return Err((
                    at,
                    ErrorKind::Syntax("a control character in a string must be escaped"),
                ));
            }
            None => return Err((at, ErrorKind::Syntax("a string does not end"))),
        }
    }
}

/// The character that the escape sequence at the backslash `at` stands for, and the offset behind it.
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
        _ => Err((at, ErrorKind::Syntax("an unknown escape sequence"))),
    }
}

/// The string behind the opening quote before `start`, and where its closing one is; up to `from` there is nothing special.
#[inline]
pub(super) fn string(
    text: &str,
    start: usize,
    from: usize,
) -> Result<(Cow<'_, str>, usize), Fault> {
    let end = plain_run(text.as_bytes(), from);
    if byte_at(text.as_bytes(), end) == b'"' {
        // Both ends stand beside an ASCII quote, so the text is always there.
        let string = text.get(start..end).unwrap_or_default();
        Ok((Cow::Borrowed(string), end))
    } else {
        string_escaped(text, start, end).map(|(string, end)| (Cow::Owned(string), end))
    }
}

/// The same with its escapes resolved, of which the first stands at `from`. It is never longer than they are.
#[inline(never)]
fn string_escaped(text: &str, start: usize, from: usize) -> Result<(String, usize), Fault> {
    let bytes = text.as_bytes();
    let mut escapes = Escapes::default();
    let end = string_end_escaped(bytes, from, &mut escapes)?;
    let mut string = String::with_capacity(end - start);
    let mut from = start;
    for index in 0..escapes.count {
        let slash = match escapes.at.get(index) {
            Some(&at) => at,
            None => plain_run(bytes, from),
        };
        string.push_str(text.get(from..slash).unwrap_or_default());
        let (character, behind) = escape(bytes, slash)?;
        string.push(character);
        from = behind;
    }
    string.push_str(text.get(from..end).unwrap_or_default());
    Ok((string, end))
}

/// `\uXXXX`, or two of them for a character outside the basic plane (RFC 8259, section 7).
fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let first = hex4(bytes, at + 2)
        .ok_or((at, ErrorKind::Syntax("`\\u` needs four hexadecimal digits")))?;
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
        ErrorKind::Syntax("a surrogate escape without its other half"),
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
            Err((at, ErrorKind::Syntax("a digit is missing in a number")))
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
            return Err((at, ErrorKind::Syntax("a number with a leading zero")));
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

/// What is told of the objects and keys that a scan moves over.
pub(super) trait Notes {
    /// An object begins here; it has a key.
    fn open(&mut self, start: usize);
    /// A key, from its opening quote to its closing one, and whether it is usual: no escapes, no white space before its colon.
    fn key(&mut self, quote: usize, end: usize, usual: bool);
    /// The object that was opened last ends behind this bracket.
    fn close(&mut self, bracket: usize);
}

/// Nobody is told.
impl Notes for () {
    fn open(&mut self, _: usize) {}
    fn key(&mut self, _: usize, _: usize, _: bool) {}
    fn close(&mut self, _: usize) {}
}

/// Behind the value that begins at `at`, checking all of its syntax. `depth` is how deep `at` lies already.
pub(super) fn value_end(bytes: &[u8], at: usize, depth: usize) -> Result<usize, Fault> {
    walk(bytes, at, depth, false, &mut ())
}

/// Behind the object of which a key begins at `at`, checking the syntax of what is left of it. `depth` is how deep the key lies.
#[inline]
pub(super) fn object_end(
    bytes: &[u8],
    at: usize,
    depth: usize,
    notes: &mut impl Notes,
) -> Result<usize, Fault> {
    walk(bytes, at, depth.saturating_sub(1), true, notes)
}

/// Behind a value, or behind an object that is open already and of which a key begins at `at`.
///
/// Keeps its own stack, a bit for each level, so that no input can exhaust the thread's.
#[inline(always)]
fn walk<N: Notes>(
    bytes: &[u8],
    mut at: usize,
    depth: usize,
    inside: bool,
    notes: &mut N,
) -> Result<usize, Fault> {
    let room = MAX_DEPTH - depth.min(MAX_DEPTH);
    let mut objects = u128::from(inside);
    let mut level = usize::from(inside);
    let mut key = inside;
    loop {
        if key {
            at = behind_key(bytes, at, notes)?;
        }
        // A value begins at `at`.
        match byte_at(bytes, at) {
            b'"' => at = string_end(bytes, at + 1)?.0 + 1,
            b'-' | b'0'..=b'9' => at = number_end(bytes, at)?.0,
            b't' => at = word_end(bytes, at, b"true")?,
            b'f' => at = word_end(bytes, at, b"false")?,
            b'n' => at = word_end(bytes, at, b"null")?,
            open @ (b'{' | b'[') => {
                if level == room {
                    return Err((at, ErrorKind::Depth));
                }
                let start = at;
                at = skip_space(bytes, at + 1);
                let object = open == b'{';
                if byte_at(bytes, at) == if object { b'}' } else { b']' } {
                    at += 1;
                } else {
                    level += 1;
                    objects = objects << 1 | u128::from(object);
                    if object {
                        notes.open(start);
                    }
                    key = object;
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
            let mut byte = byte_at(bytes, at);
            if byte <= b' ' {
                at = skip_space(bytes, at);
                byte = byte_at(bytes, at);
            }
            if byte == b',' {
                at = skip_space(bytes, at + 1);
                key = object;
                break;
            }
            match byte {
                b'}' if object => notes.close(at),
                b']' if !object => {}
                _ if object => {
                    return Err((at, ErrorKind::Syntax("expected `,` or `}` after a value")));
                }
                _ => return Err((at, ErrorKind::Syntax("expected `,` or `]` after a value"))),
            }
            at += 1;
            level -= 1;
            objects >>= 1;
        }
    }
}

/// From a key's opening quote: where its closing one is, whether it holds escapes, and where its value begins.
#[inline]
pub(super) fn key_end(bytes: &[u8], at: usize) -> Result<(usize, bool, usize), Fault> {
    if byte_at(bytes, at) != b'"' {
        return Err((at, ErrorKind::Syntax("expected a key in quotes")));
    }
    let (end, escaped) = string_end(bytes, at + 1)?;
    let mut colon = end + 1;
    if byte_at(bytes, colon) != b':' {
        colon = skip_space(bytes, colon);
        if byte_at(bytes, colon) != b':' {
            return Err((colon, ErrorKind::Syntax("expected `:` after a key")));
        }
    }
    Ok((end, escaped, skip_space(bytes, colon + 1)))
}

/// The same for a key as most are: short, without escapes, and no white space about its colon; `None` for another.
#[inline]
pub(super) fn short_key_end(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let special = specials(chunk_at::<16>(bytes, at + 1)?);
    if special == 0 || byte_at(bytes, at) != b'"' {
        return None;
    }
    let end = at + 1 + special.trailing_zeros() as usize;
    let usual = byte_at(bytes, end) == b'"'
        && byte_at(bytes, end + 1) == b':'
        && byte_at(bytes, end + 2) > b' ';
    usual.then_some((end, end + 2))
}

/// From a key's opening quote to its value.
#[inline(always)]
fn behind_key<N: Notes>(bytes: &[u8], quote: usize, notes: &mut N) -> Result<usize, Fault> {
    let (end, usual, value) = match short_key_end(bytes, quote) {
        Some((end, value)) => (end, true, value),
        None => unusual_key_end(bytes, quote)?,
    };
    notes.key(quote, end, usual);
    Ok(value)
}

#[inline(never)]
fn unusual_key_end(bytes: &[u8], quote: usize) -> Result<(usize, bool, usize), Fault> {
    let (end, escaped, value) = key_end(bytes, quote)?;
    Ok((end, !escaped && byte_at(bytes, end + 1) == b':', value))
}

/// The key at this opening quote, which is well-formed (or else is empty).
pub(super) fn key_name(text: &str, quote: usize) -> Cow<'_, str> {
    let start = quote + 1;
    string(text, start, start).map_or(Cow::Borrowed(""), |(name, _)| name)
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
            ErrorKind::Syntax("expected a value; the words of JSON are `true`, `false` and `null`"),
        ))
    }
}

/// Why there is no value at `at`.
pub(super) fn no_value(bytes: &[u8], at: usize) -> ErrorKind {
    ErrorKind::Syntax(if at >= bytes.len() {
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
