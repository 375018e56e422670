mod difference;
mod picture;
mod selection;
mod spot;
mod table;
mod wire;

pub use difference::difference;
pub use picture::picture;
pub use spot::sessions;
pub use table::elements;

use std::time::Instant;

use actix_web::web::{Data, Json, Path, Query};
use chrono::Utc;

use self::selection::{Of, Parameters};
use self::wire::Heatmap;
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::event::Template;
use crate::query::{self, HeatmapRequest, Segment, Selection};

/// What follows `?`, in its order.
type Pairs = Query<Vec<(String, String)>>;

/// `GET /api/v1/sites/{site_id}/heatmap?page=|template=&kind=&…`
pub async fn heatmap(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Pairs) -> Result<Json<Heatmap>, Error> {
    let begin = Instant::now();
    let request = request(&admin, *site_id, &Parameters::new(query.into_inner())?).await?;
    let map = query::heatmap(&admin.store.admin, &request).await?;
    Ok(Json(Heatmap::new(request.kind, map, milliseconds(begin))))
}

/// What the parameters of a heatmap ask for. What they can't mean is said before anything is read.
async fn request(admin: &Admin, site_id: i32, parameters: &Parameters) -> Result<HeatmapRequest, Error> {
    let of = parameters.of()?;
    let (kind, device, pointer) = (parameters.kind()?, parameters.device()?, parameters.pointer()?);
    let overlay = parameters.key("overlay")?;
    let segment = parameters.segment(Utc::now().date_naive())?;
    parameters.converted()?;
    let pool = &admin.store.admin;
    let (_, breakpoints) = tokio::try_join!(admin.find_site(site_id), async { Ok(query::breakpoints(pool, site_id).await?) })?;
    let classes: Vec<_> = breakpoints.classes().collect();
    let width = parameters.width(&classes)?;
    let pages = match &of {
        Of::Page(path) => vec![query::find_page(pool, site_id, path).await?.ok_or(Error::NotFound)?],
        Of::Template(text) => {
            let template = Template::parse(text);
            let wrong = |_| Error::Invalid("A template is a path with names, such as /product/:id, or with a rest, such as /docs/*.");
            query::page_ids(pool, site_id, &template.map_err(wrong)?).await?
        }
    };
    let segment = with_goal(admin, site_id, segment, parameters).await?;
    let selection = Selection { site_id, pages, device, segment };
    Ok(HeatmapRequest { selection, kind, pointer, classes, width, overlay })
}

/// Adds the pages that the sessions have to have viewed. A path that nobody ever viewed is no mistake: nobody converted.
async fn with_goal(admin: &Admin, site_id: i32, segment: Segment, parameters: &Parameters) -> Result<Segment, Error> {
    let Some(goal) = parameters.converted()? else { return Ok(segment) };
    let pool = &admin.store.admin;
    let pages = match (query::find_page(pool, site_id, goal).await?, Template::parse(goal)) {
        (Some(page), _) => vec![page],
        (None, Ok(template)) if template.is_open() => query::page_ids(pool, site_id, &template).await?,
        (None, _) => Vec::new(),
    };
    Ok(Segment { converted: Some(pages), ..segment })
}

fn milliseconds(begin: Instant) -> f64 {
    (begin.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}
