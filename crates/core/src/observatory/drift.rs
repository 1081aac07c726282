use alloc::vec::Vec;

use super::reference::Reference;
use crate::pane::{PaneStart, Window};
use crate::snapshot::ColumnSnapshot;

/// Each column of the window against the reference.
pub(super) fn columns(
    _window: &Window,
    _reference: Option<&Reference>,
    _panes: &[PaneStart],
) -> Vec<ColumnSnapshot> {
    Vec::new()
}
