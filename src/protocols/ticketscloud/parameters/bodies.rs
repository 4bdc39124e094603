//! Fields of bodies.

use super::Place;
use super::Use::{Honoured, Refused};

const NO_MAIL: &str = "this service writes to nobody; the seller sends the tickets";
const NO_SYSTEM: &str = "sellers confirm payments themselves; there is no system with settings";

/// `POST` of an order.
pub const CREATE: Place = Place {
    at: "POST /v1/resources/orders",
    parameters: &[
        ("event", Honoured("")),
        ("tickets", Honoured("")),
        ("random", Honoured("")),
        ("all_or_nothing", Honoured("true")),
        ("promocodes", Honoured("")),
        ("customer", Honoured("")),
        ("payment", Honoured("")),
        ("status", Honoured("\"executed\"")),
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
        ("all_or_nothing", Honoured("true")),
        ("promocodes", Honoured("")),
        ("customer", Honoured("")),
        ("payment", Honoured("")),
        ("status", Honoured("\"in_progress\"")),
        ("payment.send_tickets", Refused(NO_MAIL)),
        ("payment.redirect_url", Refused("it is read only")),
        ("payment.settings", Refused(NO_SYSTEM)),
        ("reserved_till", Refused("it follows from the settings of this service")),
    ],
};

/// All of them.
pub static BODIES: &[Place] = &[CREATE, CHANGE];
