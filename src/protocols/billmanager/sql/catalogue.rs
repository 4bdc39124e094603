//! The catalogue: everything that is sold and how it is paid, read from one JSON document and put in
//! together. What is there already is replaced by what the document says; what it does not name stays.

mod check;
mod put;
mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::{Parameter, RefundRule};

/// The document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Catalogue {
    pub providers: Vec<Provider>,
    pub itemtypes: Vec<Itemtype>,
    pub datacenters: Vec<Datacenter>,
    pub pricelists: Vec<Pricelist>,
    pub promocodes: Vec<Promocode>,
    pub methods: Vec<Method>,
}

/// Who sells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Links to questions and answers, shown with an order.
    #[serde(default)]
    pub faq: Vec<String>,
    /// The function that its support is reached by, shown with an order.
    #[serde(default)]
    pub support: Option<String>,
}

/// A kind of product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Itemtype {
    /// As functions name it.
    pub itemtype: String,
    /// As people do.
    pub name: Text,
    /// Ordered by `{itemtype}.order.param` in place of `v2.{itemtype}.order.param`.
    #[serde(default)]
    pub quick: bool,
}

/// Where products are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Datacenter {
    pub id: i64,
    pub provider: i64,
    pub name: String,
}

/// What can be ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricelist {
    /// Its number.
    pub id: i64,
    /// Who sells it.
    pub provider: i64,
    /// Its kind of product.
    pub itemtype: String,
    /// Its name.
    pub name: Text,
    /// What its prices are in.
    pub currency: String,
    /// Whether it can be ordered.
    #[serde(default = "yes")]
    pub active: bool,
    /// The base price of each period: months, or -100 for a trial, -50 for a day, 0 without end.
    pub prices: BTreeMap<i64, Money>,
    /// What can be ordered with it.
    #[serde(default)]
    pub addons: Vec<Addon>,
    /// What an order may or must say beside that.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What is given back of a paid period when a service is deleted: `none`, `months` or `days`.
    #[serde(default)]
    pub refund: RefundRule,
}

/// What a price list offers beside its base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addon {
    /// Its number.
    pub id: i64,
    /// `count`, `flag` or `choice`.
    pub kind: String,
    /// Its name.
    pub name: Text,
    /// Of a count: what it counts.
    #[serde(default)]
    pub unit: Text,
    /// Of a count: how many the base price covers.
    #[serde(default)]
    pub included: i64,
    /// Of a count: the fewest, which is what is ordered when the request names none.
    #[serde(default)]
    pub least: i64,
    /// Of a count: the most.
    #[serde(default)]
    pub most: i64,
    /// Of a count: only every so many.
    #[serde(default = "one")]
    pub step: i64,
    /// For a month: of a unit beyond those included, or of the flag.
    #[serde(default)]
    pub price: Money,
    /// Of a choice: what to choose from; the lowest value is the default.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What a request names it by.
    pub value: i64,
    /// Its name.
    pub name: Text,
    /// For a month.
    pub price: Money,
}

/// A discount for whoever knows the code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promocode {
    /// Whose it is.
    pub provider: i64,
    /// The code.
    pub code: String,
    /// How many hundredths of a price it takes off.
    pub percent: i64,
    /// When it cannot be applied any more.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A way to pay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its number.
    pub id: i64,
    /// Whose payments it is for.
    pub provider: i64,
    /// Its pages are at `/mancgi/<module>payment`.
    pub module: String,
    /// Its name.
    pub name: Text,
    /// Whether a payment needs a payer.
    #[serde(default)]
    pub needs_profile: bool,
    /// Whether clients may keep it.
    #[serde(default)]
    pub storable: bool,
    /// Whether its page has a button that pays, though no money moves: for trying.
    #[serde(default)]
    pub test: bool,
    /// Whether it can be used.
    #[serde(default = "yes")]
    pub active: bool,
    /// Its own parameters and the values that each may have; none: any.
    #[serde(default)]
    pub parameters: BTreeMap<String, Vec<String>>,
}

fn yes() -> bool {
    true
}

fn one() -> i64 {
    1
}
