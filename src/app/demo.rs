use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::config::Settings;
use crate::store::{DEMO_KEY, Store, StoreError};

/// The demo shop: a small page with the snippet on it, so that a newcomer's own mouse is the first data.
#[derive(Clone)]
pub(super) struct Shop {
    /// Where the shop is, as the browser sees it.
    base: String,
    script_src: String,
    /// Only where the snippet would not find the collector by itself.
    collector: Option<String>,
}

/// What every page of the shop fills in.
macro_rules! shop_page {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            base: &'a str,
            key: &'a str,
            script_src: &'a str,
            collector: Option<&'a str>,
        }

        impl $name<'_> {
            async fn show(shop: web::Data<Shop>) -> HttpResponse {
                let Shop { base, script_src, collector } = shop.get_ref();
                page(&$name { base, key: DEMO_KEY, script_src, collector: collector.as_deref() })
            }
        }
    };
}

shop_page!(HomePage, "demo/shop.html");
shop_page!(ProductPage, "demo/product.html");
shop_page!(BasketPage, "demo/basket.html");
shop_page!(CheckoutPage, "demo/checkout.html");

impl Shop {
    /// Makes the demo's site where it is missing. `None` where the settings don't want the shop.
    pub(super) async fn open(store: &Store, settings: &Settings) -> Result<Option<Self>, StoreError> {
        if !settings.demo {
            return Ok(None);
        }
        store.ensure_demo_site().await?;
        let prefix = settings.path_prefix();
        Ok(Some(Self {
            base: format!("{prefix}/demo"),
            script_src: format!("{prefix}{}", settings.script_path),
            collector: settings.collector_attribute(prefix),
        }))
    }
}

pub(super) fn configure(shop: Option<Shop>, config: &mut web::ServiceConfig) {
    let Some(shop) = shop else { return };
    config.service(
        web::scope("/demo")
            .app_data(web::Data::new(shop))
            .route("", web::get().to(HomePage::show))
            .route("/product", web::get().to(ProductPage::show))
            .route("/basket", web::get().to(BasketPage::show))
            .route("/checkout", web::get().to(CheckoutPage::show))
            .route("/shop.css", web::get().to(|| file("text/css; charset=utf-8", include_str!("../../templates/demo/shop.css"))))
            .route("/shop.js", web::get().to(|| file("text/javascript; charset=utf-8", include_str!("../../templates/demo/shop.js"))))
            .route("/pictures.svg", web::get().to(|| file("image/svg+xml", include_str!("../../templates/demo/pictures.svg")))),
    );
}

/// The shop lives under the policy that a careful site has: a check that the snippet works there.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn page(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a demo page could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn file(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(text)
}
