//! The events of API Gateway, as they become requests.

use lambda_http::{
    Adapter, Error, LambdaEvent, http::header::HOST, lambda_runtime, request::LambdaRequest,
    service_fn, tower::ServiceExt,
};

use super::{Request, Response};

/// Answers the requests that Lambda hands over, each with `handle`.
///
/// # Errors
/// What the runtime gives when it cannot go on.
pub async fn serve<F>(handle: impl Fn(Request) -> F) -> Result<(), Error>
where
    F: Future<Output = Response> + Send,
{
    let service = service_fn(|request: Request| {
        let answer = handle(request);
        async move { Ok::<_, Error>(answer.await) }
    });
    let safe =
        |LambdaEvent { payload, context }| LambdaEvent::new(without_address(payload), context);
    lambda_runtime::run(Adapter::from(service).map_request(safe)).await
}

/// The same event without what the address of the request would be made of.
///
/// `lambda_http` panics where `Host`, `X-Forwarded-Proto`, the path or the query make no address. No function looks at
/// it: the path's and the query's parameters are handed over apart.
#[must_use]
pub fn without_address(event: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(mut event) = event else { return event };
    event.headers.remove(HOST);
    event.headers.remove("x-forwarded-proto");
    event.request_context.domain_name = None;
    event.raw_path = None;
    if let Some(query) = event.raw_query_string.take() {
        let Ok(parameters) = query.parse();
        event.query_string_parameters = parameters;
    }
    LambdaRequest::ApiGatewayV2(event)
}
