//! Every parser of bytes that come from outside, each as a function that panics when the parser does, or
//! when what it says is not true of its result.
//!
//! What else decides (a header, where a body is cut) is drawn from the input itself, so that a payload as it
//! was recorded is a seed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a finding is a panic")]

mod bodies;
mod documents;
mod state;

/// A parser to fuzz.
#[derive(Debug, Clone, Copy)]
pub struct Parser {
    /// Its name, and that of the folder of its own seeds.
    pub name: &'static str,
    /// Folders of payloads that are seeds too, from the root of the workspace.
    pub payloads: &'static [&'static str],
    /// Runs it.
    pub run: fn(&[u8]),
}

const CORPUS: &str = "crates/protocol/tests/payloads/corpus";

/// All of them.
pub const PARSERS: [Parser; 15] = [
    Parser { name: "requests", payloads: &[CORPUS], run: bodies::requests },
    Parser { name: "responses", payloads: &[CORPUS], run: bodies::responses },
    Parser { name: "sse", payloads: &[CORPUS], run: bodies::sse },
    Parser { name: "grpc", payloads: &[CORPUS], run: bodies::grpc },
    Parser { name: "gzip", payloads: &[CORPUS], run: bodies::compressed },
    Parser { name: "feedback", payloads: &[CORPUS], run: bodies::feedback },
    Parser { name: "events", payloads: &[], run: documents::events },
    Parser { name: "tokens", payloads: &[], run: documents::tokens },
    Parser { name: "config", payloads: &[], run: documents::config },
    Parser { name: "alerts", payloads: &[], run: documents::alerts },
    Parser { name: "profile", payloads: &[], run: documents::profile },
    Parser { name: "csv", payloads: &["tests/golden/samples"], run: documents::csv },
    Parser { name: "models", payloads: &["tests/golden/models"], run: documents::models },
    Parser {
        name: "training",
        payloads: &["crates/core/tests/training/runs"],
        run: documents::training,
    },
    Parser { name: "state", payloads: &[], run: state::state },
];

/// The parser of a name.
#[must_use]
pub fn parser(name: &str) -> Option<Parser> {
    PARSERS.into_iter().find(|parser| parser.name == name)
}

/// A number below `bound`, drawn from an input and told apart by `salt`.
fn draw(input: &[u8], salt: u64, bound: usize) -> usize {
    let hash = input.iter().rev().take(16).fold(salt ^ input.len() as u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    ((hash >> 7) % bound.max(1) as u64) as usize
}

/// The input in up to three pieces.
fn pieces(input: &[u8]) -> [&[u8]; 3] {
    let (first, rest) = input.split_at(draw(input, 1, input.len() + 1));
    let (second, third) = rest.split_at(draw(input, 2, rest.len() + 1));
    [first, second, third]
}
