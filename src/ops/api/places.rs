//! What may be said in requests: the parameters of each list.

use crate::web::parameters::{Parameter, Place, Use};

const PAGE: &[Parameter] = &[("limit", Use::Honoured("50")), ("cursor", Use::Honoured(""))];
const AMOUNTS: &[Parameter] = &[
    ("amount", Use::Honoured("449.35")),
    ("amountFrom", Use::Honoured("100")),
    ("amountTo", Use::Honoured("500.00")),
];
const TIMES: &[Parameter] = &[
    ("from", Use::Honoured("2026-01-31T12:00:00Z")),
    ("to", Use::Honoured("2026-02-01T12:00:00Z")),
];

/// `GET /ops/v1/tasks`
pub const TASKS: Place = Place {
    at: "GET /ops/v1/tasks",
    groups: &[
        &[
            ("object", Use::Honoured("199990246")),
            ("caller", Use::Honoured("demo")),
            ("type", Use::Honoured("PayOrder")),
            ("state", Use::Honoured("refused")),
            ("code", Use::Honoured("OrderNotFound")),
            ("taskGuid", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("idempotencyKey", Use::Honoured("order-17")),
            ("correlationId", Use::Honoured("17")),
            ("orderGuid", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("originalOrderId", Use::Honoured("A-17")),
        ],
        AMOUNTS,
        TIMES,
        PAGE,
    ],
};

/// `GET /ops/v1/journal`
pub const JOURNAL: Place = Place {
    at: "GET /ops/v1/journal",
    groups: &[
        &[
            ("who", Use::Honoured("anna")),
            ("action", Use::Honoured("object.pause")),
            ("subject", Use::Honoured("199990246")),
        ],
        TIMES,
        PAGE,
    ],
};

/// `GET /ops/v1/orders`, and each other list of what protocols keep.
pub const RECORDS: Place = Place {
    at: "GET /ops/v1/orders",
    groups: &[
        &[
            ("protocol", Use::Honoured("")),
            ("object", Use::Honoured("199990246")),
            ("id", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("originalOrderId", Use::Honoured("A-17")),
            ("order", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("task", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
        ],
        AMOUNTS,
        PAGE,
    ],
};

/// `GET /ops/v1/callbacks/{id}/attempts`
pub const ATTEMPTS: Place = Place {
    at: "GET /ops/v1/callbacks/{id}/attempts",
    groups: &[&[("failed", Use::Honoured("true")), ("limit", Use::Honoured("50"))]],
};

/// `GET /ops/v1/callbacks/{id}/replayable`
pub const REPLAYABLE: Place = Place {
    at: "GET /ops/v1/callbacks/{id}/replayable",
    groups: &[
        &[
            ("subject", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("object", Use::Honoured("199990246")),
            ("order", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("only", Use::Honoured("answers")),
            ("undelivered", Use::Honoured("true")),
        ],
        TIMES,
    ],
};

/// `GET /ops/v1/letters`, and what counts them.
pub const LETTERS: Place = Place {
    at: "GET /ops/v1/letters",
    groups: &[
        &[
            ("object", Use::Honoured("199990246")),
            ("taskGuid", Use::Honoured("7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47")),
            ("type", Use::Honoured("PayOrder")),
            ("reason", Use::Honoured("no task")),
            ("limit", Use::Honoured("50")),
        ],
        TIMES,
    ],
};

/// `GET /ops/v1/audits`
pub const AUDITS: Place =
    Place { at: "GET /ops/v1/audits", groups: &[&[("limit", Use::Honoured("10"))]] };

/// Where nothing may be said.
pub const NOTHING: Place = Place { at: "GET", groups: &[] };
