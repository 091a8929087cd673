//! The address of the API, as the caller knows it.

use lambda_http::{RequestExt, request::RequestContext};

use super::Request;
use crate::config::Settings;

/// `CloudFront` passes the host name on in this header. It is trusted only from a distribution that proves itself.
const VIEWER_HOST: &str = "x-viewer-host";

/// The base URL that the request was sent to, without a slash at the end; `None` if the request does not contain it. It is
/// an https address, except on the loopback interface.
///
/// The request must have passed [`check_origin`](super::check_origin).
#[must_use]
pub fn base_url(request: &Request, settings: &Settings) -> Option<String> {
    let host = if settings.origin_secret.is_some() {
        request.headers().get(VIEWER_HOST)?.to_str().ok()?
    } else {
        let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else {
            return None;
        };
        context.domain_name.as_deref()?
    };
    let name = host.split(':').next().unwrap_or_default();
    let scheme = if ["localhost", "127.0.0.1"].contains(&name) { "http" } else { "https" };
    is_host(host).then(|| format!("{scheme}://{host}"))
}

/// Whether a text is a host name, with or without a port.
pub(super) fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    !name.is_empty() && name.bytes().all(in_name) && port.parse::<u16>().is_ok()
}
