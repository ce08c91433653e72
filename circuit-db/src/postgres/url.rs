//! What a URL says, in libpq's words.

use std::path::PathBuf;
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::pool::CONNECT;

/// When a silent connection is looked after.
const SILENT: Duration = Duration::from_secs(30);

/// Where to connect to, and the file of root certificates, if one is named.
pub(super) type Address = (Config, Option<PathBuf>);

/// Reads a URL. What it says stays out of the error, for it may hold a password.
pub(super) fn read(url: &str, root: Option<PathBuf>) -> Result<Address> {
    let refused = |message: &str| Error::new(ErrorKind::Configuration, message);
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(refused("the URL has to begin with postgres:// or postgresql://"));
    }
    let (url, named) = split(url);
    let root = named.or(root);
    let mut config: Config = url.parse().map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        refused("the URL cannot be read; expected postgres://user:password@host:port/database")
            .with_source(cause.unwrap_or_default())
    })?;
    // Who says whom to trust does not want a connection that trusts everybody.
    if root.is_some() && config.get_ssl_mode() == SslMode::Prefer {
        config.ssl_mode(SslMode::Require);
    }
    if config.get_application_name().is_none() {
        config.application_name("circuit");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENT);
    }
    if config.get_keepalives_idle() > Duration::from_hours(1) {
        config.keepalives_idle(SILENT);
    }
    Ok((config, root))
}

/// Takes out what the driver does not know. Every TLS connection is verified in full, so the modes
/// that ask for that are the one that asks for TLS.
fn split(url: &str) -> (String, Option<PathBuf>) {
    // As the driver reads it: all before the first `@` is user and password.
    let host = url.find('@').unwrap_or_default();
    let Some(mark) = url[host..].find('?') else { return (url.to_owned(), None) };
    let (place, settings) = url.split_at(host + mark);
    let (mut kept, mut root) = (Vec::new(), None);
    for setting in settings[1..].split('&') {
        match setting.split_once('=') {
            Some(("sslrootcert", file)) => {
                root = Some(percent_decode_str(file).decode_utf8_lossy().into_owned().into());
            }
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(setting),
        }
    }
    (format!("{place}?{}", kept.join("&")), root)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn address(settings: &str) -> Address {
        read(&format!("postgres://u:p?w@h/d{settings}"), None).unwrap()
    }

    #[test]
    fn the_modes_of_libpq_are_known() {
        for (settings, mode) in [
            ("", SslMode::Prefer),
            ("?sslmode=disable", SslMode::Disable),
            ("?sslmode=prefer", SslMode::Prefer),
            ("?sslmode=require", SslMode::Require),
            ("?sslmode=verify-ca", SslMode::Require),
            ("?connect_timeout=3&sslmode=verify-full", SslMode::Require),
        ] {
            let (config, root) = address(settings);
            assert_eq!(config.get_ssl_mode(), mode, "{settings}");
            assert_eq!(config.get_password(), Some("p?w".as_bytes()));
            assert_eq!(root, None);
        }
        let unknown = read("postgres://h/d?sslmode=verify", None).err().unwrap();
        assert_eq!(unknown.kind(), ErrorKind::Configuration);
    }

    #[test]
    fn a_root_certificate_asks_for_tls() {
        let (config, root) = address("?sslrootcert=%2Fetc%2Fa%20b.crt&application_name=x");
        assert_eq!(root.as_deref(), Some(Path::new("/etc/a b.crt")));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert_eq!(config.get_application_name(), Some("x"));
        let (_, root) = address("?sslrootcert=root.crt");
        assert_eq!(root.as_deref(), Some(Path::new("root.crt")));
        let (config, _) = address("?sslmode=disable&sslrootcert=root.crt");
        assert_eq!(config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn the_url_goes_before_the_builder() {
        let built = Some(PathBuf::from("built.crt"));
        let root = |url: &str| read(url, built.clone()).unwrap().1.unwrap();
        assert_eq!(root("postgres://h/d"), Path::new("built.crt"));
        assert_eq!(root("postgres://h/d?sslrootcert=url.crt"), Path::new("url.crt"));
    }
}
