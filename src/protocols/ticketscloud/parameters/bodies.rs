//! Fields of bodies.

use super::Place;
use super::Use::{Honoured, Refused};

const NO_MAIL: &str = "this service writes to nobody; the seller sends the tickets";
const NO_SYSTEM: &str = "sellers confirm payments themselves; there is no system with settings";

const BOUGHT: &str = "the price of a ticket is that of its set";
const OURS: &str = "it follows from what was done, and cannot be said";

/// `POST` of an order.
pub const CREATE: Place = Place {
    at: "POST /v1/resources/orders",
    parameters: &[
        ("event", Honoured("")),
        ("tickets", Honoured("")),
        ("random", Honoured("")),
        ("all_or_nothing", Honoured("")),
        ("promocodes", Honoured("")),
        ("customer", Honoured("")),
        ("payment", Honoured("")),
        ("payment.system", Honoured("")),
        ("payment.success_url", Honoured("")),
        ("payment.failure_url", Honoured("")),
        ("status", Honoured("")),
        ("payment.send_tickets", Refused(NO_MAIL)),
        ("payment.redirect_url", Refused("it is read only")),
        ("payment.settings", Refused(NO_SYSTEM)),
    ],
};

/// `PATCH` of an order.
pub const CHANGE: Place = Place {
    at: "PATCH /v1/resources/orders/:id",
    parameters: &[
        ("id", Honoured("")),
        ("event", Honoured("")),
        ("tickets", Honoured("")),
        ("random", Honoured("")),
        ("all_or_nothing", Honoured("")),
        ("promocodes", Honoured("")),
        ("customer", Honoured("")),
        ("payment", Honoured("")),
        ("payment.system", Honoured("")),
        ("payment.success_url", Honoured("")),
        ("payment.failure_url", Honoured("")),
        ("status", Honoured("")),
        ("payment.send_tickets", Refused(NO_MAIL)),
        ("payment.redirect_url", Refused("it is read only")),
        ("payment.settings", Refused(NO_SYSTEM)),
        ("reserved_till", Refused(OURS)),
        ("value", Refused(OURS)),
    ],
};

/// `POST` of a refund request.
pub const REFUND_CREATE: Place = Place {
    at: "POST /v1/resources/refund_requests",
    parameters: &[
        ("order", Honoured("")),
        ("culprit", Honoured("")),
        ("tickets", Honoured("")),
        ("tickets_refund", Honoured("")),
        ("reason", Refused("there is the culprit, and nothing beside it")),
        ("value", Refused(OURS)),
    ],
};

/// `PATCH` of a refund request.
pub const REFUND_CHANGE: Place = Place {
    at: "PATCH /v1, /v2/resources/refund_requests/:id",
    parameters: &[("status", Honoured("")), ("value", Refused(OURS))],
};

/// `POST` of an order in v2.
pub const CREATE_V2: Place = Place {
    at: "POST /v2/resources/orders",
    parameters: &[
        ("event", Honoured("")),
        ("tickets", Honoured("")),
        ("random", Honoured("")),
        ("all_or_nothing", Honoured("")),
        ("promocodes", Honoured("")),
        ("settings", Honoured("")),
        ("settings.customer", Honoured("")),
        ("vendor_data", Honoured("")),
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
    ],
};

/// `PATCH` of an order in v2.
pub const CHANGE_V2: Place = Place {
    at: "PATCH /v2/resources/orders/:id",
    parameters: &[
        ("id", Honoured("")),
        ("event", Honoured("")),
        ("tickets", Honoured("")),
        ("random", Honoured("")),
        ("all_or_nothing", Honoured("")),
        ("promocodes", Honoured("")),
        ("settings", Honoured("")),
        ("settings.customer", Honoured("")),
        ("vendor_data", Honoured("")),
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
    ],
};

/// `POST` of a refund request in v2.
pub const REFUND_CREATE_V2: Place = Place {
    at: "POST /v2/resources/refund_requests",
    parameters: &[
        ("order", Honoured("")),
        ("culprit", Honoured("")),
        ("tickets", Honoured("")),
        ("requested_at", Honoured("")),
        ("policy", Refused("there is one rule for what is given back")),
        ("reason", Refused("there is the culprit, and nothing beside it")),
    ],
};

/// All of them.
pub static BODIES: &[Place] =
    &[CREATE, CHANGE, REFUND_CREATE, CREATE_V2, CHANGE_V2, REFUND_CREATE_V2, REFUND_CHANGE];
