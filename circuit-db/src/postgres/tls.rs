//! TLS: whom to trust, and what a certificate is refused for.

use std::io;
use std::path::Path;
use std::sync::Arc;

use circuit_core::{Error, ErrorKind, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_postgres::Error as PgError;
use tokio_postgres_rustls::MakeRustlsConnect;

/// libpq's word for the certificates of the system.
const SYSTEM: &str = "system";

/// Makes what verifies chain and host name by the roots of a file, or else by the system's.
pub(super) fn connector(root: Option<&Path>) -> Result<MakeRustlsConnect> {
    let roots = match root {
        Some(file) if file != Path::new(SYSTEM) => roots_of(file)?,
        _ => system_roots(),
    };
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("TLS cannot work").with_source(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // PostgreSQL 17 asks for it under `sslnegotiation=direct`.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

/// Where the system has none, every certificate is refused, and the error tells the way out.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn roots_of(file: &Path) -> Result<RootCertStore> {
    let refused = |message: &str| unusable(message).with("file", file.display());
    let unread = "the file of root certificates cannot be read";
    let text = std::fs::read(file).map_err(|error| refused(unread).with_source(error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| {
            refused("the file of root certificates is not PEM").with_source(error)
        })?;
        roots.add(certificate).map_err(|error| {
            refused("the file of root certificates has one that cannot be a root")
                .with_source(error)
        })?;
    }
    if roots.is_empty() {
        return Err(refused("the file of root certificates has none; expected PEM"));
    }
    Ok(roots)
}

/// Returns what is wrong where a handshake failed for good: another try would fail alike.
pub(super) fn refusal(error: &PgError) -> Option<Error> {
    let cause = std::error::Error::source(error)?;
    // The driver has no type for it.
    if cause.to_string() == "server does not support TLS" {
        return Some(unusable("PostgreSQL does not speak TLS, which is asked for"));
    }
    let cause = cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<rustls::Error>()?;
    let message = match cause {
        rustls::Error::InvalidCertificate(problem) => message_of(problem),
        rustls::Error::PeerIncompatible(_) => "PostgreSQL speaks no TLS that is safe",
        _ => return None,
    };
    Some(unusable(message).with_source(cause.clone()))
}

fn message_of(problem: &CertificateError) -> &'static str {
    match problem {
        // A root of the same name, but not the one that signed.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "nobody who is trusted here has signed PostgreSQL's certificate; name the file of its \
             root by sslrootcert"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "PostgreSQL's certificate is for another host"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "PostgreSQL's certificate has expired"
        }
        _ => "PostgreSQL's certificate is refused",
    }
}

fn unusable(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
