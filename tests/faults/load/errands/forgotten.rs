//! A key that is used again when retention has removed its task.

use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::NoTls;
use uuid::Uuid;

use super::Runner;
use crate::errand::{Errand, Run, Word};

const PAUSE: Duration = Duration::from_secs(2);
/// Attempts to be told something, longer than any fault lasts.
const ATTEMPTS: usize = 60;

impl Runner {
    pub(super) async fn forgotten(&self, run: &mut Run) {
        let key = format!("old-{}", run.order);
        // A refusal before anything was accepted is followed by another attempt, so it is no last word.
        let Some(first) = self.until_answered(run, &key).await else { return };
        run.told = vec![first];
        let Some(guid) = run.guid else { return };
        while self.make_old(guid).await.is_err() {
            sleep(PAUSE).await;
        }
        while self.is_kept(guid).await.unwrap_or(true) {
            sleep(PAUSE).await;
        }
        let mut second = Run::new(Errand::Forgotten, run.order);
        for _ in 0..3 {
            self.once(&mut second, Some(key.clone())).await;
            sleep(PAUSE).await;
        }
        run.again = second.told;
    }

    async fn until_answered(&self, run: &mut Run, key: &str) -> Option<Word> {
        for _ in 0..ATTEMPTS {
            if let Some(word @ Word::Answer(_)) = self.once(run, Some(key.to_owned())).await {
                return Some(word);
            }
            run.told.clear();
            sleep(PAUSE).await;
        }
        None
    }

    /// As if it had happened 40 days ago.
    async fn make_old(&self, guid: Uuid) -> Result<(), tokio_postgres::Error> {
        let sql = format!(
            "BEGIN READ WRITE; SET LOCAL session_replication_role = replica;
             UPDATE tasks SET registered_at = registered_at - interval '40 days',
                    deadline = deadline - interval '40 days', publish_at = publish_at - interval '40 days',
                    answered_at = answered_at - interval '40 days' WHERE task_guid = '{guid}';
             UPDATE payments SET taken_at = taken_at - interval '40 days' WHERE task_guid = '{guid}';
             COMMIT"
        );
        self.database().await?.batch_execute(&sql).await
    }

    async fn is_kept(&self, guid: Uuid) -> Result<bool, tokio_postgres::Error> {
        let sql = "SELECT 1 FROM tasks WHERE task_guid = $1";
        Ok(self.database().await?.query_opt(sql, &[&guid]).await?.is_some())
    }

    async fn database(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.database, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}
