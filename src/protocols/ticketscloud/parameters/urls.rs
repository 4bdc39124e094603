//! Parameters of URLs.

use super::Place;
use super::Use::{Honoured, Refused};

const FIELDS: super::Parameter = ("fields-schema", Honoured("id"));
const PAGE: super::Parameter = ("page", Honoured("1"));
const PAGE_SIZE: super::Parameter = ("page_size", Honoured("20"));
const ID: &str = "56a6253df06c5a059a93802e";

/// `GET` of the events for sale.
pub const SIMPLE_EVENTS: Place = Place {
    at: "GET /v1/services/simple/events",
    parameters: &[
        ("org", Honoured(ID)),
        ("venue", Honoured(ID)),
        ("country", Honoured("RU")),
        ("city", Honoured("524901")),
        ("lifetime__range", Honoured("2026-01-01T00:00:00Z,2026-12-31T23:59:59Z")),
        ("price__range", Honoured("100,500.50")),
        ("sort", Honoured("-price,start")),
        PAGE,
        PAGE_SIZE,
        FIELDS,
        ("status", Honoured("public")),
    ],
};

/// `GET` of an event for sale.
pub const SIMPLE_EVENT: Place =
    Place { at: "GET /v1/services/simple/events/:id", parameters: &[FIELDS] };

/// `GET` of events.
pub const EVENTS: Place = Place {
    at: "GET /v1/resources/events",
    parameters: &[
        ("org", Honoured(ID)),
        ("venue", Honoured(ID)),
        ("country", Honoured("RU")),
        ("city", Honoured("524901")),
        ("lifetime__range", Honoured("2026-01-01T00:00:00Z,2026-12-31T23:59:59Z")),
        ("price__range", Honoured("100,500.50")),
        ("sort", Honoured("-price,start")),
        PAGE,
        PAGE_SIZE,
        FIELDS,
        ("status", Honoured("public")),
        ("removed", Refused("events are not removed here")),
        ("filter", Refused("there are no filters with names of their own")),
    ],
};

/// `GET` of an event.
pub const EVENT: Place = Place {
    at: "GET /v1/resources/events/:id",
    parameters: &[FIELDS, ("filter", Refused("there are no filters with names of their own"))],
};

/// `GET` of the sets of an event.
pub const SETS: Place = Place { at: "GET /v1/resources/events/:id/sets", parameters: &[FIELDS] };

/// `GET` of a set.
pub const SET: Place = Place { at: "GET /v1/resources/events/:id/sets/:id", parameters: &[FIELDS] };

/// `GET` of the tickets of an event.
pub const TICKETS: Place = Place {
    at: "GET /v1/resources/events/:id/tickets",
    parameters: &[("status", Honoured("vacant,reserved")), PAGE, PAGE_SIZE, FIELDS],
};

/// `GET` of deals.
pub const DEALS: Place = Place {
    at: "GET /v1/resources/deals",
    parameters: &[
        ("event", Honoured(ID)),
        ("partner", Honoured(ID)),
        ("status", Honoured("accepted")),
        PAGE,
        PAGE_SIZE,
        FIELDS,
    ],
};

/// `GET` of a deal.
pub const DEAL: Place = Place { at: "GET /v1/resources/deals/:id", parameters: &[FIELDS] };

/// `GET` of orders.
pub const ORDERS: Place = Place {
    at: "GET /v1/resources/orders",
    parameters: &[
        ("status", Honoured("executed,in_progress")),
        ("event", Honoured(ID)),
        PAGE,
        PAGE_SIZE,
        FIELDS,
        ("sort", Refused("orders are always the newest first")),
    ],
};

/// `GET` of an order.
pub const ORDER: Place = Place { at: "GET /v1/resources/orders/:id", parameters: &[FIELDS] };

/// `GET` of the tickets of an order.
pub const ORDER_TICKETS: Place =
    Place { at: "GET /v1/resources/orders/:id/tickets", parameters: &[FIELDS] };

/// `POST` and `PATCH` of an order.
pub const WRITE: Place = Place { at: "POST, PATCH of an order (v1)", parameters: &[FIELDS] };

/// `DELETE` of an order.
pub const DELETE: Place = Place {
    at: "DELETE /v1/resources/orders/:id",
    parameters: &[("fields-schema", Refused("the answer has no body"))],
};

/// `GET` of refund requests.
pub const REFUNDS: Place = Place {
    at: "GET /v1/resources/refund_requests",
    parameters: &[
        ("status", Honoured("new,approved")),
        ("event", Honoured(ID)),
        ("org", Honoured(ID)),
        ("vendor", Honoured(ID)),
        ("sort", Honoured("-value")),
        PAGE,
        PAGE_SIZE,
        FIELDS,
    ],
};

/// `GET` of a refund request.
pub const REFUND: Place =
    Place { at: "GET /v1/resources/refund_requests/:id", parameters: &[FIELDS] };

/// `POST` and `PATCH` of a refund request.
pub const WRITE_REFUND: Place =
    Place { at: "POST, PATCH of a refund request (v1)", parameters: &[FIELDS] };

const NO_SCHEMA: super::Parameter = ("fields-schema", Refused("v2 has data and refs"));

/// `GET` of orders in v2.
pub const ORDERS_V2: Place = Place {
    at: "GET /v2/resources/orders",
    parameters: &[
        ("status", Honoured("executed,cancelled")),
        ("event", Honoured(ID)),
        PAGE,
        PAGE_SIZE,
        NO_SCHEMA,
        ("sort", Refused("orders are always the newest first")),
    ],
};

/// `GET` of an order in v2.
pub const ORDER_V2: Place = Place { at: "GET /v2/resources/orders/:id", parameters: &[NO_SCHEMA] };

/// `GET` of refund requests in v2.
pub const REFUNDS_V2: Place = Place {
    at: "GET /v2/resources/refund_requests",
    parameters: &[
        ("status", Honoured("new,approved")),
        ("event", Honoured(ID)),
        ("org", Honoured(ID)),
        ("vendor", Honoured(ID)),
        ("sort", Honoured("-value")),
        PAGE,
        PAGE_SIZE,
        NO_SCHEMA,
    ],
};

/// `GET` of a refund request in v2.
pub const REFUND_V2: Place =
    Place { at: "GET /v2/resources/refund_requests/:id", parameters: &[NO_SCHEMA] };

/// What is written in v2.
pub const WRITE_V2: Place = Place { at: "POST, PATCH, DELETE in v2", parameters: &[NO_SCHEMA] };

/// All of them.
pub static URLS: &[Place] = &[
    SIMPLE_EVENTS,
    SIMPLE_EVENT,
    EVENTS,
    EVENT,
    SETS,
    SET,
    TICKETS,
    DEALS,
    DEAL,
    ORDERS,
    ORDER,
    ORDER_TICKETS,
    WRITE,
    DELETE,
    REFUNDS,
    REFUND,
    WRITE_REFUND,
    ORDERS_V2,
    ORDER_V2,
    REFUNDS_V2,
    REFUND_V2,
    WRITE_V2,
];
