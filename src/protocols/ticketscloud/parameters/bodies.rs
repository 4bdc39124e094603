//! Fields of bodies.

use super::Use::{Honoured, Refused};
use super::{Parameter, Place};

const NO_MAIL: &str = "this service writes to nobody; the seller sends the tickets";
const NO_SYSTEM: &str = "sellers confirm payments themselves; there is no system with settings";

const BOUGHT: &str = "the price of a ticket is that of its set";
const OURS: &str = "it follows from what was done, and cannot be said";

const ID: &[Parameter] = &[("id", Honoured(""))];

const ORDER: &[Parameter] = &[
    ("event", Honoured("")),
    ("tickets", Honoured("")),
    ("random", Honoured("")),
    ("all_or_nothing", Honoured("")),
    ("promocodes", Honoured("")),
];

const ORDER_V1: &[Parameter] = &[
    ("customer", Honoured("")),
    ("customer.lang", Honoured("")),
    ("customer.name", Honoured("")),
    ("customer.first_name", Honoured("")),
    ("customer.last_name", Honoured("")),
    ("customer.email", Honoured("")),
    ("customer.phone", Honoured("")),
    ("customer.mobile", Honoured("")),
    ("payment", Honoured("")),
    ("payment.system", Honoured("")),
    ("payment.success_url", Honoured("")),
    ("payment.failure_url", Honoured("")),
    ("status", Honoured("")),
    ("payment.send_tickets", Refused(NO_MAIL)),
    ("payment.redirect_url", Refused("it is read only")),
    ("payment.settings", Refused(NO_SYSTEM)),
];

const ORDER_V2: &[Parameter] = &[
    ("settings", Honoured("")),
    ("settings.customer", Honoured("")),
    ("settings.customer.lang", Honoured("")),
    ("settings.customer.name", Honoured("")),
    ("settings.customer.first_name", Honoured("")),
    ("settings.customer.last_name", Honoured("")),
    ("settings.customer.email", Honoured("")),
    ("settings.customer.phone", Honoured("")),
    ("settings.customer.mobile", Honoured("")),
    ("vendor_data", Honoured("")),
    ("vendor_data.order_id", Honoured("")),
    ("vendor_data.raw", Honoured("")),
    ("status", Honoured("")),
    ("settings.send_tickets", Refused(NO_MAIL)),
    ("settings.invitation", Refused("every ticket has its price")),
    ("settings.courier", Refused("nobody is sent")),
    ("settings.subscribe_agree", Refused(NO_MAIL)),
    ("expired_after", Refused(OURS)),
    ("tariffs", Refused(BOUGHT)),
    ("custom_fields", Refused("events ask for no fields of their own")),
    ("promokey", Refused("there are promocodes")),
    ("payment", Refused(NO_SYSTEM)),
];

const REFUND: &[Parameter] = &[
    ("order", Honoured("")),
    ("culprit", Honoured("")),
    ("tickets", Honoured("")),
    ("reason", Refused("there is the culprit, and nothing beside it")),
];

const VALUE: &[Parameter] = &[("value", Refused(OURS))];

/// `POST` of an order.
pub const CREATE: Place = Place { at: "POST /v1/resources/orders", groups: &[ORDER, ORDER_V1] };

/// `PATCH` of an order.
pub const CHANGE: Place = Place {
    at: "PATCH /v1/resources/orders/:id",
    groups: &[ID, ORDER, ORDER_V1, &[("reserved_till", Refused(OURS))], VALUE],
};

/// `POST` of a refund request.
pub const REFUND_CREATE: Place = Place {
    at: "POST /v1/resources/refund_requests",
    groups: &[REFUND, &[("tickets_refund", Honoured(""))], VALUE],
};

/// `PATCH` of a refund request.
pub const REFUND_CHANGE: Place = Place {
    at: "PATCH /v1, /v2/resources/refund_requests/:id",
    groups: &[&[("status", Honoured(""))], VALUE],
};

/// `POST` of an order in v2.
pub const CREATE_V2: Place = Place { at: "POST /v2/resources/orders", groups: &[ORDER, ORDER_V2] };

/// `PATCH` of an order in v2.
pub const CHANGE_V2: Place =
    Place { at: "PATCH /v2/resources/orders/:id", groups: &[ID, ORDER, ORDER_V2] };

/// `POST` of a refund request in v2.
pub const REFUND_CREATE_V2: Place = Place {
    at: "POST /v2/resources/refund_requests",
    groups: &[
        REFUND,
        &[
            ("requested_at", Honoured("")),
            ("policy", Refused("there is one rule for what is given back")),
        ],
    ],
};

/// All of them.
pub static BODIES: &[Place] =
    &[CREATE, CHANGE, REFUND_CREATE, CREATE_V2, CHANGE_V2, REFUND_CREATE_V2, REFUND_CHANGE];
