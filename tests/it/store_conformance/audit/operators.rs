//! What operators did and what the journal says of it.

use wsa::engine::store::journal::{Act, Actor, Via};

use super::{Spoiler, done};
use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![each_rule_of_the_journal_can_be_seen_broken];

/// Lets the journal be changed, past the database's refusal; and has SQLite's trigger of resumed objects out of the way, whose
/// clock is the program's.
async fn open_the_journal(store: &TestStore) {
    let place = &store.place;
    let triggers: &[&str] = match place {
        crate::support::place::Place::Sqlite(_) => {
            &["journal_is_not_changed", "journal_is_not_deleted", "note_resumed"]
        }
        crate::support::place::Place::Postgres(_) => &["only_added_to ON journal"],
    };
    for trigger in triggers {
        place.execute(&format!("DROP TRIGGER {trigger}")).await.unwrap();
    }
}

async fn each_rule_of_the_journal_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    let anna = Actor { who: "anna".into(), role: Some("operator"), via: Via::Api };
    for object in [V1, V2] {
        assert!(store.pause(object, &anna, Act::default()).await.unwrap());
    }
    let mut cancelled = Vec::new();
    for _ in 0..4 {
        let key = store.registered(&Ask::get_order(V1, store.order(V1, "1.00").await)).await;
        assert!(store.withdraw(key, &anna, Act::default()).await.unwrap().is_some());
        cancelled.push(key.guid);
    }
    // Whoever cancels for himself needs no operator.
    assert!(store.resume(V1, &anna, Act::default()).await.unwrap());
    let target = store.registered(&Ask::get_order(V1, store.order(V1, "1.00").await)).await;
    let by = done(store, &Ask::cancel_task(V1, target.guid)).await;
    let mut spoiler = Spoiler::of(store, place).await;
    open_the_journal(store).await;

    let (was, is) = ("outcome = 'cancelled'", "outcome = 'refused'");
    let sql =
        format!("UPDATE tasks SET {is} WHERE {was} AND task_guid = {}", place.guid(cancelled[0].0));
    spoiler.breaks(&["cancel-entry-is-true"], &[sql]).await;
    let of = |n: usize| format!("WHERE subject = '{}'", cancelled[n]);
    let sql = format!("UPDATE journal SET action = 'task.look' {}", of(1));
    spoiler.breaks(&["cancelled-task-was-asked-for"], &[sql]).await;
    let sql =
        format!("UPDATE tasks SET outcome = 'refused' WHERE task_guid = {}", place.guid(by.guid.0));
    spoiler.breaks(&["cancelled-task-was-asked-for"], &[sql]).await;

    let sql = format!("UPDATE paused_objects SET paused_by = 'boris' WHERE object_id = {V2}");
    spoiler.breaks(&["pause-is-entered"], &[sql]).await;
    let sql = format!(
        "INSERT INTO paused_objects (object_id, paused_at, paused_by, reason)
         VALUES ({V1}, {}, 'anna', 'nobody entered it')",
        place.moment(0)
    );
    spoiler.breaks(&["pause-is-entered"], &[sql]).await;
    // Gone without an entry; that another has paused it breaks the rule no longer.
    let sql = format!("DELETE FROM paused_objects WHERE object_id = {V2}");
    spoiler.mends("pause-is-entered");
    spoiler.breaks(&["pause-is-entered"], &[sql]).await;

    let sql = format!("DELETE FROM journal {}", of(2));
    spoiler.breaks(&["journal-is-whole", "cancelled-task-was-asked-for"], &[sql]).await;
    // An entry that is gone from the end is missed as well.
    let sql = "UPDATE journal_head SET last_entry = last_entry + 1".to_owned();
    spoiler.mends("journal-is-whole");
    spoiler.breaks(&["journal-is-whole"], &[sql]).await;
    spoiler
        .finish(|name| {
            let of_this = ["journal-is-whole", "cancel-entry-is-true", "pause-is-entered"];
            of_this.contains(&name) || name == "cancelled-task-was-asked-for"
        })
        .await;
}
