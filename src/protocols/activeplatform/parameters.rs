//! Every parameter of a URL that the vendor's guide and JSON:API have, and what becomes of it. A request is read by this
//! table, and the documentation has it from here.

use super::reads::Read;
use crate::web::parameters::Use::{Honoured, Refused};
use crate::web::parameters::{Parameter, Place, REQUESTS, table as table_of};

type Group = &'static [Parameter];

const PAGED: Group = &[
    ("page[size]", Honoured("2")),
    ("page[number]", Honoured("1")),
    ("filter[id][gt]", Honoured("0")),
    ("filter[id][lt]", Honoured("9007")),
    ("page", Refused("pages are asked for by page[size] and page[number]")),
    ("per_page", Refused("pages are asked for by page[size] and page[number]")),
    ("filter", Refused("a filter has a name: filter[name]")),
];

const OF_RESELLERS: Group =
    &[("include", Honoured("parent")), ("fields[resellers]", Honoured("general"))];

const OF_ACCOUNTS: Group = &[
    ("include", Honoured("reseller")),
    ("fields[accounts]", Honoured("balance")),
    ("fields[resellers]", Honoured("general")),
];

const OF_METHODS: Group = &[
    ("include", Honoured("reseller.parent")),
    ("fields[payment_methods]", Honoured("name")),
    ("fields[resellers]", Honoured("general")),
];

/// Payments and corrections lead to each other, and to everything else.
const FIELDS: Group = &[
    ("fields[payments]", Honoured("total,account")),
    ("fields[corrections]", Honoured("total,payment")),
    ("fields[accounts]", Honoured("balance")),
    ("fields[payment_methods]", Honoured("name")),
    ("fields[resellers]", Honoured("general")),
    ("fields[orders]", Refused("nothing is kept of an order but its id")),
    ("fields[invoices]", Refused(NOT_KEPT)),
];

const OF_PAYMENTS: Group =
    &[("include", Honoured("account,payment_method,corrections.payment,reseller"))];
const OF_CORRECTIONS: Group = &[("include", Honoured("payment.payment_method,account,reseller"))];

const FILTERS: Group = &[
    ("sort", Honoured("-created_at")),
    ("filter[status]", Honoured("completed")),
    ("filter[account_id]", Honoured("505")),
    ("filter[document_id]", Honoured("2005258")),
    ("filter[created_at]", Honoured("2019-11-01")),
    ("filter[created_at][gt]", Honoured("2019-11-01T00:00:00")),
    ("filter[created_at][lt]", Honoured("2019-11-01T00:00:00Z")),
    ("filter[updated_at]", Honoured("2019-11-01")),
    ("filter[updated_at][gt]", Honoured("2017-10-04T15:12:01.558009%2B03:00")),
    ("filter[updated_at][lt]", Honoured("2019-11-01")),
    ("filter[closed_at]", Honoured("2019-11-01")),
    ("filter[closed_at][gt]", Honoured("2019-11-01")),
    ("filter[closed_at][lt]", Honoured("2019-11-01")),
    ("filter[due_date]", Refused(NO_INDEX)),
    ("filter[expiration_date]", Refused(NO_INDEX)),
    ("filter[payment_method_id]", Refused(NO_INDEX)),
    ("filter[manager_id]", Refused(NO_INDEX)),
    ("filter[total]", Refused(NO_INDEX)),
];

const ONE_ORDER: Group = &[("sort", Refused("it is always by id"))];

const NO_PERSON: Group = &[
    ("filter[email]", Refused(KEPT_OF_ACCOUNTS)),
    ("filter[user_email]", Refused(KEPT_OF_ACCOUNTS)),
    ("filter[inn]", Refused(KEPT_OF_ACCOUNTS)),
    ("filter[created_at]", Refused(KEPT_OF_ACCOUNTS)),
    ("filter[updated_at]", Refused(KEPT_OF_ACCOUNTS)),
    ("filter[updated_at][gt]", Refused(KEPT_OF_ACCOUNTS)),
];

const OF_RESELLER: Group = &[("filter[reseller_id]", Honoured("2"))];

const NO_INDEX: &str = "payments are not found by it";
const KEPT_OF_ACCOUNTS: &str = "of an account its name, its currency and its balance are kept";
const NO_PAGES: &str = "all of them are in one answer";
const NOT_KEPT: &str = "nothing is kept of an invoice but its id";
const A_WRITE: &str = "a write is answered with the whole payment";

static RESELLER: Place = Place { at: "GET /api/v3/resellers/:id", groups: &[OF_RESELLERS] };

static CHILDREN: Place =
    Place { at: "GET .../child_resellers", groups: &[PAGED, OF_RESELLERS, ONE_ORDER] };

static PAYMENTS: Place =
    Place { at: "GET .../payments", groups: &[PAGED, FILTERS, OF_PAYMENTS, FIELDS] };

static PAYMENT: Place = Place { at: "GET .../payments/:id", groups: &[OF_PAYMENTS, FIELDS] };

static PAYMENT_CORRECTIONS: Place = Place {
    at: "GET .../payments/:id/corrections",
    groups: &[PAGED, OF_CORRECTIONS, FIELDS, ONE_ORDER],
};

static PAYMENT_INVOICES: Place = Place {
    at: "GET .../payments/:id/invoices",
    groups: &[&[
        ("page[size]", Refused(NO_PAGES)),
        ("page[number]", Refused(NO_PAGES)),
        ("include", Refused(NOT_KEPT)),
        ("fields[invoices]", Refused(NOT_KEPT)),
        ("filter[status]", Refused(NOT_KEPT)),
        ("sort", Refused(NO_PAGES)),
    ]],
};

static ACCOUNTS: Place =
    Place { at: "GET .../accounts", groups: &[PAGED, OF_ACCOUNTS, NO_PERSON, ONE_ORDER] };

static ACCOUNT: Place = Place { at: "GET .../accounts/:id", groups: &[OF_ACCOUNTS] };

static CHILD_ACCOUNTS: Place = Place {
    at: "GET .../child_reseller_accounts",
    groups: &[PAGED, OF_RESELLER, OF_ACCOUNTS, NO_PERSON, ONE_ORDER],
};

static CHILD_ACCOUNT: Place =
    Place { at: "GET .../child_reseller_accounts/:id", groups: &[OF_RESELLER, OF_ACCOUNTS] };

static METHODS: Place = Place {
    at: "GET .../payment_methods",
    groups: &[
        PAGED,
        OF_METHODS,
        &[(
            "filter[status]",
            Refused("a payment method has no status: those that there are can be used"),
        )],
        ONE_ORDER,
    ],
};

static METHOD: Place = Place { at: "GET .../payment_methods/:id", groups: &[OF_METHODS] };

static CORRECTIONS: Place = Place {
    at: "GET .../corrections",
    groups: &[
        PAGED,
        &[
            ("filter[payment_id]", Honoured("6475")),
            ("filter[created_at]", Refused("corrections are found by their ids")),
            ("filter[status]", Refused("every correction is approved: it is in the balance")),
            ("filter[subscription_id]", Refused("subscriptions are not kept")),
            ("sorting[field]", Refused("it is always by id")),
        ],
        OF_CORRECTIONS,
        FIELDS,
        ONE_ORDER,
    ],
};

static CORRECTION: Place =
    Place { at: "GET .../corrections/:id", groups: &[OF_CORRECTIONS, FIELDS] };

/// The query of PATCH and POST of a payment.
pub static WRITE: Place = Place {
    at: "PATCH, POST .../payments/:id",
    groups: &[&[("include", Refused(A_WRITE)), ("fields[payments]", Refused(A_WRITE))]],
};

/// What may be said where this is read.
pub fn place(read: Read) -> &'static Place {
    match read {
        Read::Reseller => &RESELLER,
        Read::Children => &CHILDREN,
        Read::Payments => &PAYMENTS,
        Read::Payment => &PAYMENT,
        Read::PaymentCorrections => &PAYMENT_CORRECTIONS,
        Read::PaymentInvoices => &PAYMENT_INVOICES,
        Read::Accounts => &ACCOUNTS,
        Read::Account => &ACCOUNT,
        Read::ChildAccounts => &CHILD_ACCOUNTS,
        Read::ChildAccount => &CHILD_ACCOUNT,
        Read::Methods => &METHODS,
        Read::Method => &METHOD,
        Read::Corrections => &CORRECTIONS,
        Read::Correction => &CORRECTION,
    }
}

const NAMED: Group = &[
    ("data.id", Honoured("6475")),
    ("data.type", Honoured("payments")),
    ("data.relationships.reseller", Honoured("resellers 1")),
    ("data.relationships.payment_method", Honoured("payment_methods 2")),
    ("data.attributes.payment_method_id", Honoured("2")),
];

const FOLLOWS: Group = &[
    ("data.attributes.status", Refused(PROVED)),
    ("data.attributes.closed_at", Refused(PROVED)),
    ("data.attributes.manager_id", Refused("it is the manager whose token it is")),
    ("data.attributes.account_id", Refused("the account is the payment's")),
    (
        "data.attributes.comment",
        Refused("the payment has its own, and a correction's names the document"),
    ),
    ("data.relationships.account", Refused("the account is the payment's")),
];

const PAID_AS_IT_IS: &str = "a payment that is completed by its id is paid as it is";
const PROVED: &str = "it follows from what was done, and cannot be said";

/// The body of PATCH, which names the payment by its id.
pub static BY_ID: Place = Place {
    at: "PATCH .../payments/:id",
    groups: &[
        NAMED,
        &[
            ("data.attributes.amount", Refused(PAID_AS_IT_IS)),
            ("data.attributes.total", Refused(PAID_AS_IT_IS)),
            ("data.attributes.currency_code", Refused(PAID_AS_IT_IS)),
            ("data.attributes.external_transaction_id", Refused(PAID_AS_IT_IS)),
        ],
        FOLLOWS,
    ],
};

/// The body of POST, which names the payment by the number of its document.
pub static BY_DOCUMENT: Place = Place {
    at: "POST .../payments/:document",
    groups: &[
        NAMED,
        &[
            ("data.attributes.amount", Honoured("99.50")),
            ("data.attributes.total", Honoured("99.50")),
            ("data.attributes.currency_code", Honoured("USD")),
            ("data.attributes.external_transaction_id", Honoured("bank-1")),
        ],
        FOLLOWS,
    ],
};

/// The table, as the documentation has it.
pub fn table() -> String {
    let reads = Read::ALL.iter().map(|read| place(*read));
    table_of(REQUESTS, reads.chain([&WRITE, &BY_ID, &BY_DOCUMENT]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::activeplatform::wire::members::{ATTRIBUTES, RELATIONSHIPS};

    #[test]
    fn the_documentation_has_the_table() {
        let page = include_str!("../../../docs/activeplatform-parameters.md");
        assert!(
            page.contains(&table()),
            "docs/activeplatform-parameters.md must have:\n{}",
            table()
        );
    }

    #[test]
    fn the_members_of_a_body_are_those_that_are_understood() {
        let all = |attributes: &[&str]| -> Vec<String> {
            let relationships = RELATIONSHIPS.iter().map(|of| format!("data.relationships.{of}"));
            let attributes = attributes.iter().map(|of| format!("data.attributes.{of}"));
            let own = ["data.id", "data.type"].map(str::to_owned);
            own.into_iter().chain(relationships).chain(attributes).collect()
        };
        assert_eq!(BY_DOCUMENT.honoured(), all(&ATTRIBUTES));
        assert_eq!(BY_ID.honoured(), all(&ATTRIBUTES[..1]));
    }
}
