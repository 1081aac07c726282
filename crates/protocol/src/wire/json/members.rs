//! An object, member by member.

use tidegate_core::event::UnreadReason;

use super::{Kind, Reader};

/// Longest key that a visitor is shown whole.
const MAX_KEY_BYTES: usize = 64;

impl Reader<'_> {
    /// Shows each member of an object to `visit`, which takes its value from the reader; `false`, and
    /// the value is passed over, where no object comes next.
    ///
    /// # Errors
    /// What comes next is no value, or what `visit` refuses.
    // Called through a pointer, for one loop for all visitors keeps the filter small.
    pub fn members(
        &mut self,
        visit: &mut dyn FnMut(&str, &mut Self) -> Result<(), UnreadReason>,
    ) -> Result<bool, UnreadReason> {
        if self.peek()? != Kind::Object {
            self.skip()?;
            return Ok(false);
        }
        self.enter_object()?;
        while let Some(key) = self.next_key()? {
            visit(&key.decode(MAX_KEY_BYTES), self)?;
        }
        Ok(true)
    }
}
