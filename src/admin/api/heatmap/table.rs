use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::header::{self, ContentType};
use actix_web::web::{Data, Path};

use super::selection::Parameters;
use super::{Pairs, request};
use crate::admin::auth::SignedIn;
use crate::admin::{Admin, Error};
use crate::query::{self, ElementRow};

const HEAD: &str = "id,element,selector,on_this_map,page_views,attention_s,hovers,hover_s,clicked_hovers,hesitation_s,clicks,rage_clicks,\
                    dead_clicks,clicked_page_views,mean_first_click_s\r\n";

/// `GET /api/v1/sites/{site_id}/heatmap/elements.csv?…`: the table of elements (RFC 4180).
pub async fn elements(admin: Data<Admin>, _: SignedIn, site_id: Path<i32>, query: Pairs) -> Result<HttpResponse, Error> {
    let request = request(&admin, *site_id, &Parameters::new(query.into_inner())?).await?;
    let map = query::heatmap(&admin.store.admin, &request).await?;
    let mut text = HEAD.to_owned();
    map.table.iter().for_each(|row| write_row(&mut text, row));
    let name = "attachment; filename=\"elements.csv\"";
    let kind = ContentType("text/csv; charset=utf-8".parse().map_err(|_| Error::Internal("media type"))?);
    Ok(HttpResponse::Ok().content_type(kind).insert_header((header::CONTENT_DISPOSITION, name)).body(text))
}

fn write_row(text: &mut String, row: &ElementRow) {
    let (element, sum) = (&row.element, &row.sum);
    let seconds = |ms: u64| ms as f64 / 1_000.0;
    let first_click =
        if sum.clicked_views == 0 { String::new() } else { format!("{:.3}", seconds(sum.first_click_ms) / sum.clicked_views as f64) };
    // Writing into a string can't fail.
    let _ = write!(
        text,
        "{},{},{},{},{},{:.3},{},{:.3},{},{:.3},{},{},{},{},{first_click}\r\n",
        element.key.0,
        field(&element.label()),
        field(&element.selector),
        row.is_placed,
        sum.views,
        seconds(sum.attention_ms),
        sum.hovers,
        seconds(sum.hover_ms),
        sum.clicked_hovers,
        seconds(sum.hesitation_ms),
        sum.clicks,
        sum.rage,
        sum.dead,
        sum.clicked_views
    );
}

/// A quoted field. Selectors come from outside: one that a spreadsheet would take for a formula gets an apostrophe before it.
fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stays_one_field_and_is_no_formula() {
        assert_eq!(field("a[href=\"/x\"], b"), "\"a[href=\"\"/x\"\"], b\"");
        assert_eq!(field("=cmd()"), "\"'=cmd()\"");
    }
}
