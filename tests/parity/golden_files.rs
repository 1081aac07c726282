//! The one door to the golden files. Where there is no file system, `tests/bits/goldens` has another.

/// A golden file, by its path.
pub fn read(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/golden/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
