//! The responses at `/`, with the console and without it.

use super::*;
use crate::authorizer::Authorizer;
use crate::functions::Functions;
use crate::issuer::Issuer;
use crate::routes::Routes;
use crate::template::Jwt;
use crate::values::random_id;
use axum::body::to_bytes;
use std::fs;

/// A temporary directory, removed at the end of its test.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("coulisses-console-{}", random_id()));
        fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.path);
    }
}

const HTML: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

fn console() -> Folder {
    let folder = Folder::new();
    folder.write("dist/index.html", "the index");
    folder.write("dist/icon.svg", "the icon");
    folder.write("dist/assets/index-1a2b.js", "the script");
    folder.write("package.json", "outside");
    folder
}

fn site(console: Result<Files, Missing>) -> Arc<Site> {
    let issuer = Issuer::new("audience").unwrap();
    let jwt = Jwt { issuer: "https://issuer".to_owned(), audience: vec!["audience".to_owned()] };
    let gateway = Gateway {
        routes: Routes::default(),
        authorizer: Authorizer::new(&jwt, issuer.decoding_key().unwrap()),
        functions: Functions::new(reqwest::Client::new(), "http://127.0.0.1:1".to_owned(), None),
        host: "127.0.0.1:8080".to_owned(),
    };
    Arc::new(Site { console, gateway, origins: Origins::new(8080), with_inbox: true })
}

fn with_console(folder: &Folder) -> Arc<Site> {
    site(Ok(Files::new(folder.path.join("dist"))))
}

async fn send(site: &Arc<Site>, method: &str, path: &str, accept: &str) -> Response {
    let request = Request::builder().method(method).uri(path).header("accept", accept);
    handle(State(Arc::clone(site)), request.body(Body::empty()).unwrap()).await
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 100_000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn every_page_of_the_console_is_its_index_and_is_not_cached() {
    let folder = console();
    let site = with_console(&folder);
    for path in ["/", "/signed-in?code=c&state=s", "/scopes/acme:tech", "/invitation", "/v1x"] {
        let response = send(&site, "GET", path, HTML).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-type"], "text/html", "{path}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
        assert_eq!(response.headers()["content-security-policy"], POLICY, "{path}");
        assert_eq!(text(response).await, "the index", "{path}");
    }
    assert_eq!(text(send(&site, "GET", "/", "*/*").await).await, "the index");
    let head = send(&site, "HEAD", "/scopes/acme", HTML).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(text(head).await, "");
}

#[tokio::test]
async fn a_file_has_its_type_and_an_asset_is_cached_for_a_year() {
    let folder = console();
    let site = with_console(&folder);
    for (path, kind, caching) in [
        ("/assets/index-1a2b.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/index.html", "text/html", "no-store"),
    ] {
        let response = send(&site, "GET", path, HTML).await;
        assert_eq!(response.headers()["content-type"], kind, "{path}");
        assert_eq!(response.headers()["cache-control"], caching, "{path}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_neither_file_nor_page_is_not_found() {
    let folder = console();
    let site = with_console(&folder);
    // A request for a script of an older version must not return a page.
    for (path, accept) in [
        ("/assets/index-old.js", HTML),
        ("/assets/index-old.js", "*/*"),
        ("/assets", "*/*"),
        ("/assets/", HTML),
        ("/favicon.ico", "image/*"),
        ("/scopes/acme", "application/json"),
    ] {
        let response = send(&site, "GET", path, accept).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn nothing_outside_the_directory_can_be_read() {
    let folder = console();
    let site = with_console(&folder);
    let absolute = format!("/{}", folder.path.join("package.json").display());
    for path in [
        "/../package.json",
        "/%2e%2e/package.json",
        "/..%2fpackage.json",
        "/assets/../../package.json",
        "/assets/%2e%2e/%2e%2e/package.json",
        "/..%5cpackage.json",
        "/%2fetc/passwd",
        absolute.as_str(),
    ] {
        for accept in ["*/*", HTML] {
            let body = text(send(&site, "GET", path, accept).await).await;
            assert!(["the index", "Not Found"].contains(&body.as_str()), "{path}: {body}");
        }
    }
}

#[tokio::test]
async fn api_paths_and_writing_methods_go_to_the_gateway() {
    let folder = console();
    let site = with_console(&folder);
    for (method, path) in [
        ("GET", "/v1/nothing"),
        ("GET", "/v1"),
        ("GET", "/%761/nothing"),
        ("HEAD", "/v1/nothing"),
        ("GET", "/_local/nothing"),
        ("GET", "/.well-known/nothing"),
        ("GET", "/access/v1/nothing"),
        ("POST", "/"),
        ("DELETE", "/scopes/acme"),
        ("OPTIONS", "/index.html"),
    ] {
        let response = send(&site, method, path, HTML).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(response.headers()["content-type"], "application/json", "{method} {path}");
        assert_eq!(response.headers().get("content-security-policy"), None, "{method} {path}");
        assert_eq!(text(response).await, r#"{"message":"Not Found"}"#, "{method} {path}");
    }
}

#[tokio::test]
async fn without_the_console_a_page_explains_how_to_get_it_and_links_open_the_stacks_own_page() {
    let site = site(Err(Missing::NoNode));
    let page = text(send(&site, "GET", "/", "*/*").await).await;
    assert!(page.contains("install Node 20 or later"), "{page}");
    let invitation = text(send(&site, "GET", "/invitation", HTML).await).await;
    assert!(invitation.contains("/v1/invitations/accept"));
    let other = send(&site, "GET", "/scopes/acme", HTML).await;
    assert_eq!(text(other).await, r#"{"message":"Not Found"}"#);
}

#[tokio::test]
async fn the_config_has_the_issuer_at_the_origin_of_the_request() {
    let site = site(Err(Missing::LeftOut));
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost:8080"));
    let response = super::config(State(site), headers).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let config: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(
        config,
        json!({
            "authority": "http://localhost:8080/_local",
            "clientId": "console",
            "scope": "openid email profile",
            "inbox": "/_local/inbox",
        })
    );
}
