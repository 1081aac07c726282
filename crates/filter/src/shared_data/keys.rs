//! Names of the shared data of one instance.

/// Names of the shared data. All begin with the instance, for some control planes let every plugin
/// of a proxy share one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Who takes part, and of which generation the newest of them is.
    pub(crate) members: String,
    /// Who leads.
    pub(crate) lease: String,
    /// The root of the merged state: the leader's own counters, and where the rest lies.
    pub(crate) state: String,
    /// The references that workers count against.
    pub(crate) references: String,
    /// What was decided, as workers act on it.
    pub(crate) decision: String,
    /// Who is not to be called.
    pub(crate) silences: String,
    /// Rendered for `v1/metrics`.
    pub(crate) metrics: String,
    /// Rendered for `v1/snapshot`.
    pub(crate) snapshot: String,
    mailbox_prefix: String,
    piece_prefix: String,
}

impl Keys {
    pub(crate) fn new(instance: &str) -> Self {
        let key = |name: &str| format!("tidegate/{instance}/{name}");
        Self {
            members: key("members"),
            lease: key("lease"),
            state: key("state"),
            references: key("references"),
            decision: key("decision"),
            silences: key("silences"),
            metrics: key("metrics"),
            snapshot: key("snapshot"),
            mailbox_prefix: key("mailbox/"),
            piece_prefix: key("state/"),
        }
    }

    /// The mailbox of one member.
    pub(crate) fn mailbox(&self, member: u32) -> String {
        format!("{}{member}", self.mailbox_prefix)
    }
    /// A piece of the merged state that one member wrote.
    pub(crate) fn state_piece(&self, member: u32, place: u32) -> String {
        format!("{}{member}/{place}", self.piece_prefix)
    }
}
