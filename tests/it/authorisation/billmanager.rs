//! BILLmanager.

use wsa::domain::task::ObjectId;

use super::callers::{Caller, Kind, seed};
use super::rule::{Answer, Door, Task, Verdict, hold};
use crate::billmanager::shop::{self, ADMIN, ANNA, BORIS};
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::shown::shown;

/// A number that nothing has.
const NONE: i64 = 999_999;

/// What a client has: one that it is in its cart, and what it ordered.
#[derive(Debug, Clone, Copy)]
struct Having {
    account: ObjectId,
    login: &'static str,
    item: i64,
    order: i64,
    payment: i64,
    /// What it has paid.
    service: i64,
}

struct Office<'a> {
    app: &'a TestApp,
    /// Of each client, and of none.
    having: [Having; 3],
}

impl<'a> Office<'a> {
    async fn made(app: &'a TestApp, callers: &[Caller]) -> Office<'a> {
        let account = |login| named(callers, login).reaches[0];
        let none = Having {
            account: ObjectId(2_999_999_999_999_999),
            login: "nobody",
            item: NONE,
            order: NONE,
            payment: NONE,
            service: NONE,
        };
        let mut having = [none; 3];
        for (having, login) in having.iter_mut().zip([ANNA, BORIS]) {
            let first = shop::add(app, login).await;
            let made = shop::confirm(app, login, first, &[("paymethod_id", "15")]).await;
            *having = Having {
                account: account(login),
                login,
                item: shop::add(app, login).await,
                order: made.number("billorder"),
                payment: made.number("payment_id"),
                service: shop::buy_free(app, login).await,
            };
        }
        Office { app, having }
    }
}

fn named<'a>(callers: &'a [Caller], login: &str) -> &'a Caller {
    let name = wsa::protocols::billmanager::sql::users::aggregator_of(login);
    callers.iter().find(|caller| caller.name == name).unwrap()
}

/// The login of a user, and of everybody else a name that no user has.
fn login(caller: &Caller) -> &str {
    [ADMIN, ANNA, BORIS]
        .into_iter()
        .find(|login| caller.name == wsa::protocols::billmanager::sql::users::aggregator_of(login))
        .unwrap_or(&caller.name)
}

/// Asks with what this caller has for a password, if anything.
async fn by(app: &TestApp, caller: &Caller, params: &[(&str, &str)]) -> shop::Answer {
    let authinfo = format!("{}:{}", login(caller), caller.token);
    let mut all = vec![("out", "json")];
    if caller.kind != Kind::Nobody {
        all.push(("authinfo", &authinfo));
    }
    all.extend_from_slice(params);
    shop::bare(app, &all).await
}

impl Door for Office<'_> {
    fn knows(&self, caller: &Caller) -> bool {
        caller.kind == Kind::User
    }

    fn objects(&self) -> Vec<ObjectId> {
        self.having.map(|having| having.account).to_vec()
    }

    fn tasks(&self) -> Vec<Task> {
        let task = |name, writes| Task { name, writes };
        vec![
            task("cartorder", false),
            task("payment", false),
            task("service", false),
            task("cart", true),
            task("cartorder.create.confirm", true),
            task("service.edit", true),
            task("service.prolong", true),
            task("soft.delete", true),
        ]
    }

    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer {
        let having = self.having.iter().find(|having| having.account == object).unwrap();
        let (number, how): (i64, &[(&str, &str)]) = match task.name {
            "cartorder" => (having.order, &[]),
            "payment" => (having.payment, &[]),
            "service" => (having.service, &[]),
            // What costs something is not activated, and a method that is not there pays nothing.
            "cart" => (having.item, &[("sok", "ok"), ("clicked_button", "activate")]),
            // It was not opened, so there is nothing to prolong; once deleted, nothing can be done to it.
            "service.edit" => (having.service, &[("sok", "ok"), ("autoprolong", "off")]),
            "service.prolong" => (having.service, &[("sok", "ok"), ("period", "1")]),
            "soft.delete" => (having.service, &[("sok", "ok")]),
            _ => (having.item, &[("sok", "ok"), ("paymethod_id", "99")]),
        };
        let number = number.to_string();
        let name = match task.name {
            "payment" | "service" => "id",
            "cart" => "selected",
            _ => "elid",
        };
        let mut params = vec![("func", task.name), (name, number.as_str())];
        params.extend_from_slice(how);
        // An administrator acts for whose it is.
        if login(caller) == ADMIN {
            params.push(("su", having.login));
        }
        let answer = by(self.app, caller, &params).await;
        let doc = answer.doc();
        let error = doc.get("error").map(|_| answer.error());
        let is_list = matches!(task.name, "payment" | "service");
        let nothing = is_list && doc["elem"][0].is_null();
        let verdict = match error.as_deref() {
            Some("auth badpassword" | "auth auth") => Verdict::Unknown,
            Some("missed elid" | "missed selected" | "missed su") => Verdict::Hidden,
            Some(error) if error.starts_with("access") => Verdict::Forbidden,
            None if nothing => Verdict::Hidden,
            _ => Verdict::Served,
        };
        if verdict != Verdict::Served {
            assert_eq!(answer.header("x-task-guid"), None);
        }
        // A number that was asked for is told again.
        Answer { verdict, text: shown(&answer.text.replace(&number, "NUMBER")) }
    }
}

async fn app() -> TestApp {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await;
    app.set("billmanager.attempts_per_min", 100_000).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reaches_its_account_and_an_administrator_whom_it_names() {
    let app = app().await;
    let callers = seed(app.store()).await;
    let door = Office::made(&app, &callers).await;
    let before = app.place.number("SELECT count(*) FROM tasks").await;
    let counts = hold(&door, &callers).await;
    assert_eq!(counts.values().sum::<usize>(), callers.len() * 8 * 3);
    // Each client its own, the administrator both.
    assert_eq!(counts["Served"], 8 * 4);
    let deleted = "SELECT count(*) FROM bm_services WHERE status = 'deleted'";
    assert_eq!(app.place.number(deleted).await, 2);
    let left = app.finish().await.tasks.len();
    assert_eq!(left as i64 - before, 5 * 4, "who was not served left nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_client_may_not_act_for_and_whom_there_is_not_are_refused_alike() {
    let app = app().await;
    let callers = seed(app.store()).await;
    let anna = named(&callers, ANNA);
    for func in ["cart", "payment", "cartorder.create.confirm"] {
        let mut texts = Vec::new();
        for su in [BORIS, ADMIN, "nobody"] {
            let answer = by(&app, anna, &[("func", func), ("su", su)]).await;
            assert_eq!(answer.error(), "access su", "{func} {su}");
            texts.push(answer.text);
        }
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    }
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_credited_by_an_administrator_and_to_everybody_else_none_is() {
    let app = app().await;
    let callers = seed(app.store()).await;
    let door = Office::made(&app, &callers).await;
    for caller in &callers {
        let right = match (caller.kind, login(caller)) {
            (Kind::User, ADMIN) => continue,
            (Kind::User, _) => "access func",
            (Kind::Nobody, _) => "auth auth",
            _ => "auth badpassword",
        };
        let mut texts = Vec::new();
        for having in door.having {
            let payment = having.payment.to_string();
            let params = [("func", "payment.setpaid"), ("sok", "ok"), ("elid", &payment)];
            let answer = by(&app, caller, &params).await;
            assert_eq!(answer.error(), right, "{}", caller.name);
            texts.push(answer.text);
        }
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    }
    let admin = named(&callers, ADMIN);
    for having in door.having {
        let payment = having.payment.to_string();
        let params = [("func", "payment.setpaid"), ("sok", "ok"), ("elid", &payment)];
        let answer = by(&app, admin, &params).await;
        match having.payment {
            NONE => assert_eq!(answer.error(), "missed elid"),
            _ => assert!(answer.doc().get("ok").is_some(), "{answer:?}"),
        }
    }
    assert_eq!(app.place.number("SELECT count(*) FROM bm_payments WHERE status = 4").await, 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_provisioning_reports_is_of_administrators_alone() {
    let app = app().await;
    let callers = seed(app.store()).await;
    let door = Office::made(&app, &callers).await;
    let steps =
        ["service.open", "service.suspend", "service.resume", "service.close", "service.pending"];
    for caller in &callers {
        let right = match (caller.kind, login(caller)) {
            (Kind::User, ADMIN) => continue,
            (Kind::User, _) => "access func",
            (Kind::Nobody, _) => "auth auth",
            _ => "auth badpassword",
        };
        for func in steps {
            for having in door.having {
                let service = having.service.to_string();
                let name = if func == "service.pending" { "id" } else { "elid" };
                let params = [("func", func), ("sok", "ok"), (name, &service)];
                let answer = by(&app, caller, &params).await;
                assert_eq!(answer.error(), right, "{} {func}", caller.name);
                assert_eq!(answer.header("x-task-guid"), None);
            }
        }
    }
    let admin = named(&callers, ADMIN);
    for having in door.having {
        let service = having.service.to_string();
        // Not in the name of a client, whose it may be.
        let su = [("func", "service.open"), ("sok", "ok"), ("elid", &*service), ("su", ANNA)];
        assert_eq!(by(&app, admin, &su).await.error(), "access func");
        let answer =
            by(&app, admin, &[("func", "service.open"), ("sok", "ok"), ("elid", &service)]).await;
        match having.service {
            NONE => assert_eq!(answer.error(), "missed elid"),
            _ => answer.done(),
        }
    }
    let open = "SELECT count(*) FROM bm_services WHERE status = 'active'";
    assert_eq!(app.place.number(open).await, 2);
    app.finish().await;
}
