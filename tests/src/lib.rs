//! Tests that cross rooms.

pub mod tolerance;
