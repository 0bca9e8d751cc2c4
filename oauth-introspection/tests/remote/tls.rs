//! Who is believed to be the authorization server, and who is not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::post;
use axum::serve::Listener;
use oauth_introspection::RemoteVerifier;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::endpoint::{Endpoint, failure, inactive};

struct Tls(TcpListener, TlsAcceptor);

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (connection, address) = self.0.accept().await.unwrap();
            // Who does not believe the certificate goes away.
            if let Ok(stream) = self.1.accept(connection).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// Where it listens, with a certificate that nobody knows, and how often it was asked.
async fn stranger() -> (SocketAddr, CertificateDer<'static>, Arc<AtomicUsize>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let answer = async move || {
        counter.fetch_add(1, Ordering::SeqCst);
        r#"{"active":true,"client_id":"web","token_type":"Bearer","sub":"alice"}"#
    };
    let app = Router::new().route("/introspect", post(answer));
    let tls = Tls(listener, TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move { axum::serve(tls, app).await });
    (address, certificate, asked)
}

/// RFC 7662 section 4: the certificate is checked before token and secret are sent.
#[tokio::test]
async fn a_server_with_a_certificate_of_its_own_is_not_believed() {
    let (address, certificate, asked) = stranger().await;
    let url = format!("https://localhost:{}/introspect", address.port());
    let verifier = RemoteVerifier::builder(url, "api", "secret").build();
    assert!(failure(&verifier.unwrap(), "token").await.is_transient());
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    // Whoever knows the certificate has nothing to complain of.
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, connection).await.unwrap();
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_passing_failure() {
    let endpoint = Endpoint::start(inactive()).await;
    let url = endpoint.url.replace("http:", "https:");
    let verifier = RemoteVerifier::builder(url, "api", "secret").build();
    assert!(failure(&verifier.unwrap(), "token").await.is_transient());
    assert_eq!(endpoint.asked(), 0);
}
