//! Whom the functions tell anything: who has a certificate under Amazon's own roots, and nobody else.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use coulisses_aws::{
    sdk::{AMAZON_ROOTS, Access, Connections, SdkConfig},
    table::{Found, Reading, StoreError, Table},
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

/// An authority, by its root in PEM, and what a server at `127.0.0.1` has from it.
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

/// The emulator of `world` behind TLS: where, and how often somebody came who trusted it.
async fn behind_tls(world: &World, config: ServerConfig) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let (acceptor, came) = (TlsAcceptor::from(Arc::new(config)), Arc::<AtomicUsize>::default());
    let emulator = world.endpoint().trim_start_matches("http://").to_owned();
    let counted = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            counted.fetch_add(1, Ordering::SeqCst);
            let mut behind = TcpStream::connect(&emulator).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut behind).await });
        }
    });
    (address, came)
}

fn access() -> Access {
    Access {
        region: "eu-west-3".to_owned(),
        key_id: "test".to_owned(),
        secret: "test".to_owned(),
        session: None,
    }
}

/// Reads `acme` from the table at `endpoint`, as a function does that trusts `roots`.
async fn read(world: &World, endpoint: &str, roots: &[u8]) -> Result<Found, StoreError> {
    let connections = Connections::trusting(roots).unwrap();
    found(world, &connections.config(&access(), Some(endpoint.to_owned()))).await
}

async fn found(world: &World, settings: &SdkConfig) -> Result<Found, StoreError> {
    let client = ClientId::parse("acme").unwrap();
    let reading =
        Reading { client: &client, scopes: vec![], collaborators: vec![], counters: vec![] };
    Table::open(settings, "coulisses".to_owned()).read(reading, world.now()).await
}

#[tokio::test]
async fn who_has_no_certificate_under_a_trusted_root_is_told_nothing() {
    let world = acme().await;
    let (root, config) = authority();
    let (address, came) = behind_tls(&world, config).await;
    let (another, _) = authority();
    for roots in [AMAZON_ROOTS, another.as_bytes()] {
        assert!(read(&world, &address, roots).await.is_err());
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
    let found = read(&world, &address, root.as_bytes()).await.unwrap();
    assert!(found.client.is_some());
    assert_eq!(came.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_table_may_answer_without_tls_on_one_machine() {
    let world = acme().await;
    assert!(read(&world, world.endpoint(), AMAZON_ROOTS).await.unwrap().client.is_some());
}

#[test]
fn the_roots_are_those_of_amazon_that_browsers_trust() {
    let told = |certificate: &[u8], words: &str| {
        certificate.windows(words.len()).any(|part| part == words.as_bytes())
    };
    let amazons = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter(|certificate| {
        told(certificate, "Amazon") || told(certificate, "Starfield Services Root")
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
async fn a_connection_that_is_opened_ahead_is_the_one_that_is_used() {
    let world = acme().await;
    let (root, config) = authority();
    let (address, came) = behind_tls(&world, config).await;
    let connections = Connections::trusting(root.as_bytes()).unwrap();
    let settings = connections.config(&access(), Some(address));
    connections.open(&Table::address(&settings).await.unwrap()).await;
    assert_eq!(came.load(Ordering::SeqCst), 1);
    assert!(found(&world, &settings).await.unwrap().client.is_some());
    assert_eq!(came.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_table_that_is_nowhere_else_is_where_its_region_has_it() {
    let settings = Connections::trusting(AMAZON_ROOTS).unwrap().config(&access(), None);
    let address = Table::address(&settings).await;
    assert_eq!(address.as_deref(), Some("https://dynamodb.eu-west-3.amazonaws.com"));
}
