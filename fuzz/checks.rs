//! What holds for any bytes. The fuzz targets run these, and so does tests/fuzz_corpus.rs over the saved corpus.

use mousetrail::event::{MAX_EVENTS, MAX_FRAME_MS, Place};
use mousetrail::wire::{
    ClientMessage, MAX_ENVELOPE_BYTES, PageState, ServerMessage, decode_frame, encode_envelope, encode_frame, parse_client, parse_envelope,
    peek_key, unpack,
};

/// A frame decodes or is refused, within bounded memory; what decodes encodes to bytes that decode to the same.
pub fn frame(bytes: &[u8]) {
    let mut decoded = None;
    let memory = allocation_counter::measure(|| decoded = Some(decode_frame(bytes)));
    assert!(memory.bytes_max <= frame_memory(bytes.len()), "{} bytes for {}", memory.bytes_max, bytes.len());
    let Some(Ok(frame)) = decoded else { return };
    assert_eq!(peek_key(bytes).map(|key| (key.page, key.seq)), Some((frame.page, frame.seq)));
    assert!(frame.events.len() <= MAX_EVENTS && frame.events.is_sorted_by_key(|event| event.at_ms));
    assert!(frame.end_ms() <= frame.t0_ms + MAX_FRAME_MS);
    let again = encode_frame(&frame);
    assert!(again.len() <= bytes.len(), "the shortest form is not longer");
    assert_eq!(decode_frame(&again), Ok(frame));
}

/// Memory that decoding may take at its peak, given the bytes of a frame: four times as much, and what the most events, elements and notes
/// of one frame take, which a small frame can't have.
pub fn frame_memory(bytes: usize) -> u64 {
    (4 * bytes + (384 << 10)).min(48 * bytes + 2_048) as u64
}

/// A control message is read or refused, and what was read is read again from its own JSON.
///
/// Fields that a page doesn't know wait in serde's buffer until the page's state is read: 32 bytes for a number in an array, which takes two
/// bytes of text, and as that buffer grows, three times as much for a moment.
pub fn control(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut parsed = None;
    let memory = allocation_counter::measure(|| parsed = Some(parse_client(text)));
    assert!(memory.bytes_max <= 48 * bytes.len() as u64 + 4_096, "{} bytes for {}", memory.bytes_max, bytes.len());
    let Some(Ok(message)) = parsed else { return };
    let pages = match &message {
        ClientMessage::Hello(hello) => hello.pages.as_slice(),
        ClientMessage::Page(page) => std::slice::from_ref(page),
    };
    for page in pages {
        if let PageState::New(new) = &page.state {
            url(new.url.as_bytes());
        }
    }
    let again = serde_json::to_string(&message).expect("a message has its JSON");
    assert!(parse_client(&again).is_ok(), "{again}");
}

/// A POST body is unpacked within its bound, and its frames are judged one by one.
pub fn envelope(bytes: &[u8]) {
    let mut unpacked = None;
    let memory = allocation_counter::measure(|| unpacked = Some(unpack(bytes)));
    assert!(memory.bytes_max <= 2 << 20, "{} bytes to unpack", memory.bytes_max);
    let Some(Ok(plain)) = unpacked else { return };
    assert!(plain.len() <= MAX_ENVELOPE_BYTES.max(bytes.len()));
    let Ok(envelope) = parse_envelope(&plain) else { return };
    let frames: Vec<Vec<u8>> = envelope.frames.iter().map(|frame| frame.to_vec()).collect();
    for bytes in &frames {
        frame(bytes);
    }
    let again = encode_envelope(&envelope.hello, &frames);
    let again = parse_envelope(&again).expect("an envelope comes back");
    assert_eq!(again.frames, envelope.frames);
}

/// What the collector says is read by our own clients; what they read is said again in the same words.
pub fn server_message(bytes: &[u8]) {
    let Ok(message) = serde_json::from_slice::<ServerMessage>(bytes) else { return };
    assert_eq!(serde_json::from_str::<ServerMessage>(&message.to_text()).ok(), Some(message));
}

/// A url has a path, and nothing of it is longer than is kept, or can't be stored.
pub fn url(bytes: &[u8]) {
    let place = Place::parse(&String::from_utf8_lossy(bytes));
    let query = place.query();
    assert!(!place.path().is_empty() && query != Some(""));
    for part in [place.host(), place.path(), query.unwrap_or_default()] {
        assert!(part.len() <= 2_048 && !part.contains('\0'));
    }
}
