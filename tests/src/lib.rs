//! Tests that cross rooms.

pub mod compared;
pub mod tolerance;
