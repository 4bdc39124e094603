//! BILLmanager: what changes carts, orders and payments.

mod fault;

pub use self::fault::{Fault, FaultKind};
use crate::engine::protocol::Counted;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::string_enum::string_enum;
use crate::domain::task::Outcome;

/// What a caller asks for; stored as JSON, as the handler of the request wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ask {
    /// Put a line item into the cart.
    Add(Add),
    /// Order line items that cost nothing.
    Activate(Vec<i64>),
    /// Take line items out of the cart.
    Delete(Vec<i64>),
    /// Apply a promo code to the whole cart.
    Promocode(String),
    /// Order line items and make a payment for them.
    Confirm(Confirm),
    /// A payment has come: its order is paid.
    SetPaid(i64),
    /// The button of a test method's page was pressed.
    PayOnPage(i64),
    /// A service is due: it is renewed, suspended, or expires.
    Renew(i64),
    /// Nobody paid an order in time.
    ExpireOrder(i64),
    /// Prolong a service by one period.
    Prolong {
        /// The service.
        service: i64,
        /// The period.
        period: i64,
    },
    /// Change whether a service is renewed by itself.
    #[serde(rename_all = "camelCase")]
    EditService {
        /// The service.
        service: i64,
        /// Whether it is.
        autoprolong: bool,
        /// For which period; `None`: for that of before, or that of the order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<i64>,
    },
    /// Delete a service.
    DeleteService(i64),
    /// Provisioning reports what it did to a service.
    Provision(Provision),
}

/// What provisioning did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provision {
    /// To this service.
    pub service: i64,
    /// What.
    pub step: Step,
    /// The address of a service that was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

/// What provisioning can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// It made it.
    Open,
    /// It stopped it.
    Suspend,
    /// It lets it work again.
    Resume,
    /// It removed it.
    Close,
}

/// A line item for the cart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Add {
    /// The kind of product that the function was named for.
    pub itemtype: String,
    /// Whether that was a function of quick ordering.
    pub quick: bool,
    /// What is ordered.
    pub pricelist: i64,
    /// For how many months; or -100 for a trial, -50 for a day, 0 without end.
    pub period: i64,
    /// How many of it; `None`: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datacenter: Option<i64>,
    /// Whether it is renewed by itself.
    pub autoprolong: bool,
    /// For which period it is renewed; `None`: for the one that it is ordered for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoprolong_period: Option<i64>,
    /// The values of add-ons, by their ids, as they came.
    pub addons: BTreeMap<i64, String>,
    /// What else came: only what the price list declares is accepted.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub parameters: Given,
    /// Whether it is ordered and paid from the balance at once.
    pub skip_basket: bool,
}

/// The values of parameters by their names. Some are secrets: a value is never shown where its kind is not known.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Given(pub BTreeMap<String, String>);

impl Given {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// An order of line items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirm {
    /// The line items.
    pub items: Vec<i64>,
    /// How it is paid.
    pub by: PayBy,
    /// The payer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<i64>,
    /// Whether to keep the method for later.
    pub store: bool,
    /// Whatever else came: the method takes its own parameters of it.
    pub parameters: BTreeMap<String, String>,
}

/// How an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PayBy {
    /// From the account's balance.
    Balance,
    /// By a method.
    Method(i64),
    /// By a method that was kept.
    Stored(i64),
}

/// What became of it; stored as JSON, and written for each caller in the form and the language it asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answered {
    /// A line item is in the cart.
    Added(i64),
    /// There is an order.
    Ordered(Ordered),
    /// It was done.
    Done,
    /// It was not done.
    Refused(Fault),
}

impl Counted for Answered {
    fn outcome(&self) -> Outcome {
        match self {
            Answered::Refused(fault) if fault.kind == FaultKind::Failed => Outcome::Failed,
            Answered::Refused(_) => Outcome::Refused,
            Answered::Added(_) | Answered::Ordered(_) | Answered::Done => Outcome::Done,
        }
    }
}

/// An order that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ordered {
    /// The line item, when the same task made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<i64>,
    /// Its number.
    pub order: i64,
    /// Its payment; what costs nothing has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<i64>,
    /// The page to pay it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both of them.
    pub fn new(ru: impl Into<String>, en: impl Into<String>) -> Text {
        Text { ru: ru.into(), en: en.into() }
    }

    /// The one of a language.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ru => &self.ru,
            Lang::En => &self.en,
        }
    }
}

/// A language of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Russian.
    Ru,
    /// English.
    En,
}

string_enum!(Lang { Ru = "ru", En = "en" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_and_never_shown() {
        let parameters = Given([("password".to_owned(), "hunter2".to_owned())].into());
        let add = Add { parameters, count: Some(3), ..Add::default() };
        assert!(!format!("{:?}", Ask::Add(add.clone())).contains("hunter2"));
        let stored = serde_json::to_string(&add).unwrap();
        assert_eq!(serde_json::from_str::<Add>(&stored).unwrap(), add);
    }

    #[test]
    fn a_request_that_was_stored_before_there_were_counts_is_one() {
        let stored = r#"{"itemtype":"vds","quick":false,"pricelist":2,"period":1,"autoprolong":true,
                         "addons":{},"skipBasket":false}"#;
        let read: Add = serde_json::from_str(stored).unwrap();
        assert_eq!((read.count, read.autoprolong_period), (None, None));
        assert!(read.autoprolong && read.parameters.is_empty());
    }

    #[test]
    fn an_answer_is_read_back_as_it_was_stored() {
        let ordered =
            Ordered { item: None, order: 663, payment: Some(755), link: Some("/x".into()) };
        for answered in [
            Answered::Added(497),
            Answered::Ordered(ordered),
            Answered::Done,
            Answered::Refused(Fault::missed("elid")),
        ] {
            let stored = serde_json::to_string(&answered).unwrap();
            assert_eq!(serde_json::from_str::<Answered>(&stored).unwrap(), answered);
        }
    }
}
