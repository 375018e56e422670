mod cookie;
mod password;
mod signed_in;
mod throttle;

pub(super) use cookie::{clear, login, token};
pub(super) use password::{Password, Passwords};
pub(super) use signed_in::SignedIn;
pub(super) use throttle::Throttle;
