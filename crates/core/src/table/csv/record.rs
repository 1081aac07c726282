//! Cuts a stream of bytes into records.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{Delimiter, MAX_RECORD_BYTES};

/// What comes after an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Perhaps more.
    MayFollow,
    /// The end of the file.
    Here,
}

/// How far an input took the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// A record is complete.
    Record,
    /// The input is used up.
    InputEmpty,
    /// The record is longer than [`MAX_RECORD_BYTES`].
    TooLong,
}

pub(super) struct Records {
    parser: Box<Reader>,
    /// The cells of the record, unquoted, one after the other; larger than what is in use.
    bytes: Vec<u8>,
    bytes_length: usize,
    /// Where each cell ends in `bytes`; larger than what is in use.
    ends: Vec<usize>,
    ends_length: usize,
    /// Line on which the record begins, from 1.
    line: u64,
    /// Whether only line breaks were seen since the last record.
    is_between: bool,
}

impl Records {
    pub(super) fn new(delimiter: Delimiter) -> Self {
        Self {
            parser: Box::new(ReaderBuilder::new().delimiter(delimiter.byte()).build()),
            bytes: vec![0; 1 << 10],
            bytes_length: 0,
            ends: vec![0; 1 << 5],
            ends_length: 0,
            line: 1,
            is_between: true,
        }
    }

    /// Line on which the record begins that is being read or was just completed.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Reads to the end of the record or of the input, which is moved on.
    pub(super) fn advance(&mut self, input: &mut &[u8], end: End) -> Progress {
        loop {
            if input.is_empty() && end == End::MayFollow {
                return Progress::InputEmpty;
            }
            self.find_line(input);
            let (result, read, written, ended) = self.parser.read_record(
                input,
                &mut self.bytes[self.bytes_length..],
                &mut self.ends[self.ends_length..],
            );
            *input = &input[read..];
            self.bytes_length += written;
            self.ends_length += ended;
            match result {
                ReadRecordResult::Record => {
                    self.is_between = true;
                    return Progress::Record;
                }
                ReadRecordResult::End => return Progress::InputEmpty,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.bytes.len() >= MAX_RECORD_BYTES => {
                    return Progress::TooLong;
                }
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
            }
        }
    }

    /// The parser counts a line when it reads the LF, which it does for CRLF, and for blank lines, at
    /// the start of the next record: what stands before the record's first byte is counted here.
    fn find_line(&mut self, input: &[u8]) {
        if self.is_between {
            let breaks = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
            self.line =
                self.parser.line() + breaks.clone().filter(|byte| **byte == b'\n').count() as u64;
            self.is_between = breaks.count() == input.len();
        }
    }

    /// The record that was completed; the next call of `advance` begins a new one.
    pub(super) fn take(&mut self) -> Record<'_> {
        let (bytes, ends) = (&self.bytes[..self.bytes_length], &self.ends[..self.ends_length]);
        self.bytes_length = 0;
        self.ends_length = 0;
        Record { bytes, ends, text: core::str::from_utf8(bytes).ok() }
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("line", &self.line).finish_non_exhaustive()
    }
}

/// The cells of one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    /// All cells as text, if the record is valid as a whole.
    text: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// Number of cells.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of each cell, `None` where it is not UTF-8.
    pub(super) fn cells(&self) -> impl Iterator<Item = Option<&'a str>> {
        let Self { bytes, ends, text } = *self;
        let mut start = 0;
        ends.iter().map(move |end| {
            let range = start..*end;
            start = *end;
            match text {
                // A character that is cut by the end of its cell is valid only as a whole record.
                Some(text) => text.get(range),
                None => core::str::from_utf8(&bytes[range]).ok(),
            }
        })
    }
}
