//! The schema.

use std::sync::Arc;

use futures_util::future::join_all;
use wsa::callback::signature::SignatureForm;
use wsa::domain::outbox::EventTypes;
use wsa::engine::store::Store;
use wsa::engine::store::migrate::Schema;
use wsa::protocols::whiteserver::sql::Tables;

use crate::support::place::{Place, Stores};
use crate::support::reference::seed;

/// Every step that there is.
const STEPS: &[&str] = &[
    "001_payments",
    "002_deliveries",
    "003_activeplatform",
    "004_ticketscloud",
    "005_billmanager",
    "006_dead_letters",
    "007_names",
    "009_dead_denied",
    "010_probes",
    "011_denials",
    "012_billmanager_parameters",
    "013_activeplatform_lists",
    "014_object_time_zone",
    "015_callbacks",
    "016_catalogues",
    "017_tills",
    "018_ticketscloud_expiry",
    "020_event_types",
    "021_scheduled_tasks",
    "022_ticketscloud_catalogue",
    "023_ticketscloud_refunds",
    "024_billmanager_services",
    "025_billmanager_renewals",
    "026_billmanager_refunds",
    "028_queues_begin",
    "029_written_whole",
    "030_story_of_a_task",
    "031_inline_times",
    "032_operators",
    "033_searches",
    "034_pauses",
    "037_samples",
    "038_operator_sessions",
    "039_log_of_a_callback",
    "040_resumed",
    "041_fewer_indexes",
    "042_held",
    "044_backlog_counts",
    "046_on_hold",
];

async fn a_schema_is_built_once_and_told(kind: Stores) {
    let place = Place::empty(kind).await;
    let store = place.open();
    let needed = STEPS.last().unwrap()[..3].parse().unwrap();
    assert_eq!(store.schema().await.unwrap(), Schema::Behind { at: 0, needed });
    assert_eq!(store.migrate().await.unwrap(), STEPS);
    assert_eq!(store.schema().await.unwrap(), Schema::Current);
    seed(&store).await;
    assert_eq!(store.migrate().await.unwrap(), [] as [&str; 0], "a second time does nothing");
    assert_eq!(Tables::of(&store).objects().await.unwrap().len(), 4);

    place.execute("INSERT INTO wsa_migrations VALUES (9999)").await.unwrap();
    assert_eq!(store.schema().await.unwrap(), Schema::Ahead, "a newer program was here");
    assert_eq!(store.migrate().await.unwrap(), [] as [&str; 0]);
}

async fn processes_that_migrate_at_once_wait_for_each_other(kind: Stores) {
    let place = Arc::new(Place::empty(kind).await);
    let migrating = (0..6).map(|_| {
        let place = Arc::clone(&place);
        tokio::spawn(async move {
            let store: Store = place.open();
            store.migrate().await.unwrap()
        })
    });
    let applied: Vec<_> = join_all(migrating).await.into_iter().map(Result::unwrap).collect();
    let steps: Vec<_> = applied.concat();
    assert_eq!(steps, STEPS, "{applied:?}");
    seed(&place.open()).await;
}

async fn an_upgrade_leaves_callbacks_as_their_receivers_know_them(kind: Stores) {
    let place = Place::migrated(kind).await;
    let store = place.open();
    let main = seed(&store).await.main;
    for undo in [
        "DROP TABLE backlog_counts",
        "DROP INDEX dead_letters_by_task",
        "DROP INDEX dead_letters_by_message",
        "DROP INDEX delivery_log_of_callback",
        "DROP INDEX delivery_log_failed",
        "DROP TABLE operator_sessions",
        "DROP TABLE samples",
        "DROP TABLE paused_objects",
        "DROP TABLE resumed_objects",
        "DROP TABLE audit_runs",
        "DROP TABLE journal",
        "DROP TABLE journal_head",
        "DROP INDEX tasks_on_hold",
        "ALTER TABLE tasks DROP COLUMN held",
        "DROP TABLE operators",
        "DROP INDEX tasks_by_object",
        "DROP INDEX tasks_not_done",
        "DROP INDEX tasks_by_correlation",
        "DROP INDEX orders_by_guid",
        "DROP INDEX delivery_log_by_subject",
        "ALTER TABLE mailboxes DROP COLUMN begun",
        "DROP TABLE bm_services",
        "DROP TABLE bm_periods",
        "DROP INDEX bm_one_refund",
        "ALTER TABLE bm_items DROP COLUMN refund",
        "ALTER TABLE bm_pricelists DROP COLUMN refund",
        "ALTER TABLE bm_items DROP COLUMN renewals",
        "DROP INDEX bm_orders_unpaid",
        "DROP INDEX bm_one_renewal",
        "DROP TABLE tc_refund_tickets",
        "DROP TABLE tc_refunds",
        "DROP INDEX tc_entries_by_refund",
        "DROP INDEX tc_entries_whole",
        "DROP INDEX tc_entries_by_order",
        "ALTER TABLE tc_entries DROP COLUMN refund_id",
        "CREATE UNIQUE INDEX tc_entries_by_order ON tc_entries (object_id, order_id, kind)",
        "ALTER TABLE tc_lines DROP COLUMN refund",
        "ALTER TABLE tc_lines DROP COLUMN refunded_by",
        "DROP INDEX tc_orders_by_shown_number",
        "ALTER TABLE tc_orders DROP COLUMN shown_number",
        "ALTER TABLE tc_orders DROP COLUMN refunded",
        "ALTER TABLE tc_orders DROP COLUMN done_at",
        "ALTER TABLE tc_orders DROP COLUMN done_by",
        "ALTER TABLE tc_orders DROP COLUMN vendor_data",
        "ALTER TABLE tc_lines DROP COLUMN place",
        "ALTER TABLE tc_tickets DROP COLUMN place",
        "ALTER TABLE tc_sets DROP COLUMN amount",
        "ALTER TABLE tc_sets DROP COLUMN seats",
        "ALTER TABLE tc_sets DROP COLUMN sector",
        "ALTER TABLE tc_sets DROP COLUMN pos",
        "DROP INDEX tc_deals_by_partner",
        "DROP INDEX tc_events_by_org",
        "ALTER TABLE tc_events DROP COLUMN card",
        "ALTER TABLE tc_events DROP COLUMN city",
        "ALTER TABLE tc_events DROP COLUMN country",
        "ALTER TABLE tc_events DROP COLUMN venue_id",
        "ALTER TABLE tc_events DROP COLUMN ends_at",
        "ALTER TABLE tc_events DROP COLUMN starts_at",
        "ALTER TABLE tc_events DROP COLUMN updated_at",
        "ALTER TABLE tc_events DROP COLUMN created_at",
        "DROP TABLE catalogue_sections",
        "DROP TABLE catalogues",
        "DROP INDEX orders_to_accept",
        "DROP TABLE till_events",
        "DROP TABLE tills",
        "ALTER TABLE objects DROP COLUMN accept_within_s",
        "ALTER TABLE orders DROP COLUMN waiter_id",
        "ALTER TABLE orders DROP COLUMN substate",
        "ALTER TABLE orders DROP COLUMN acceptance",
        "ALTER TABLE orders DROP COLUMN accept_by",
        "ALTER TABLE orders DROP COLUMN reject_code",
        "ALTER TABLE orders DROP COLUMN reject_message",
        "DROP INDEX tc_orders_to_expire_of",
        "DROP INDEX tasks_to_begin",
        "ALTER TABLE tasks DROP COLUMN not_before",
        "ALTER TABLE mailboxes DROP COLUMN status_events",
        "ALTER TABLE events DROP COLUMN event_type",
        "DROP INDEX deliveries_by_order",
        "ALTER TABLE mailboxes DROP COLUMN signature",
        "ALTER TABLE events DROP COLUMN version",
        "ALTER TABLE deliveries DROP COLUMN order_guid",
        "DELETE FROM wsa_migrations WHERE number >= 15",
    ] {
        place.execute(undo).await.unwrap();
    }
    // SQLite makes this table anew.
    if kind == Stores::Postgres {
        let undo = "ALTER TABLE bm_entries DROP COLUMN item_id, DROP COLUMN starts_at";
        place.execute(undo).await.unwrap();
    }
    let (guid, now) = (place.guid(uuid::Uuid::new_v4()), place.moment(0));
    for old in [
        format!(
            "INSERT INTO mailboxes (aggregator_id, kind, answers, events, added_at, url, secret)
             SELECT aggregator_id, 'callback', answers, true, {now}, 'https://example.com/old',
                    {guid_bytes}
             FROM mailboxes WHERE kind = 'task_queue' AND aggregator_id = {}",
            main.0,
            guid_bytes = match kind {
                Stores::Sqlite => "x'00'",
                Stores::Postgres => "'\\x00'::bytea",
            },
        ),
        format!(
            "INSERT INTO events (object_id, event_guid, order_guid, occurred_at, body)
             VALUES (1, {guid}, {guid}, {now}, '{{}}')"
        ),
        format!(
            "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, added_at, due_at)
             SELECT mailbox_id, 1, {guid}, true, {now}, {now} FROM mailboxes
             WHERE kind IN ('callback', 'event_queue') AND aggregator_id = {}",
            main.0
        ),
        format!(
            "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, registered_at,
                                deadline, publish_at, outcome, answer, answered_at)
             VALUES (1, {guid}, {}, 'PayOrder', '{{}}', {now}, {now}, {now}, 'done', '{{}}', {now})",
            main.0
        ),
    ] {
        place.execute(&old).await.unwrap();
    }
    assert_eq!(store.migrate().await.unwrap()[0], "015_callbacks");
    // Its answer is for ever, and its name is kept when it goes.
    let again = place.execute("UPDATE tasks SET outcome = 'refused'").await;
    assert!(again.is_err(), "an answered task was changed");
    place.execute("DELETE FROM tasks").await.unwrap();
    let retired = "SELECT count(*) FROM retired_tasks WHERE outcome = 'done'";
    assert_eq!(place.number(retired).await, 1);
    let old = store.callbacks().await.unwrap().remove(0);
    assert_eq!(old.events, EventTypes::USUAL, "it takes what it took");
    assert_eq!(old.signature, SignatureForm::Hex, "its receiver checks hex");
    let (new, _) = crate::support::callbacks::add(&store, "https://example.com/new").await;
    let listed = crate::support::callbacks::listed(&store, new).await;
    assert_eq!(listed.signature, SignatureForm::Base64);
    let in_order = "SELECT count(*) FROM deliveries WHERE order_guid IS NOT NULL";
    assert_eq!(place.number(in_order).await, 1, "what waits in a callback, and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_leaves_callbacks_as_their_receivers_know_them_on_sqlite() {
    an_upgrade_leaves_callbacks_as_their_receivers_know_them(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_leaves_callbacks_as_their_receivers_know_them_on_postgres() {
    an_upgrade_leaves_callbacks_as_their_receivers_know_them(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_built_once_and_told_on_sqlite() {
    a_schema_is_built_once_and_told(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_built_once_and_told_on_postgres() {
    a_schema_is_built_once_and_told(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_at_once_wait_for_each_other_on_sqlite() {
    processes_that_migrate_at_once_wait_for_each_other(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_at_once_wait_for_each_other_on_postgres() {
    processes_that_migrate_at_once_wait_for_each_other(Stores::Postgres).await;
}
