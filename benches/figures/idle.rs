use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::times::Times;
use crate::visitor::{Place, Visitor};

/// One frame at a time and nothing else: from sending to its ack.
pub async fn run(place: &Place) {
    let mut visitor = Visitor::open(place, 0, "").await;
    let mut times = Times::default();
    for _ in 0..300 {
        let (seq, bytes) = visitor.frame();
        let sent = Instant::now();
        visitor.socket.send_bytes(&bytes).await.unwrap();
        visitor.hear_ack(seq).await;
        times.add(sent.elapsed());
        sleep(Duration::from_millis(rand::random_range(5..25))).await;
    }
    println!("single frame on an idle system, sent to acked: {}", times.line());
}
