use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;

use super::Settled;

/// Where a connection hears of its frames. It holds at most as many messages as the connection has frames in flight, and those are bounded.
///
/// Of futures and not of tokio, whose channels take room for 32 messages before the first: most connections are silent most of the time.
#[derive(Clone, Debug)]
pub struct Reply {
    sender: UnboundedSender<Settled>,
}

/// The connection's end of it.
#[derive(Debug)]
pub struct Replies {
    receiver: UnboundedReceiver<Settled>,
}

/// Both ends.
pub fn replies() -> (Reply, Replies) {
    let (sender, receiver) = unbounded();
    (Reply { sender }, Replies { receiver })
}

impl Reply {
    /// Tells the connection. One that is gone needs no answer; its frames are stored all the same.
    pub fn send(&self, settled: Settled) {
        let _ = self.sender.unbounded_send(settled);
    }
}

impl Replies {
    /// The next message. `None` once every `Reply` is gone.
    pub async fn recv(&mut self) -> Option<Settled> {
        self.receiver.next().await
    }

    /// A message that is there already.
    pub fn try_recv(&mut self) -> Option<Settled> {
        self.receiver.try_recv().ok()
    }
}
