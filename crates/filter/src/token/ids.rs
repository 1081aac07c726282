use std::cell::Cell;

/// Gives each prediction an id that no other has, of this gateway or another: the time, how many ids came
/// before, and who gives them.
#[derive(Debug)]
pub(crate) struct PredictionIds {
    giver: Cell<u64>,
    given: Cell<u64>,
}

impl PredictionIds {
    /// `giver` should differ wherever ids are given at the same time.
    pub(crate) fn new(giver: u64) -> Self {
        Self { giver: Cell::new(giver), given: Cell::new(0) }
    }

    /// From now on somebody else gives them.
    pub(crate) fn set_giver(&self, giver: u64) {
        self.giver.set(giver);
    }

    pub(crate) fn next(&self, now_nanos: u64) -> String {
        let before = self.given.get();
        self.given.set(before.wrapping_add(1));
        format!("{now_nanos:x}-{before:x}-{:x}", self.giver.get())
    }
}
