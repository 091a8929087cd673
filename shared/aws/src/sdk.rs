//! The way to the services of AWS, by what Lambda gives a function: a region, a key, and nothing to look for elsewhere.

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

/// The roots of Amazon Trust Services, under which all endpoints of AWS have their certificates; a test holds them
/// against what browsers trust.
pub const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// How long a connection may take to open; whoever needs it after that, opens his own.
const PATIENCE: Duration = Duration::from_secs(1);

/// In whose name the services are asked, and where.
pub struct Access {
    /// The region.
    pub region: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub secret: String,
    /// The token of a key that ends.
    pub session: Option<String>,
}

/// Why no connection could be trusted.
#[derive(Debug, thiserror::Error)]
#[error("the roots of trust cannot be used")]
pub struct TlsSetupError(#[from] HttpClientError);

/// The connections to all services of AWS, of which one is kept for each.
#[derive(Clone, Debug)]
pub struct Connections(SharedHttpConnector);

impl Connections {
    /// Connections to whoever has a certificate under one of `roots`, in PEM, and to whoever answers without TLS.
    ///
    /// # Errors
    /// [`TlsSetupError`] if TLS cannot be set up so.
    ///
    /// # Panics
    /// If `roots` are no certificates.
    pub fn trusting(roots: &[u8]) -> Result<Self, TlsSetupError> {
        let store = TrustStore::empty().with_pem_certificate(roots);
        let context = TlsContext::builder().with_trust_store(store).build()?;
        let connector = Connector::builder()
            .tls_provider(Provider::rustls(CryptoMode::Ring))
            .tls_context(context);
        Ok(Self(SharedHttpConnector::new(connector.build())))
    }

    /// The settings of a client in the name of `access`: at `endpoint`, or else where the region has the service.
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

    /// Opens the connection to `address`, so that the first call finds it there. Whoever fails here, fails again with
    /// that call, and is told of it there.
    pub async fn open(&self, address: &str) {
        if let Ok(request) = HttpRequest::get(address) {
            let answer = async {
                let answer = self.0.call(request).await?;
                // A connection is free again once the answer was read.
                Ok::<_, BoxError>(ByteStream::new(answer.into_body()).collect().await?)
            };
            let _ = tokio::time::timeout(PATIENCE, answer).await;
        }
    }
}
