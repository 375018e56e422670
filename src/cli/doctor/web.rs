use std::time::Duration;

use actix_web::http::header::HeaderMap;
use anyhow::Context;

/// How long the collector may take for one answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const LARGEST: usize = 4 << 20;

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(super) async fn get(url: &str) -> anyhow::Result<Answer> {
    read(client().get(url).send()).await
}

pub(super) async fn post(url: &str, body: Vec<u8>) -> anyhow::Result<Answer> {
    read(client().post(url).send_body(body)).await
}

fn client() -> awc::Client {
    awc::Client::builder().timeout(PATIENCE).disable_redirects().finish()
}

async fn read(sending: awc::SendClientRequest) -> anyhow::Result<Answer> {
    let mut response =
        tokio::time::timeout(PATIENCE, sending).await.context("no answer within 5 s")?.map_err(|error| anyhow::anyhow!("{error}"))?;
    let body = tokio::time::timeout(PATIENCE, response.body().limit(LARGEST)).await.context("the answer did not end within 5 s")?;
    let body = body.map_err(|error| anyhow::anyhow!("{error}"))?.to_vec();
    Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
}
