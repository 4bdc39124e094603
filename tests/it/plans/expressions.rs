//! What stands in each column of row `i`: of a table, and of a batch that asks for that row.
//!
//! All are functions of `i`, so that rows of one number belong together. Keys of one row are numbered by `i`; what
//! many rows share is numbered by `{group}`, of which there are [`GROUPS`], or by `{set}`, of which there are five times as
//! many. Both go with no other cycle: rows of a group are in every state.

use wsa::database::Type;

/// By table and column, where the name of the column is not enough.
const OF_TABLE: &[(&str, &str)] = &[
    ("aggregators.aggregator_id", "i"),
    ("audit_runs.error", "CASE WHEN i % 4 <> 0 THEN 'error' END"),
    ("audit_runs.finished_at", "CASE WHEN i % 4 <> 0 THEN {moment} END"),
    ("audit_runs.report", "CASE WHEN i % 4 <> 0 THEN '{}' END"),
    ("audit_runs.sound", "CASE WHEN i % 4 <> 0 THEN true END"),
    ("journal.role", "'viewer'"),
    ("journal.subject", "'subject-' || i"),
    ("journal.via", "'cli'"),
    ("operator_sessions.expires_at", "CASE WHEN i % 4 = 0 THEN {later} ELSE {moment} END"),
    ("operators.disabled_at", "NULL"),
    ("operators.role", "'viewer'"),
    ("paused_objects.object_id", "i"),
    ("resumed_objects.object_id", "i"),
    ("resumed_objects.resumed_at", "timestamptz '2026-01-01' + i * interval '1 s'"),
    ("ap_accounts.currency", "'RUB'"),
    // Some are of resellers that are below another.
    ("ap_accounts.reseller_id", "CASE WHEN i % 4 = 3 AND i > 21 THEN i ELSE {group} END"),
    ("ap_entries.correction_id", "NULL"),
    ("ap_entries.kind", "'payment'"),
    ("ap_managers.aggregator_id", "{n} + i"),
    ("ap_managers.role", "'accountant'"),
    ("ap_payments.account_id", "{set}"),
    (
        "ap_payments.status",
        "(ARRAY['waiting_for_payment', 'cancelled', 'expired', 'completed'])[1 + i % 4]",
    ),
    ("ap_payments.closed_by", "CASE WHEN i % 4 = 3 THEN md5('task' || i)::uuid END"),
    ("ap_payments.closed_at", "CASE WHEN i % 4 IN (1, 3) THEN {moment} END"),
    ("ap_payments.expires_at", "CASE WHEN i % 8 = 0 THEN {moment} ELSE {later} END"),
    ("ap_resellers.reseller_id", "i"),
    ("ap_resellers.parent_id", "CASE WHEN i > 21 THEN {group} END"),
    ("bm_accounts.object_id", "2000000000000000 + i"),
    ("bm_accounts.user_id", "i"),
    ("bm_addons.kind", "'count'"),
    ("bm_addons.most", "10"),
    ("bm_choices.addon_id", "1 + (i - 1) / 10"),
    ("bm_choices.value", "1 + (i - 1) % 10"),
    ("bm_entries.kind", "'payment'"),
    ("bm_entries.item_id", "NULL"),
    ("bm_entries.note", "NULL"),
    ("bm_entries.starts_at", "NULL"),
    ("bm_items.refund", "'none'"),
    ("bm_items.itemtype", "'itemtype-' || {group}"),
    ("bm_items.status", "CASE WHEN i % 4 = 0 THEN 'cart' ELSE 'ordered' END"),
    ("bm_itemtypes.itemtype", "'itemtype-' || i"),
    ("bm_methods.method_id", "i"),
    ("bm_numbers.kind", "'order'"),
    ("bm_orders.paid_at", "CASE WHEN i % 4 <> 0 THEN {moment} END"),
    ("bm_orders.paid_by", "CASE WHEN i % 4 <> 0 THEN md5('task' || i)::uuid END"),
    ("bm_orders.status", "CASE WHEN i % 4 = 0 THEN 'new' ELSE 'paid' END"),
    ("bm_payments.aggregator_id", "3 * {n} + {group}"),
    ("bm_payments.credited_at", "CASE WHEN i % 4 = 3 THEN {moment} END"),
    ("bm_payments.credited_by", "CASE WHEN i % 4 = 3 THEN md5('task' || i)::uuid END"),
    ("bm_payments.status", "1 + i % 4"),
    ("bm_periods.ends_at", "{later}"),
    ("bm_periods.item_id", "i"),
    ("bm_periods.refunded", "0"),
    ("bm_periods.starts_at", "timestamptz '2026-01-01' + i * interval '1 s'"),
    ("bm_pricelists.pricelist_id", "i"),
    ("bm_pricelists.refund", "'none'"),
    ("bm_profiles.kind", "'person'"),
    ("bm_promocodes.expires_at", "{later}"),
    ("bm_promocodes.percent", "10"),
    ("bm_providers.provider_id", "i"),
    ("bm_services.anchor_day", "1"),
    ("bm_services.item_id", "i"),
    ("bm_services.look_at", "CASE WHEN i % 4 = 0 THEN {moment} END"),
    ("bm_services.pending", "CASE WHEN i % 4 = 1 THEN 'open' END"),
    ("bm_services.status", "'active'"),
    ("bm_services.suspended_for", "NULL"),
    ("bm_sessions.expires_at", "CASE WHEN i % 4 = 0 THEN {later} ELSE {moment} END"),
    ("bm_sessions.user_id", "{group}"),
    ("bm_users.aggregator_id", "3 * {n} + i"),
    ("bm_users.level", "16"),
    ("catalogue_sections.object_id", "i"),
    ("catalogues.object_id", "i"),
    ("catalogues.online_currency", "NULL"),
    ("currencies.kind", "'card'"),
    ("dead_letters.aggregator", "'name-' || {group}"),
    ("dead_letters.denied", "CASE WHEN i % 4 = 0 THEN 'it has expired' END"),
    ("dead_letters.door", "'upstream'"),
    ("deliveries.due_at", "CASE WHEN i % 4 = 0 THEN {moment} ELSE {later} END"),
    ("licences.aggregator_id", "i"),
    ("licences.object_id", "i"),
    ("mailboxes.aggregator_id", "1 + (i - 1) / 5"),
    ("mailboxes.begun", "i % 8 <> 0"),
    ("mailboxes.closed_because", "NULL"),
    ("mailboxes.failing_since", "NULL"),
    ("mailboxes.kind", "{kind}"),
    ("mailboxes.mailbox_id", "i"),
    ("mailboxes.old_secret", "CASE WHEN i % 200 = 0 THEN sha256('old'::bytea) END"),
    ("mailboxes.old_secret_until", "CASE WHEN i % 200 = 0 THEN {moment} END"),
    ("mailboxes.secret", "CASE WHEN i % 5 = 0 THEN sha256(('secret' || i)::bytea) END"),
    ("mailboxes.signature", "'base64'"),
    ("mailboxes.url", "CASE WHEN i % 5 = 0 THEN 'https://a.example/' || i END"),
    ("objects.agent_version", "'v2'"),
    ("objects.object_id", "i"),
    ("objects.timeout_s", "60"),
    ("orders.closed_at", "CASE WHEN i % 4 <> 0 THEN {moment} END"),
    ("orders.accept_by", "CASE WHEN i % 8 = 0 THEN {moment} ELSE {later} END"),
    ("orders.acceptance", "CASE WHEN i % 4 = 0 THEN 'waiting' END"),
    ("orders.reject_code", "NULL"),
    ("orders.reject_message", "NULL"),
    ("orders.paid", "CASE WHEN i % 4 = 1 THEN 100 ELSE 0 END"),
    ("orders.status", "(ARRAY['Created', 'Complited', 'Canceled', 'Created'])[1 + i % 4]"),
    ("tills.object_id", "i"),
    ("tills.aggregator_id", "4 * {n} + i"),
    ("tills.last_event", "{n}"),
    ("tills.acknowledged", "0"),
    ("tills.keep_days", "1"),
    ("till_events.event_number", "i"),
    ("till_events.forget_at", "CASE WHEN i % 8 = 0 THEN {moment} ELSE {later} END"),
    ("payments.removed_at", "NULL"),
    ("payments.removed_by", "NULL"),
    ("payments.written_off", "0"),
    ("retired_tasks.outcome", "'done'"),
    ("retired_tasks.task_guid", "md5('retired' || i)::uuid"),
    ("tasks.answer", "CASE WHEN i % 4 <> 0 THEN '{}' END"),
    ("tasks.answered_at", "CASE WHEN i % 4 <> 0 THEN {moment} END"),
    ("tasks.deadline", "CASE WHEN i % 8 = 4 THEN {later} ELSE {moment} END"),
    // Open ones, and few of them.
    ("tasks.held", "i % 32 = 8"),
    ("tasks.outcome", "CASE WHEN i % 32 = 5 THEN 'refused' WHEN i % 4 <> 0 THEN 'done' END"),
    ("tasks.published", "CASE WHEN i % 8 = 0 THEN 0 ELSE 1 END"),
    ("tasks.publish_at", "CASE WHEN i % 16 = 12 THEN {later} ELSE {moment} END"),
    ("tasks.subject", "'subject-' || i"),
    ("tasks.sync", "i % 2 = 0"),
    ("tc_deals.object_id", "1000000000000000 + i"),
    ("tc_deals.partner_id", "substr(md5('partner_id' || i), 1, 24)"),
    ("tc_entries.kind", "'sale'"),
    ("tc_events.ends_at", "{later}"),
    ("tc_events.object_id", "1000000000000000 + i"),
    ("tc_events.org", "substr(md5('partner_id' || {group}), 1, 24)"),
    ("tc_refunds.closed_by", "CASE WHEN i % 3 <> 0 THEN md5('task' || i)::uuid END"),
    ("tc_refunds.culprit", "'user'"),
    ("tc_refunds.finished_at", "CASE WHEN i % 3 <> 0 THEN {moment} END"),
    ("tc_refunds.org", "substr(md5('partner_id' || {group}), 1, 24)"),
    ("tc_refunds.partner_id", "substr(md5('partner_id' || {group}), 1, 24)"),
    ("tc_refunds.status", "(ARRAY['new', 'approved', 'rejected'])[1 + i % 3]"),
    ("tc_keys.aggregator_id", "2 * {n} + i"),
    ("tc_orders.partner_id", "substr(md5('partner_id' || {group}), 1, 24)"),
    ("tc_orders.reserved_till", "CASE WHEN i % 8 = 0 THEN {moment} ELSE {later} END"),
    ("tc_orders.status", "(ARRAY['executed', 'done', 'in_progress', 'expired'])[1 + i % 4]"),
    ("tc_orders.value", "200"),
    ("tc_promocodes.amount", "NULL"),
    ("tc_promocodes.ends_at", "{later}"),
    ("tc_promocodes.percent", "10"),
    ("tc_promocodes.set_id", "substr(md5('set_id' || {set}), 1, 24)"),
    ("tc_promocodes.used", "0"),
    ("tc_promocodes.uses", "10"),
    ("tc_rules.ends_at", "{later}"),
    ("tc_rules.set_id", "substr(md5('set_id' || {set}), 1, 24)"),
    ("tc_rules.starts_at", "NULL"),
    ("tc_tickets.order_id", "CASE WHEN i % 4 <> 0 THEN substr(md5('order_id' || i), 1, 24) END"),
    ("tc_tickets.set_id", "substr(md5('set_id' || {set}), 1, 24)"),
];

/// By column, wherever it is.
const OF_COLUMN: &[(&str, &str)] = &[
    ("aggregator_id", "{group}"),
    ("attempts", "1"),
    ("attempt", "1"),
    ("amqp_user", "'user-' || i"),
    ("closed_by", "md5('task' || i)::uuid"),
    ("credited_by", "md5('task' || i)::uuid"),
    ("currency", "'RUB'"),
    ("discount", "0"),
    ("discount_amount", "0"),
    ("external_total", "NULL"),
    ("included", "0"),
    ("is_event", "i % 2 = 0"),
    ("last_correction", "0"),
    ("last_number", "0"),
    ("least", "0"),
    ("line", "0"),
    ("method_id", "{group}"),
    ("operator", "'name-' || i"),
    ("order_count", "1"),
    ("order_guid", "md5('order' || i)::uuid"),
    ("paid_by", "md5('task' || i)::uuid"),
    ("parent_id", "NULL"),
    ("period", "(i - 1) % 10"),
    ("pricelist_id", "1 + (i - 1) / 10"),
    ("provider_id", "{group}"),
    ("mailbox_id", "{group}"),
    ("removed_by", "md5('task' || i)::uuid"),
    ("requests_per_s", "NULL"),
    ("reseller_id", "{group}"),
    ("status", "200"),
    ("step", "1"),
    ("subject", "CASE WHEN i % 2 = 0 THEN md5('event' || i) ELSE md5('task' || i) END::uuid"),
    ("event_type", "'OrderChanged'"),
    ("event_guid", "md5('event' || i)::uuid"),
    ("task_guid", "md5('task' || i)::uuid"),
    ("used", "0"),
    ("version", "1"),
];

/// How many objects, resellers, clients and subscriptions share what there is.
pub const GROUPS: u64 = 21;

/// Words that stand in expressions.
fn with_words(expression: &str, rows: u64) -> String {
    expression
        .replace("{group}", "(1 + (i - 1) % 21)")
        .replace("{set}", "(1 + (i - 1) % 105)")
        .replace(
            "{kind}",
            "(ARRAY['callback', 'task_queue', 'event_queue', 'results', 'replies'])[1 + i % 5]",
        )
        .replace("{long_ago}", "now() - interval '10 years'")
        .replace("{later}", "now() + interval '10 days' + i * interval '1 ms'")
        .replace("{moment}", "now() - ({n} + 1000 - i) * interval '1 s'")
        .replace("{n}", &rows.to_string())
}

/// A table's prefix stands for its protocol; so does a statement's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Engine,
    TicketsCloud,
    BillManager,
}

impl Room {
    pub fn of_table(table: &str) -> Room {
        match table.split_once('_') {
            Some(("tc", _)) => Room::TicketsCloud,
            Some(("bm", _)) => Room::BillManager,
            _ => Room::Engine,
        }
    }

    pub fn of_file(file: &str) -> Room {
        match file {
            file if file.contains("/ticketscloud/") => Room::TicketsCloud,
            file if file.contains("/billmanager/") => Room::BillManager,
            _ => Room::Engine,
        }
    }
}

fn found(list: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(of, _)| *of == name).map(|(_, expression)| *expression)
}

/// What stands in a column of a table, if its name is not enough.
pub fn of_table_alone(table: &str, column: &str, rows: u64) -> Option<String> {
    found(OF_TABLE, &format!("{table}.{column}")).map(|expression| with_words(expression, rows))
}

/// What stands in a column of a table, in SQL.
pub fn of_table(table: &str, column: &str, kind: Type, rows: u64) -> String {
    let own = of_table_alone(table, column, rows);
    own.unwrap_or_else(|| of_name(Room::of_table(table), column, kind, rows))
}

/// What stands in a column of this name, in SQL.
pub fn of_name(room: Room, column: &str, kind: Type, rows: u64) -> String {
    if column == "object_id" {
        return match room {
            Room::Engine => with_words("{group}", rows),
            Room::TicketsCloud => with_words("1000000000000000 + {group}", rows),
            Room::BillManager => with_words("2000000000000000 + {group}", rows),
        };
    }
    let hexadecimal = column.ends_with("_id") || column == "org";
    if room == Room::TicketsCloud && kind == Type::Text && hexadecimal {
        return format!("substr(md5('{column}' || i), 1, 24)");
    }
    let expression = found(OF_COLUMN, column).map(str::to_owned).unwrap_or_else(|| match kind {
        Type::Int => "i".to_owned(),
        Type::Bool => "true".to_owned(),
        Type::Text => format!("'{column}-' || i"),
        Type::Bytes => format!("sha256(('{column}' || i)::bytea)"),
        Type::Uuid => format!("md5('{column}' || i)::uuid"),
        Type::Money => "100".to_owned(),
        Type::Time => "{moment}".to_owned(),
    });
    with_words(&expression, rows)
}

/// Any expression of this file's words.
pub fn of_words(expression: &str, rows: u64) -> String {
    with_words(expression, rows)
}
