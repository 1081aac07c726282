//! Server-sent events (WHATWG HTML, "Event stream interpretation"), a piece of the body at a time.
//!
//! Only data are kept: the names of events repeat what is in them. An event is data lines up to a blank
//! line; the last one may lack it, for some servers leave it out.

use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Is shown the data of each event, or why they are not kept.
pub(crate) type OnEvent<'f> = dyn FnMut(Result<&[u8], UnreadReason>) + 'f;

/// Splits a stream into events. Any split of the stream into pieces gives the same events.
#[derive(Debug)]
pub(crate) struct EventParser {
    /// The line that has no end yet, where it spans pieces.
    line: Vec<u8>,
    /// The data of the event that has no end yet.
    data: Vec<u8>,
    has_data: bool,
    /// The event is larger than is held; the rest of it passes by.
    is_over: bool,
    /// The last line ended with a CR: a LF that follows is a part of its end.
    after_cr: bool,
    is_first_line: bool,
    max_event_bytes: usize,
}

impl EventParser {
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            is_over: false,
            after_cr: false,
            is_first_line: true,
            max_event_bytes,
        }
    }

    /// Bytes that are held.
    pub fn held_bytes(&self) -> usize {
        self.line.len().saturating_add(self.data.len())
    }

    /// Takes a piece; shows each event that ends in it, or why it is not kept.
    pub fn push(&mut self, piece: &[u8], on_event: &mut OnEvent<'_>) {
        let mut rest = piece;
        if let (true, [b'\n', after @ ..]) = (self.after_cr, rest) {
            rest = after;
        }
        if !piece.is_empty() {
            self.after_cr = false;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if self.line.is_empty() {
                self.end_line(line, on_event);
            } else {
                self.keep(line);
                let line = core::mem::take(&mut self.line);
                self.end_line(&line, on_event);
            }
            rest = match after {
                [b'\r', b'\n', after @ ..] => after,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, after @ ..] => after,
                [] => &[],
            };
        }
        self.keep(rest);
    }

    /// The stream is over.
    pub fn finish(&mut self, on_event: &mut OnEvent<'_>) {
        let line = core::mem::take(&mut self.line);
        self.end_line(&line, on_event);
        self.end_event(on_event);
    }

    /// Keeps a part of a line, as far as there is room.
    fn keep(&mut self, part: &[u8]) {
        if part.len() > self.max_event_bytes.saturating_sub(self.held_bytes()) {
            self.is_over = true;
            self.data = Vec::new();
            // What makes it a data line, or any other than a blank one, is at its start.
            self.line.extend_from_slice(part.get(..8).unwrap_or(part));
            self.line.truncate(8);
        } else if !self.is_over {
            self.line.extend_from_slice(part);
        } else if self.line.is_empty() {
            self.line.extend_from_slice(part.get(..8).unwrap_or(part));
        }
    }

    fn end_line(&mut self, line: &[u8], on_event: &mut OnEvent<'_>) {
        self.is_over |= line.len() > self.max_event_bytes.saturating_sub(self.data.len());
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if self.is_first_line => rest,
            _ => line,
        };
        self.is_first_line = false;
        if line.is_empty() {
            self.end_event(on_event);
            return;
        }
        let data = match line.strip_prefix(b"data") {
            Some([]) => &[],
            Some([b':', b' ', data @ ..] | [b':', data @ ..]) => data,
            _ => return,
        };
        if self.is_over {
            self.data = Vec::new();
        } else {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(data);
        }
        self.has_data = true;
    }

    fn end_event(&mut self, on_event: &mut OnEvent<'_>) {
        if self.is_over {
            on_event(Err(UnreadReason::OverCap));
        } else if self.has_data {
            on_event(Ok(&self.data));
        }
        self.data.clear();
        self.has_data = false;
        self.is_over = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn events(pieces: &[&[u8]], max: usize) -> Vec<Result<String, UnreadReason>> {
        let mut parser = EventParser::new(max);
        let mut events = Vec::new();
        let mut on_event = |event: Result<&[u8], UnreadReason>| {
            events.push(event.map(|data| String::from_utf8_lossy(data).into_owned()));
        };
        for piece in pieces {
            parser.push(piece, &mut on_event);
        }
        parser.finish(&mut on_event);
        events
    }

    /// Holds that a stream gives these events, whole and at every split into two and into bytes.
    fn check(stream: &str, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|data| Ok(String::from(*data))).collect();
        let bytes = stream.as_bytes();
        for split in 0..=bytes.len() {
            let (first, second) = bytes.split_at(split);
            assert_eq!(events(&[first, second], 1_000), expected, "{stream:?} at {split}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(events(&single, 1_000), expected, "{stream:?} byte by byte");
    }

    #[test]
    fn any_line_end_is_one() {
        check("data: a\n\ndata: b\n\n", &["a", "b"]);
        check("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]);
        check("data: a\r\rdata: b\r\r", &["a", "b"]);
        check("data: a\r\n\ndata: b\n\r\n", &["a", "b"]);
        check("data: a\u{2028}b\n\n", &["a\u{2028}b"]);
    }

    #[test]
    fn data_lines_are_joined() {
        check("data: a\ndata: b\ndata:\ndata: c\n\n", &["a\nb\n\nc"]);
        check("data:a\ndata:  b\n\n", &["a\n b"]);
        check("data\n\n", &[""]);
        check("data:\n\n", &[""]);
    }

    #[test]
    fn what_is_no_data_is_passed_over() {
        check(": comment\nevent: x\nid: 1\nretry: 5\ndatabase: no\ndata: a\n\n", &["a"]);
        check("event: ping\n\n: \n\n\n\n", &[]);
        check("", &[]);
    }

    #[test]
    fn a_mark_stands_at_the_start_only() {
        check("\u{feff}data: a\n\n", &["a"]);
        check("data: a\n\n\u{feff}data: b\n\n", &["a"]);
        check("data: \u{feff}a\n\n", &["\u{feff}a"]);
    }

    #[test]
    fn the_last_event_may_lack_its_end() {
        check("data: a\n\ndata: b", &["a", "b"]);
        check("data: a\n\ndata: b\n", &["a", "b"]);
        check("data: é🙂", &["é🙂"]);
    }

    #[test]
    fn a_large_event_is_left_out_and_takes_no_memory() {
        let large = alloc::format!("data: {}\ndata: x\n\ndata: b\n\n", "a".repeat(100));
        for size in [1, 2, 3, 7, 50, 1_000] {
            let pieces: Vec<&[u8]> = large.as_bytes().chunks(size).collect();
            let expected = [Err(UnreadReason::OverCap), Ok("b".into())];
            assert_eq!(events(&pieces, 32), expected, "{size}");
        }
        let mut parser = EventParser::new(32);
        for _ in 0..1_000 {
            parser.push(b"data: 0123456789", &mut |_| {});
            assert!(parser.held_bytes() <= 32);
        }
    }
}
