//! The states of statistics in which plans are made.

use std::collections::HashMap;

use deadpool_postgres::Object;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};
use wsa::database::Shape;

use super::asked::{self, Asked};
use super::batches::{self, Batch};
use super::figures::Figures;
use super::statements::Named;

/// What running a statement once came to.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Run {
    pub statement: String,
    pub state: &'static str,
    pub asked: Asked,
    /// Whether the plan was kept, and not made for this batch.
    pub kept: bool,
    pub batch: u64,
    pub limits: u64,
    #[serde(flatten)]
    pub figures: Figures,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
    pub plan: serde_json::Value,
}

/// How statements are planned.
#[derive(Debug)]
pub enum Session {
    /// As the program's sessions do: once, when they are prepared.
    Ours(Object),
    /// Each time that they run, with the values at hand, and nothing else is set. So it is behind a pooler that gives
    /// each transaction another session.
    Plain(Client),
}

impl Session {
    fn client(&self) -> &Client {
        match self {
            Session::Ours(object) => object,
            Session::Plain(client) => client,
        }
    }
}

/// The batches of all statements, which are the same in every state.
#[derive(Debug, Default)]
pub struct Batches(HashMap<(usize, Asked, Shape, u64), Batch>);

impl Batches {
    /// Of one row each, handed over as it is, and of so many rows each where there may be many.
    pub async fn of(client: &Client, statements: &[Named], counts: &[u64], rows: u64) -> Batches {
        let mut all = HashMap::new();
        for (place, named) in statements.iter().enumerate() {
            for asked in [Asked::Present, Asked::Absent] {
                let row = batches::of(client, named, asked, (Shape::Row, 1), rows).await;
                all.insert((place, asked, Shape::Row, 1), row);
                if named.statement.columns().is_empty() || asked::is_of_one_row(named) {
                    continue;
                }
                for count in counts {
                    let many = (Shape::Rows, *count);
                    let batch = batches::of(client, named, asked, many, rows).await;
                    all.insert((place, asked, Shape::Rows, *count), batch);
                }
            }
        }
        Batches(all)
    }
}

/// A session with all statements prepared.
#[derive(Debug)]
pub struct Prepared<'a> {
    session: Session,
    statements: &'a [Named],
}

impl<'a> Prepared<'a> {
    /// Prepares them; what is planned once is planned now.
    pub async fn on(session: Session, statements: &'a [Named]) -> Prepared<'a> {
        let client = session.client();
        let once = matches!(session, Session::Ours(_));
        if !once {
            client
                .batch_execute("SET plan_cache_mode = force_custom_plan; SET jit = off")
                .await
                .unwrap();
        }
        for (place, named) in statements.iter().enumerate() {
            for shape in [Shape::Row, Shape::Rows] {
                let (plan, text) = (plan_name(place, shape), named.statement.postgres(shape));
                let prepared = client.batch_execute(&format!("PREPARE {plan} AS {text}")).await;
                prepared.unwrap_or_else(|e| panic!("{}: {e:?}", named.full_name()));
                if once {
                    let arguments = batches::empty(named.statement, shape);
                    let explain = format!("EXPLAIN EXECUTE {plan}{arguments}");
                    client.batch_execute(&explain).await.unwrap();
                }
            }
        }
        Prepared { session, statements }
    }

    /// Runs each over each of its batches.
    pub async fn run(&self, state: &'static str, batches: &Batches) -> Vec<Run> {
        let mut keys: Vec<_> = batches.0.keys().copied().collect();
        keys.sort_by_key(|(place, asked, _, count)| (*place, *asked == Asked::Absent, *count));
        let mut runs = Vec::new();
        for key in keys {
            let (place, asked, ..) = key;
            runs.push(self.once(place, state, asked, &batches.0[&key]).await);
        }
        runs
    }

    async fn once(&self, place: usize, state: &'static str, asked: Asked, batch: &Batch) -> Run {
        let explain = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)";
        let plan = plan_name(place, batch.shape);
        let explain = format!("{explain} EXECUTE {plan}{}", batch.arguments);
        let client = self.session.client();
        client.batch_execute("BEGIN").await.unwrap();
        let explained = client.simple_query(&explain).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        let statement = self.statements[place].full_name();
        let (batch, limits) = (batch.rows, batch.limits);
        let (figures, plan) = (Figures::default(), serde_json::Value::Null);
        let kept = matches!(self.session, Session::Ours(_));
        let mut run =
            Run { statement, state, asked, kept, batch, limits, figures, refused: None, plan };
        match explained {
            Ok(messages) => {
                run.plan = plan_of(&messages);
                run.figures = Figures::of(&run.plan);
            }
            // Whatever it reads, it is too much.
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
                run.figures.rows = u64::MAX;
            }
            Err(error) => run.refused = Some(error.as_db_error().unwrap().message().to_owned()),
        }
        run
    }
}

fn plan_name(place: usize, shape: Shape) -> String {
    match shape {
        Shape::Row => format!("plan_of_row_{place}"),
        Shape::Rows => format!("plan_of_rows_{place}"),
    }
}

fn plan_of(messages: &[SimpleQueryMessage]) -> serde_json::Value {
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let explained: serde_json::Value = serde_json::from_str(row.unwrap()).unwrap();
    explained[0]["Plan"].clone()
}
