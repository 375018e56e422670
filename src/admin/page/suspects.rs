use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::see;
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};

/// Page views that are erased at a time.
const BATCH: i32 = 500;
/// How long one request goes on with it. What is left then the page says, and offers the button again.
const WORK_LIMIT: Duration = Duration::from_secs(5);

/// `POST /sites/{site_id}/suspects/remove`: erases the suspect page views of a site for good, and the sessions that have no others.
pub async fn remove(admin: Data<Admin>, account: SignedIn, site_id: Path<i32>) -> Result<HttpResponse, Error> {
    account.changes_sites()?;
    admin.find_site(*site_id).await?;
    let began = Instant::now();
    let mut removed = 0;
    loop {
        let erased = admin.store.forget_suspects(*site_id, BATCH).await?;
        removed += erased;
        if erased < BATCH || began.elapsed() >= WORK_LIMIT {
            break;
        }
    }
    tracing::info!(site_id = *site_id, page_views = removed, "suspect page views were removed");
    Ok(see(&format!("/sites/{site_id}/sessions?suspect=1&removed={removed}")))
}
