//! The HTTP API's answers to pages of other origins, as the template declares them.

use crate::template::Cors;
use anyhow::{Context, Result};
use axum::http::{HeaderName, HeaderValue, Method};
use std::str::FromStr;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// Allows what the template does. API Gateway never allows credentials, and neither does this.
pub fn layer(cors: &Cors) -> Result<CorsLayer> {
    Ok(CorsLayer::new()
        .allow_origin(parsed::<HeaderValue>(&cors.allow_origins)?)
        .allow_methods(parsed::<Method>(&cors.allow_methods)?)
        .allow_headers(parsed::<HeaderName>(&cors.allow_headers)?)
        .expose_headers(parsed::<HeaderName>(&cors.expose_headers)?)
        .max_age(Duration::from_secs(cors.max_age)))
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    texts: &[String],
) -> Result<Vec<T>> {
    texts.iter().map(|text| text.parse().with_context(|| format!("`{text}`"))).collect()
}
