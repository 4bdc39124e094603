//! Every parameter that the vendor's pages name, at every read: it is honoured, or refused by its name.

use reqwest::Method;

use super::bridge::*;
use crate::support::app::TestApp;

/// What becomes of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Is {
    /// What it does is held by the tests of lists.
    Honoured,
    /// 400, by its name.
    Refused,
}
use Is::{Honoured, Refused};

/// The pages of the vendor's guide, and a few parameters that other servers have.
const TABLE: &[(&str, &[(&str, Is)])] = &[
    (
        "1/payments",
        &[
            ("page[size]=2", Honoured),
            ("page[number]=1", Honoured),
            ("sort=id", Honoured),
            ("sort=-created_at", Honoured),
            ("sort=updated_at", Honoured),
            ("sort=total", Refused),
            ("sort=-closed_at", Refused),
            ("sort=document_id", Refused),
            ("filter[created_at]=2019-11-01", Honoured),
            ("filter[created_at][gt]=2019-11-01T00:00:00", Honoured),
            ("filter[created_at][lt]=2019-11-01T00:00:00Z", Honoured),
            ("filter[updated_at]=2019-11-01", Honoured),
            ("filter[updated_at][gt]=2017-10-04T15:12:01.558009%2B03:00", Honoured),
            ("filter[updated_at][lt]=2019-11-01", Honoured),
            ("filter[closed_at]=2019-11-01", Honoured),
            ("filter[closed_at][gt]=2019-11-01", Honoured),
            ("filter[closed_at][lt]=2019-11-01", Honoured),
            ("filter[status]=completed", Honoured),
            ("filter[account_id]=505", Honoured),
            ("filter[document_id]=2005258", Honoured),
            ("filter[id][gt]=0", Honoured),
            ("filter[id][lt]=9", Honoured),
            ("filter[due_date]=2019-11-01", Refused),
            ("filter[payment_method_id]=2", Refused),
            ("filter[manager_id]=234", Refused),
            ("filter[total]=99", Refused),
            ("include=account", Refused),
            ("fields[payments]=total", Refused),
            ("page=1", Refused),
            ("per_page=1", Refused),
            ("filter=x", Refused),
        ],
    ),
    ("1/payments/6475", &[("include=corrections", Refused), ("fields[payments]=total", Refused)]),
    ("1/payments/6475/corrections", &[("page[size]=1", Honoured), ("sort=id", Refused)]),
    ("1/payments/6475/invoices", &[("page[size]=1", Refused), ("include=charges", Refused)]),
    (
        "1/accounts",
        &[
            ("page[size]=1", Honoured),
            ("page[number]=1", Honoured),
            ("filter[id][gt]=0", Honoured),
            ("filter[email]=a@example.com", Refused),
            ("filter[user_email]=a@example.com", Refused),
            ("filter[inn]=7707083893", Refused),
            ("filter[created_at]=2019-11-01", Refused),
            ("filter[updated_at][gt]=2019-11-01", Refused),
            ("include=subscriptions", Refused),
            ("sort=id", Refused),
        ],
    ),
    ("1/accounts/505", &[("include=subscriptions", Refused)]),
    ("1", &[("include=accounts", Refused)]),
    (
        "1/child_resellers",
        &[("page[size]=1", Honoured), ("page[number]=1", Honoured), ("sort=id", Refused)],
    ),
    ("1/payment_methods", &[("page[size]=1", Honoured), ("filter[status]=active", Refused)]),
    ("1/payment_methods/2", &[("include=reseller", Refused)]),
    (
        "1/corrections",
        &[
            ("page[size]=1", Honoured),
            ("filter[payment_id]=6475", Honoured),
            ("filter[created_at]=2019-11-01", Refused),
            ("filter[status]=approved", Refused),
            ("filter[subscription_id]=1", Refused),
            ("sorting[field]=id", Refused),
        ],
    ),
    ("1/corrections/1", &[("include=payment", Refused)]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_of_a_query_is_honoured_or_refused_by_its_name() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    assert_eq!(by_document(&app, "2005258", serde_json::json!({"amount": 1})).await.status, 200);
    let mut wrong = Vec::new();
    for (path, parameters) in TABLE {
        let path = format!("/api/v3/resellers/{path}");
        let bare = send(request(&app, Method::GET, &path)).await;
        assert_eq!(bare.status, 200, "{path}: {bare:?}");
        for (parameter, is) in *parameters {
            let answer = send(request(&app, Method::GET, &format!("{path}?{parameter}"))).await;
            let name = parameter.split('=').next().unwrap();
            let right = match is {
                Honoured => answer.status == 200,
                Refused => {
                    answer.status == 400 && answer.error(400).starts_with(&format!("{name}: "))
                }
            };
            if !right {
                wrong.push(format!("{path}?{parameter} is not {is:?}: {answer:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_is_said_so_in_the_protocols_form() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    for path in
        ["/invoices", "/invoices/1", "/charges", "/subscriptions", "/payments/", "/accounts/"]
    {
        let path = format!("/api/v3/resellers/1{path}");
        let title = send(request(&app, Method::GET, &path)).await.error(404);
        assert_eq!(title, format!("There is nothing at {path}."));
    }
    for (path, allowed) in [
        ("", "GET, HEAD"),
        ("/child_resellers", "GET, HEAD"),
        // A payment is created by the operator.
        ("/payments", "GET, HEAD"),
        ("/payments/1/corrections", "GET, HEAD"),
        ("/accounts/1", "GET, HEAD"),
    ] {
        let path = format!("/api/v3/resellers/1{path}");
        for method in [Method::POST, Method::PATCH, Method::DELETE] {
            let answer = send(request(&app, method, &path).body(EXAMPLE)).await;
            answer.error(405);
            assert_eq!(answer.header("allow"), Some(allowed), "{path}");
        }
    }
    assert!(app.finish().await.tasks.is_empty());
}
