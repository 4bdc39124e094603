//! What a statement is asked for, where the names of its columns do not say it.

use wsa::database::Shape;

use super::statements::Named;

/// What a batch asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// Rows that are there. Lists are asked without a filter.
    Present,
    /// Rows that are not, of objects that are. Lists have a filter that lets nothing through, and nothing is old
    /// enough for retention: the reading does not end early.
    Absent,
}

use Asked::{Absent, Present};

/// By statement, file or folder, and column; `i` is what is added to the numbers of its rows.
const BOTH: &[(&str, &str, &str)] = &[
    ("engine/store/audit_runs.rs END", "error", "NULL"),
    ("engine/store/audit_runs.rs END", "report", "'{}'"),
    ("engine/store/audit_runs.rs END", "sound", "true"),
    ("protocols/ticketscloud/sql/shown.rs TICKET_ORDER", "i", "1"),
    ("protocols/whiteserver/sql/shown.rs ORDER_ID", "guid", "md5('order' || i)::uuid"),
    ("protocols/whiteserver/sql/shown.rs ORDER_ORIGINAL", "word", "'original_order_id-' || i"),
    ("protocols/whiteserver/sql/shown.rs PAYMENT_ORDER", "guid", "md5('order' || i)::uuid"),
    ("protocols/whiteserver/sql/shown.rs PAYMENT_TASK", "guid", "md5('task' || i)::uuid"),
    ("protocols/whiteserver/sql/shown.rs PAYMENT_ID", "guid", "md5('task' || i)::uuid"),
    ("protocols/whiteserver/sql/shown.rs OBJECT_ID", "number", "{group}"),
    ("protocols/activeplatform/sql/shown.rs RESELLER_ID", "number", "i"),
    ("protocols/activeplatform/sql/shown.rs PAYMENT_TASK", "guid", "md5('task' || i)::uuid"),
    ("protocols/ticketscloud/sql/shown.rs EVENT_ID", "number", "1000000000000000 + {group}"),
    ("protocols/ticketscloud/sql/shown.rs ORDER_ID", "word", "substr(md5('order_id' || i), 1, 24)"),
    ("protocols/ticketscloud/sql/shown.rs ORDER_TASK", "guid", "md5('task' || i)::uuid"),
    (
        "protocols/ticketscloud/sql/shown.rs TICKET_ORDER",
        "word",
        "substr(md5('order_id' || i), 1, 24)",
    ),
    (
        "protocols/ticketscloud/sql/shown.rs ENTRY_ORDER",
        "word",
        "substr(md5('order_id' || i), 1, 24)",
    ),
    ("protocols/ticketscloud/sql/shown.rs ENTRY_TASK", "guid", "md5('task' || i)::uuid"),
    ("protocols/billmanager/sql/shown.rs ACCOUNT_ID", "number", "2000000000000000 + i"),
    ("protocols/billmanager/sql/shown.rs ORDER_ID", "number", "i"),
    ("protocols/billmanager/sql/shown.rs PAYMENT_ID", "number", "i"),
    ("protocols/billmanager/sql/shown.rs PAYMENT_ORDER", "number", "i"),
    ("protocols/billmanager/sql/shown.rs CART_ID", "number", "i"),
    ("protocols/billmanager/sql/shown.rs SERVICE_ID", "number", "i"),
    ("protocols/billmanager/sql/shown.rs ORDER_TASK", "guid", "md5('task' || i)::uuid"),
    ("protocols/billmanager/sql/shown.rs CART_TASK", "guid", "md5('task' || i)::uuid"),
    ("protocols/whiteserver/sql/shown.rs ", "guid", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"),
    ("protocols/whiteserver/sql/shown.rs ", "number", "9000000000000000000"),
    ("protocols/whiteserver/sql/shown.rs ", "word", "'~'"),
    (
        "protocols/activeplatform/sql/shown.rs ",
        "guid",
        "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
    ),
    ("protocols/activeplatform/sql/shown.rs ", "number", "9000000000000000000"),
    ("protocols/activeplatform/sql/shown.rs ", "word", "'~'"),
    (
        "protocols/ticketscloud/sql/shown.rs ",
        "guid",
        "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
    ),
    ("protocols/ticketscloud/sql/shown.rs ", "number", "9000000000000000000"),
    ("protocols/ticketscloud/sql/shown.rs ", "word", "'~'"),
    ("protocols/billmanager/sql/shown.rs ", "guid", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"),
    ("protocols/billmanager/sql/shown.rs ", "number", "9000000000000000000"),
    ("protocols/billmanager/sql/shown.rs ", "word", "'~'"),
    (
        "engine/store/tasks/window.rs OPEN",
        "behind_guid",
        "'00000000-0000-0000-0000-000000000000'::uuid",
    ),
    (
        "engine/store/tasks/window.rs END_OPEN",
        "behind_guid",
        "'00000000-0000-0000-0000-000000000000'::uuid",
    ),
    ("engine/store/tasks/window.rs OPEN", "behind_at", "{long_ago}"),
    ("engine/store/tasks/window.rs END_OPEN", "behind_at", "{long_ago}"),
    ("engine/store/tasks/window.rs OPEN", "last_at", "{later}"),
    ("engine/store/tasks/window.rs END_OPEN", "last_at", "{later}"),
    (
        "engine/store/tasks/window.rs ",
        "behind_guid",
        "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
    ),
    ("engine/store/tasks/window.rs ", "behind_at", "{later}"),
    ("engine/store/tasks/window.rs ", "last_at", "{long_ago}"),
    ("engine/store/tasks/window.rs ", "to_at", "{later}"),
    ("engine/store/tasks/window.rs ", "aggregator_id", "NULL"),
    ("engine/store/tasks/window.rs ", "state", "NULL"),
    ("engine/store/tasks/window.rs ", "mentions", "NULL"),
    ("engine/store/tasks/window.rs ", "from_at", "{long_ago}"),
    ("ops/journal.rs ", "from_at", "NULL"),
    ("ops/journal.rs ", "to_at", "NULL"),
    ("engine/store/audit_runs.rs BEGIN", "lost_after_s", "0"),
    ("engine/store/pauses.rs PAUSE", "object_id", "10 * {n} + i"),
    ("engine/protocol/callers.rs by_token", "protocol", "'whiteserver'"),
    ("engine/protocol/registering.rs find_used", "licensed", "false"),
    ("engine/protocol/registering.rs find_used", "task_guid", "md5('retired' || i)::uuid"),
    ("engine/protocol/registering.rs register", "denials_since", "{long_ago}"),
    ("engine/protocol/registering.rs register", "expires_at", "NULL"),
    ("engine/protocol/registering.rs register", "licensed", "false"),
    ("engine/protocol/registering.rs register", "timeout_s", "60"),
    (
        "engine/protocol/registering.rs register",
        "token_hash",
        "sha256(('token_hash' || {group})::bytea)",
    ),
    ("engine/store/answers.rs ANSWER", "answer", "'{}'"),
    ("engine/store/answers.rs ANSWER", "outcome", "'done'"),
    ("engine/store/answers.rs FIND_AS", "token_hash", "sha256(('token_hash' || {group})::bytea)"),
    ("engine/store/answers.rs FIND_EXPIRED", "task_guid", "md5('retired' || i)::uuid"),
    ("engine/store/callbacks.rs", "secret", "sha256(('secret' || i)::bytea)"),
    ("engine/store/callbacks.rs ADD", "url", "'https://a.example/' || i"),
    ("engine/store/callbacks.rs R", "mailbox_id", "5 * {group}"),
    ("engine/store/callbacks.rs SET_OPEN", "mailbox_id", "5 * {group}"),
    ("engine/store/callbacks/log.rs READ", "failed", "false"),
    ("engine/store/callbacks/log.rs OF_CALLBACK", "failed", "false"),
    ("engine/store/callbacks/log.rs FAILED_OF_CALLBACK", "failed", "true"),
    ("engine/store/dead_letters/list.rs OF_TASK", "task_guid", "md5('task' || i)::uuid"),
    ("engine/store/dead_letters/list.rs OF_TASK", "message_id", "md5('task' || i)::uuid::text"),
    ("engine/store/dead_letters/list.rs OF_TASK", "*", "NULL"),
    ("engine/store/callbacks/round.rs HEALTH", "well", "false"),
    ("engine/store/dead_letters.rs DENIED", "aggregator", "'name-' || {group}"),
    ("engine/store/notifications.rs DUE", "kind", "{kind}"),
    ("engine/store/notifications.rs READ_ANSWERS", "i", "1"),
    ("engine/store/register/standing.rs FIND_DENIED", "denials_since", "{long_ago}"),
    ("engine/store/register/standing.rs FIND_TOO_FAR", "not_before", "{later}"),
    ("engine/store/subscriptions.rs", "kind", "{kind}"),
    ("engine/store/subscriptions.rs SET_OPEN", "aggregator_id", "1 + (i - 1) / 5"),
    ("ops/access/sessions.rs OPEN", "session_hash", "sha256(('another' || i)::bytea)"),
    ("protocols/activeplatform/sql/listing.rs", "earliest", "{long_ago}"),
    ("protocols/activeplatform/sql/listing.rs", "latest", "{later}"),
    ("protocols/activeplatform/sql/listing.rs BY_ACCOUNT", "account_id", "{set}"),
    ("protocols/activeplatform/sql/listing.rs BY_DOCUMENT", "document_id", "'document_id-' || i"),
    ("protocols/activeplatform/sql/listing.rs BY_STATUS", "status", "'waiting_for_payment'"),
    ("protocols/activeplatform/sql/managers.rs ACCESS", "aggregator_id", "{n} + i"),
    ("protocols/activeplatform/sql/records.rs RESELLER", "aggregator_id", "{n} + i"),
    ("protocols/billmanager/sql/accounts.rs OF_NUMBER", "kind", "'order'"),
    ("protocols/billmanager/sql/accounts.rs OF_PRICELIST", "pricelist_id", "i"),
    ("protocols/billmanager/sql/payments.rs BY_NUMBER", "payment_id", "i"),
    ("protocols/billmanager/sql/payments.rs BY_ORDER", "order_id", "i"),
    ("protocols/billmanager/sql/payments.rs NEWEST_OF_CLIENT", "user_id", "{group}"),
    ("protocols/billmanager/sql/services.rs BY_NUMBER", "item_id", "i"),
    ("protocols/billmanager/sql/services.rs BY_ORDER", "order_id", "i"),
    ("protocols/billmanager/sql/services.rs NEWEST_OF_CLIENT", "user_id", "{group}"),
    ("protocols/billmanager/sql/reference.rs ADD_ACCOUNT", "provider_id", "1 + {group} % 21"),
    ("protocols/billmanager/sql/reference.rs DEPOSIT", "note", "'note'"),
    ("protocols/billmanager/sql/write.rs CREDIT", "credited_at", "now()"),
    ("protocols/billmanager/sql/write.rs CREDIT", "credited_by", "md5('task' || i)::uuid"),
    ("protocols/billmanager/sql/write.rs PAY_ORDERS", "paid_at", "now()"),
    ("protocols/billmanager/sql/write.rs PAY_ORDERS", "paid_by", "md5('task' || i)::uuid"),
    ("protocols/billmanager/sql/write/services.rs BEGIN", "starts_at", "{moment}"),
    (
        "protocols/billmanager/sql/write/services.rs REFUND",
        "starts_at",
        "timestamptz '2026-01-01' + i * interval '1 s'",
    ),
    ("protocols/activeplatform/sql/write.rs COMPLETE", "closed_at", "now()"),
    ("protocols/billmanager/sql/sessions.rs OPEN", "token_hash", "sha256(('another' || i)::bytea)"),
    ("protocols/billmanager/sql/sessions.rs TRIM", "user_id", "{group}"),
    ("protocols/billmanager/sql/users.rs END_SESSIONS", "user_id", "{group}"),
    ("protocols/ticketscloud/sql/access.rs PARTNERS", "aggregator_id", "2 * {n} + i"),
    (
        "protocols/ticketscloud/sql/catalogue.rs",
        "partner_id",
        "substr(md5('partner_id' || {group}), 1, 24)",
    ),
    ("protocols/ticketscloud/sql/expiry.rs FREE_TICKETS", "i", "1"),
    ("protocols/ticketscloud/sql/expiry.rs GIVE_BACK", "uses", "0"),
    ("protocols/ticketscloud/sql/load.rs FREE", "set_id", "substr(md5('set_id' || {set}), 1, 24)"),
    ("protocols/ticketscloud/sql/load.rs SYSTEMS", "wanted", "'code-' || i"),
    (
        "protocols/ticketscloud/sql/orders.rs",
        "partner_id",
        "substr(md5('partner_id' || {group}), 1, 24)",
    ),
    ("protocols/ticketscloud/sql/refunds.rs CLOSE", "closed_by", "md5('task' || i)::uuid"),
    ("protocols/ticketscloud/sql/refunds.rs CLOSE", "status", "'approved'"),
    ("protocols/ticketscloud/sql/refunds.rs CLOSE", "version", "2"),
    (
        "protocols/ticketscloud/sql/refunds.rs LIST",
        "partner_id",
        "substr(md5('partner_id' || {group}), 1, 24)",
    ),
    ("protocols/ticketscloud/sql/refunds.rs LIST", "sort", "'created_at'"),
    (
        "protocols/ticketscloud/sql/tickets.rs FREE",
        "set_id",
        "substr(md5('set_id' || {set}), 1, 24)",
    ),
    ("protocols/ticketscloud/sql/write.rs COUNT_USES", "loaded", "0"),
    ("protocols/ticketscloud/sql/write.rs HAND", "loaded", "NULL"),
    ("protocols/whiteserver/sql/till_orders.rs LIST", "acceptance", "NULL"),
    ("protocols/whiteserver/sql/till_orders.rs LIST", "before", "NULL"),
    ("protocols/whiteserver/sql/till_orders.rs LIST", "before_guid", "NULL"),
    ("protocols/whiteserver/sql/till_orders.rs LIST", "status", "'Created'"),
    ("protocols/whiteserver/sql/tills.rs BY_CALLER", "aggregator_id", "4 * {n} + i"),
    ("protocols/whiteserver/sql/write.rs REMOVE_PAYMENTS", "removed_at", "now()"),
];

const OF_PRESENT: &[(&str, &str, &str)] = &[
    // Those of the mailbox's aggregator are some of the newest.
    ("engine/store/queues.rs PUT_EARLIER_ANSWERS", "most", "64"),
    ("ops/journal.rs NEWEST_ABOUT", "subject", "'subject-' || i"),
    ("ops/journal.rs NEWEST_LIKE", "action", "'action-' || i"),
    ("ops/journal.rs NEWEST_OF", "who", "'who-' || i"),
    ("ops/journal.rs", "action", "NULL"),
    ("ops/journal.rs", "subject", "NULL"),
    ("ops/journal.rs", "who", "NULL"),
    ("engine/store/tasks/window.rs ", "task_type", "NULL"),
    ("engine/store/callbacks/log.rs READ", "aggregator_id", "NULL"),
    ("engine/store/callbacks/log.rs READ", "mailbox_id", "NULL"),
    ("engine/store/tasks.rs NEWEST", "aggregator_id", "NULL"),
    ("engine/store/tasks.rs NEWEST", "state", "NULL"),
    ("engine/store/dead_letters/list.rs LIST", "*", "NULL"),
    ("protocols/activeplatform/sql/listing.rs", "*", "NULL"),
    ("protocols/activeplatform/sql/records.rs CHILD_ACCOUNTS", "only_reseller_id", "NULL"),
    ("protocols/billmanager/sql/payments.rs", "*", "NULL"),
    ("protocols/billmanager/sql/services.rs", "*", "NULL"),
    ("protocols/ticketscloud/sql/catalogue.rs TICKETS", "statuses", "NULL"),
    ("protocols/ticketscloud/sql/orders.rs LIST", "event_id", "NULL"),
    ("protocols/ticketscloud/sql/orders.rs LIST", "statuses", "NULL"),
    ("protocols/ticketscloud/sql/refunds.rs LIST", "*", "NULL"),
    ("protocols/whiteserver/sql/order_lists.rs LIST", "table_code", "NULL"),
    ("protocols/whiteserver/sql/till_orders.rs LIST", "table_code", "NULL"),
    ("", "age_s", "10"),
    ("", "keep_s", "10"),
];

const OF_ABSENT: &[(&str, &str, &str)] = &[
    ("ops/journal.rs", "subject", "'subject-' || i"),
    ("engine/store/tasks/window.rs ", "task_type", "'nothing'"),
    ("engine/store/callbacks/log.rs READ", "aggregator_id", "NULL"),
    ("engine/store/callbacks/log.rs READ", "mailbox_id", "0"),
    ("engine/store/tasks.rs NEWEST", "aggregator_id", "0"),
    ("engine/store/tasks.rs NEWEST", "state", "NULL"),
    ("engine/store/dead_letters/list.rs LIST", "reason", "'nothing'"),
    ("engine/store/dead_letters/list.rs LIST", "*", "NULL"),
    ("protocols/activeplatform/sql/listing.rs", "closed_from", "{later}"),
    ("protocols/activeplatform/sql/listing.rs", "*", "NULL"),
    ("protocols/activeplatform/sql/records.rs CHILD_ACCOUNTS", "only_reseller_id", "NULL"),
    ("protocols/billmanager/sql/payments.rs", "login", "'nobody'"),
    ("protocols/billmanager/sql/payments.rs", "*", "NULL"),
    ("protocols/billmanager/sql/services.rs", "login", "'nobody'"),
    ("protocols/billmanager/sql/services.rs", "*", "NULL"),
    ("protocols/ticketscloud/sql/catalogue.rs TICKETS", "statuses", "'nothing'"),
    ("protocols/ticketscloud/sql/orders.rs LIST", "event_id", "NULL"),
    ("protocols/ticketscloud/sql/orders.rs LIST", "statuses", "'nothing'"),
    ("protocols/ticketscloud/sql/refunds.rs LIST", "statuses", "'nothing'"),
    ("protocols/ticketscloud/sql/refunds.rs LIST", "*", "NULL"),
    ("protocols/whiteserver/sql/order_lists.rs LIST", "table_code", "'nothing'"),
    ("protocols/whiteserver/sql/till_orders.rs LIST", "table_code", "'nothing'"),
    ("", "age_s", "1000000000"),
    ("", "keep_s", "1000000000"),
];

/// Columns that say how much, wherever they are.
const MEASURES: &[(&str, &str)] = &[
    ("after_id", "0"),
    ("before_id", "1000000000000000000"),
    ("before_s", "86400"),
    ("keep", "50"),
    ("most", "8"),
    ("scan", "64"),
    ("skip", "0"),
    ("skipped", "0"),
];

/// What this column of its batch is, when the names of column and table are not enough.
pub fn of(named: &Named, column: &str, asked: Asked) -> Option<&'static str> {
    let statement = named.full_name();
    let found = |list: &[(&str, &str, &'static str)], any: bool| {
        let is = |name: &str| name == column || any && name == "*" && column != "i";
        let mut found = list.iter().filter(|(of, name, _)| statement.starts_with(of) && is(name));
        found.next().map(|(_, _, expression)| *expression)
    };
    // Where a table is filled, most and least are those of a thing that is sold.
    let measure = || {
        let of_thing = statement.ends_with("catalogue/put.rs ADDONS");
        let measure = MEASURES.iter().find(|(name, _)| *name == column && !of_thing);
        measure.map(|(_, expression)| *expression)
    };
    let own = match asked {
        Present => OF_PRESENT,
        Absent => OF_ABSENT,
    };
    let reseller = (column == "reseller_id").then_some("{group}");
    let axis = || reseller.filter(|_| statement.contains("listing.rs"));
    found(BOTH, false)
        .or_else(|| found(own, false))
        .or_else(measure)
        .or_else(axis)
        .or_else(|| found(own, true))
}

/// Files whose statements answer one caller at a time.
const OF_ONE_CALLER: [&str; 1] = ["protocols/billmanager/sql/choosing.rs"];

/// Whether a statement takes its batch for one row: it reads a value of it, as in `(SELECT most FROM batch)`.
pub fn is_of_one_row(named: &Named) -> bool {
    if OF_ONE_CALLER.iter().any(|file| named.full_name().starts_with(file)) {
        return true;
    }
    let text = named.statement.postgres(Shape::Rows);
    let mut values = text.split("(SELECT ").skip(1).filter_map(|rest| rest.split_once(')'));
    let value = |text: &str| {
        text.strip_suffix(" FROM batch").is_some_and(|of| !of.contains(',') && !of.contains("max("))
    };
    // `column IN (SELECT column FROM batch)` is of all rows.
    let within: Vec<&str> = text.split(" IN (SELECT ").skip(1).collect();
    let within = within.iter().filter_map(|rest| rest.split_once(')')).filter(|(of, _)| value(of));
    let of_all: Vec<&str> = within.map(|(of, _)| of).collect();
    values.any(|(of, _)| value(of) && !of_all.contains(&of))
        || text.contains("FROM batch), earliest)")
        || text.contains("-keep_s) FROM batch)")
        || text.contains("-age_s) FROM batch)")
}
