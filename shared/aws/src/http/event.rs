//! The events of API Gateway, converted to requests.

use data_encoding::BASE64;
use futures_util::FutureExt;
use lambda_http::{
    Adapter, Error, LambdaEvent,
    http::header::HOST,
    lambda_runtime,
    request::LambdaRequest,
    service_fn,
    tower::{Service, ServiceExt},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Request, Response, address};

/// Runs a function that handles requests.
///
/// # Errors
/// Those of the runtime, if it cannot continue.
pub async fn serve<F>(handle: impl Fn(Request) -> F) -> Result<(), Error>
where
    F: Future<Output = Response> + Send,
{
    let service = service_fn(|request: Request| handle(request).map(Ok::<_, Error>));
    let safe = |LambdaEvent { payload, context }| LambdaEvent::new(sanitized(payload), context);
    lambda_runtime::run(Adapter::from(service).map_request(safe)).await
}

/// Runs a function that handles requests, and all other events with `wake`: it has routes and a schedule.
///
/// # Errors
/// Those of the runtime, if it cannot continue.
pub async fn serve_and_wake<F, W, E, A>(
    handle: impl Fn(Request) -> F,
    wake: impl Fn(LambdaEvent<E>) -> W,
) -> Result<(), Error>
where
    F: Future<Output = Response> + Send,
    W: Future<Output = Result<A, Error>>,
    E: DeserializeOwned,
    A: Serialize,
{
    lambda_runtime::run(service_fn(|event| dispatch(event, &handle, &wake))).await
}

/// Passes an event of API Gateway to `handle`, and any other event to `wake`.
///
/// # Errors
/// Those of `wake`; a parser's error if the event is neither.
pub async fn dispatch<F, W, E, A>(
    LambdaEvent { payload, context }: LambdaEvent<Value>,
    handle: impl Fn(Request) -> F,
    wake: impl Fn(LambdaEvent<E>) -> W,
) -> Result<Value, Error>
where
    F: Future<Output = Response> + Send,
    W: Future<Output = Result<A, Error>>,
    E: DeserializeOwned,
    A: Serialize,
{
    if payload.get("requestContext").is_none() {
        let event = LambdaEvent::new(serde_json::from_value(payload)?, context);
        return Ok(serde_json::to_value(wake(event).await?)?);
    }
    let service = service_fn(|request: Request| handle(request).map(Ok::<_, Error>));
    let request = sanitized(serde_json::from_value(payload)?);
    let response = Adapter::from(service).call(LambdaEvent::new(request, context)).await?;
    Ok(serde_json::to_value(response)?)
}

/// Removes from an event everything that could make `lambda_http` panic.
///
/// `lambda_http` builds a URI from the host, the protocol, the stage, the path and the query, and panics if the URI is
/// invalid. The functions use only the host, from [`address::base_url`]: API Gateway passes the path parameters separately, and the query parameters are
/// parsed here. `lambda_http` also panics on a body that is marked as base64 but is not; such a body is read as text, and
/// refused where JSON is expected.
#[must_use]
pub fn sanitized(event: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(mut event) = event else { return event };
    event.headers.remove(HOST);
    event.headers.remove("x-forwarded-proto");
    event.request_context.domain_name.take_if(|domain| !address::is_host(domain));
    event.request_context.stage = None;
    event.raw_path = None;
    if let Some(query) = event.raw_query_string.take() {
        let Ok(parameters) = query.parse();
        event.query_string_parameters = parameters;
    }
    let encoded = event.body.as_ref().is_some_and(|body| BASE64.decode(body.as_bytes()).is_ok());
    event.is_base64_encoded &= encoded;
    LambdaRequest::ApiGatewayV2(event)
}
