//! TLS: the functions connect only to servers with a certificate under Amazon's own roots.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use coulisses_aws::{
    sdk::{AMAZON_ROOTS, Access, Connections, SdkConfig},
    table::{ClientRecords, Reading, StoreError, Table},
};
use coulisses_domain::scope::ClientId;
use coulisses_tests::World;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::support::acme;

/// A certificate authority: its root in PEM, and the configuration of a server at `127.0.0.1` with its certificate.
fn authority() -> (String, ServerConfig) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&key, &root).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    (root.pem(), config)
}

/// The emulator of `world` behind TLS: the address, and the number of handshakes that succeeded.
async fn behind_tls(world: &World, config: ServerConfig) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let (acceptor, handshakes) =
        (TlsAcceptor::from(Arc::new(config)), Arc::<AtomicUsize>::default());
    let emulator = world.endpoint().trim_start_matches("http://").to_owned();
    let counted = Arc::clone(&handshakes);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            counted.fetch_add(1, Ordering::SeqCst);
            let mut behind = TcpStream::connect(&emulator).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut behind).await });
        }
    });
    (address, handshakes)
}

fn access() -> Access {
    Access {
        region: "eu-west-3".to_owned(),
        key_id: "test".to_owned(),
        secret: "test".to_owned(),
        session: None,
    }
}

/// Reads `acme` from the table at `endpoint`, trusting `roots`.
async fn read(world: &World, endpoint: &str, roots: &[u8]) -> Result<ClientRecords, StoreError> {
    let connections = Connections::trusting(roots).unwrap();
    found(world, &connections.config(&access(), Some(endpoint.to_owned()))).await
}

async fn found(world: &World, settings: &SdkConfig) -> Result<ClientRecords, StoreError> {
    let client = ClientId::parse("acme").unwrap();
    let reading =
        Reading { client: &client, scopes: vec![], collaborators: vec![], counters: vec![] };
    Table::open(settings, "coulisses".to_owned()).read(reading, world.now()).await
}

#[tokio::test]
async fn a_server_without_a_trusted_certificate_receives_nothing() {
    let world = acme().await;
    let (root, config) = authority();
    let (address, handshakes) = behind_tls(&world, config).await;
    let (another, _) = authority();
    for roots in [AMAZON_ROOTS, another.as_bytes()] {
        assert!(read(&world, &address, roots).await.is_err());
    }
    assert_eq!(handshakes.load(Ordering::SeqCst), 0);
    let found = read(&world, &address, root.as_bytes()).await.unwrap();
    assert!(found.client.is_some());
    assert_eq!(handshakes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_local_table_may_answer_without_tls() {
    let world = acme().await;
    assert!(read(&world, world.endpoint(), AMAZON_ROOTS).await.unwrap().client.is_some());
}

#[test]
fn the_roots_are_the_amazon_roots_that_browsers_trust() {
    let contains = |certificate: &[u8], words: &str| {
        certificate.windows(words.len()).any(|part| part == words.as_bytes())
    };
    let amazons = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter(|certificate| {
        contains(certificate, "Amazon") || contains(certificate, "Starfield Services Root")
    });
    let mut trusted: Vec<String> =
        amazons.map(|certificate| data_encoding::BASE64.encode(certificate)).collect();
    let text = str::from_utf8(AMAZON_ROOTS).unwrap().replace('\n', "");
    let mut ours: Vec<String> = text
        .split("-----BEGIN CERTIFICATE-----")
        .filter_map(|part| part.strip_suffix("-----END CERTIFICATE-----").map(ToOwned::to_owned))
        .collect();
    trusted.sort();
    ours.sort();
    assert_eq!(ours.len(), 5);
    assert_eq!(ours, trusted);
}

#[tokio::test]
async fn a_connection_opened_ahead_is_used() {
    let world = acme().await;
    let (root, config) = authority();
    let (address, handshakes) = behind_tls(&world, config).await;
    let connections = Connections::trusting(root.as_bytes()).unwrap();
    let settings = connections.config(&access(), Some(address));
    connections.open(&Table::address(&settings).await.unwrap()).await;
    assert_eq!(handshakes.load(Ordering::SeqCst), 1);
    assert!(found(&world, &settings).await.unwrap().client.is_some());
    assert_eq!(handshakes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_an_endpoint_the_table_is_at_the_address_of_its_region() {
    let settings = Connections::trusting(AMAZON_ROOTS).unwrap().config(&access(), None);
    let address = Table::address(&settings).await;
    assert_eq!(address.as_deref(), Some("https://dynamodb.eu-west-3.amazonaws.com"));
}
