//! The chaos proxy does what it says: a fault that isn't there proves nothing.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::{Hook, Proxy, Target, Verdict, wait_until};

/// A server that sends back what it gets, and its proxy.
fn echo() -> Proxy {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let (mut from, mut to) = (stream.try_clone().unwrap(), stream);
                let _ = std::io::copy(&mut from, &mut to);
            });
        }
    });
    Proxy::start(Target::port(port), 1)
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

fn ask(stream: &mut TcpStream, words: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(words)?;
    let mut answer = vec![0; words.len()];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_proxy_without_faults_changes_nothing() {
    let proxy = echo();
    let mut stream = connect(&proxy);
    let words: Vec<u8> = (0..200_000u32).map(|at| at as u8).collect();
    let (mut reader, sent) = (stream.try_clone().unwrap(), words.clone());
    let writer = thread::spawn(move || stream.write_all(&sent).unwrap());
    let mut answer = vec![0; words.len()];
    reader.read_exact(&mut answer).unwrap();
    writer.join().unwrap();
    assert_eq!(answer, words);
    assert_eq!(proxy.bytes(), (200_000, 200_000));
    assert_eq!((proxy.open(), proxy.accepted(), proxy.resets()), (1, 1, 0));
}

#[test]
fn bytes_arrive_later_by_the_delay_of_both_directions() {
    let proxy = echo();
    proxy.both(|faults| faults.delay = Duration::from_millis(100));
    let begin = Instant::now();
    assert_eq!(ask(&mut connect(&proxy), b"hello").unwrap(), b"hello");
    assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
}

#[test]
fn a_connection_is_cut_after_its_bytes() {
    let proxy = echo();
    proxy.cut_after(7);
    let mut stream = connect(&proxy);
    stream.write_all(b"hello world").unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer);
    assert!(end.is_err() && answer.len() <= 7, "{end:?} {answer:?}");
    assert_eq!(proxy.resets(), 1);
}

#[test]
fn a_blackhole_keeps_the_connection_and_loses_the_bytes_while_a_freeze_keeps_both() {
    let proxy = echo();
    let mut stream = connect(&proxy);
    assert_eq!(ask(&mut stream, b"one").unwrap(), b"one");
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    proxy.up(|faults| faults.blackhole = true);
    assert!(ask(&mut stream, b"two").is_err());
    proxy.heal();
    assert_eq!(ask(&mut stream, b"three").unwrap(), b"three");
    proxy.down(|faults| faults.freeze = true);
    // What is being read at that moment still passes.
    let _ = ask(&mut stream, b"x");
    assert!(ask(&mut stream, b"four").is_err());
    proxy.heal();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut answer = [0; 4];
    let mut late = Vec::new();
    while !late.ends_with(b"four") {
        let count = stream.read(&mut answer).unwrap();
        assert!(count > 0, "{late:?}");
        late.extend_from_slice(&answer[..count]);
    }
}

#[test]
fn connections_are_reset_and_refused_when_told() {
    let proxy = echo();
    let mut stream = connect(&proxy);
    assert!(ask(&mut stream, b"one").is_ok());
    proxy.reset_all();
    wait_until("the connection is reset", Duration::from_secs(5), || ask(&mut stream, b"two").is_err());
    assert_eq!(proxy.resets(), 1);
    proxy.refuse(true);
    assert!(ask(&mut connect(&proxy), b"three").is_err());
    proxy.heal();
    assert!(ask(&mut connect(&proxy), b"four").is_ok());
}

#[test]
fn one_byte_at_a_time_is_slow_and_right() {
    let proxy = echo();
    proxy.down(|faults| {
        faults.dribble = 1.0;
        faults.dribble_pause = Duration::from_millis(10);
    });
    let begin = Instant::now();
    assert_eq!(ask(&mut connect(&proxy), b"0123456789").unwrap(), b"0123456789");
    assert!(begin.elapsed() >= Duration::from_millis(90), "{:?}", begin.elapsed());
}

#[test]
fn a_hook_sees_the_bytes_and_decides() {
    let proxy = echo();
    proxy.hook(|| {
        let up: Hook = Box::new(|bytes| match bytes {
            b"swallow" => Verdict::Swallow,
            b"change" => Verdict::Replace(b"CHANGE".to_vec()),
            b"reset" => Verdict::Reset,
            _ => Verdict::Pass,
        });
        (up, Box::new(|_| Verdict::Pass))
    });
    let mut stream = connect(&proxy);
    assert_eq!(ask(&mut stream, b"change").unwrap(), b"CHANGE");
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(ask(&mut stream, b"swallow").is_err());
    assert_eq!(ask(&mut stream, b"pass").unwrap(), b"pass");
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert!(ask(&mut stream, b"reset").is_err());
}
