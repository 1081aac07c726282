//! What a gateway and a context are called by others.

use tidegate_core::experiment::unit_hash;

use crate::config::Remote;
use crate::errand::storage::Storage;
use crate::host::Host;

/// Who gives ids: no other context does under this number, in this gateway or another.
pub(super) fn giver(host: &dyn Host, member: Option<u32>) -> u64 {
    let node = host.property(&["xds", "node", "id"]).unwrap_or_default();
    let node = String::from_utf8_lossy(&node);
    unit_hash(&format!("{node} {} {member:?}", host.now_nanos()))
}

/// Where the state of this gateway lies: each of a fleet has its own.
pub(super) fn storage(host: &dyn Host, remote: &Remote, instance: &str) -> Storage {
    let node = host.property(&["xds", "node", "id"]).unwrap_or_default();
    let name = |text: &str| {
        text.replace(
            |letter: char| !letter.is_ascii_alphanumeric() && !"-_.~".contains(letter),
            "-",
        )
    };
    let node = name(&String::from_utf8_lossy(&node));
    Storage::new(remote, &[("{node}", &node), ("{instance}", &name(instance))])
}

/// How messages name this gateway: by its node, if it has a name, and the instance.
pub(super) fn source(host: &dyn Host, instance: &str) -> String {
    let node = host.property(&["xds", "node", "id"]).unwrap_or_default();
    let node = String::from_utf8(node).unwrap_or_default();
    let name =
        |text: &str| text.replace(|letter: char| !letter.is_ascii_graphic() || letter == '%', "-");
    match node.as_str() {
        "" => format!("/tidegate/{}", name(instance)),
        node => format!("/tidegate/{}/{}", name(node), name(instance)),
    }
}
