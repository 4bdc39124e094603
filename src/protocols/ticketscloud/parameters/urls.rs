//! Parameters of URLs.

use super::Place;
use super::Use::{Honoured, Refused};

type Group = &'static [super::Parameter];

const FIELDS: Group = &[("fields-schema", Honoured("id"))];
const NO_SCHEMA: Group = &[("fields-schema", Refused("v2 has data and refs"))];
const PAGED: Group = &[("page", Honoured("1")), ("page_size", Honoured("20"))];
const ID: &str = "56a6253df06c5a059a93802e";

const OF_EVENTS: Group = &[
    ("org", Honoured(ID)),
    ("venue", Honoured(ID)),
    ("country", Honoured("RU")),
    ("city", Honoured("524901")),
    ("lifetime__range", Honoured("2026-01-01T00:00:00Z,2026-12-31T23:59:59Z")),
    ("price__range", Honoured("100,500.50")),
    ("sort", Honoured("-price,start")),
    ("status", Honoured("public")),
];

const NO_FILTER: Group = &[("filter", Refused("there are no filters with names of their own"))];
const OF_EVENT: Group = &[("event", Honoured(ID))];
const ONE_ORDER: Group = &[("sort", Refused("orders are always the newest first"))];

const OF_REFUNDS: Group = &[
    ("status", Honoured("new,approved")),
    ("event", Honoured(ID)),
    ("org", Honoured(ID)),
    ("vendor", Honoured(ID)),
    ("sort", Honoured("-value")),
];

/// `GET` of the events for sale.
pub const SIMPLE_EVENTS: Place =
    Place { at: "GET /v1/services/simple/events", groups: &[OF_EVENTS, PAGED, FIELDS] };

/// `GET` of an event for sale.
pub const SIMPLE_EVENT: Place =
    Place { at: "GET /v1/services/simple/events/:id", groups: &[FIELDS] };

/// `GET` of events.
pub const EVENTS: Place = Place {
    at: "GET /v1/resources/events",
    groups: &[
        OF_EVENTS,
        PAGED,
        FIELDS,
        &[("removed", Refused("events are not removed here"))],
        NO_FILTER,
    ],
};

/// `GET` of an event.
pub const EVENT: Place = Place { at: "GET /v1/resources/events/:id", groups: &[FIELDS, NO_FILTER] };

/// `GET` of the sets of an event.
pub const SETS: Place = Place { at: "GET /v1/resources/events/:id/sets", groups: &[FIELDS] };

/// `GET` of a set.
pub const SET: Place = Place { at: "GET /v1/resources/events/:id/sets/:id", groups: &[FIELDS] };

/// `GET` of the tickets of an event.
pub const TICKETS: Place = Place {
    at: "GET /v1/resources/events/:id/tickets",
    groups: &[&[("status", Honoured("vacant,reserved"))], PAGED, FIELDS],
};

/// `GET` of deals.
pub const DEALS: Place = Place {
    at: "GET /v1/resources/deals",
    groups: &[
        OF_EVENT,
        &[("partner", Honoured(ID)), ("status", Honoured("accepted"))],
        PAGED,
        FIELDS,
    ],
};

/// `GET` of a deal.
pub const DEAL: Place = Place { at: "GET /v1/resources/deals/:id", groups: &[FIELDS] };

/// `GET` of orders.
pub const ORDERS: Place = Place {
    at: "GET /v1/resources/orders",
    groups: &[&[("status", Honoured("executed,in_progress"))], OF_EVENT, PAGED, FIELDS, ONE_ORDER],
};

/// `GET` of an order.
pub const ORDER: Place = Place { at: "GET /v1/resources/orders/:id", groups: &[FIELDS] };

/// `GET` of the tickets of an order.
pub const ORDER_TICKETS: Place =
    Place { at: "GET /v1/resources/orders/:id/tickets", groups: &[FIELDS] };

/// `POST` and `PATCH` of an order.
pub const WRITE: Place = Place { at: "POST, PATCH of an order (v1)", groups: &[FIELDS] };

/// `DELETE` of an order.
pub const DELETE: Place = Place {
    at: "DELETE /v1/resources/orders/:id",
    groups: &[&[("fields-schema", Refused("the answer has no body"))]],
};

/// `GET` of refund requests.
pub const REFUNDS: Place =
    Place { at: "GET /v1/resources/refund_requests", groups: &[OF_REFUNDS, PAGED, FIELDS] };

/// `GET` of a refund request.
pub const REFUND: Place = Place { at: "GET /v1/resources/refund_requests/:id", groups: &[FIELDS] };

/// `POST` and `PATCH` of a refund request.
pub const WRITE_REFUND: Place =
    Place { at: "POST, PATCH of a refund request (v1)", groups: &[FIELDS] };

/// `GET` of orders in v2.
pub const ORDERS_V2: Place = Place {
    at: "GET /v2/resources/orders",
    groups: &[&[("status", Honoured("executed,cancelled"))], OF_EVENT, PAGED, NO_SCHEMA, ONE_ORDER],
};

/// `GET` of an order in v2.
pub const ORDER_V2: Place = Place { at: "GET /v2/resources/orders/:id", groups: &[NO_SCHEMA] };

/// `GET` of refund requests in v2.
pub const REFUNDS_V2: Place =
    Place { at: "GET /v2/resources/refund_requests", groups: &[OF_REFUNDS, PAGED, NO_SCHEMA] };

/// `GET` of a refund request in v2.
pub const REFUND_V2: Place =
    Place { at: "GET /v2/resources/refund_requests/:id", groups: &[NO_SCHEMA] };

/// What is written in v2.
pub const WRITE_V2: Place = Place { at: "POST, PATCH, DELETE in v2", groups: &[NO_SCHEMA] };

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
