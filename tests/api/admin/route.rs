use crate::app::TestApp;

/// Who may come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Everybody.
    Public,
    /// Who is signed in; others are sent to the sign-in page.
    Page,
    /// Who is signed in; others get 401.
    Api,
}

/// Every route of the admin: method, pattern in the source, an address where it answers (`S` is a site), and who may come.
pub const ROUTES: &[(&str, &str, &str, Access)] = &[
    ("GET", "/", "/", Access::Page),
    ("GET", "/signin", "/signin", Access::Public),
    ("POST", "/signin", "/signin", Access::Public),
    ("POST", "/signout", "/signout", Access::Public),
    ("GET", "/welcome/{token}", "/welcome/abc", Access::Public),
    ("POST", "/welcome/{token}", "/welcome/abc", Access::Public),
    ("GET", "/sites", "/sites", Access::Page),
    ("POST", "/sites", "/sites", Access::Page),
    ("GET", "/sites/new", "/sites/new", Access::Page),
    ("GET", r"/sites/{site_id:\d+}", "/sites/S", Access::Page),
    ("POST", r"/sites/{site_id:\d+}", "/sites/S", Access::Page),
    ("GET", r"/sites/{site_id:\d+}/sessions", "/sites/S/sessions", Access::Page),
    ("GET", r"/sites/{site_id:\d+}/sessions/{session_id:\d+}", "/sites/S/sessions/7", Access::Page),
    ("GET", r"/sites/{site_id:\d+}/heatmap", "/sites/S/heatmap", Access::Page),
    ("POST", r"/sites/{site_id:\d+}/ignored", "/sites/S/ignored", Access::Page),
    ("POST", r"/sites/{site_id:\d+}/ignored/remove", "/sites/S/ignored/remove", Access::Page),
    ("GET", r"/sites/{site_id:\d+}/pages", "/sites/S/pages", Access::Page),
    ("POST", r"/sites/{site_id:\d+}/pages", "/sites/S/pages", Access::Page),
    ("POST", r"/sites/{site_id:\d+}/pages/widths", "/sites/S/pages/widths", Access::Page),
    ("POST", r"/sites/{site_id:\d+}/suspects/remove", "/sites/S/suspects/remove", Access::Page),
    ("GET", "/assets/{name}", "/assets/mousetrail.css", Access::Public),
    ("GET", "/api/v1/sites", "/api/v1/sites", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/receiving", "/api/v1/sites/S/receiving", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/sessions", "/api/v1/sites/S/sessions", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/sessions/{session_id:\d+}/replay", "/api/v1/sites/S/sessions/7/replay", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/pages", "/api/v1/sites/S/pages", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/pages/match", "/api/v1/sites/S/pages/match?template=/a", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/live", "/api/v1/sites/S/live", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/heatmap", "/api/v1/sites/S/heatmap?page=/page", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/heatmap.png", "/api/v1/sites/S/heatmap.png?page=/page", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/heatmap/elements.csv", "/api/v1/sites/S/heatmap/elements.csv?page=/page", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/heatmap/sessions", "/api/v1/sites/S/heatmap/sessions?page=/page&x=1&y=1", Access::Api),
    ("GET", r"/api/v1/sites/{site_id:\d+}/heatmap/difference", "/api/v1/sites/S/heatmap/difference?page=/page", Access::Api),
];

/// The address of a route, on the site of the test.
pub fn address(path: &str, app: &TestApp) -> String {
    path.replace('S', &app.site.site_id.to_string())
}

/// Method and pattern of every `web::resource` in the source.
fn routes_of_the_source() -> Vec<(String, String)> {
    let sources = [
        include_str!("../../../src/admin/mod.rs"),
        include_str!("../../../src/admin/page/mod.rs"),
        include_str!("../../../src/admin/api/mod.rs"),
    ];
    let mut routes = Vec::new();
    for resource in sources.iter().flat_map(|source| source.split("web::resource(").skip(1)) {
        let pattern = resource.trim_start_matches('r').split('"').nth(1).unwrap();
        // Handlers are called with `module::function` alone, so the chain ends before the next bracket that is not one of them.
        let chain = resource.split("web::").next().unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            if chain.contains(&format!(".{method}(")) {
                routes.push((method.to_uppercase(), pattern.to_owned()));
            }
        }
    }
    routes.sort();
    routes
}

#[test]
fn the_table_of_routes_is_complete() {
    let mut known: Vec<_> = ROUTES.iter().map(|(method, pattern, ..)| ((*method).to_owned(), (*pattern).to_owned())).collect();
    known.sort();
    assert_eq!(known, routes_of_the_source(), "a new route belongs into ROUTES, so that all checks reach it");
}
