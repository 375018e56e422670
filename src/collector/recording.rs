use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use super::drive::{Peer, peer};
use super::post::{open_to, refuse, wrong};
use super::{Close, Collector, origin};
use crate::event::PageViewId;
use crate::ingest::{Kept, NewPart, Pressure};
use crate::wire::{MAX_PART_BYTES, MAX_PART_HEAD_BYTES, PartHead, ServerMessage, parse_part_head};

/// Largest body: a head with its lengths, and a part.
const MAX_BODY_BYTES: usize = MAX_PART_HEAD_BYTES + 16 + MAX_PART_BYTES;
/// How long the head may take to come.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long the next piece of the body may take, and the whole of it.
const PIECE_LIMIT: Duration = Duration::from_secs(10);
const BODY_LIMIT: Duration = Duration::from_secs(60);

/// How gzip (RFC 1952) with deflate begins.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// `POST {base}/recording`: one part of a recording. It is read piece by piece, goes past the queue of frames, and is answered after the commit.
pub(super) async fn receive(request: HttpRequest, body: web::Payload, collector: web::Data<Collector>) -> HttpResponse {
    if collector.limits.uploads == 0 {
        return HttpResponse::NotFound().finish();
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match answer(&request, body, &collector).await {
        Ok(message) => HttpResponse::Ok().json([message]),
        Err(close) => refuse(close),
    };
    open_to(origin, &mut response);
    response
}

async fn answer(request: &HttpRequest, body: web::Payload, collector: &Collector) -> Result<ServerMessage, Close> {
    if collector.draining.is_cancelled() {
        return Err(Close::Restart);
    }
    let peer = peer(request);
    if peer.has_opted_out {
        return Err(Close::OptOut);
    }
    // Recordings are the first to wait when there is too much of everything.
    if collector.ingest.queue.pressure() >= Pressure::Slow {
        return Err(Close::Overload);
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(Close::TooBig);
    }
    let mut body = Body { payload: body, bytes: Vec::new() };
    let head = body.head().await?;
    // Only who has something to upload takes a place.
    let _place = collector.uploads.enter(peer.address)?;
    let (n, part) = (head.n, head.part);
    let (site_id, page_view) = match admit(collector, &peer, head).await? {
        Some(admitted) => admitted,
        None => return Ok(nack(n, "token")),
    };
    let (bytes, digest) = body.part().await?;
    let kept = collector.ingest.store_part(&NewPart { page_view, site_id, part, digest, bytes }).await.map_err(|error| {
        tracing::warn!(%error, "a part of a recording was not stored; its client will send it again");
        Close::Overload
    })?;
    Ok(match kept {
        Kept::Stored => ServerMessage::Part { n, part },
        Kept::Conflict => nack(n, "conflict"),
        Kept::Limit => nack(n, "limit"),
        Kept::Forgotten => nack(n, "forgotten"),
        Kept::Nothing => nack(n, "page"),
    })
}

/// Never send it again.
fn nack(n: u16, reason: &str) -> ServerMessage {
    ServerMessage::Nack { n, seq: None, retry: false, reason: reason.to_owned() }
}

/// Site and page view of an upload; `None` where its token is not one of them.
async fn admit(collector: &Collector, peer: &Peer, head: PartHead) -> Result<Option<(i32, PageViewId)>, Close> {
    let site = collector.ingest.find_upload_site(&head.site).await.map_err(|error| {
        tracing::warn!(%error, "Postgres did not answer an upload; its client will send it again");
        Close::Overload
    })?;
    let site = site.ok_or(Close::Site)?;
    if !origin::is_allowed(&site.origins, peer.origin.as_deref()) {
        return Err(Close::Origin);
    }
    let id: Option<PageViewId> = head.page.id.parse().ok();
    let now = collector.clock.now();
    Ok(id.filter(|id| collector.tokens.check(&head.page.token, site.site_id, *id, now)).map(|id| (site.site_id, id)))
}

/// A body that is still coming. The connection holds no more of it than the pieces that were not asked for yet.
struct Body {
    payload: web::Payload,
    bytes: Vec<u8>,
}

impl Body {
    /// Reads until the head is there, and leaves what comes behind it.
    async fn head(&mut self) -> Result<PartHead, Close> {
        let until = Instant::now() + HEAD_LIMIT;
        loop {
            if let Some((head, length)) = parse_part_head(&self.bytes).map_err(wrong)? {
                self.bytes.drain(..length);
                return Ok(head);
            }
            let piece = self.piece(until).await?.ok_or(Close::Protocol)?;
            self.bytes.extend_from_slice(&piece);
        }
    }

    /// Reads the rest, and hashes it as it comes: a worker has other connections, which must not wait for a megabyte at once.
    async fn part(mut self) -> Result<(Vec<u8>, [u8; 16]), Close> {
        let until = Instant::now() + BODY_LIMIT;
        let mut hash = Sha256::new_with_prefix(&self.bytes);
        while let Some(piece) = self.piece(until.min(Instant::now() + PIECE_LIMIT)).await? {
            if self.bytes.len() + piece.len() > MAX_PART_BYTES {
                return Err(Close::TooBig);
            }
            hash.update(&piece);
            self.bytes.extend_from_slice(&piece);
        }
        if self.bytes.len() > MAX_PART_BYTES {
            return Err(Close::TooBig);
        }
        // What is in it is looked at by nobody here: it is unpacked where it is shown, and there it counts as hostile.
        if !self.bytes.starts_with(&GZIP) {
            return Err(Close::Protocol);
        }
        let hash = hash.finalize();
        Ok((self.bytes, std::array::from_fn(|index| hash[index])))
    }

    async fn piece(&mut self, until: Instant) -> Result<Option<web::Bytes>, Close> {
        match timeout_at(until, self.payload.next()).await {
            Ok(Some(Ok(piece))) => Ok(Some(piece)),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(Close::Protocol),
            Err(_) => Err(Close::Policy),
        }
    }
}
