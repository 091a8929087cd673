//! The events of API Gateway, as they become requests.

use data_encoding::BASE64;
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

/// Answers requests like [`serve`], and hands every other event to `wake`: a function with routes and a schedule.
///
/// # Errors
/// What the runtime gives when it cannot go on.
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

/// Hands one event to `handle` if API Gateway made it, else to `wake`, and gives what became of it.
///
/// # Errors
/// What `wake` gives, or what tells that the event is none of either.
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
    let service = service_fn(|request: Request| {
        let answer = handle(request);
        async move { Ok::<_, Error>(answer.await) }
    });
    let request = without_address(serde_json::from_value(payload)?);
    let answer = Adapter::from(service).call(LambdaEvent::new(request, context)).await?;
    Ok(serde_json::to_value(answer)?)
}

/// The same event without what `lambda_http` panics on.
///
/// That is an address of the request that is none, as `Host`, `X-Forwarded-Proto`, the stage, the path or the query may
/// make it. No function looks at it: the path's and the query's parameters are handed over apart. And it is a body that
/// says it is in base64 and is not; as it stands it is read, and refused where it is no JSON.
#[must_use]
pub fn without_address(event: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(mut event) = event else { return event };
    event.headers.remove(HOST);
    event.headers.remove("x-forwarded-proto");
    event.request_context.domain_name = None;
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
