//! The states of statistics in which plans are made.

use tokio_postgres::{Client, SimpleQueryMessage};
use tokio_postgres::error::SqlState;

use super::batches::{self, Asked};
use super::figures::Figures;
use super::statements::Named;

/// What a statement came to once.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Run {
    pub statement: String,
    pub state: &'static str,
    pub asked: Asked,
    pub batch: u64,
    pub limits: u64,
    #[serde(flatten)]
    pub figures: Figures,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
    pub plan: serde_json::Value,
}

/// Connections as the program's, or as those behind a pooler that loses what was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    Ours,
    Plain,
}

/// A session with all statements prepared.
#[derive(Debug)]
pub struct Prepared<'a> {
    client: Client,
    statements: &'a [Named],
}

impl<'a> Prepared<'a> {
    /// Prepares them; with the settings of the program each gets its plan at once.
    pub async fn on(client: Client, statements: &'a [Named], session: Session) -> Prepared<'a> {
        let set = match session {
            Session::Ours => SETTINGS.to_owned(),
            // Planned each time that they run, with the values at hand.
            Session::Plain => "SET plan_cache_mode = force_custom_plan".to_owned(),
        };
        client.batch_execute(&set).await.unwrap();
        client.batch_execute("SET statement_timeout = '20s'").await.unwrap();
        for (place, named) in statements.iter().enumerate() {
            let prepare = format!("PREPARE plan_{place} AS {}", named.statement.postgres());
            let prepared = client.batch_execute(&prepare).await;
            prepared.unwrap_or_else(|e| panic!("{}: {:?}", named.full_name(), e.as_db_error()));
            if session == Session::Ours {
                let arguments = batches::empty(named.statement);
                let explain = format!("EXPLAIN EXECUTE plan_{place}{arguments}");
                client.batch_execute(&explain).await.unwrap();
            }
        }
        Prepared { client, statements }
    }

    /// Runs all.
    pub async fn run(&self, state: &'static str, count: u64, rows: u64) -> Vec<Run> {
        let mut runs = Vec::new();
        for (place, named) in self.statements.iter().enumerate() {
            for asked in [Asked::Present, Asked::Absent] {
                let mut run = self.once(place, named, state, asked, count, rows).await;
                if run.refused.as_deref().is_some_and(|why| why.contains("more than one row")) {
                    run = self.once(place, named, state, asked, 1, rows).await;
                }
                runs.push(run);
            }
        }
        runs
    }

    async fn once(
        &self,
        place: usize,
        named: &Named,
        state: &'static str,
        asked: Asked,
        count: u64,
        rows: u64,
    ) -> Run {
        let batch = batches::of(&self.client, named, asked, count, rows).await;
        let explain = format!(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE plan_{place}{}",
            batch.arguments
        );
        self.client.batch_execute("BEGIN").await.unwrap();
        let explained = self.client.simple_query(&explain).await;
        self.client.batch_execute("ROLLBACK").await.unwrap();
        let mut run = Run {
            statement: named.full_name(),
            state,
            asked,
            batch: batch.rows,
            limits: batch.limits,
            figures: Figures::default(),
            refused: None,
            plan: serde_json::Value::Null,
        };
        match explained {
            Ok(messages) => {
                let row = messages.iter().find_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.get(0),
                    _ => None,
                });
                let plan: serde_json::Value = serde_json::from_str(row.unwrap()).unwrap();
                run.plan = plan[0]["Plan"].clone();
                run.figures = Figures::of(&run.plan);
            }
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
                run.figures.rows = u64::MAX;
            }
            Err(error) => {
                run.refused = Some(error.as_db_error().map_or(error.to_string(), |e| e.message().to_owned()));
            }
        }
        run
    }
}

const SETTINGS: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off";
