//! The restaurants of a caller.

use super::Tables;
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::AggregatorId;
use crate::protocols::whiteserver::reply::Agent;

static AGENTS: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT o.object_id, o.agent_version FROM batch b {all licences l: aggregator_id}
     {one objects o: object_id = l.object_id} ORDER BY o.object_id",
);

impl Tables<'_> {
    /// The objects that an aggregator may use, by their numbers.
    pub async fn agents(self, aggregator: AggregatorId) -> Result<Vec<Agent>, StoreError> {
        let read = |mut row: Row| {
            Ok(Agent { object: row.get("object_id")?, version: row.word("agent_version")? })
        };
        self.db.run(&AGENTS, vec![row![aggregator]]).await?.into_iter().map(read).collect()
    }
}
