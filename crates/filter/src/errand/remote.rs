//! Requests to what lies elsewhere.

use crate::config::Remote;
use crate::host::Call;

impl Remote {
    /// A request to it.
    pub(crate) fn call<'r>(
        &'r self,
        method: &'r str,
        body: &'r [u8],
        max_answer_bytes: usize,
    ) -> Call<'r> {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.0.as_str()));
        Call {
            cluster: &self.cluster,
            method,
            path: &self.path,
            authority: &self.authority,
            headers: own.collect(),
            body,
            timeout_millis: self.timeout_millis,
            max_answer_bytes,
        }
    }
}
