use actix_web::http::StatusCode;
use actix_ws::{CloseCode, CloseReason};

use crate::wire::ControlError;

/// Why a connection ends (docs/protocol.md section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Close {
    /// The message is malformed or not allowed now.
    #[error("malformed")]
    Protocol,
    /// A control type that the collector doesn't know.
    #[error("unknown type")]
    UnknownType,
    /// Not UTF-8 or not JSON.
    #[error("not JSON")]
    Text,
    /// A limit of this collector.
    #[error("limit")]
    Policy,
    /// No hello in time.
    #[error("no hello")]
    NoHello,
    /// Message too big.
    #[error("too big")]
    TooBig,
    /// Something broke inside.
    #[error("internal")]
    Internal,
    /// The collector restarts.
    #[error("restart")]
    Restart,
    /// The collector is overloaded.
    #[error("overloaded")]
    Overload,
    /// A version that this collector doesn't speak.
    #[error("version")]
    Version,
    /// The site does not exist or is disabled.
    #[error("site")]
    Site,
    /// The site does not allow the origin.
    #[error("origin")]
    Origin,
    /// The browser says `Sec-GPC: 1`.
    #[error("the visitor opted out")]
    OptOut,
    /// The site doesn't want visits from the peer's network.
    #[error("this network is ignored")]
    Ignored,
}

impl Close {
    /// Its number on a WebSocket.
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::UnknownType => 1003,
            Self::Text => 1007,
            Self::Policy | Self::NoHello => 1008,
            Self::TooBig => 1009,
            Self::Internal => 1011,
            Self::Restart => 1012,
            Self::Overload => 1013,
            Self::Version => 4000,
            Self::Site => 4001,
            Self::Origin => 4002,
            Self::OptOut => 4003,
            Self::Ignored => 4004,
        }
    }

    /// Its status over HTTP.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Protocol | Self::UnknownType | Self::Text => StatusCode::BAD_REQUEST,
            Self::Policy | Self::NoHello => StatusCode::TOO_MANY_REQUESTS,
            Self::TooBig => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Restart | Self::Overload => StatusCode::SERVICE_UNAVAILABLE,
            Self::Version => StatusCode::GONE,
            Self::Site | Self::Origin | Self::OptOut | Self::Ignored => StatusCode::FORBIDDEN,
        }
    }

    /// For the closing frame.
    pub fn reason(self) -> CloseReason {
        CloseReason { code: CloseCode::from(self.code()), description: Some(self.to_string()) }
    }
}

impl From<&ControlError> for Close {
    fn from(error: &ControlError) -> Self {
        match error {
            ControlError::Json(_) => Self::Text,
            ControlError::Field(_) => Self::Protocol,
            ControlError::UnknownType => Self::UnknownType,
            ControlError::Version => Self::Version,
            ControlError::Limit => Self::TooBig,
        }
    }
}
