//! A shopper: puts line items into the cart of the one account, and takes them somewhere.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use futures_util::future::join;
use rand::RngExt;
use url::form_urlencoded::Serializer;

use super::client::{self, Answer, Client, Params};
use super::scene::{
    ADMINISTRATOR, ADMINISTRATORS_SALT, BANK, CLIENT, CLIENTS_SALT, PAGE, PAYER, PRICELISTS,
    PROMOCODE, SERVICES,
};
use crate::domain::task::TaskGuid;
use crate::simulation::context::lock;
use crate::simulation::network::Network;
use crate::simulation::observations::Told;

/// What a task is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Add,
    /// Into the cart, and out of it to be paid from the balance.
    Buy,
    Delete,
    Promocode,
    Confirm,
    SetPaid,
    Prolong,
    /// A service, which gives back what was paid for it.
    End,
}

/// One task of a shopper.
pub(super) struct Write {
    pub kind: Kind,
    pub told: Told,
}

/// What all shoppers did.
#[derive(Default)]
pub(super) struct Done {
    pub writes: Vec<Write>,
    /// The payments that a page said have come.
    pub credited: Vec<i64>,
}

/// How line items are taken out of the cart.
#[derive(Debug, Clone, Copy)]
enum Way {
    Nowhere,
    Balance,
    /// Twice at once, as two orders of the same line items.
    Twice,
    OnPage,
    Bank,
    Delete,
}

const WAYS: [Way; 8] = [
    Way::Nowhere,
    Way::Balance,
    Way::Balance,
    Way::Twice,
    Way::OnPage,
    Way::OnPage,
    Way::Bank,
    Way::Delete,
];

/// Shops, and writes down what it did.
pub(super) async fn run(network: Network, number: usize, done: Arc<Mutex<Done>>) {
    let rounds = network.simulation.dice().random_range(1..3);
    let shopper = Shopper { network, name: format!("shopper {number}"), done };
    for round in 0..rounds {
        shopper.network.pause(0, 2_000).await;
        shopper.round(round).await;
        if shopper.network.simulation.dice().random_bool(0.3) {
            shopper.prolong(round).await;
        }
    }
}

struct Shopper {
    network: Network,
    name: String,
    done: Arc<Mutex<Done>>,
}

impl Shopper {
    async fn round(&self, round: usize) {
        let mut client = Client::new(&self.network, CLIENT);
        let mut items = Vec::new();
        let count = self.network.simulation.dice().random_range(1..3);
        for item in 0..count {
            let key = format!("{}, round {round}, item {item}", self.name);
            let (kind, params) = self.wish();
            let answer = self.client(&mut client, kind, &key, params).await;
            // What was bought at once is in no cart.
            items.extend(answer.item.filter(|_| kind == Kind::Add));
        }
        if items.is_empty() {
            return;
        }
        let key = format!("{}, round {round}", self.name);
        if self.network.simulation.dice().random_bool(0.2) {
            let params = cart("apply_promocode", ("promocode", PROMOCODE.to_owned()));
            self.client(&mut client, Kind::Promocode, &format!("{key}, code"), params).await;
        }
        let way = WAYS[self.network.simulation.dice().random_range(0..WAYS.len())];
        self.take(&mut client, way, &key, &listed(&items)).await;
    }

    /// One more day of a service, which may be renewed by itself at this moment.
    async fn prolong(&self, round: usize) {
        let service = SERVICES[self.network.simulation.dice().random_range(0..SERVICES.len())].0;
        let mut client = Client::new(&self.network, CLIENT);
        let func = ("func", "service.prolong".to_owned());
        let (elid, period) = (("elid", service.to_string()), ("period", "-50".to_owned()));
        let params = vec![func, ("sok", "ok".to_owned()), elid, period];
        let key = format!("{}, round {round}, service {service}", self.name);
        self.client(&mut client, Kind::Prolong, &key, params).await;
    }

    fn wish(&self) -> (Kind, Params) {
        let free = self.network.simulation.dice().random_bool(0.2);
        let (pricelist, itemtype) = PRICELISTS[usize::from(free)];
        let mut params = vec![
            ("func", format!("v2.{itemtype}.order.param")),
            ("sok", "ok".to_owned()),
            ("pricelist", pricelist.to_string()),
            ("order_period", "1".to_owned()),
        ];
        if self.network.simulation.dice().random_bool(0.2) {
            params.push(("skipbasket", "on".to_owned()));
            return (Kind::Buy, params);
        }
        (Kind::Add, params)
    }

    async fn take(&self, client: &mut Client, way: Way, key: &str, items: &str) {
        let key = format!("{key}, {way:?}");
        match way {
            Way::Nowhere => {}
            Way::Balance => {
                let paid = self.client(client, Kind::Confirm, &key, confirm(items, 0)).await;
                if paid.payment.is_some() && self.network.simulation.dice().random_bool(0.4) {
                    self.end(client, &key, items).await;
                }
            }
            Way::Twice => {
                let mut other = Client::new(&self.network, CLIENT);
                let again = format!("{key} again");
                let method = if self.network.simulation.dice().random_bool(0.5) { 0 } else { PAGE };
                join(
                    self.client(client, Kind::Confirm, &key, confirm(items, 0)),
                    self.client(&mut other, Kind::Confirm, &again, confirm(items, method)),
                )
                .await;
            }
            Way::OnPage => {
                let ordered = self.client(client, Kind::Confirm, &key, confirm(items, PAGE)).await;
                let (Some(payment), Some(link)) = (ordered.payment, &ordered.link) else { return };
                // The administrator may have seen the money too.
                let both = self.network.simulation.dice().random_bool(0.3);
                match both {
                    true => {
                        let paid = self.set_paid(&key, payment);
                        join(self.press(payment, link), paid).await;
                    }
                    false => self.press(payment, link).await,
                }
            }
            Way::Bank => {
                let ordered = self.client(client, Kind::Confirm, &key, confirm(items, BANK)).await;
                if let Some(payment) = ordered.payment {
                    self.set_paid(&key, payment).await;
                }
            }
            Way::Delete => {
                let params = cart("delete", ("selected", items.to_owned()));
                self.client(client, Kind::Delete, &key, params).await;
            }
        }
    }

    /// Deletes services that were ordered just now, if they were, while the administrator does as well.
    async fn end(&self, client: &mut Client, key: &str, items: &str) {
        for item in items.split(',') {
            let params = |func: &str| {
                let (func, elid) = (("func", func.to_owned()), ("elid", item.to_owned()));
                vec![func, ("sok", "ok".to_owned()), elid]
            };
            let key = format!("{key}, the end of {item}");
            let mut administrator = Client::new(&self.network, ADMINISTRATOR);
            let guid = TaskGuid::derived(ADMINISTRATORS_SALT, &key);
            let (close, delete) = (params("service.close"), params("service.delete"));
            join(
                self.client(client, Kind::End, &key, delete),
                self.carry_out(&mut administrator, Kind::End, guid, &key, close),
            )
            .await;
        }
    }

    async fn client(&self, client: &mut Client, kind: Kind, key: &str, params: Params) -> Answer {
        let guid = TaskGuid::derived(CLIENTS_SALT, key);
        self.carry_out(client, kind, guid, key, params).await
    }

    async fn set_paid(&self, key: &str, payment: i64) {
        let mut administrator = Client::new(&self.network, ADMINISTRATOR);
        let guid = TaskGuid::derived(ADMINISTRATORS_SALT, key);
        let func = ("func", "payment.setpaid".to_owned());
        let params = vec![func, ("sok", "ok".to_owned()), ("elid", payment.to_string())];
        self.carry_out(&mut administrator, Kind::SetPaid, guid, key, params).await;
    }

    async fn carry_out(
        &self,
        client: &mut Client,
        kind: Kind,
        guid: TaskGuid,
        key: &str,
        params: Params,
    ) -> Answer {
        let name = format!("{key}, {kind:?} ({guid})");
        let mut told = Told::new(guid, name, client::outcome);
        let func = params[0].1.clone();
        told.form = Box::new(move |stored| client::shown(&func, stored));
        let answer = client.carry_out(key, &params, &mut told).await;
        let (key, params) = (key.to_owned(), params.iter().map(|(k, v)| (*k, v.clone())).collect());
        told.again = Some(client.again(key, params));
        lock(&self.done).writes.push(Write { kind, told });
        answer
    }

    /// Presses the button of the page until it says that the money has come.
    async fn press(&self, payment: i64, link: &str) {
        let Some((path, query)) = link.split_once('?') else { return };
        let mut presses = self.network.simulation.dice().random_range(1..30);
        while presses > 0 {
            presses -= 1;
            let form = Serializer::new(query.to_owned()).append_pair("lang", "en").finish();
            let request = Request::post(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(Body::from(form))
                .unwrap();
            let reply = self.network.exchange(request).await;
            if reply.is_some_and(|reply| reply.status == 200 && reply.body.contains("Credited")) {
                lock(&self.done).credited.push(payment);
                // Some press it again all the same.
                presses = presses.min(self.network.simulation.dice().random_range(0..2));
            }
            self.network.pause(10, 700).await;
        }
    }
}

fn confirm(items: &str, method: i64) -> Params {
    let func = "cartorder.create.confirm".to_owned();
    let mut params = vec![("func", func), ("sok", "ok".to_owned()), ("elid", items.to_owned())];
    params.push(("paymethod_id", method.to_string()));
    if method != 0 {
        params.push(("profile_id", PAYER.to_string()));
    }
    params
}

fn cart(button: &str, what: (&'static str, String)) -> Params {
    let func = ("func", "cart".to_owned());
    vec![func, ("sok", "ok".to_owned()), ("clicked_button", button.to_owned()), what]
}

fn listed(items: &[i64]) -> String {
    items.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}
