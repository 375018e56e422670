use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::LocalSet;

use super::backoff::Backoff;
use super::buffer::Buffer;
use super::client::{Client, Order, Person};
use super::ledger::{Ledger, State};
use super::report::{Report, Tally};
use super::socket::ORIGIN;

/// How many clients there are, and what they do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    pub key: String,
    pub origin: String,
    /// Clients that are connected and silent.
    pub idle: usize,
    /// Clients that move.
    pub active: usize,
    pub rate_hz: f64,
    pub frame_interval: Duration,
    /// Over this time all of them come.
    pub ramp: Duration,
    /// Source addresses to spread over; 0 leaves the address to the system.
    pub addresses: usize,
    pub backoff: Backoff,
    pub mistake_pause: Duration,
    pub welcome_limit: Duration,
    pub ack_limit: Duration,
    pub buffer_bytes: usize,
    pub posts: bool,
    pub seed: u64,
}

impl Plan {
    /// Active clients of the checks: 20 Hz, one frame a second, quick to come back.
    pub fn new(url: &str, key: &str, active: usize) -> Self {
        Self {
            url: url.to_owned(),
            key: key.to_owned(),
            origin: ORIGIN.to_owned(),
            idle: 0,
            active,
            rate_hz: 20.0,
            frame_interval: Duration::from_secs(1),
            ramp: Duration::from_millis(500),
            // The collector's own limit is 20 connections an address.
            addresses: active.div_ceil(10),
            backoff: Backoff::QUICK,
            mistake_pause: Duration::from_secs(60),
            welcome_limit: Duration::from_secs(10),
            ack_limit: Duration::from_secs(20),
            buffer_bytes: Buffer::CAP,
            posts: false,
            seed: 1,
        }
    }

    fn person(&self, number: usize) -> Person {
        let address = self.url.trim_start_matches("http://").parse::<SocketAddr>().expect("a url such as http://127.0.0.1:8080");
        Person {
            to: address,
            from: (self.addresses > 0).then(|| source(number % self.addresses)),
            key: self.key.clone(),
            origin: self.origin.clone(),
            seed: self.seed.wrapping_mul(1_000_003).wrapping_add(number as u64),
            rate_hz: if number < self.active { self.rate_hz } else { 0.0 },
            frame_interval: self.frame_interval,
            backoff: self.backoff,
            mistake_pause: self.mistake_pause,
            welcome_limit: self.welcome_limit,
            ack_limit: self.ack_limit,
            buffer_bytes: self.buffer_bytes,
            posts: self.posts,
        }
    }
}

/// The source address of this number: 127.0.1.1 and on, 16 to a /24 so that no prefix gets crowded.
pub fn source(number: usize) -> Ipv4Addr {
    let (third, fourth) = (number / 16, number % 16);
    Ipv4Addr::new(127, (third / 250) as u8, (1 + third % 250) as u8, (1 + fourth) as u8)
}

/// Running clients, in a thread of their own.
pub struct Fleet {
    pub tally: Tally,
    pub ledger: Ledger,
    order: watch::Sender<Order>,
    /// Active clients that have not come home yet.
    out: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Fleet {
    /// Starts them with a ledger of their own.
    pub fn start(plan: &Plan) -> Self {
        Self::start_with(plan, Ledger::new())
    }

    /// Starts them. Several fleets may share a ledger.
    pub fn start_with(plan: &Plan, ledger: Ledger) -> Self {
        let (order, orders) = watch::channel(Order::Move);
        let tally = Tally::default();
        let out = Arc::new(AtomicUsize::new(plan.active));
        let thread = {
            let (plan, ledger, tally, out) = (plan.clone(), ledger.clone(), tally.clone(), out.clone());
            thread::Builder::new().name("fleet".to_owned()).spawn(move || run(&plan, &ledger, &tally, &orders, &out)).unwrap()
        };
        Self { tally, ledger, order, out, thread: Some(thread) }
    }

    /// Nobody moves any more; waits until everything that was sent or is held is settled. True if it is within the limit.
    pub fn drain(&self, limit: Duration) -> bool {
        self.order.send_replace(Order::Rest);
        let begin = Instant::now();
        while !self.is_drained() {
            if begin.elapsed() > limit {
                return false;
            }
            thread::sleep(Duration::from_millis(50));
        }
        true
    }

    /// Have the active clients brought everything home, and gone?
    fn is_drained(&self) -> bool {
        self.out.load(Ordering::Relaxed) == 0
    }

    /// Connections that are open and welcomed.
    pub fn connections(&self) -> u64 {
        self.tally.counts().connections
    }

    /// Frames that were sent and of which nothing was said yet.
    pub fn unsettled(&self) -> usize {
        self.ledger.count(State::Sent)
    }

    /// What they did so far.
    pub fn report(&self) -> Report {
        self.tally.report()
    }

    /// Ends all clients at once and says what they did. Whatever they hold is gone.
    pub fn end(mut self) -> Report {
        self.stop();
        self.tally.report()
    }

    fn stop(&mut self) {
        self.order.send_replace(Order::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(plan: &Plan, ledger: &Ledger, tally: &Tally, orders: &watch::Receiver<Order>, out: &Arc<AtomicUsize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let count = plan.idle + plan.active;
        let begin = tokio::time::Instant::now();
        let mut clients = Vec::with_capacity(count);
        for at in 0..count {
            // Idle ones first: what they cost is measured before the others come.
            let number = if at < plan.idle { plan.active + at } else { at - plan.idle };
            if *orders.borrow() == Order::Move {
                tokio::time::sleep_until(begin + plan.ramp.mul_f64(at as f64 / count as f64)).await;
            }
            let is_active = number < plan.active;
            if *orders.borrow() != Order::Move {
                out.fetch_sub(usize::from(is_active), Ordering::Relaxed);
                continue;
            }
            let client = Client::new(plan.person(number), ledger.clone(), tally.clone(), orders.clone());
            let out = out.clone();
            clients.push(tokio::task::spawn_local(async move {
                client.run().await;
                out.fetch_sub(usize::from(is_active), Ordering::Relaxed);
            }));
        }
        for client in clients {
            let _ = client.await;
        }
    });
}
