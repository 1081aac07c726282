//! The parity tests as functions that any host can call: natively, in Node, in a page, in a gateway.
//!
//! A test that fails panics, as ever. One that passes says what it compared: of each function how many
//! numbers, and one hash of all their bits. Where two hosts differ in one bit, they differ in that hash.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

include!(concat!(env!("OUT_DIR"), "/parity.rs"));

mod golden_files {
    /// A golden file, by its path.
    pub fn read(file: &str) -> Vec<u8> {
        match super::FILES.iter().find(|(path, _)| *path == file) {
            Some((_, bytes)) => bytes.to_vec(),
            None => panic!("there is no golden file {file}"),
        }
    }
}

/// Runs one test.
///
/// # Returns
/// A line for each function that it compared: its name, how many numbers, and the hash of their bits.
/// `None` if there is no such test.
///
/// # Panics
/// If the test fails.
#[must_use]
pub fn run(name: &str) -> Option<String> {
    let (_, test) = TESTS.iter().find(|(test, _)| *test == name)?;
    drop(tidegate_tests::compared::take());
    test();
    let lines = tidegate_tests::compared::take().into_iter();
    Some(lines.map(|(function, bits)| format!("{function} {bits}\n")).collect())
}
