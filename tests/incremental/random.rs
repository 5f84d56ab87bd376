//! Random answers in random parts, cut at random borders: what is merged is the plain answer.

use attendium::IncrementalDecoder;
use serde_json::Value;

use crate::model::{Format, Model, Random};

/// How many answers are tried; the gate's number is 10,000.
fn cases() -> u64 {
    let number = std::env::var("ATTENDIUM_INCREMENTAL_CASES").ok();
    number.map_or(400, |number| number.parse().expect("it is a number"))
}

#[test]
fn merged_parts_are_the_plain_answer() {
    let mut parts_seen = 0;
    for seed in 0..cases() {
        for format in [Format::V2020, Format::V2022, Format::V02] {
            let mut random = Random::new(seed);
            let model = Model::new(&mut random);
            let parts = model.parts(format, &mut random);
            parts_seen += parts.len();
            check(&model, &parts, &mut random)
                .unwrap_or_else(|problem| panic!("seed {seed}, {format:?}: {problem}\n{parts:#?}"));
        }
    }
    // That there is something to merge at all.
    assert!(parts_seen as u64 > 6 * cases(), "{parts_seen}");
}

fn check(model: &Model, parts: &[String], random: &mut Random) -> Result<(), String> {
    let plain: Value = serde_json::from_str(&model.plain()).map_err(|error| error.to_string())?;
    let (content_type, body) = framed(parts, random);
    let mut decoder = IncrementalDecoder::new(&content_type, 1 << 24).map_err(text)?;
    let mut rest = body.as_slice();
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at((1 + random.below(40)).min(rest.len()));
        decoder.push(chunk).map_err(text)?;
        while decoder.advance().map_err(text)? {
            is_part_of(&state(&decoder)?, &plain, "")?;
        }
        rest = behind;
    }
    decoder.finish().map_err(text)?;
    let merged = state(&decoder)?;
    match merged == plain {
        true => Ok(()),
        false => Err(format!("merged {merged}\nplain  {plain}")),
    }
}

fn text(error: attendium::DecodeError) -> String {
    error.to_string()
}

/// The data without the marks of deferred fragments.
fn state(decoder: &IncrementalDecoder) -> Result<Value, String> {
    fn unmark(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("@defer");
                members.values_mut().for_each(unmark);
            }
            Value::Array(items) => items.iter_mut().for_each(unmark),
            _ => {}
        }
    }
    let text = decoder.data_text().ok_or("there is no data")?;
    let mut value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    unmark(&mut value);
    Ok(value)
}

/// Whether a state has nothing that the whole answer has not.
fn is_part_of(state: &Value, whole: &Value, path: &str) -> Result<(), String> {
    match (state, whole) {
        (Value::Object(members), Value::Object(all)) => {
            members.iter().try_for_each(|(key, one)| {
                let other = all
                    .get(key)
                    .ok_or_else(|| format!("{path}.{key} is too much"))?;
                is_part_of(one, other, &format!("{path}.{key}"))
            })
        }
        (Value::Array(items), Value::Array(all)) if items.len() <= all.len() => {
            let mut pairs = items.iter().zip(all).enumerate();
            pairs
                .try_for_each(|(at, (one, other))| is_part_of(one, other, &format!("{path}[{at}]")))
        }
        (one, other) if one == other => Ok(()),
        (one, other) => Err(format!("{path} is {one} instead of {other}")),
    }
}

/// The parts as a body, in one of the forms that servers write.
fn framed(parts: &[String], random: &mut Random) -> (String, Vec<u8>) {
    let mut body = String::new();
    if random.below(4) == 0 {
        for part in parts {
            if random.below(3) == 0 {
                body.push_str(":\n\n");
            }
            body.push_str(&format!("event: next\ndata: {part}\n\n"));
        }
        body.push_str("event: complete\ndata:\n\n");
        return ("text/event-stream; charset=utf-8".into(), body.into_bytes());
    }
    let boundary = ["-", "graphql", "a--b"][random.below(3)];
    let end = ["\r\n", "\n"][random.below(2)];
    let with_length = random.below(2) == 0;
    // A delimiter in front of the first part, and its line end behind each part.
    body.push_str(end);
    for part in parts {
        body.push_str(&format!(
            "--{boundary}{end}Content-Type: application/json{end}"
        ));
        if with_length {
            body.push_str(&format!("Content-Length: {}{end}", part.len()));
        }
        body.push_str(&format!("{end}{part}{end}"));
    }
    body.push_str(&format!("--{boundary}--{end}"));
    (
        format!("multipart/mixed; boundary=\"{boundary}\""),
        body.into_bytes(),
    )
}
