use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::proxy_faults::{Faults, Hook, Verdict};

/// Where a proxy leads to.
#[derive(Clone, Debug)]
pub enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Target {
    /// A port of this machine.
    pub fn port(port: u16) -> Self {
        Self::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
}

/// A TCP proxy on loopback that delays, drips, swallows, freezes, cuts and resets, in a thread of its own. Ends when it is dropped.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

type MakeHooks = Box<dyn Fn() -> (Hook, Hook) + Send>;

struct Shared {
    target: Mutex<Target>,
    /// Client to server, server to client.
    faults: [Mutex<Faults>; 2],
    hooks: Mutex<Option<MakeHooks>>,
    random: Mutex<StdRng>,
    is_refusing: AtomicBool,
    /// Mean number of resets a second and connection, in millionths.
    resets: AtomicU64,
    /// Bytes from the client after which a new connection is cut; 0 for never.
    cut_after: AtomicU64,
    open: AtomicU64,
    accepted: AtomicU64,
    reset: AtomicU64,
    bytes: [AtomicU64; 2],
    /// Each value asks every connection to draw whether it is reset: (number of the order, share).
    order: watch::Sender<(u64, f64)>,
}

impl Proxy {
    /// Listens on a port of its own. The seed decides when connections are reset and how long delays are.
    pub fn start(target: Target, seed: u64) -> Self {
        eprintln!("chaos proxy to {target:?}, seed {seed}");
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            faults: Default::default(),
            hooks: Mutex::new(None),
            random: Mutex::new(StdRng::seed_from_u64(seed)),
            is_refusing: AtomicBool::new(false),
            resets: AtomicU64::new(0),
            cut_after: AtomicU64::new(0),
            open: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            reset: AtomicU64::new(0),
            bytes: Default::default(),
            order: watch::channel((0, 0.0)).0,
        });
        let (stop, stopped) = watch::channel(false);
        let thread = {
            let shared = shared.clone();
            thread::Builder::new().name("proxy".to_owned()).spawn(move || run(listener, &shared, stopped)).unwrap()
        };
        Self { port, shared, stop, thread: Some(thread) }
    }

    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// New connections lead here from now on.
    pub fn switch_to(&self, target: Target) {
        *self.shared.target.lock().unwrap() = target;
    }

    /// Changes what happens to bytes from the client to the server.
    pub fn up(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shared.faults[0].lock().unwrap());
    }

    /// Changes what happens to bytes from the server to the client.
    pub fn down(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shared.faults[1].lock().unwrap());
    }

    /// The same in both directions.
    pub fn both(&self, change: impl Fn(&mut Faults)) {
        self.up(&change);
        self.down(&change);
    }

    /// Bytes pass unharmed again, new connections are taken, nothing is reset or cut. Hooks stay.
    pub fn heal(&self) {
        self.both(|faults| *faults = Faults::default());
        self.refuse(false);
        self.reset_at_random(0.0);
        self.cut_after(0);
    }

    /// Looks at the bytes of new connections: the function makes a hook for each direction, client to server first.
    pub fn hook(&self, make: impl Fn() -> (Hook, Hook) + Send + 'static) {
        *self.shared.hooks.lock().unwrap() = Some(Box::new(make));
    }

    /// New connections are reset at once, or taken again.
    pub fn refuse(&self, is_refusing: bool) {
        self.shared.is_refusing.store(is_refusing, Ordering::Relaxed);
    }

    /// Resets all open connections.
    pub fn reset_all(&self) {
        self.reset_share(1.0);
    }

    /// Resets each open connection with this probability.
    pub fn reset_share(&self, share: f64) {
        self.shared.order.send_modify(|order| *order = (order.0 + 1, share));
    }

    /// From now on each connection is reset at a random moment, this many times a second on average.
    pub fn reset_at_random(&self, times_a_second: f64) {
        self.shared.resets.store((times_a_second * 1e6) as u64, Ordering::Relaxed);
    }

    /// New connections are reset after this many bytes from the client: in the middle of a frame, if one stands there. 0: never.
    pub fn cut_after(&self, bytes: u64) {
        self.shared.cut_after.store(bytes, Ordering::Relaxed);
    }

    /// Open connections.
    pub fn open(&self) -> u64 {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Connections taken so far.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Connections that it reset.
    pub fn resets(&self) -> u64 {
        self.shared.reset.load(Ordering::Relaxed)
    }

    /// Bytes from clients to the server, and back.
    pub fn bytes(&self) -> (u64, u64) {
        (self.shared.bytes[0].load(Ordering::Relaxed), self.shared.bytes[1].load(Ordering::Relaxed))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(listener: std::net::TcpListener, shared: &Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let client = tokio::select! {
                _ = stopped.changed() => return,
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => client,
                    Err(_) => {
                        sleep(Duration::from_millis(10)).await;
                        continue;
                    }
                },
            };
            if shared.is_refusing.load(Ordering::Relaxed) {
                let _ = client.set_zero_linger();
                continue;
            }
            shared.accepted.fetch_add(1, Ordering::Relaxed);
            let shared = shared.clone();
            tokio::task::spawn_local(async move {
                shared.open.fetch_add(1, Ordering::Relaxed);
                serve(client, &shared).await;
                shared.open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
}

/// How a direction ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Quiet,
    Reset,
}

async fn serve(mut client: TcpStream, shared: &Shared) {
    let _ = client.set_nodelay(true);
    // Where nothing arrives, no connection is made either.
    while shared.faults[0].lock().unwrap().freeze {
        sleep(Duration::from_millis(10)).await;
    }
    let target = shared.target.lock().unwrap().clone();
    let end = match target {
        Target::Tcp(address) => match TcpStream::connect(address).await {
            Ok(mut server) => {
                let _ = server.set_nodelay(true);
                let end = {
                    let (read, write) = server.split();
                    relay(&mut client, read, write, shared).await
                };
                if end == End::Reset {
                    let _ = server.set_zero_linger();
                }
                end
            }
            Err(_) => End::Reset,
        },
        Target::Unix(path) => match UnixStream::connect(path).await {
            Ok(mut server) => {
                let (read, write) = server.split();
                relay(&mut client, read, write, shared).await
            }
            Err(_) => End::Reset,
        },
    };
    if end == End::Reset {
        shared.reset.fetch_add(1, Ordering::Relaxed);
        let _ = client.set_zero_linger();
    }
}

async fn relay(client: &mut TcpStream, read: impl AsyncRead + Unpin, write: impl AsyncWrite + Unpin, shared: &Shared) -> End {
    let hooks = shared.hooks.lock().unwrap().as_ref().map(|make| make());
    let (up_hook, down_hook) = hooks.map_or((None, None), |(up, down)| (Some(up), Some(down)));
    let (client_read, client_write) = client.split();
    let cut_after = shared.cut_after.load(Ordering::Relaxed);
    let both = async {
        let up = pump(client_read, write, shared, 0, up_hook, cut_after);
        let down = pump(read, client_write, shared, 1, down_hook, 0);
        let (mut up, mut down) = (std::pin::pin!(up), std::pin::pin!(down));
        tokio::select! {
            end = &mut up => if end == End::Reset { end } else { down.await },
            end = &mut down => if end == End::Reset { end } else { up.await },
        }
    };
    tokio::select! {
        end = both => end,
        () = doom(shared) => End::Reset,
    }
}

/// Returns when this connection is drawn for a reset.
async fn doom(shared: &Shared) {
    let mut order = shared.order.subscribe();
    loop {
        tokio::select! {
            changed = order.changed() => {
                let share = order.borrow_and_update().1;
                if changed.is_err() || shared.draw(share) {
                    return;
                }
            }
            () = sleep(Duration::from_millis(100)) => {
                if shared.draw(shared.resets.load(Ordering::Relaxed) as f64 / 1e7) {
                    return;
                }
            }
        }
    }
}

/// Bytes on their way, and when they are due.
type Parcel = (Instant, Vec<u8>);

/// One direction: a reader with the hook, a line on which bytes wait until they are due, and a writer.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
    way: usize,
    mut hook: Option<Hook>,
    cut_after: u64,
) -> End {
    let (line, mut parcels) = mpsc::channel::<Parcel>(256);
    let faults = || shared.faults[way].lock().unwrap().clone();
    let read = async move {
        let (mut buffer, mut due, mut seen) = (vec![0; 16 << 10], Instant::now(), 0u64);
        loop {
            while faults().freeze {
                sleep(Duration::from_millis(10)).await;
            }
            let count = match from.read(&mut buffer).await {
                Ok(0) => return End::Quiet,
                Ok(count) => count,
                Err(_) => return End::Reset,
            };
            shared.bytes[way].fetch_add(count as u64, Ordering::Relaxed);
            seen += count as u64;
            let faults = faults();
            let mut bytes = buffer[..count].to_vec();
            if cut_after > 0 && seen >= cut_after {
                bytes.truncate(count - (seen - cut_after) as usize);
            }
            match hook.as_mut().map_or(Verdict::Pass, |hook| hook(&bytes)) {
                Verdict::Pass => {}
                Verdict::Replace(others) => bytes = others,
                Verdict::Swallow => continue,
                Verdict::Forget => std::future::pending().await,
                Verdict::Reset => return End::Reset,
            }
            if !faults.blackhole {
                let jitter = faults.jitter.mul_f64(shared.random.lock().unwrap().random_range(0.0..=2.0));
                due = due.max(Instant::now() + (faults.delay + jitter).saturating_sub(faults.jitter));
                if line.send((due, bytes)).await.is_err() {
                    return End::Quiet;
                }
            }
            if cut_after > 0 && seen >= cut_after {
                // What came before gets out first.
                sleep(Duration::from_millis(20)).await;
                return End::Reset;
            }
        }
    };
    let write = async {
        while let Some((due, bytes)) = parcels.recv().await {
            sleep_until(due).await;
            let faults = faults();
            let is_dribble = faults.dribble > 0.0 && shared.draw(faults.dribble);
            let step = match () {
                () if is_dribble => 1,
                // Ten steps a second.
                () if faults.bytes_a_second > 0 => (faults.bytes_a_second as usize / 10).max(1),
                () => bytes.len().max(1),
            };
            for part in bytes.chunks(step) {
                if to.write_all(part).await.is_err() {
                    return End::Reset;
                }
                if is_dribble && !faults.dribble_pause.is_zero() {
                    sleep(faults.dribble_pause).await;
                } else if faults.bytes_a_second > 0 {
                    sleep(Duration::from_secs_f64(part.len() as f64 / faults.bytes_a_second as f64)).await;
                }
            }
        }
        let _ = to.shutdown().await;
        End::Quiet
    };
    // The reader is boxed so that its end of the line goes with it: the writer then empties the line and ends.
    let (mut read, mut write) = (Box::pin(read), std::pin::pin!(write));
    let end = tokio::select! {
        end = &mut read => end,
        end = &mut write => return end,
    };
    drop(read);
    if end == End::Reset { end } else { write.await }
}

impl Shared {
    fn draw(&self, share: f64) -> bool {
        share > 0.0 && self.random.lock().unwrap().random_bool(share.min(1.0))
    }
}
