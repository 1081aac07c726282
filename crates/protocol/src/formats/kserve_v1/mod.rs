//! KServe v1 and TensorFlow Serving REST.

mod message;
mod request;
mod response;

pub(crate) use request::read as read_request;
pub(crate) use response::read as read_response;
