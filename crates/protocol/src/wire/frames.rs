//! gRPC's length-prefixed messages, a piece of the body at a time.

use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

/// A flag and a length before each message.
const PREFIX_BYTES: usize = 5;

/// The flag of trailers that gRPC-Web sends in the body.
const TRAILERS_FLAG: u8 = 0x80;

/// A message as it was framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// The message, perhaps compressed.
    pub bytes: &'a [u8],
    /// Whether it is, in the way that a header says.
    pub is_compressed: bool,
}

/// Splits a body into messages. Any split of the body into pieces gives the same messages.
#[derive(Debug)]
pub(crate) struct FrameParser {
    /// The prefix, as far as it has come.
    prefix: Vec<u8>,
    /// The message, as far as it has come.
    message: Vec<u8>,
    /// Bytes of the message that are still to come; `None` before its prefix.
    missing: Option<u64>,
    /// The message is larger than is held, and passes by.
    is_over: bool,
    max_message_bytes: usize,
}

impl FrameParser {
    pub fn new(max_message_bytes: usize) -> Self {
        Self {
            prefix: Vec::new(),
            message: Vec::new(),
            missing: None,
            is_over: false,
            max_message_bytes,
        }
    }

    /// Bytes that are held.
    pub fn held_bytes(&self) -> usize {
        self.message.len()
    }

    /// Takes a piece; shows each message that ends in it, or why it is not kept.
    pub fn push(
        &mut self,
        piece: &[u8],
        on_frame: &mut dyn FnMut(Result<Frame<'_>, UnreadReason>),
    ) {
        let mut rest = piece;
        loop {
            let missing = match self.missing {
                Some(missing) => missing,
                None => {
                    let wanted = PREFIX_BYTES.saturating_sub(self.prefix.len()).min(rest.len());
                    let (part, after) = rest.split_at_checked(wanted).unwrap_or((rest, &[]));
                    self.prefix.extend_from_slice(part);
                    rest = after;
                    let &[_, a, b, c, d] = self.prefix.as_slice() else { return };
                    let length = u64::from(u32::from_be_bytes([a, b, c, d]));
                    let room = u64::try_from(self.max_message_bytes).unwrap_or(u64::MAX);
                    self.is_over = length > room;
                    self.missing = Some(length);
                    length
                }
            };
            let wanted = usize::try_from(missing).unwrap_or(usize::MAX).min(rest.len());
            let (part, after) = rest.split_at_checked(wanted).unwrap_or((rest, &[]));
            if !self.is_over {
                self.message.extend_from_slice(part);
            }
            rest = after;
            let missing = missing.saturating_sub(u64::try_from(part.len()).unwrap_or(u64::MAX));
            self.missing = Some(missing);
            if missing > 0 {
                return;
            }
            let flag = self.prefix.first().copied().unwrap_or_default();
            if self.is_over {
                on_frame(Err(UnreadReason::OverCap));
            } else if flag & TRAILERS_FLAG == 0 {
                on_frame(Ok(Frame { bytes: &self.message, is_compressed: flag & 1 == 1 }));
            }
            self.prefix.clear();
            self.message.clear();
            self.missing = None;
        }
    }

    /// Whether the body may end here: between two messages.
    pub fn is_between(&self) -> bool {
        self.missing.is_none() && self.prefix.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Shown = Result<(Vec<u8>, bool), UnreadReason>;

    fn frames(pieces: &[&[u8]]) -> (Vec<Shown>, bool) {
        let mut parser = FrameParser::new(8);
        let mut frames = Vec::new();
        for piece in pieces {
            parser.push(piece, &mut |frame| {
                frames.push(frame.map(|frame| (frame.bytes.to_vec(), frame.is_compressed)));
            });
        }
        (frames, parser.is_between())
    }

    #[test]
    fn messages_come_whole_at_any_split() {
        let body = b"\0\0\0\0\x02ab\x01\0\0\0\0\0\0\0\0\x09012345678\x80\0\0\0\x01x\0\0\0\0\x01z";
        let expected = [
            Ok((b"ab".to_vec(), false)),
            Ok((Vec::new(), true)),
            Err(UnreadReason::OverCap),
            Ok((b"z".to_vec(), false)),
        ];
        for split in 0..=body.len() {
            let (first, second) = body.split_at(split);
            assert_eq!(frames(&[first, second]), (expected.to_vec(), true), "{split}");
        }
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(frames(&bytes), (expected.to_vec(), true));
    }

    #[test]
    fn a_cut_body_ends_inside_a_message() {
        for cut in [&b"\0"[..], b"\0\0\0\0\x02a", b"\0\xff\xff\xff\xffa"] {
            assert_eq!(frames(&[cut]), (Vec::new(), false), "{cut:?}");
        }
    }
}
