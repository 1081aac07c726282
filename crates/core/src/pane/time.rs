use serde::{Deserialize, Serialize};

/// Start of a pane, in whole seconds since 1970.
///
/// Panes are named by their start and not by an index, so that counts outlive a change of the
/// pane's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PaneStart(u64);

impl PaneStart {
    /// The pane that holds a time: `floor(at / pane_seconds) · pane_seconds`.
    ///
    /// `None` for a time before 1970 or one that is not finite. A length of 0 is read as 1.
    #[must_use]
    pub fn holding(at_seconds: f64, pane_seconds: u32) -> Option<Self> {
        if !(at_seconds.is_finite() && at_seconds >= 0.0) {
            return None;
        }
        Some(Self(at_seconds as u64).aligned(pane_seconds))
    }

    /// The pane of another length that holds this start.
    #[must_use]
    pub fn aligned(self, pane_seconds: u32) -> Self {
        let seconds = u64::from(pane_seconds.max(1));
        Self(self.0 / seconds * seconds)
    }

    /// The pane `count` panes earlier, not before 1970.
    #[must_use]
    pub fn earlier(self, count: u32, pane_seconds: u32) -> Self {
        Self(self.0.saturating_sub(u64::from(count) * u64::from(pane_seconds.max(1))))
    }

    /// The pane `count` panes later.
    #[must_use]
    pub fn later(self, count: u32, pane_seconds: u32) -> Self {
        Self(self.0.saturating_add(u64::from(count) * u64::from(pane_seconds.max(1))))
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}
