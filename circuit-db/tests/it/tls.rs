//! PostgreSQL over TLS: what is trusted, and what each refusal says.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use circuit_core::{CircuitDB, ErrorKind, Query};
use circuit_db::Postgres;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;

use crate::postgres;
use crate::server::Server;

/// The only host that the server's certificate is for.
const HOST: &str = "localhost";

/// A root that signs, and its certificate in PEM.
fn authority() -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let text = root.self_signed(&key).unwrap().pem();
    (Issuer::new(root, key), text)
}

/// Turns TLS on in the server, once for all tests, and returns the file with its root.
async fn root() -> &'static Path {
    static ROOT: OnceCell<PathBuf> = OnceCell::const_new();
    ROOT.get_or_init(turn_on).await
}

async fn turn_on() -> PathBuf {
    let server = Server::connect().await;
    // Others may run the same tests in processes of their own.
    server.run("SELECT pg_advisory_lock(7154)").await;
    let data = PathBuf::from(server.ask::<String>("SHOW data_directory").await.remove(0));
    let root = data.join("circuit_root.crt");
    if root.exists() {
        return root;
    }
    let (issuer, text) = authority();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &issuer).unwrap().pem();
    write(&data, "circuit.key", &key.serialize_pem());
    write(&data, "circuit.crt", &certificate);
    server.run("ALTER SYSTEM SET ssl_key_file = 'circuit.key'").await;
    server.run("ALTER SYSTEM SET ssl_cert_file = 'circuit.crt'").await;
    server.run("ALTER SYSTEM SET ssl = on").await;
    server.run("SELECT pg_reload_conf()").await;
    for _ in 0..1_000 {
        // Sessions of before the change do not tell what new ones get.
        if Server::connect().await.ask::<String>("SHOW ssl").await == ["on"] {
            write(&data, "circuit_root.crt", &text);
            return root;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the server did not turn TLS on; see its log");
}

/// Writes a file that belongs to the server's user.
fn write(data: &Path, name: &str, text: &str) {
    let owner = data.metadata().expect("the server of the tests is on this machine");
    let path = data.join(name);
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path);
    file.unwrap().write_all(text.as_bytes()).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

fn config() -> tokio_postgres::Config {
    postgres::server().parse().unwrap()
}

/// Returns the server's URL with another name for its host.
fn url(host: &str, settings: &str) -> String {
    let config = config();
    let password = String::from_utf8(config.get_password().unwrap().to_vec()).unwrap();
    let (user, port) = (config.get_user().unwrap(), config.get_ports()[0]);
    let database = config.get_dbname().unwrap();
    format!("postgres://{user}:{password}@{host}:{port}/{database}?hostaddr=127.0.0.1&{settings}")
}

/// Returns whether each session of this name is encrypted.
async fn encrypted(name: &str) -> Vec<bool> {
    let ask = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
               WHERE application_name = ";
    Server::connect().await.ask(&format!("{ask} '{name}'")).await
}

/// Asserts that a connection is refused for good, with these words, and that nothing leaks.
async fn assert_refused(url: &str, words: &str) {
    let error = Postgres::connect(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(!error.is_retryable(), "{error:?}");
    assert!(error.message().contains(words), "{error:?}");
    let password = String::from_utf8(config().get_password().unwrap().to_vec()).unwrap();
    assert!(!format!("{error:?}").contains(&password));
}

#[tokio::test]
async fn a_url_that_asks_for_tls_gets_it() {
    let root = root().await.display();
    for (number, mode) in ["require", "verify-ca", "verify-full", "prefer"].iter().enumerate() {
        let name = format!("tls_{}_{number}", std::process::id());
        let settings = format!("sslmode={mode}&sslrootcert={root}&application_name={name}");
        let builder = Postgres::builder().namespace(postgres::namespace());
        let store = builder.connect(&url(HOST, &settings)).await.unwrap();
        assert_eq!(store.query(&Query::of("Contact").count()).await.unwrap().count, 0);
        assert_eq!(encrypted(&name).await, [true], "{mode}");
    }
}

#[tokio::test]
async fn the_root_may_come_from_the_builder() {
    let name = format!("tls_{}_builder", std::process::id());
    let builder = Postgres::builder().root_certificate(root().await);
    assert!(format!("{builder:?}").contains("circuit_root.crt"));
    let store = builder.connect(&url(HOST, &format!("application_name={name}"))).await.unwrap();
    assert_eq!(encrypted(&name).await, [true]);
    drop(store);
}

#[tokio::test]
async fn a_session_that_is_lost_is_replaced() {
    let name = format!("tls_{}_lost", std::process::id());
    let builder = Postgres::builder().pool_size(1).root_certificate(root().await);
    let store = builder.connect(&url(HOST, &format!("application_name={name}"))).await.unwrap();
    let server = Server::connect().await;
    for _ in 0..20 {
        let mut failed = 0;
        assert!(server.kill(&name).await > 0);
        // The pool may not know yet that the session is dead.
        while let Err(error) = store.query(&Query::of("Nothing").count()).await {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
            assert!(error.is_retryable());
            failed += 1;
            assert!(failed < 50, "{error:?}");
        }
        assert!(!encrypted(&name).await.contains(&false));
    }
}

#[tokio::test]
async fn without_tls_is_as_before() {
    let root = root().await.display();
    let name = format!("tls_{}_disable", std::process::id());
    // Nobody looks at the file, nor at the host's name.
    for file in [root.to_string(), "/no/such/file".to_owned()] {
        let settings = format!("sslmode=disable&sslrootcert={file}&application_name={name}");
        let store = Postgres::connect(&url("elsewhere.example", &settings)).await.unwrap();
        let encrypted = encrypted(&name).await;
        assert!(!encrypted.is_empty() && !encrypted.contains(&true), "{encrypted:?}");
        drop(store);
    }
}

#[tokio::test]
async fn a_root_that_did_not_sign_is_told_with_the_way_out() {
    root().await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.crt");
    std::fs::write(&other, authority().1).unwrap();
    let other = format!("sslmode=verify-full&sslrootcert={}", other.display());
    for settings in ["", "sslmode=prefer", "sslmode=require", "sslrootcert=system", &other] {
        assert_refused(&url(HOST, settings), "by sslrootcert").await;
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused_in_every_mode() {
    let root = root().await.display();
    for host in ["elsewhere.example", "127.0.0.1"] {
        for mode in ["prefer", "require", "verify-ca", "verify-full"] {
            let settings = format!("sslmode={mode}&sslrootcert={root}");
            assert_refused(&url(host, &settings), "for another host").await;
        }
    }
}

#[tokio::test]
async fn a_file_without_roots_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("text.crt"), "no certificate").unwrap();
    std::fs::write(path("key.crt"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(path("broken.crt"), broken).unwrap();
    std::fs::write(path("cut.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
    for (name, words) in [
        ("none.crt", "cannot be read"),
        ("text.crt", "has none"),
        ("key.crt", "has none"),
        ("broken.crt", "cannot be a root"),
        ("cut.crt", "is not PEM"),
    ] {
        let url = url(HOST, &format!("sslmode=require&sslrootcert={}", path(name)));
        assert_refused(&url, words).await;
        let error = Postgres::connect(&url).await.unwrap_err();
        assert_eq!(error.context("file"), Some(path(name).as_str()));
    }
}

#[tokio::test]
async fn the_roots_of_the_system_are_trusted() {
    const CHILD: &str = "CIRCUIT_TLS_OF_SYSTEM";
    if std::env::var_os(CHILD).is_some() {
        for settings in ["", "sslmode=require", "sslrootcert=system"] {
            Postgres::connect(&url(HOST, settings)).await.unwrap();
        }
        return;
    }
    // A process has its own variable; it stands for what the system trusts.
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "tls::the_roots_of_the_system_are_trusted"]);
    let said = child.env(CHILD, "").env("SSL_CERT_FILE", root().await).output().unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let (port, name) = (plain().await, format!("tls_{}_plain", std::process::id()));
    let url = |settings: &str| {
        let own = format!(":{}/", config().get_ports()[0]);
        url(HOST, settings).replace(&own, &format!(":{port}/"))
    };
    assert_refused(&url("sslmode=require"), "does not speak TLS").await;
    let root = format!("sslrootcert={}", root().await.display());
    assert_refused(&url(&root), "does not speak TLS").await;
    let prefer = format!("sslmode=prefer&application_name={name}");
    let store = Postgres::connect(&url(&prefer)).await.unwrap();
    assert_eq!(encrypted(&name).await, [false]);
    drop(store);
}

/// Starts a relay that says no to TLS, as a server without it does, and returns its port.
async fn plain() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                client.write_all(b"N").await.unwrap();
                let server = ("127.0.0.1", config().get_ports()[0]);
                let mut server = TcpStream::connect(server).await.unwrap();
                drop(copy_bidirectional(&mut client, &mut server).await);
            });
        }
    });
    port
}
