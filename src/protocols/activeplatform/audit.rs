//! ActivePlatform: accounts hold what was entered, and what was entered is a payment or a correction of a task
//! that was done.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[ACCOUNTS, ENTRIES, PAYMENTS, CORRECTIONS, TRANSACTIONS];

const ACCOUNTS: Pass = Pass {
    checks: &[
        Check { name: "ap-balance-is-not-negative", rule: "no account is below zero" },
        Check {
            name: "ap-balance-is-the-sum",
            rule: "an account's balance is the sum of its entries",
        },
    ],
    rows: Rows::Broken(&[
        ("resellerId", Type::Int),
        ("accountId", Type::Int),
        ("balance", Type::Money),
        ("entries", Type::Money),
    ]),
    body: "SELECT CASE WHEN a.balance < 0 THEN 'ap-balance-is-not-negative'
                     ELSE 'ap-balance-is-the-sum' END AS broken,
           a.reseller_id, a.account_id, {kopecks a.balance} AS balance,
           {kopecks coalesce(s.amount, 0)} AS entries
         FROM ap_accounts a
         LEFT JOIN (SELECT e.reseller_id, e.account_id, sum(e.amount) AS amount FROM ap_entries e
                    WHERE {of e.reseller_id} GROUP BY e.reseller_id, e.account_id) AS s
           ON s.reseller_id = a.reseller_id AND s.account_id = a.account_id
         WHERE {of a.reseller_id} AND (a.balance < 0 OR a.balance <> coalesce(s.amount, 0))",
};

const ENTRIES: Pass = Pass {
    checks: &[
        Check { name: "ap-entry-has-its-account", rule: "an entry is of an account that there is" },
        Check {
            name: "ap-entry-is-its-payment",
            rule: "an entry of a payment is its total, and the payment was completed by the same task",
        },
        Check {
            name: "ap-entry-is-its-correction",
            rule: "an entry of a correction has its amount, account and task",
        },
        Check {
            name: "ap-entry-has-its-task",
            rule: "an entry's task is there, unless retention has forgotten it",
        },
        Check {
            name: "ap-entry-task-is-done",
            rule: "an entry's task is of the same reseller, done, and was so before its deadline",
        },
    ],
    rows: Rows::Broken(&[
        ("resellerId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("line", Type::Int),
        ("accountId", Type::Int),
        ("paymentId", Type::Int),
        ("amount", Type::Money),
        ("outcome", Type::Text),
    ]),
    body: "SELECT f.broken, f.reseller_id, f.task_guid, f.line, f.account_id, f.payment_id,
                  {kopecks f.amount} AS amount, f.outcome
         FROM (SELECT CASE
                 WHEN a.account_id IS NULL THEN 'ap-entry-has-its-account'
                 WHEN e.kind = 'payment'
                      AND (p.payment_id IS NULL OR p.status <> 'completed' OR p.total <> e.amount
                           OR p.account_id <> e.account_id
                           OR p.closed_by IS NULL OR p.closed_by <> e.task_guid)
                   THEN 'ap-entry-is-its-payment'
                 WHEN e.kind = 'correction'
                      AND (c.correction_id IS NULL OR c.amount <> e.amount
                           OR c.account_id <> e.account_id OR c.task_guid <> e.task_guid)
                   THEN 'ap-entry-is-its-correction'
                 WHEN t.task_guid IS NULL AND e.entered_at > {ago retention}
                   THEN 'ap-entry-has-its-task'
                 WHEN t.task_guid IS NOT NULL
                      AND (t.object_id <> e.reseller_id OR coalesce(t.outcome, '') <> 'done'
                           OR e.entered_at >= t.deadline)
                   THEN 'ap-entry-task-is-done' END AS broken,
                 e.*, t.outcome
               FROM ap_entries e
               LEFT JOIN ap_accounts a
                 ON a.reseller_id = e.reseller_id AND a.account_id = e.account_id
               LEFT JOIN ap_payments p
                 ON p.reseller_id = e.reseller_id AND p.payment_id = e.payment_id
               LEFT JOIN ap_corrections c
                 ON c.reseller_id = e.reseller_id AND c.correction_id = e.correction_id
               LEFT JOIN tasks t ON t.task_guid = e.task_guid
               WHERE {of e.reseller_id}) AS f
         WHERE f.broken IS NOT NULL",
};

const PAYMENTS: Pass = Pass {
    checks: &[
        Check {
            name: "ap-completed-payment-is-entered",
            rule: "a payment that a task completed was entered once, by that task",
        },
        Check {
            name: "ap-payment-is-closed-when-completed",
            rule: "a payment names the task that completed it, and its time, only when it is completed",
        },
    ],
    rows: Rows::Broken(&[
        ("resellerId", Type::Int),
        ("paymentId", Type::Int),
        ("status", Type::Text),
        ("taskGuid", Type::Uuid),
        ("entries", Type::Int),
    ]),
    body: "SELECT CASE WHEN p.status <> 'completed' OR p.closed_at IS NULL
                     THEN 'ap-payment-is-closed-when-completed'
                     ELSE 'ap-completed-payment-is-entered' END AS broken,
           p.reseller_id, p.payment_id, p.status, p.closed_by AS task_guid,
           coalesce(s.entries, 0) AS entries
         FROM ap_payments p
         LEFT JOIN (SELECT e.reseller_id, e.payment_id, count(*) AS entries FROM ap_entries e
                    WHERE {of e.reseller_id} AND e.kind = 'payment'
                    GROUP BY e.reseller_id, e.payment_id) AS s
           ON s.reseller_id = p.reseller_id AND s.payment_id = p.payment_id
         WHERE {of p.reseller_id} AND p.closed_by IS NOT NULL
           AND (p.status <> 'completed' OR p.closed_at IS NULL OR coalesce(s.entries, 0) <> 1)",
};

const CORRECTIONS: Pass = Pass {
    checks: &[
        Check { name: "ap-correction-is-entered", rule: "a correction was entered once" },
        Check {
            name: "ap-correction-has-its-number",
            rule: "no correction has a number beyond the last one of its reseller",
        },
    ],
    rows: Rows::Broken(&[
        ("resellerId", Type::Int),
        ("correctionId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("amount", Type::Money),
    ]),
    body: "SELECT CASE WHEN coalesce(s.entries, 0) <> 1 THEN 'ap-correction-is-entered'
                     ELSE 'ap-correction-has-its-number' END AS broken,
           c.reseller_id, c.correction_id, c.task_guid, {kopecks c.amount} AS amount
         FROM ap_corrections c
         LEFT JOIN ap_resellers r ON r.reseller_id = c.reseller_id
         LEFT JOIN (SELECT e.reseller_id, e.correction_id, count(*) AS entries FROM ap_entries e
                    WHERE {of e.reseller_id} AND e.correction_id IS NOT NULL
                    GROUP BY e.reseller_id, e.correction_id) AS s
           ON s.reseller_id = c.reseller_id AND s.correction_id = c.correction_id
         WHERE {of c.reseller_id}
           AND (coalesce(s.entries, 0) <> 1 OR c.correction_id > coalesce(r.last_correction, 0))",
};

const TRANSACTIONS: Pass = Pass {
    checks: &[Check {
        name: "ap-transaction-task-is-done",
        rule: "a bridge's transaction is of a task that is done, unless retention has forgotten it",
    }],
    rows: Rows::Broken(&[
        ("resellerId", Type::Int),
        ("paymentId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("outcome", Type::Text),
    ]),
    body:
        "SELECT 'ap-transaction-task-is-done' AS broken, x.reseller_id, x.payment_id, x.task_guid,
                t.outcome
         FROM ap_external_transactions x LEFT JOIN tasks t ON t.task_guid = x.task_guid
         WHERE {of x.reseller_id}
           AND ((t.task_guid IS NULL AND x.received_at > {ago retention})
                OR (t.task_guid IS NOT NULL
                    AND (t.object_id <> x.reseller_id OR coalesce(t.outcome, '') <> 'done')))",
};
