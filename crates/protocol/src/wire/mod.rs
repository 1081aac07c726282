//! How bytes are laid out, whoever's they are: nothing here knows a model.

pub(crate) mod csv;
pub(crate) mod encoding;
pub(crate) mod frames;
pub mod json;
pub(crate) mod protobuf;
pub(crate) mod sse;
