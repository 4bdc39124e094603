//! The paths of BILLmanager in the OpenAPI document.

mod pages;

use serde_json::{Map, Value, json};

use super::http::{BILLMGR, PAGE};
use super::wire::browser::CART_PAGE;
use super::wire::params::{LONGEST_VALUE, MOST_PARAMETERS};
use crate::surface::Contract;
use crate::surface::contract::{Part, map};
use crate::web::request::LONGEST_KEY;

const ABOUT: &str = "\
Cart, order and payment. `func` names the function; parameters come in the query, in the form, or in both. \
`sok=ok` confirms an operation: without it a form function answers its form and changes nothing. Errors are \
`doc.error` with status 200; their types are `auth`, `access`, `missed`, `value`, `exists`, `limit`, `timeout` \
(not executed, and never will be) and `failed` (nothing was changed). The setting `billmanager.paths` says at which of \
`/billmgr`, `/manager/billmgr` (both by default) and `/` the API is, each with or without a slash behind it. At `/` only \
requests that name a function, and forms, are taken.";

/// Where else the API is.
const ELSEWHERE: &str = "/manager/billmgr";

const FORM: &str = "application/x-www-form-urlencoded";

/// A request, with its parameters in the order of a first purchase.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Its name within the document.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// What is sent, beside who calls.
    pub params: &'static [(&'static str, &'static str)],
}

/// All of them, on what `wsa up --demo` has; sent in this order to a new store, each does what it shows.
pub const EXAMPLES: [Example; 8] = [
    Example {
        name: "order",
        summary: "Put a server with an add-on into the cart",
        params: &[
            ("su", "client"),
            ("func", "v2.vds.order.param"),
            ("sok", "ok"),
            ("clicked_button", "order"),
            ("pricelist", "2"),
            ("order_period", "1"),
            ("datacenter", "1"),
            ("addon_2", "10"),
        ],
    },
    Example {
        name: "form",
        summary: "What could be ordered",
        params: &[("su", "client"), ("func", "v2.vds.order.param"), ("pricelist", "2")],
    },
    Example {
        name: "promocode",
        summary: "Apply a promo code to the cart",
        params: &[
            ("su", "client"),
            ("func", "cart"),
            ("sok", "ok"),
            ("clicked_button", "apply_promocode"),
            ("promocode", "IDDQD"),
        ],
    },
    Example {
        name: "cart",
        summary: "What is in the cart and what it costs",
        params: &[("su", "client"), ("func", "cart"), ("lang", "ru")],
    },
    Example {
        name: "confirm",
        summary: "Order a line item and pay it from the balance",
        params: &[
            ("su", "client"),
            ("func", "cartorder.create.confirm"),
            ("sok", "ok"),
            ("elid", "1"),
            ("paymethod_id", "0"),
        ],
    },
    Example {
        name: "cartorder",
        summary: "The summary of an order",
        params: &[("su", "client"), ("func", "cartorder"), ("elid", "2")],
    },
    Example {
        name: "payments",
        summary: "Payments, the newest first",
        params: &[("func", "payment"), ("status", "4"), ("out", "json")],
    },
    Example {
        name: "paid",
        summary: "What a payment is, before payment.setpaid is confirmed",
        params: &[("func", "payment.setpaid"), ("elid", "3")],
    },
];

/// The contract.
pub(super) const CONTRACT: Contract = Contract::of(part);

fn part() -> Part {
    Part {
        tags: vec![("billmanager", "BILLmanager: cart, order and payment")],
        paths: map(paths()),
        ..Part::default()
    }
}

/// The paths.
fn paths() -> Value {
    json!({
        BILLMGR: {
            "get": get("billmgrGet"),
            "post": post("billmgr"),
        },
        ELSEWHERE: {
            "get": get("managerBillmgrGet"),
            "post": post("managerBillmgr"),
        },
        PAGE: pages::payment(),
        CART_PAGE: pages::cart(),
    })
}

fn get(name: &str) -> Value {
    json!({
        "operationId": name,
        "tags": ["billmanager"],
        "summary": "A function of BILLmanager, with its parameters in the query",
        "description": format!("{ABOUT} A query stands in logs of proxies and in histories: prefer POST."),
        "security": [],
        "parameters": [{
            "name": "parameters", "in": "query", "style": "form", "explode": true, "required": true,
            "schema": params(),
        }, key()],
        "responses": responses(),
    })
}

fn post(name: &str) -> Value {
    let examples: Map<String, Value> = EXAMPLES
        .iter()
        .map(|example| {
            let mut value: Map<String, Value> =
                example.params.iter().map(|(name, v)| ((*name).to_owned(), (*v).into())).collect();
            value.insert("authinfo".into(), "admin:demo-admin".into());
            (example.name.to_owned(), json!({"summary": example.summary, "value": value}))
        })
        .collect();
    json!({
        "operationId": name,
        "tags": ["billmanager"],
        "summary": "A function of BILLmanager",
        "description": ABOUT,
        "security": [],
        "parameters": [key()],
        "requestBody": {
            "required": true,
            "content": {FORM: {"schema": params(), "examples": examples}},
        },
        "responses": responses(),
    })
}

fn key() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header",
        "description": "The caller's own name for a request that changes something: the same key and \
            request is the same task.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    })
}

fn params() -> Value {
    let text = json!({"type": "string", "maxLength": LONGEST_VALUE});
    let said = |description: &str| json!({"type": "string", "description": description});
    json!({
        "title": "BillmanagerParameters",
        "type": "object",
        "required": ["func"],
        "maxProperties": MOST_PARAMETERS,
        "properties": {
            "func": said("The function, like `v2.vds.order.param`."),
            "authinfo": said("`user:password`. Of `wsa up --demo` it is `admin:demo-admin`."),
            "auth": said("A session that `func=auth` opened."),
            "su": said("The client that an administrator acts for."),
            "sok": {"type": "string", "const": "ok"},
            "out": {"type": "string", "enum": ["xml", "xjson", "json", "sjson", "devel", "text"], "default": "xml"},
            "lang": {"type": "string", "enum": ["ru", "en"]},
        },
        "additionalProperties": text,
    })
}

fn responses() -> Value {
    let content = json!({
        "text/xml": {"schema": {"type": "string"}},
        "text/plain": {"schema": {"type": "string"}},
        "application/json": {"schema": {
            "title": "BillmanagerDocument",
            "type": "object", "required": ["doc"], "properties": {"doc": {"type": "object"}},
        }},
    });
    let response = |description: &str| json!({"description": description, "content": content});
    let guid = json!({
        "description": "The task that the answer is of, when something was to be changed.",
        "schema": {"type": "string", "format": "uuid"},
    });
    let mut done = response("Done, or an error");
    done["headers"] = json!({"X-Task-Guid": guid});
    json!({
        "200": done,
        "405": {"description": "No such method"},
        "408": response("The body did not arrive in time"),
        "413": response("The body is too large"),
        "429": response("Too fast; see Retry-After"),
        "503": response("Not possible now; see Retry-After"),
    })
}
