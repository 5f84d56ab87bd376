//! Content codings: a body that arrives compressed (RFC 9110 §8.4). Enter at [`DecodedBody`].
//!
//! gzip is what requests ask for. Other names of it and deflate are read as well, because servers
//! and proxies choose for themselves; a coding that is not known here is left as it is, and the
//! error names it. The limit counts decompressed bytes, piece by piece: a small bomb never becomes
//! a large buffer.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use http_body::{Frame, SizeHint};

use crate::error::{TransportError, TransportErrorKind};

/// The most codings that one body is freed of: more is no honest server's.
const MOST: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// A body without its codings: each piece is decompressed as it comes.
pub(super) struct DecodedBody<B> {
    body: B,
    /// From the outside in; none is left after the end.
    decoders: Vec<Decoder>,
    /// The most that one piece may become.
    max_piece: usize,
    /// What is left of a whole body's limit.
    left: Option<usize>,
}

/// How much a body may hold after decompression.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// The whole body.
    Body(usize),
    /// Each piece of a body that is a stream, which may go on for ever.
    Piece(usize),
}

impl<B> DecodedBody<B> {
    /// Decodes a body with these headers, which lose what is not true any more afterwards.
    pub(super) fn new(body: B, headers: &mut HeaderMap, limit: Limit) -> Self {
        let codings = known_codings(headers).unwrap_or_default();
        if !codings.is_empty() {
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
        }
        Self {
            body,
            // The last one named was applied last (RFC 9110 §8.4).
            decoders: codings.into_iter().rev().map(Decoder::Begins).collect(),
            max_piece: match limit {
                Limit::Body(limit) | Limit::Piece(limit) => limit,
            },
            left: match limit {
                Limit::Body(limit) => Some(limit),
                Limit::Piece(_) => None,
            },
        }
    }

    fn decode(&mut self, mut piece: Bytes) -> io::Result<Bytes> {
        for decoder in &mut self.decoders {
            piece = decoder.push(&piece, self.max_piece)?.into();
        }
        self.count(piece.len())?;
        Ok(piece)
    }

    /// What the decoders give at the end of the body.
    fn finish(&mut self) -> io::Result<Bytes> {
        let mut rest = Vec::new();
        for mut decoder in std::mem::take(&mut self.decoders) {
            rest = decoder.push(&rest, self.max_piece)?;
            decoder.finish()?;
        }
        self.count(rest.len())?;
        Ok(rest.into())
    }

    fn count(&mut self, size: usize) -> io::Result<()> {
        if size > self.left.unwrap_or(self.max_piece) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if let Some(left) = &mut self.left {
            *left -= size;
        }
        Ok(())
    }
}

impl<B> http_body::Body for DecodedBody<B>
where
    B: http_body::Body<Data = Bytes, Error = TransportError> + Unpin,
{
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = self.get_mut();
        let decoded = match ready!(Pin::new(&mut this.body).poll_frame(context)) {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(piece) => this.decode(piece),
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            },
            None if this.decoders.is_empty() => return Poll::Ready(None),
            None => this.finish(),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
        };
        Poll::Ready(Some(match decoded {
            Ok(piece) => Ok(Frame::data(piece)),
            Err(error) => Err(to_transport_error(error)),
        }))
    }

    fn size_hint(&self) -> SizeHint {
        if self.decoders.is_empty() {
            self.body.size_hint()
        } else {
            SizeHint::default()
        }
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

/// One coding's decoder. What it gives is taken out after each piece.
enum Decoder {
    /// Nothing has come yet. 204 and HEAD have a coding's header and no body.
    Begins(Coding),
    Plain,
    Gzip(Box<MultiGzDecoder<Limited>>),
    Zlib(ZlibDecoder<Limited>),
    /// What some servers call deflate: the format without zlib's frame.
    RawDeflate(DeflateDecoder<Limited>),
}

impl Decoder {
    /// Decodes a piece into at most `limit` bytes.
    fn push(&mut self, piece: &[u8], limit: usize) -> io::Result<Vec<u8>> {
        if let (Self::Begins(coding), Some(first)) = (&*self, piece.first()) {
            let buffer = Limited::default();
            *self = match coding {
                // RFC 1952 §2.3.1. A body without it was decompressed by a proxy that left the
                // header.
                Coding::Gzip if *first == 0x1f => Self::Gzip(Box::new(MultiGzDecoder::new(buffer))),
                Coding::Gzip => Self::Plain,
                // RFC 1950 §2.2: the lower half of the first byte is 8 in every zlib stream.
                Coding::Deflate if first & 0x0f == 8 => Self::Zlib(ZlibDecoder::new(buffer)),
                Coding::Deflate => Self::RawDeflate(DeflateDecoder::new(buffer)),
            };
        }
        // Flushed, so that what has come of a stream can be read before the next piece comes.
        match self {
            Self::Begins(_) => Ok(Vec::new()),
            Self::Plain => Ok(piece.to_vec()),
            Self::Gzip(decoder) => {
                decoder.get_mut().limit = limit;
                decoder.write_all(piece)?;
                decoder.flush()?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes))
            }
            Self::Zlib(decoder) => {
                decoder.get_mut().limit = limit;
                decoder.write_all(piece)?;
                decoder.flush()?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes))
            }
            Self::RawDeflate(decoder) => {
                decoder.get_mut().limit = limit;
                decoder.write_all(piece)?;
                decoder.flush()?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes))
            }
        }
    }

    /// Checks that the coding's data is complete. All of it was given before.
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Begins(_) | Self::Plain => Ok(()),
            Self::Gzip(decoder) => decoder.finish().map(drop),
            Self::Zlib(decoder) => decoder.finish().map(drop),
            Self::RawDeflate(decoder) => decoder.finish().map(drop),
        }
    }
}

/// A buffer that refuses what is more than the limit.
#[derive(Default)]
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
    use crate::http::body::Body;

    const TEXT: &[u8] = br#"{"data":{"me":{"id":"7"}}}"#;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A body of these bytes, five at a time.
    struct Pieces(Bytes);

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = TransportError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
            let size = self.0.len().min(5);
            let piece = self.0.split_to(size);
            Poll::Ready((size > 0).then(|| Ok(Frame::data(piece))))
        }
    }

    fn decode(coding: &str, body: &[u8], limit: Limit) -> (Result<Bytes, TransportError>, bool) {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_str(coding).unwrap(),
        );
        let pieces = Pieces(Bytes::copy_from_slice(body));
        let body = DecodedBody::new(pieces, &mut headers, limit);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let read = runtime.block_on(Body::new(body).collect(usize::MAX));
        (read, headers.contains_key(header::CONTENT_ENCODING))
    }

    fn read(coding: &str, body: &[u8], limit: usize) -> Result<(Bytes, bool), TransportError> {
        let (read, header_left) = decode(coding, body, Limit::Body(limit));
        Ok((read?, header_left))
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

    #[test]
    fn a_stream_that_is_compressed_is_read_as_it_comes() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let mut body = DecodedBody::new((), &mut headers, Limit::Piece(1000));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        for number in 0..1000 {
            let event = format!("data: {number}\n\n");
            encoder.write_all(event.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let piece = std::mem::take(encoder.get_mut());
            assert_eq!(body.decode(piece.into()).unwrap(), event);
        }
        encoder.write_all(&[b' '; 1001]).unwrap();
        let rest = encoder.finish().unwrap();
        assert!(body.decode(rest.into()).is_err());
    }
}
