use super::raw::{BINARY, CLOSE, CONTINUATION, FIN, Heard, PING, PONG, Raw, TEXT, frame, head};
use crate::app::{TestApp, spawn_app};
use crate::client::frame_bytes;

/// What a client does on a fresh connection, and what it has to hear. Where that does not end with a close, the connection has to live on.
struct Case {
    name: String,
    /// Has a hello with page 0 been welcomed before?
    is_greeted: bool,
    said: Vec<Vec<u8>>,
    heard: Vec<Expected>,
}

#[derive(Debug, Clone)]
enum Expected {
    Pong(Vec<u8>),
    /// A text that holds this word.
    Text(&'static str),
    Close(u16),
    /// The answer to a close without a code.
    PlainClose,
}

use Expected::{Close, PlainClose, Pong, Text};

#[derive(Default)]
struct Table {
    cases: Vec<Case>,
}

impl Table {
    fn add(&mut self, name: impl Into<String>, said: impl IntoIterator<Item = Vec<u8>>, heard: impl IntoIterator<Item = Expected>) {
        let (said, heard) = (said.into_iter().collect(), heard.into_iter().collect());
        self.cases.push(Case { name: name.into(), is_greeted: false, said, heard });
    }

    /// The same after a hello with one page.
    fn add_greeted(&mut self, name: impl Into<String>, said: Vec<u8>, heard: impl IntoIterator<Item = Expected>) {
        self.add(name, [said], heard);
        self.cases.last_mut().unwrap().is_greeted = true;
    }
}

/// A hello with one page, `length` bytes long: the collector welcomes it.
fn hello(app: &TestApp, length: usize) -> Vec<u8> {
    let mut text = format!(
        r#"{{"type":"hello","v":1,"site":"{}","agent":"é😀","pages":[{{"n":0,"nonce":"AAECAwQFBgcICQoLDA0ODw","age_ms":0,"url":"https://shop.example/","viewport":[1,1],"document":[1,1]}}]}}"#,
        app.site.key
    );
    text.push_str(&" ".repeat(length.saturating_sub(text.len())));
    text.into_bytes()
}

/// A frame that names page view and seq and then breaks.
fn broken(length: usize) -> Vec<u8> {
    let mut bytes = vec![1, 0, 1];
    bytes.resize(length, 0xff);
    bytes
}

fn close_payload(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], reason].concat()
}

fn without_mask(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, payload.len() as u8], payload].concat()
}

/// Autobahn 1: messages of every length that has its own form on the wire.
fn lengths(app: &TestApp, table: &mut Table) {
    for length in [0, 300, 65_535, 65_536] {
        let text = hello(app, length);
        table.add(format!("a hello of {} bytes", text.len()), [frame(FIN | TEXT, &text)], [Text("welcome")]);
    }
    table.add("an empty text", [frame(FIN | TEXT, b"")], [Close(1007)]);
    table.add("a text of 65,537 bytes", [frame(FIN | TEXT, &hello(app, 65_537))], [Close(1009)]);
    table.add_greeted("an empty binary message", frame(FIN | BINARY, b""), [Close(1002)]);
    for length in [3, 125, 126, 127, 128, 65_535, 65_536] {
        let said = frame(FIN | BINARY, &broken(length));
        table.add_greeted(format!("a broken frame of {length} bytes"), said, [Text("nack"), Text("ack")]);
    }
    table.add_greeted("a frame", frame(FIN | BINARY, &frame_bytes(1)), [Text("ack")]);
    table.add_greeted("a frame of 65,537 bytes", frame(FIN | BINARY, &broken(65_537)), [Close(1009)]);
    table.add("a frame before the hello", [frame(FIN | BINARY, &frame_bytes(1))], [Close(1002)]);
    for (name, length) in [("2^63 bytes", 1u64 << 63), ("2^64 - 1 bytes", u64::MAX)] {
        table.add(format!("a frame that says {name}"), [head(FIN | TEXT, length), vec![0; 4]], [Close(1002)]);
    }
    for (name, length) in [("2^63 - 1 bytes", (1u64 << 63) - 1), ("4 GiB", 1 << 32), ("65,537 bytes", 65_537)] {
        table.add(format!("a text that says {name} and sends none"), [head(FIN | TEXT, length), vec![0; 4]], [Close(1009)]);
        table.add(format!("a binary message that says {name} and sends none"), [head(BINARY, length), vec![0; 4]], [Close(1009)]);
    }
    let long_form = |form: &[u8]| [&[FIN | TEXT][..], form, &[0; 4], b"[]"].concat();
    table.add("a length of 2 in 16 bits", [long_form(&[0xfe, 0, 2])], [Close(1002)]);
    table.add("a length of 2 in 64 bits", [long_form(&[0xff, 0, 0, 0, 0, 0, 0, 0, 2])], [Close(1002)]);
}

/// Autobahn 2: pings and pongs.
fn pings(table: &mut Table) {
    for length in [0, 1, 8, 124, 125] {
        let payload: Vec<u8> = (0..length).map(|at| (at * 7) as u8).collect();
        table.add(format!("a ping of {length} bytes"), [frame(FIN | PING, &payload)], [Pong(payload.clone())]);
        let bytes = frame(FIN | PING, &payload).into_iter().map(|byte| vec![byte]);
        table.add(format!("a ping of {length} bytes, byte by byte"), bytes, [Pong(payload)]);
        table.add(format!("a pong of {length} bytes that nobody asked for"), [frame(FIN | PONG, &vec![1; length])], []);
    }
    let many = |count: u8| (0..count).map(|number| frame(FIN | PING, &[number]));
    table.add("ten pings in one packet", [many(10).flatten().collect()], (0..10).map(|number| Pong(vec![number])));
    table.add("ten pings, each for itself", many(10), (0..10).map(|number| Pong(vec![number])));
    table.add("a pong and a ping", [frame(FIN | PONG, b"x"), frame(FIN | PING, b"y")], [Pong(b"y".to_vec())]);
    for opcode in [PING, PONG, CLOSE] {
        for length in [126, 65_535, 65_536] {
            table.add(format!("a control frame {opcode} of {length} bytes"), [frame(FIN | opcode, &vec![0; length])], [Close(1002)]);
        }
        table.add(format!("a control frame {opcode} in fragments"), [frame(opcode, b"a"), frame(FIN, b"b")], [Close(1002)]);
    }
}

/// Autobahn 3 and 4: reserved bits and opcodes, and frames without a mask.
fn reserved(table: &mut Table) {
    for bits in 1..=7u8 {
        for opcode in [TEXT, BINARY, PING, PONG, CLOSE] {
            table.add(format!("reserved bits {bits} on opcode {opcode}"), [frame(FIN | bits << 4 | opcode, b"")], [Close(1002)]);
        }
        let fragments = [frame(TEXT, b"{"), frame(FIN | bits << 4, b"}")];
        table.add(format!("reserved bits {bits} on a continuation"), fragments, [Close(1002)]);
    }
    for opcode in (3..=7).chain(11..=15) {
        table.add(format!("reserved opcode {opcode}"), [frame(FIN | opcode, b"")], [Close(1002)]);
        table.add(format!("reserved opcode {opcode} with a payload"), [frame(FIN | opcode, b"payload")], [Close(1002)]);
        table.add_greeted(format!("reserved opcode {opcode} behind a hello"), frame(FIN | opcode, b"x"), [Close(1002)]);
        table.add(format!("reserved opcode {opcode} among fragments"), [frame(TEXT, b"{"), frame(FIN | opcode, b"")], [Close(1002)]);
    }
    for opcode in [TEXT, BINARY, PING, PONG, CLOSE] {
        table.add(format!("opcode {opcode} without a mask"), [without_mask(FIN | opcode, b"")], [Close(1002)]);
    }
    table.add("a continuation without a mask", [frame(TEXT, b"{"), without_mask(FIN, b"}")], [Close(1002)]);
}

/// Autobahn 5: fragments.
fn fragments(app: &TestApp, table: &mut Table) {
    let text = hello(app, 0);
    let cut = |size: usize| {
        let last = text.chunks(size).count() - 1;
        let first = |index: usize| if index == 0 { TEXT } else { CONTINUATION } | if index == last { FIN } else { 0 };
        text.chunks(size).enumerate().map(move |(index, part)| frame(first(index), part)).collect::<Vec<_>>()
    };
    for size in [1, 2, 3, 7, 100] {
        table.add(format!("a hello in fragments of {size} bytes"), cut(size), [Text("welcome")]);
        table.add(format!("the same in one packet, {size}"), [cut(size).concat()], [Text("welcome")]);
    }
    let between = |other: Vec<u8>| {
        let (front, back) = text.split_at(50);
        [frame(TEXT, front), other, frame(FIN, back)]
    };
    table.add("a ping between fragments", between(frame(FIN | PING, b"p")), [Pong(b"p".to_vec()), Text("welcome")]);
    table.add("a pong between fragments", between(frame(FIN | PONG, b"p")), [Text("welcome")]);
    table.add("an empty fragment between fragments", between(frame(CONTINUATION, b"")), [Text("welcome")]);
    table.add("a close between fragments", between(frame(FIN | CLOSE, &1000u16.to_be_bytes())), [Close(1000)]);
    for opcode in [TEXT, BINARY] {
        table.add(format!("opcode {opcode} between fragments"), between(frame(FIN | opcode, b"x")), [Close(1002)]);
        table.add(format!("a beginning {opcode} between fragments"), between(frame(opcode, b"x")), [Close(1002)]);
        let empty = [frame(opcode, b""), frame(CONTINUATION, b""), frame(FIN, b"")];
        table.add(format!("an empty {opcode} in fragments"), empty, [Close(if opcode == TEXT { 1007 } else { 1002 })]);
    }
    for flags in [FIN, 0] {
        table.add(format!("a continuation {flags} of nothing"), [frame(flags, b"x")], [Close(1002)]);
        table.add_greeted(format!("a continuation {flags} after the end"), frame(flags, b"x"), [Close(1002)]);
    }
    let (front, back) = (frame(BINARY, &frame_bytes(1)[..5]), frame(FIN, &frame_bytes(1)[5..]));
    table.add_greeted("a frame in fragments", [front, back].concat(), [Text("ack")]);
    let many = || (0..1_000).map(|_| frame(CONTINUATION, b"")).collect::<Vec<_>>().concat();
    table.add("a thousand empty fragments", between(many()), [Text("welcome")]);
    let grown = [frame(TEXT, &vec![b' '; 65_536]), frame(FIN, b"x")];
    table.add("fragments of 65,537 bytes together", grown, [Close(1009)]);
}

/// Autobahn 6: texts that are not UTF-8.
fn texts(table: &mut Table) {
    for wrong in [
        &b"\xff"[..],
        b"\xfe",
        b"\x80",
        b"\xbf",
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\x80\xed\xb0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    ] {
        let text = [b"{\"type\":\"", wrong, b"\"}"].concat();
        table.add(format!("a text with {wrong:x?}"), [frame(FIN | TEXT, &text)], [Close(1007)]);
        let (front, back) = text.split_at(10);
        table.add(format!("the same in fragments {wrong:x?}"), [frame(TEXT, front), frame(FIN, back)], [Close(1007)]);
    }
    table.add("a text that is no JSON", [frame(FIN | TEXT, b"hello")], [Close(1007)]);
    table.add("JSON that says nothing", [frame(FIN | TEXT, b"{}")], [Close(1002)]);
    table.add("an unknown type", [frame(FIN | TEXT, b"{\"type\":\"dance\"}")], [Close(1003)]);
    table.add("another version", [frame(FIN | TEXT, b"{\"type\":\"hello\",\"v\":9}")], [Close(4000)]);
}

/// Autobahn 7: closing.
fn closes(table: &mut Table) {
    table.add("a close without a code", [frame(FIN | CLOSE, b"")], [PlainClose]);
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        table.add(format!("close {code}"), [frame(FIN | CLOSE, &close_payload(code, b""))], [Close(code)]);
    }
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        table.add(format!("close {code}, which nobody may send"), [frame(FIN | CLOSE, &close_payload(code, b""))], [Close(1002)]);
    }
    table.add("a close of one byte", [frame(FIN | CLOSE, &[3])], [Close(1002)]);
    for (length, code) in [(1, 1000), (123, 1000), (124, 1002)] {
        let said = [frame(FIN | CLOSE, &close_payload(1000, &vec![b'r'; length]))];
        table.add(format!("a close with a reason of {length} bytes"), said, [Close(code)]);
    }
    table.add("a close with a reason that is no UTF-8", [frame(FIN | CLOSE, &close_payload(1000, b"\xff"))], [Close(1007)]);
    let after = |first: u8, payload: &[u8]| [frame(FIN | CLOSE, &close_payload(1000, b"")), frame(first, payload)];
    table.add("a ping after the close", after(FIN | PING, b"late"), [Close(1000)]);
    table.add("a text after the close", after(FIN | TEXT, b"late"), [Close(1000)]);
    table.add("two closes", after(FIN | CLOSE, &close_payload(1001, b"")), [Close(1000)]);
    table.add("a broken frame after the close", after(0x7f, b"late"), [Close(1000)]);
}

#[actix_web::test]
async fn b5_rfc_6455_table() {
    let app = spawn_app().await;
    let mut table = Table::default();
    lengths(&app, &mut table);
    pings(&mut table);
    reserved(&mut table);
    fragments(&app, &mut table);
    texts(&mut table);
    closes(&mut table);
    println!("b5: {} cases", table.cases.len());
    assert!(table.cases.len() >= 120);
    let mut wrong = Vec::new();
    // Many at a time: after a close the server lingers for a second, so that the client reads it.
    for cases in table.cases.chunks(64) {
        let results = futures_util::future::join_all(cases.iter().map(|case| play(&app, case))).await;
        wrong.extend(cases.iter().zip(results).filter_map(|(case, result)| Some(format!("{}: {}", case.name, result.err()?))));
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), table.cases.len(), wrong.join("\n"));
    app.finish().await;
}

async fn play(app: &TestApp, case: &Case) -> Result<(), String> {
    let mut raw = Raw::open(app).await;
    if case.is_greeted {
        raw.send(&frame(FIN | TEXT, &hello(app, 0))).await;
        let Heard::Text(_) = raw.hear().await else { return Err("no welcome".to_owned()) };
    }
    for bytes in &case.said {
        raw.send(bytes).await;
        if case.said.len() > 1 {
            // Each write in a packet of its own, as far as a loopback has them.
            tokio::task::yield_now().await;
        }
    }
    for expected in &case.heard {
        let heard = raw.hear().await;
        let is_right = match (&heard, expected) {
            (Heard::Pong(payload), Pong(expected)) => payload == expected,
            (Heard::Text(text), Text(word)) => text.contains(&format!("\"type\":\"{word}\"")),
            (Heard::Close(code), Close(expected)) => *code == Some(*expected),
            (Heard::Close(code), PlainClose) => code.is_none(),
            _ => false,
        };
        if !is_right {
            return Err(format!("{expected:?} was to be heard, and not {heard:?}"));
        }
    }
    let ends = matches!(case.heard.last(), Some(Close(_) | PlainClose));
    match ends {
        true if raw.hear().await != Heard::End => Err("the connection was to end".to_owned()),
        false if !raw.is_alive().await => Err("the connection was to live on".to_owned()),
        _ => Ok(()),
    }
}
