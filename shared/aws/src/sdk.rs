//! Connections to AWS services, configured from what Lambda gives a function: a region and credentials.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Connector, HttpClientError,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        behavior_version::BehaviorVersion,
        http::{HttpConnector, SharedHttpConnector, http_client_fn},
        orchestrator::HttpRequest,
    },
};
use aws_smithy_types::byte_stream::ByteStream;
pub use aws_types::SdkConfig;
use aws_types::region::Region;

/// The roots of Amazon Trust Services, which issues the certificates of all AWS endpoints. A test compares them with the
/// roots that browsers trust.
pub const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// How long [`Connections::open`] waits; after that, the first call opens its own connection.
const OPENING_TIME: Duration = Duration::from_secs(1);

/// AWS credentials and region.
pub struct Access {
    /// The region.
    pub region: String,
    /// The access key id.
    pub key_id: String,
    /// The secret access key.
    pub secret: String,
    /// The session token of temporary credentials.
    pub session: Option<String>,
}

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the trusted root certificates cannot be used")]
pub struct TlsSetupError(#[from] HttpClientError);

/// Connections to AWS services, shared by all SDK clients. One is kept open for each service.
#[derive(Clone, Debug)]
pub struct Connections(SharedHttpConnector);

impl Connections {
    /// Connections to endpoints with a certificate under one of `roots` (PEM), and to endpoints without TLS.
    ///
    /// # Errors
    /// [`TlsSetupError`] if TLS cannot be set up.
    ///
    /// # Panics
    /// If `roots` are not certificates.
    pub fn trusting(roots: &[u8]) -> Result<Self, TlsSetupError> {
        let store = TrustStore::empty().with_pem_certificate(roots);
        let context = TlsContext::builder().with_trust_store(store).build()?;
        let connector = Connector::builder()
            .tls_provider(Provider::rustls(CryptoMode::Ring))
            .tls_context(context);
        Ok(Self(SharedHttpConnector::new(connector.build())))
    }

    /// The settings of an SDK client. Without `endpoint`, it uses the endpoint of the region.
    #[must_use]
    pub fn config(&self, access: &Access, endpoint: Option<String>) -> SdkConfig {
        let mut key = Credentials::builder()
            .access_key_id(&access.key_id)
            .secret_access_key(&access.secret)
            .provider_name("Lambda");
        key.set_session_token(access.session.clone());
        let connector = self.0.clone();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(access.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(key.build()))
            .http_client(http_client_fn(move |_, _| connector.clone()));
        config.set_endpoint_url(endpoint);
        config.build()
    }

    /// Opens a connection to `address` for the first call. Errors are ignored: the first call would return them too.
    pub async fn open(&self, address: &str) {
        if let Ok(request) = HttpRequest::get(address) {
            let response = async {
                let response = self.0.call(request).await?;
                // A connection can be used again when its response was read.
                Ok::<_, BoxError>(ByteStream::new(response.into_body()).collect().await?)
            };
            let _ = tokio::time::timeout(OPENING_TIME, response).await;
        }
    }
}
