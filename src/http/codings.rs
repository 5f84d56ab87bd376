//! Content codings: a body that arrives compressed (RFC 9110 §8.4).
//!
//! gzip is what requests ask for. Other names of it and deflate are read as well, because servers
//! and proxies choose for themselves; a coding that is not known here is left as it is, and the
//! error names it. The limit counts decompressed bytes, piece by piece: a small bomb never becomes
//! a large buffer.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};

use crate::error::{TransportError, TransportErrorKind};

/// The most codings that one body is freed of: more is no honest server's.
const MOST: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// Collects a body piece by piece, decompressed, up to the limit.
pub(super) struct BodyReader {
    decoder: Decoder,
    /// Those that are under the outermost one, from the outside in.
    below: Vec<Coding>,
    limit: usize,
}

impl BodyReader {
    /// A reader for a body with these headers, which lose what is not true any more afterwards.
    pub(super) fn new(headers: &mut HeaderMap, limit: usize) -> Self {
        let mut codings = known_codings(headers).unwrap_or_default();
        if !codings.is_empty() {
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
        }
        // The last one named was applied last (RFC 9110 §8.4).
        let outermost = codings.pop();
        codings.reverse();
        Self {
            decoder: Decoder::new(outermost, limit),
            below: codings,
            limit,
        }
    }

    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), TransportError> {
        self.decoder.push(piece).map_err(to_transport_error)
    }

    pub(super) fn finish(self) -> Result<Bytes, TransportError> {
        let mut body = self.decoder.finish().map_err(to_transport_error)?;
        for coding in self.below {
            let mut decoder = Decoder::new(Some(coding), self.limit);
            decoder.push(&body).map_err(to_transport_error)?;
            body = decoder.finish().map_err(to_transport_error)?;
        }
        Ok(Bytes::from(body))
    }
}

/// The codings of a body, in the order in which they were applied; none where one of them is not
/// known here.
fn known_codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    let mut codings = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        for name in value.to_str().ok()?.split(',') {
            match name.trim().to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "" | "identity" => {}
                _ => return None,
            }
        }
    }
    (codings.len() <= MOST).then_some(codings)
}

/// One coding's decoder, which writes into a buffer with a limit.
enum Decoder {
    /// Nothing has come yet. 204 and HEAD have a coding's header and no body.
    Begins(Option<Coding>, Limited),
    Plain(Limited),
    Gzip(MultiGzDecoder<Limited>),
    Zlib(ZlibDecoder<Limited>),
    /// What some servers call deflate: the format without zlib's frame.
    RawDeflate(DeflateDecoder<Limited>),
}

impl Decoder {
    fn new(coding: Option<Coding>, limit: usize) -> Self {
        let bytes = Vec::new();
        Self::Begins(coding, Limited { bytes, limit })
    }

    fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        if let (Self::Begins(coding, buffer), Some(first)) = (&mut *self, piece.first()) {
            let buffer = Limited {
                bytes: std::mem::take(&mut buffer.bytes),
                limit: buffer.limit,
            };
            *self = match coding {
                // RFC 1952 §2.3.1. A body without it was decompressed by a proxy that left the
                // header.
                Some(Coding::Gzip) if *first == 0x1f => Self::Gzip(MultiGzDecoder::new(buffer)),
                // RFC 1950 §2.2: the lower half of the first byte is 8 in every zlib stream.
                Some(Coding::Deflate) if first & 0x0f == 8 => Self::Zlib(ZlibDecoder::new(buffer)),
                Some(Coding::Deflate) => Self::RawDeflate(DeflateDecoder::new(buffer)),
                Some(Coding::Gzip) | None => Self::Plain(buffer),
            };
        }
        match self {
            Self::Begins(..) => Ok(()),
            Self::Plain(buffer) => buffer.write_all(piece),
            Self::Gzip(decoder) => decoder.write_all(piece),
            Self::Zlib(decoder) => decoder.write_all(piece),
            Self::RawDeflate(decoder) => decoder.write_all(piece),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        let buffer = match self {
            Self::Begins(_, buffer) | Self::Plain(buffer) => buffer,
            Self::Gzip(decoder) => decoder.finish()?,
            Self::Zlib(decoder) => decoder.finish()?,
            Self::RawDeflate(decoder) => decoder.finish()?,
        };
        Ok(buffer.bytes)
    }
}

/// A buffer that refuses what is more than the limit.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Limited {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if piece.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn to_transport_error(error: io::Error) -> TransportError {
    if error.kind() == io::ErrorKind::FileTooLarge {
        TransportError::new(TransportErrorKind::TooLarge)
    } else {
        TransportError::with_source(TransportErrorKind::Interrupted, error)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;

    use super::*;

    const TEXT: &[u8] = br#"{"data":{"me":{"id":"7"}}}"#;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(coding: &str, body: &[u8], limit: usize) -> Result<(Bytes, bool), TransportError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_str(coding).unwrap(),
        );
        let mut reader = BodyReader::new(&mut headers, limit);
        for piece in body.chunks(5) {
            reader.push(piece)?;
        }
        Ok((
            reader.finish()?,
            headers.contains_key(header::CONTENT_ENCODING),
        ))
    }

    #[test]
    fn point_33_codings_are_read_by_all_their_names() {
        let zlib = {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(TEXT).unwrap();
            encoder.finish().unwrap()
        };
        let raw = {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(TEXT).unwrap();
            encoder.finish().unwrap()
        };
        let twice = gzip(&gzip(TEXT));
        let both = gzip(&zlib);
        for (coding, body) in [
            ("gzip", gzip(TEXT)),
            ("x-gzip", gzip(TEXT)),
            ("GZIP", gzip(TEXT)),
            ("X-GZip , identity", gzip(TEXT)),
            ("gzip, gzip", twice),
            ("Deflate", zlib),
            ("deflate", raw),
            ("deflate,gzip", both),
            // A proxy that decompresses and leaves the header.
            ("gzip", TEXT.to_vec()),
        ] {
            let (read, header_left) = read(coding, &body, 1 << 20).unwrap();
            assert_eq!(&*read, TEXT, "{coding}");
            assert!(!header_left, "{coding}");
        }
        for coding in ["identity", ""] {
            assert_eq!(&*read(coding, TEXT, 1 << 20).unwrap().0, TEXT, "{coding}");
        }
        // Not known: as it came, and the header stays for the error.
        for coding in ["br", "zstd", "gzip, br", "utf-8", "gzip,gzip,gzip,gzip"] {
            let (read, header_left) = read(coding, TEXT, 1 << 20).unwrap();
            assert_eq!((&*read, header_left), (TEXT, true), "{coding}");
        }
        assert!(read("gzip", b"", 10).unwrap().0.is_empty());
    }

    #[test]
    fn point_33_the_limit_counts_after_every_coding() {
        let large = vec![b' '; 1 << 20];
        for (coding, body) in [
            ("gzip", gzip(&large)),
            ("gzip, gzip", gzip(&gzip(&large))),
            ("identity", large.clone()),
        ] {
            let error = read(coding, &body, (1 << 20) - 1).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{coding}");
            assert_eq!(read(coding, &body, 1 << 20).unwrap().0.len(), 1 << 20);
        }
        let mut damaged = gzip(&large);
        damaged.truncate(damaged.len() - 9);
        let error = read("gzip", &damaged, 2 << 20).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    }
}
