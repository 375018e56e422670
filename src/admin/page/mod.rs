mod heatmap;
mod home;
mod new_site;
mod pages;
mod range;
mod replay;
mod sessions;
mod setup;
mod shell;
mod signin;
mod suspects;
mod sites;
mod welcome;

pub(super) use range::{days_of, is_one};
pub(super) use sessions::{PageQuery, key};
pub(super) use signin::signin_path;

use actix_web::http::header::{self, ContentType};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::Error;

/// The pages and where they are.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/").get(home::home))
        .service(web::resource("/signin").get(signin::form).post(signin::submit))
        .service(web::resource("/signout").post(signin::sign_out))
        .service(web::resource("/welcome/{token}").get(welcome::form).post(welcome::submit))
        .service(web::resource("/sites").get(sites::list).post(new_site::submit))
        .service(web::resource("/sites/new").get(new_site::form))
        .service(web::resource(r"/sites/{site_id:\d+}").get(setup::page).post(setup::change))
        .service(web::resource(r"/sites/{site_id:\d+}/ignored").post(setup::ignore))
        .service(web::resource(r"/sites/{site_id:\d+}/ignored/remove").post(setup::unignore))
        .service(web::resource(r"/sites/{site_id:\d+}/sessions").get(sessions::list))
        .service(web::resource(r"/sites/{site_id:\d+}/sessions/{session_id:\d+}").get(replay::page))
        .service(web::resource(r"/sites/{site_id:\d+}/suspects/remove").post(suspects::remove))
        .service(web::resource(r"/sites/{site_id:\d+}/pages").get(pages::page).post(pages::change))
        .service(web::resource(r"/sites/{site_id:\d+}/pages/widths").post(pages::change_widths))
        .service(web::resource(r"/sites/{site_id:\d+}/heatmap").get(heatmap::page));
}

/// Renders a page.
fn html(page: &impl Template) -> Result<HttpResponse, Error> {
    let body = page.render().map_err(|_| Error::Internal("template"))?;
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(body))
}

/// Goes on to another page, with GET.
fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

fn user_agent(request: &HttpRequest) -> &str {
    request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
