//! A parser of server-sent events (WHATWG HTML, section 9.2): bytes in, as they come, events out.
//!
//! Enter at [`EventParser::push`]. Memory is bounded: an event may have as many bytes as the limit
//! says.

/// One event: its name, and its data with lines joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Event {
    /// Empty where the server names none.
    pub(crate) name: String,
    pub(crate) data: Vec<u8>,
}

/// An event has grown over the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Cuts a stream of bytes into events.
#[derive(Debug)]
pub(crate) struct EventParser {
    max_event: usize,
    line: Vec<u8>,
    event: Event,
    /// Whether the event has a line of data, which may be an empty one.
    has_data: bool,
    /// Whether the last byte was a carriage return, whose line feed may follow.
    after_return: bool,
    first_line: bool,
}

impl EventParser {
    /// A parser for events of at most this many bytes.
    pub(crate) fn new(max_event: usize) -> Self {
        Self {
            max_event,
            line: Vec::new(),
            event: Event::default(),
            has_data: false,
            after_return: false,
            first_line: true,
        }
    }

    /// Takes the next bytes, and appends the events that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), TooLarge> {
        let mut rest = bytes;
        if self.after_return && !rest.is_empty() {
            self.after_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, behind) = rest.split_at(end);
            self.extend_line(line)?;
            self.end_line(events);
            rest = match behind {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_return = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        self.extend_line(rest)
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        let size = self.event.data.len() + self.event.name.len() + self.line.len();
        if bytes.len() > self.max_event.saturating_sub(size) {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<Event>) {
        let mut line = self.line.as_slice();
        if std::mem::take(&mut self.first_line) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) || !event.name.is_empty() {
                events.push(event);
            }
            self.line.clear();
            return;
        }
        // A line that begins with a colon is a comment: the name of its field is empty.
        let (field, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => {
                let (field, value) = line.split_at(colon);
                let value = value.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        match field {
            b"event" => self.event.name = String::from_utf8_lossy(value).into_owned(),
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push(b'\n');
                }
                self.event.data.extend_from_slice(value);
            }
            // `id` and `retry` are for a client that asks with `Last-Event-ID`, which no
            // specification of GraphQL over server-sent events knows.
            _ => {}
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event {
            name: name.into(),
            data: data.into(),
        }
    }

    /// The events of a text, which are the same at every border of two pieces and byte by byte.
    fn parse(text: &str) -> Vec<Event> {
        let bytes = text.as_bytes();
        let whole = parse_pieces(&[bytes]);
        for border in 0..bytes.len() {
            let (one, other) = bytes.split_at(border);
            assert_eq!(parse_pieces(&[one, other]), whole, "{border}: {text:?}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(parse_pieces(&single), whole);
        whole
    }

    fn parse_pieces(pieces: &[&[u8]]) -> Vec<Event> {
        let (mut parser, mut events) = (EventParser::new(1000), Vec::new());
        for piece in pieces {
            parser.push(piece, &mut events).unwrap();
        }
        events
    }

    #[test]
    fn events_are_read_at_every_border() {
        assert_eq!(
            parse(
                "\u{feff}:\n\nevent: next\ndata: {\"data\":\ndata: 1}\n\nevent:complete\ndata\n\n"
            ),
            [event("next", "{\"data\":\n1}"), event("complete", "")]
        );
        assert_eq!(
            parse("data: a\r\n\r\ndata:b\r\rdata:  c\n\nid: 7\nretry: 3\n\n"),
            [event("", "a"), event("", "b"), event("", " c")]
        );
        // Without its empty line an event is not whole.
        assert_eq!(parse("event: next\ndata: 1\n"), []);
        assert_eq!(parse("event: complete\n\n"), [event("complete", "")]);
    }

    #[test]
    fn an_event_has_a_limit_and_a_stream_has_none() {
        let (mut parser, mut events) = (EventParser::new(20), Vec::new());
        for _ in 0..1000 {
            parser.push(b"data: 12345\n\n", &mut events).unwrap();
        }
        assert_eq!(events.len(), 1000);
        let mut parser = EventParser::new(20);
        assert_eq!(parser.push(&[b'x'; 21], &mut events), Err(TooLarge));
        let mut parser = EventParser::new(20);
        parser.push(b"data: 1234567\n", &mut events).unwrap();
        parser.push(b"data: 1234567\n", &mut events).unwrap();
        assert_eq!(parser.push(b"data: 1", &mut events), Err(TooLarge));
    }
}
