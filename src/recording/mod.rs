/// Largest content of a part, bytes after gzip was taken off.
pub const MAX_CONTENT_BYTES: usize = 16 << 20;
