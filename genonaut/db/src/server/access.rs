//! How PostgreSQL's own programs connect: with no password on their command line, where other users could read it.

use std::fmt;
use std::path::Path;

use anyhow::Context;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

#[derive(Clone)]
pub(crate) enum Access {
    /// A connection string of libpq.
    Private(String),
    /// An address without its query, the parameters of the query, and the password.
    External(String, Vec<(String, String)>, Option<String>),
}

impl Access {
    pub fn private(sockets: &Path, user: &str) -> Self {
        Self::Private(format!("host={} port=5432 user={user}", quoted(&sockets.to_string_lossy())))
    }

    /// From an address as DATABASE_URL has it. What only our own driver understands is left out, since libpq refuses what
    /// it does not know.
    pub fn external(url: &str) -> anyhow::Result<Self> {
        let mut url: Url = url.parse().context("failed to read DATABASE_URL")?;
        let mut password = url.password().map(|password| percent_decode_str(password).decode_utf8_lossy().into_owned());
        let mut parameters = Vec::new();
        for (key, value) in url.query_pairs().into_owned() {
            match known(&key) {
                "password" => password = Some(value),
                "" => {}
                key => parameters.push((key.to_owned(), value)),
            }
        }
        url.set_query(None);
        if url.password().is_some() {
            // It has a host, so this cannot fail.
            url.set_password(None).ok();
        }
        Ok(Self::External(url.into(), parameters, password))
    }

    /// What leads a program to that database.
    pub fn address(&self, database: &str) -> String {
        match self {
            Self::Private(text) => format!("{text} dbname={}", quoted(database)),
            Self::External(address, parameters, _) => {
                let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                let database = format!("dbname={}", encoded(database));
                let parameters = parameters.iter().map(|(key, value)| format!("{key}={}", encoded(value)));
                format!("{address}?{}", parameters.chain([database]).collect::<Vec<_>>().join("&"))
            }
        }
    }

    pub fn password(&self) -> Option<&str> {
        match self {
            Self::Private(_) => None,
            Self::External(_, _, password) => password.as_deref(),
        }
    }
}

/// What libpq calls a parameter; nothing where it has none of the kind.
fn known(key: &str) -> &str {
    match key {
        "ssl-mode" => "sslmode",
        "ssl-root-cert" | "ssl-ca" => "sslrootcert",
        "ssl-cert" => "sslcert",
        "ssl-key" => "sslkey",
        "statement-cache-capacity" | "dbname" => "",
        key if key.starts_with("options[") => "",
        key => key,
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Without the password.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Access")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_in_the_address() {
        let access = Access::external("postgres://me:a%20b%2Bc@db:5433/models?ssl-mode=require").unwrap();
        assert_eq!(access.address("other"), "postgres://me@db:5433/models?sslmode=require&dbname=other");
        assert_eq!(access.password(), Some("a b+c"));
        assert_eq!(format!("{access:?}"), "Access");
    }

    #[test]
    fn a_socket_stays_what_it_is() {
        let access = Access::external("postgres://me@localhost/t1?host=/tmp/run").unwrap();
        assert_eq!(access.address("t1"), "postgres://me@localhost/t1?host=%2Ftmp%2Frun&dbname=t1");
        let access = Access::private(Path::new("/tmp/it's"), "genonaut");
        assert_eq!(access.address("demo"), r"host='/tmp/it\'s' port=5432 user=genonaut dbname='demo'");
    }
}
