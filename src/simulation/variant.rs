//! Deliberately broken variants of the engine, to see that the [checker](super::checker) finds each: edits of
//! statements and of the schema, and a store and a broker that keep their promises badly.

mod denials;
mod edit;
mod later;
mod operators;
mod services;

pub(crate) use self::denials::DENIALS;
pub(crate) use self::later::LATER;
pub(crate) use self::operators::OPERATORS;
pub(crate) use self::services::SERVICES;

/// The engine as it is, or broken in one way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    pub name: &'static str,
    /// Statements hold the second text in place of the first; the first is a whole statement if it begins with `=`.
    pub edits: &'static [(&'static str, &'static str)],
    /// Run on the finished schema: what would otherwise stop the mistake at once.
    pub schema: &'static str,
    /// Every statement is a transaction of its own.
    pub each_statement_commits: bool,
    /// How often a commit is none, though it says that it is.
    pub commits_that_lie: f64,
    /// The broker forgets a message when it hands it out, not when it is acknowledged.
    pub forgets_what_it_delivers: bool,
    /// What breaks a constraint is taken for a transaction in the way.
    pub violations_are_conflicts: bool,
    /// An expiration is counted from when a message is read, wherever it lay before.
    pub counts_from_reading: bool,
    /// What a transaction wrote stays when it is dropped.
    pub keeps_what_is_dropped: bool,
    /// Background tasks are not started again when they end.
    pub nobody_supervises: bool,
    /// A world in which the broker delivers each message of an upstream service again, for what shows only then.
    pub each_comes_again: bool,
    /// An operator that cancels a task does not look whether it has its answer.
    pub cancels_what_is_answered: bool,
}

/// As it is.
pub(crate) const SOUND: Variant = Variant {
    name: "as it is",
    edits: &[],
    schema: "",
    each_statement_commits: false,
    commits_that_lie: 0.0,
    forgets_what_it_delivers: false,
    violations_are_conflicts: false,
    counts_from_reading: false,
    keeps_what_is_dropped: false,
    nobody_supervises: false,
    each_comes_again: false,
    cancels_what_is_answered: false,
};

const NO_ONE_ANSWER: &str = "DROP TRIGGER one_answer";

/// Each must be found out, and so must [`SERVICES`], [`DENIALS`], [`LATER`] and [`OPERATORS`].
pub(crate) const BROKEN: &[Variant] = &[
    Variant {
        name: "a payment is committed before its answer",
        each_statement_commits: true,
        ..SOUND
    },
    Variant { name: "a caller is told before the commit", commits_that_lie: 0.1, ..SOUND },
    Variant {
        name: "acknowledged before the commit, and nothing is published again",
        forgets_what_it_delivers: true,
        edits: &[("t.publish_at <= wsa_now() AND t.deadline > wsa_now()", "false")],
        ..SOUND
    },
    Variant {
        name: "nothing is published again",
        edits: &[("t.publish_at <= wsa_now() AND t.deadline > wsa_now()", "false")],
        ..SOUND
    },
    Variant {
        name: "expired without a look at its state",
        edits: &[
            (
                "WHERE t.outcome IS NULL AND t.deadline <= (SELECT wsa_now())",
                "WHERE t.deadline <= (SELECT wsa_now())",
            ),
            (
                "WHERE coalesce(t.outcome, '') = '' AND t.deadline <= wsa_now()",
                "WHERE t.deadline <= wsa_now()",
            ),
            ("AND coalesce(tasks.outcome, '') = ''", ""),
        ],
        schema: NO_ONE_ANSWER,
        ..SOUND
    },
    Variant {
        name: "a task delivered twice is carried out twice",
        edits: &[
            ("CASE WHEN t.outcome IS NULL THEN t.request END", "t.request"),
            (
                "SELECT object_id, task_guid, line, order_guid",
                "SELECT object_id, task_guid, line + abs(random() % 1000000), order_guid",
            ),
        ],
        ..SOUND
    },
    Variant {
        name: "submitted again, it begins anew",
        edits: &[
            (
                "(SELECT 1 FROM (SELECT * FROM tasks t WHERE t.task_guid = b.task_guid) AS t LIMIT 1)",
                "NULL",
            ),
            (
                "ON CONFLICT DO NOTHING\n     RETURNING task_guid, registered_at",
                "ON CONFLICT (task_guid) DO UPDATE SET outcome = NULL, answer = NULL, answered_at = NULL\n     RETURNING task_guid, registered_at",
            ),
        ],
        schema: NO_ONE_ANSWER,
        ..SOUND
    },
    Variant {
        name: "carried out though its deadline has passed",
        edits: &[(
            "END AS request, wsa_now() AS now",
            "END AS request, wsa_after(wsa_now(), -20) AS now",
        )],
        ..SOUND
    },
    Variant {
        name: "told Timeout before its deadline",
        edits: &[
            ("t.deadline <= (SELECT wsa_now())", "t.deadline <= (SELECT wsa_after(wsa_now(), 3))"),
            ("t.deadline <= wsa_now()", "t.deadline <= wsa_after(wsa_now(), 3)"),
        ],
        ..SOUND
    },
    Variant {
        name: "never expired",
        edits: &[
            ("t.deadline <= (SELECT wsa_now())", "false"),
            ("AND t.deadline <= wsa_now()", "AND false"),
        ],
        ..SOUND
    },
    Variant {
        name: "the order does not know of its payment",
        edits: &[("paid = b.paid", "paid = orders.paid")],
        ..SOUND
    },
    Variant {
        name: "taken back, but not written down who did it",
        edits: &[(
            "SET removed_by = b.task_guid, removed_at = b.removed_at",
            "SET removed_by = NULL, removed_at = NULL",
        )],
        ..SOUND
    },
    Variant {
        name: "a letter is removed when it is taken",
        edits: &[(
            "due_at = wsa_after(wsa_now(), b.lease_s)",
            "due_at = wsa_after(wsa_now(), 1000000)",
        )],
        ..SOUND
    },
    Variant {
        name: "an answer does not come to the queue of who listens",
        edits: &[("b.replied OR m.kind <> 'replies'", "m.kind NOT IN ('replies', 'task_queue')")],
        ..SOUND
    },
    Variant {
        name: "an acknowledgement removes what a till has not heard of",
        edits: &[("AND event_number <= (SELECT up_to FROM batch)", "")],
        ..SOUND
    },
    Variant {
        name: "a till is not told of what happens",
        edits: &[(
            "t.keep_days\n     FROM batch b JOIN tills t ON t.object_id = b.object_id",
            "t.keep_days\n     FROM batch b JOIN tills t ON false",
        )],
        ..SOUND
    },
    Variant {
        name: "an order of tickets expires and keeps them",
        edits: &[(
            "tc_tickets SET order_id = NULL",
            "tc_tickets SET order_id = tc_tickets.order_id",
        )],
        ..SOUND
    },
    Variant {
        name: "a ticket is free though an order has it",
        edits: &[
            (
                "t.set_id, t.order_id FROM batch b\n     JOIN tc_tickets",
                "t.set_id, NULL AS order_id FROM batch b\n     JOIN tc_tickets",
            ),
            ("AND coalesce(tc_tickets.order_id, '') = coalesce(b.loaded, '')", ""),
        ],
        schema: "DROP INDEX tc_one_holder",
        ..SOUND
    },
    Variant {
        name: "an order of tickets that is paid expires",
        edits: &[(
            "status IN ('executed', 'in_progress')",
            "status IN ('executed', 'in_progress', 'done')",
        )],
        ..SOUND
    },
    Variant {
        name: "tickets are sold, and nothing is entered",
        edits: &[("kind, amount, entered_at FROM batch", "kind, 0, entered_at FROM batch")],
        ..SOUND
    },
    Variant {
        name: "tickets are given back, and nobody knows for how much",
        edits: &[("place, refund, refunded_by FROM batch", "place, 0, refunded_by FROM batch")],
        ..SOUND
    },
    Variant {
        name: "an account does not know of a credit",
        edits: &[(
            "UPDATE ap_accounts SET balance = b.balance",
            "UPDATE ap_accounts SET balance = ap_accounts.balance",
        )],
        ..SOUND
    },
    Variant {
        name: "a transaction of a bank counts whenever it comes",
        edits: &[
            ("t.transaction_id = b.transaction_id", "false"),
            (
                "INSERT INTO ap_external_transactions",
                "INSERT OR REPLACE INTO ap_external_transactions",
            ),
        ],
        ..SOUND
    },
    Variant {
        name: "a balance does not know of an order",
        edits: &[(
            "UPDATE bm_accounts SET balance = b.balance",
            "UPDATE bm_accounts SET balance = b.loaded",
        )],
        ..SOUND
    },
    Variant {
        name: "a line item stays in the cart though it is ordered",
        edits: &[
            (
                "promocode = b.promocode, status = b.status",
                "promocode = b.promocode, status = 'cart'",
            ),
            ("INSERT INTO bm_order_lines", "INSERT OR REPLACE INTO bm_order_lines"),
        ],
        ..SOUND
    },
    Variant {
        name: "a payment is credited whenever it comes",
        edits: &[
            ("p.stored_id, p.profile_id, p.status,", "p.stored_id, p.profile_id, 1 AS status,"),
            ("AND bm_payments.status IN (1, 2, 3)", ""),
            ("AND coalesce(bm_orders.status, '') = 'new'", ""),
        ],
        schema: "DROP INDEX bm_one_charge; DROP INDEX bm_one_credit",
        ..SOUND
    },
    Variant {
        name: "an order is charged and stays open",
        edits: &[("AND coalesce(bm_orders.status, '') = 'new'", "AND bm_orders.status = 'open'")],
        ..SOUND
    },
    Variant {
        name: "an expiration counts from when the message is read",
        counts_from_reading: true,
        ..SOUND
    },
    Variant {
        name: "what breaks a constraint is tried again as if somebody was in the way",
        violations_are_conflicts: true,
        ..SOUND
    },
    Variant {
        name: "what a dropped transaction wrote stays",
        keeps_what_is_dropped: true,
        ..SOUND
    },
    Variant {
        name: "a background task that ends is not started again",
        nobody_supervises: true,
        ..SOUND
    },
];
