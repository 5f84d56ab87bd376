//! Bodies that are too short, too long, or much longer than they look.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::OnceLock;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures_util::stream;

use super::cut::Cut;

const MEBIBYTE: usize = 1 << 20;
const HUGE_MEBIBYTES: usize = 64;
const BOMB_MEBIBYTES: u32 = 256;

/// The first half of an answer; its header promises the whole, and then the connection is cut.
pub(crate) async fn truncated(response: Response, cut: Cut) -> Response {
    let (mut parts, body) = response.into_parts();
    // The sandbox's own answers are small.
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let promised = whole.len().max(2);
    let half = whole.slice(..whole.len() / 2);
    parts.headers.insert(CONTENT_LENGTH, promised.into());
    let half_then_cut = stream::unfold(Some((half, cut)), |state| async {
        let (half, cut) = state?;
        if half.is_empty() {
            return cut.now().await;
        }
        Some((Ok::<_, Infallible>(half), Some((Bytes::new(), cut))))
    });
    Response::from_parts(parts, Body::from_stream(half_then_cut))
}

/// JSON that is nearly all space, so that it is too long and nothing else. It has no
/// `Content-Length`.
pub(crate) fn huge() -> Body {
    let spaces = Bytes::from(vec![b' '; MEBIBYTE]);
    let chunks = std::iter::repeat_n(spaces, HUGE_MEBIBYTES).chain([Bytes::from_static(b"{}")]);
    Body::from_stream(stream::iter(chunks.map(Ok::<_, Infallible>)))
}

/// The same, four times as long, as gzip (RFC 1952).
pub(crate) fn gzip_bomb() -> Bytes {
    static BOMB: OnceLock<Bytes> = OnceLock::new();
    BOMB.get_or_init(|| Bytes::from(pack_bomb())).clone()
}

fn pack_bomb() -> Vec<u8> {
    let spaces = vec![b' '; MEBIBYTE];
    // A full flush ends on a byte and forgets what was before, so that the block can be repeated as
    // it is.
    let block = deflate(&spaces, FlushCompress::Full);
    let last = deflate(b"{}", FlushCompress::Finish);
    let (mut checksum, mut of_block, mut of_last) = (Crc::new(), Crc::new(), Crc::new());
    of_block.update(&spaces);
    of_last.update(b"{}");
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for _ in 0..BOMB_MEBIBYTES {
        packed.extend_from_slice(&block);
        checksum.combine(&of_block);
    }
    packed.extend_from_slice(&last);
    checksum.combine(&of_last);
    // Writing to a vector cannot fail.
    let _ = packed.write_all(&checksum.sum().to_le_bytes());
    let _ = packed.write_all(&checksum.amount().to_le_bytes());
    packed
}

fn deflate(input: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(input.len() / 64 + 1024);
    // With room for all of the output, one call takes all of the input; a test unpacks the result.
    let _ = Compress::new(Compression::best(), false).compress_vec(input, &mut packed, flush);
    packed
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_bomb_is_small_and_unpacks_to_a_quarter_of_a_gigabyte_of_json() {
        let bomb = gzip_bomb();
        assert!(bomb.len() < MEBIBYTE, "{}", bomb.len());
        let mut unpacked = flate2::read::GzDecoder::new(&bomb[..]);
        let mut buffer = vec![0; MEBIBYTE];
        let (mut total, mut last) = (0, 0);
        loop {
            match unpacked
                .read(&mut buffer)
                .expect("gzip with a good checksum")
            {
                0 => break,
                count => (total, last) = (total + count, buffer[count - 1]),
            }
        }
        assert_eq!(total, BOMB_MEBIBYTES as usize * MEBIBYTE + 2);
        assert_eq!(last, b'}');
    }
}
