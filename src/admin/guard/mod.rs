mod headers;
mod origin;

pub(super) use headers::headers;
pub(super) use origin::{is_own_socket, origin};
