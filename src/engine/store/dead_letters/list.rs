//! The newest letters that pass a filter.

use super::{LetterFilter, StoredLetter};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::dead_letter::{DeadLetter, Door};
use crate::engine::store::Store;

// The filter stands in sub-selects: the newest letters come from an index. A letter that does not say of what kind its
// task is takes the kind of the task that it names.
macro_rules! list {
    ($letters:literal) => {
        Statement::read(
            &[
                ("letter_id", Type::Int),
                ("object_id", Type::Int),
                ("task_guid", Type::Uuid),
                ("message_id", Type::Text),
                ("task_type", Type::Text),
                ("reason", Type::Text),
                ("since", Type::Time),
                ("until", Type::Time),
                ("most", Type::Int),
            ],
            concat!(
                "SELECT d.letter_id, d.door, d.reason, d.object_id, d.task_guid,
            coalesce(d.task_type, t.task_type) AS task_type, d.message_id, d.publisher, d.aggregator,
            CASE WHEN t.task_guid IS NOT NULL THEN coalesce(t.outcome, 'open') END AS task,
            d.times, d.first_at, d.last_at, d.replayed_at, d.denied
     FROM (SELECT * FROM ",
                $letters,
                " AS e
           WHERE ((SELECT letter_id FROM batch) IS NULL OR e.letter_id = (SELECT letter_id FROM batch))
             AND ((SELECT object_id FROM batch) IS NULL OR e.object_id = (SELECT object_id FROM batch))
             AND ((SELECT task_type FROM batch) IS NULL
                  OR coalesce(e.task_type, (SELECT s.task_type FROM tasks s
                                            WHERE s.task_guid = e.task_guid LIMIT 1))
                     = (SELECT task_type FROM batch))
             AND ((SELECT reason FROM batch) IS NULL
                  OR lower(e.reason) LIKE (SELECT reason FROM batch) ESCAPE '!')
             AND ((SELECT since FROM batch) IS NULL OR e.last_at >= (SELECT since FROM batch))
             AND ((SELECT until FROM batch) IS NULL OR e.last_at < (SELECT until FROM batch))
           ORDER BY e.last_at DESC LIMIT (SELECT most FROM batch)) AS d
     {left one tasks t: task_guid = d.task_guid}
     ORDER BY d.last_at DESC, d.letter_id DESC"
            ),
        )
    };
}

static LIST: Statement = list!("dead_letters");
// Those of a task, or with its name: each by an index of its own.
static OF_TASK: Statement = list!(
    "(SELECT * FROM dead_letters k
      WHERE k.task_guid >= (SELECT task_guid FROM batch) AND k.task_guid <= (SELECT task_guid FROM batch)
      UNION SELECT * FROM dead_letters n
      WHERE n.message_id >= (SELECT message_id FROM batch) AND n.message_id <= (SELECT message_id FROM batch))"
);

impl Store {
    /// Lists letters, the newest first.
    pub async fn dead_letters(
        &self,
        filter: &LetterFilter,
    ) -> Result<Vec<StoredLetter>, StoreError> {
        let LetterFilter { id, object, guid, task_type, reason, since, until, most } = filter;
        let reason = reason.as_deref().map(pattern);
        let message_id = guid.map(|guid| guid.to_string());
        let row =
            row![*id, *object, *guid, message_id, task_type.clone(), reason, *since, *until, *most];
        let statement = if guid.is_some() { &OF_TASK } else { &LIST };
        self.db.run(statement, vec![row]).await?.into_iter().map(read).collect()
    }
}

/// A pattern of `LIKE` for texts with this in them, in lower case.
fn pattern(text: &str) -> String {
    let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

fn read(mut row: Row) -> Result<StoredLetter, StoreError> {
    let letter = DeadLetter {
        door: row.word::<Door>("door")?,
        reason: row.get("reason")?,
        object: row.get("object_id")?,
        guid: row.get("task_guid")?,
        task_type: row.get("task_type")?,
        message_id: row.get("message_id")?,
        publisher: row.get("publisher")?,
        aggregator: row.get("aggregator")?,
        denied: row.get("denied")?,
        body: None,
    };
    Ok(StoredLetter {
        id: row.get("letter_id")?,
        letter,
        task: row.get("task")?,
        times: row.get("times")?,
        first_at: row.get("first_at")?,
        last_at: row.get("last_at")?,
        replayed_at: row.get("replayed_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_as_it_is() {
        assert_eq!(pattern("100% NO_task!"), "%100!% no!_task!!%");
    }
}
