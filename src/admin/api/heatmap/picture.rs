use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::selection::Parameters;
use super::wire::per_unit;
use super::{Pairs, request};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::analysis::heat::HeatKind;
use crate::event::ElementFlags;
use crate::query::{self, Heatmap, WireElement};
use crate::render::{Amounts, How, Palette, Picture, PictureElement, Shown, heatmap_png};

/// Standard deviation of the kernel unless the url says otherwise, CSS px: about what a glance or a fingertip covers.
const SMOOTH_PX: f64 = 16.0;
/// And at most.
const MAX_SMOOTH_PX: f64 = 200.0;
/// Opacity unless the url says otherwise, percent.
const OPACITY: u8 = 85;

/// How a map is drawn.
struct Look {
    palette: Palette,
    scale: How,
    opacity: u8,
    smooth_px: f64,
}

/// `GET /api/v1/sites/{site_id}/heatmap.png?…&palette=&scale=&opacity=&smooth=`: the map over its wireframe.
pub async fn picture(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Pairs) -> Result<HttpResponse, Error> {
    let parameters = Parameters::new(query.into_inner())?;
    let look = look(&parameters)?;
    let request = request(&admin, *site_id, &parameters).await?;
    let map = query::heatmap(&admin.store.admin, &request).await?;
    let kind = request.kind;
    // A thread for long work: this one serves others, too.
    let png = tokio::task::spawn_blocking(move || heatmap_png(&of(kind, map, &look))).await.map_err(|_| Error::Internal("picture"))?;
    if png.is_empty() {
        return Err(Error::Internal("picture"));
    }
    Ok(HttpResponse::Ok().content_type("image/png").body(png))
}

fn look(parameters: &Parameters) -> Result<Look, Error> {
    let palette = parameters.get("palette").map_or(Some(Palette::default()), Palette::from_name);
    let scale = parameters.get("scale").map_or(Some(How::default()), How::from_name);
    let opacity = parameters.get("opacity").map_or(Some(OPACITY), |text| text.parse().ok().filter(|percent| *percent <= 100));
    let smooth = parameters.get("smooth").map_or(Some(SMOOTH_PX), |text| text.parse().ok().filter(|px| (0.0..=MAX_SMOOTH_PX).contains(px)));
    Ok(Look {
        palette: palette.ok_or(Error::Invalid("A palette is inferno, viridis, cividis or grey."))?,
        scale: scale.ok_or(Error::Invalid("A scale is log, linear or percentile."))?,
        opacity: opacity.ok_or(Error::Invalid("Opacity is a whole number of percent, 0 to 100."))?,
        smooth_px: smooth.ok_or(Error::Invalid("Smooth is a number of px, 0 to 200."))?,
    })
}

fn of(kind: HeatKind, map: Heatmap, look: &Look) -> Picture {
    let drawn = &map.drawn;
    let filled: Vec<_> = drawn.values.iter().copied().enumerate().filter(|(_, amount)| *amount > 0).collect();
    let amounts = Amounts {
        shown: match kind {
            HeatKind::Attention => Shown::Session,
            HeatKind::Reach => Shown::Reach,
            _ => Shown::HundredSessions,
        },
        per_unit: f64::from(per_unit(kind)),
        sessions: map.sessions as u64,
        views: map.views as u64,
        cell_px: drawn.cell_px,
        cells: drawn.values.len(),
        amounts: &filled,
    };
    let px = |px: i32| px.max(0) as u32;
    Picture {
        document: (px(map.page.document.0), px(map.page.document.1)),
        viewport_w: px(map.page.viewport_w),
        fold: px(map.page.fold),
        elements: map.page.elements.iter().map(element).collect(),
        cell_px: drawn.cell_px,
        columns: drawn.columns,
        rows: drawn.rows,
        values: amounts.shown(),
        smooth_px: look.smooth_px,
        palette: look.palette,
        scale: look.scale,
        opacity: look.opacity,
    }
}

fn element(element: &WireElement) -> PictureElement {
    let has = |flag: u8| element.flags & flag != 0;
    PictureElement {
        rect: [element.rect.x.into(), element.rect.y.into(), element.rect.w.into(), element.rect.h.into()],
        tag: element.tag.clone(),
        role: element.role.clone(),
        text: element.text_length,
        fixed: has(ElementFlags::FIXED),
        sticky: has(ElementFlags::STICKY),
        image: has(ElementFlags::IMAGE),
    }
}
