use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mousetrail::wire::ServerMessage;
use tokio::time::sleep_until;

use crate::times::Times;
use crate::visitor::{Place, Visitor};

/// Active clients in a thread of their own, and how long each of their frames waited for its ack.
pub struct Crowd {
    stop: Arc<AtomicBool>,
    /// While set, they send but read nothing.
    pub is_deaf: Arc<AtomicBool>,
    thread: JoinHandle<Vec<(Instant, Duration)>>,
}

impl Crowd {
    /// Returns when all of them are connected. `base` keeps their numbers apart from those of others.
    pub fn start(place: &Place, base: u32, clients: u32, interval: Duration) -> Self {
        let (stop, is_deaf) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = {
            let (place, stop, is_deaf) = (place.clone(), stop.clone(), is_deaf.clone());
            thread::spawn(move || {
                actix_web::rt::System::new().block_on(async move {
                    let mut visitors = Vec::new();
                    for number in 0..clients {
                        visitors.push(Visitor::open(&place, base + number, "").await);
                    }
                    ready.send(()).unwrap();
                    join_all(visitors.into_iter().map(|visitor| move_about(visitor, interval, &stop, &is_deaf))).await.concat()
                })
            })
        };
        is_ready.recv().unwrap();
        Self { stop, is_deaf, thread }
    }

    /// Ends it: when each frame was sent, and how long it waited.
    pub fn finish(self) -> Vec<(Instant, Duration)> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

async fn move_about(mut visitor: Visitor, interval: Duration, stop: &AtomicBool, is_deaf: &AtomicBool) -> Vec<(Instant, Duration)> {
    let (mut sent, mut waits) = (Vec::new(), Vec::new());
    let mut due = tokio::time::Instant::now() + interval.mul_f64(rand::random());
    while !stop.load(Ordering::Relaxed) {
        tokio::select! {
            message = visitor.hear(), if !is_deaf.load(Ordering::Relaxed) => {
                if let ServerMessage::Ack { seq, .. } = message {
                    waits.extend(sent[waits.len()..seq as usize].iter().map(|at: &Instant| (*at, at.elapsed())));
                }
            }
            () = sleep_until(due) => {
                due += interval;
                let (_, bytes) = visitor.frame();
                sent.push(Instant::now());
                visitor.socket.send_bytes(&bytes).await.unwrap();
            }
        }
    }
    waits
}

/// Waits of the frames that were sent within these spans.
pub fn within(waits: &[(Instant, Duration)], spans: &[(Instant, Instant)]) -> Times {
    let mut times = Times::default();
    for (sent, wait) in waits {
        if spans.iter().any(|(begin, end)| sent >= begin && sent < end) {
            times.add(*wait);
        }
    }
    times
}
