//! Answers that come in parts: every state of them is read. Enter at [`read`].

use attendium::{IncrementalDecoder, Operation, Response};
use serde::Serialize;
use serde_json::Value;

use crate::{Failure, compare};

/// What stands in front of each part of a case.
pub(crate) const SEPARATOR: u8 = 0x1e;

/// Reads the parts as a body of `multipart/mixed` that comes in pieces. Each state has to be of the
/// operation's types, and to have nothing that the whole answer has not.
pub(crate) fn read<Op>(parts: &[&[u8]], answer: &[u8]) -> Result<Response<Op::Data>, Failure>
where
    Op: Operation,
    Op::Data: Serialize,
{
    let whole: Value =
        serde_json::from_slice(answer).map_err(|error| Failure::new("decode", error))?;
    let failed = |error| Failure::new("decode", error);
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n");
        body.extend_from_slice(part);
    }
    body.extend_from_slice(b"\r\n--graphql--\r\n");
    let kind = "multipart/mixed; boundary=graphql";
    let mut decoder = IncrementalDecoder::new(kind, usize::MAX).map_err(failed)?;
    let mut states = 0;
    for (index, piece) in body.chunks(1 + body.len() % 97).enumerate() {
        decoder.push(piece).map_err(failed)?;
        while decoder.advance().map_err(failed)? {
            states += 1;
            let state = decoder.response::<Op>().map_err(|error| {
                Failure::new("decode", format!("state {states}, piece {index}: {error}"))
            })?;
            let Some(data) = state.data else { continue };
            let state =
                serde_json::to_value(&data).map_err(|error| Failure::new("encode", error))?;
            compare::is_part_of(&state, &whole["data"], "data").map_err(|difference| {
                Failure::new("differs", format!("state {states}: {difference}"))
            })?;
        }
    }
    decoder.finish().map_err(failed)?;
    if states != parts.len() {
        let difference = format!("{} parts gave {states} states", parts.len());
        return Err(Failure::new("decode", difference));
    }
    decoder.response::<Op>().map_err(failed)
}
