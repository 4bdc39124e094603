//! A PostgreSQL and a RabbitMQ that speak TLS: throwaway ones of this run, whatever servers the other tests
//! use.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

use super::certificates::{Authority, Valid};

/// Both servers; their certificate is for `localhost`, and not for `127.0.0.1`.
pub struct TlsServers {
    /// Who signed their certificate, and whose clients they let in.
    pub authority: Authority,
    /// `host:port/name` goes after a user.
    pub postgres_port: String,
    pub amqps_port: String,
    /// They end when this does, because their script then reads the end of its input.
    _script: Child,
}

/// The servers of this run, started when first asked for.
pub async fn tls_servers() -> &'static TlsServers {
    static SERVERS: OnceCell<TlsServers> = OnceCell::const_new();
    SERVERS.get_or_init(start).await
}

async fn start() -> TlsServers {
    let authority = Authority::new();
    authority.server("server", "localhost", Valid::Now);
    // PostgreSQL's own user has to get in, and RabbitMQ's.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(authority.directory(), open).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-servers");
    let tell = "psql -q \"$WSA_TEST_DATABASE_URL\" -c 'CREATE USER tls' -c 'CREATE USER certified' >&2; \
                echo \"$WSA_TEST_DATABASE_URL $WSA_TEST_AMQPS_PORT\"; cat; rm -rf \"$WSA_TEST_TLS_DIR\"";
    let mut child = Command::new(script)
        .args(["bash", "-c", tell])
        .env("WSA_TEST_TLS_DIR", authority.directory())
        .env_remove("WSA_TEST_DATABASE_URL")
        .env_remove("WSA_TEST_AMQP_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = super::soon_within(4 * super::BOUND, "the servers are up", lines.next_line()).await;
    let told = told.unwrap().expect("scripts/with-servers tells where they are");
    let (url, amqps_port) = told.split_once(' ').unwrap();
    let postgres_port = url::Url::parse(url).unwrap().port().unwrap().to_string();
    TlsServers { authority, postgres_port, amqps_port: amqps_port.to_owned(), _script: child }
}
