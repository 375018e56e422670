use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::event::{Nonce, SessionKey};

/// 16 bytes that stand for what a client wrote by chance: those that it means, or a digest of longer text.
fn read_random(text: &str) -> Option<[u8; 16]> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !is_plain || !(22..=64).contains(&text.len()) {
        return None;
    }
    let written = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    Some(written.unwrap_or_else(|| Sha256::digest(text)[..16].try_into().expect("a digest has 32 bytes")))
}

pub(super) mod nonce_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{BASE64_URL_SAFE_NO_PAD, Engine, Nonce, read_random};

    pub(in crate::wire) fn serialize<S: Serializer>(nonce: &Nonce, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(nonce.0))
    }

    pub(in crate::wire) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Nonce, D::Error> {
        read_random(&String::deserialize(deserializer)?)
            .map(Nonce)
            .ok_or_else(|| serde::de::Error::custom("a nonce has 22 to 64 characters"))
    }
}

pub(super) mod session_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{BASE64_URL_SAFE_NO_PAD, Engine, SessionKey, read_random};

    pub(in crate::wire) fn serialize<S: Serializer>(key: &Option<SessionKey>, serializer: S) -> Result<S::Ok, S::Error> {
        match key {
            Some(key) => serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(key.0)),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::wire) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SessionKey>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let bytes = read_random(&text).ok_or_else(|| serde::de::Error::custom("a session's key has 22 to 64 characters"))?;
        Ok(Some(SessionKey(bytes)))
    }
}
