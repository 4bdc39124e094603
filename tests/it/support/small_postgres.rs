//! A PostgreSQL on a disk that can be filled: a throwaway one of this test.

use std::fs::{File, remove_file};
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How large its disk is: PostgreSQL needs half of it before there is anything to keep.
const SIZE: &str = "160m";

/// The server.
pub struct SmallPostgres {
    pub url: String,
    /// What fills the disk.
    filler: PathBuf,
    /// The server ends when this does, because its script then reads the end of its input.
    _script: Child,
}

impl SmallPostgres {
    /// Starts one, where a file system may be mounted.
    pub async fn start() -> SmallPostgres {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-servers");
        let tell = "echo \"$WSA_TEST_DATABASE_URL $WSA_TEST_SERVERS_DIR\"; cat";
        let mut child = Command::new(script)
            .args(["bash", "-c", tell])
            .env("WSA_TEST_POSTGRES_SIZE", SIZE)
            .env("WSA_TEST_AMQP_URL", "not needed")
            .env_remove("WSA_TEST_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = super::soon_within(4 * super::BOUND, "the server is up", lines.next_line());
        let told = told.await.unwrap().expect("scripts/with-servers tells where it is");
        let (url, directory) = told.split_once(' ').unwrap();
        let filler = PathBuf::from(directory).join("postgres.d/filler");
        SmallPostgres { url: url.to_owned(), filler, _script: child }
    }

    /// Leaves no room on the disk.
    pub fn fill(&self) {
        let mut filler = File::create(&self.filler).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    /// Makes room again.
    pub fn free(&self) {
        remove_file(&self.filler).unwrap();
    }
}
