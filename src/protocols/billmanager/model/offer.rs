//! What can be ordered, and how it is paid.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Parameter;
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::protocols::billmanager::command::Text;

/// The period of a trial.
pub const TRIAL: i64 = -100;
/// The period of a day.
pub const DAY: i64 = -50;
/// The period that has no end.
pub const ENDLESS: i64 = 0;
/// The longest period, in months.
pub const LONGEST_PERIOD: i64 = 36;

/// The periods that a form shows when no price list is named, in months.
pub const USUAL_PERIODS: [i64; 6] = [1, 3, 6, 12, 24, 36];

/// The most units of a line item.
pub const MOST_COUNT: i64 = 100;

/// Whether there is such a period.
pub fn is_period(period: i64) -> bool {
    matches!(period, TRIAL | DAY | ENDLESS..=LONGEST_PERIOD)
}

/// What is given back of a paid period when a service is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefundRule {
    /// Nothing.
    #[default]
    None,
    /// The months that have not begun.
    Months,
    /// The whole days that are left.
    Days,
}

string_enum!(RefundRule { None = "none", Months = "months", Days = "days" });

/// What can be ordered.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Pricelist {
    pub id: i64,
    pub provider: i64,
    pub itemtype: String,
    /// Whether its kind of product is ordered by the functions of quick ordering.
    pub quick: bool,
    pub name: Text,
    pub currency: String,
    pub active: bool,
    /// The base price of each period that is offered.
    pub prices: BTreeMap<i64, Money>,
    /// By their ids.
    pub addons: BTreeMap<i64, Addon>,
    /// What an order may or must say beside that.
    pub parameters: Vec<Parameter>,
    pub refund: RefundRule,
}

/// How an add-on is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddonKind {
    /// By a number.
    Count,
    /// It is on or off.
    Flag,
    /// By the number of one of its choices.
    Choice,
}

string_enum!(AddonKind { Count = "count", Flag = "flag", Choice = "choice" });

/// What a price list offers beside its base.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Addon {
    pub kind: AddonKind,
    pub name: Text,
    pub unit: Text,
    /// How many units the base price covers.
    pub included: i64,
    pub least: i64,
    pub most: i64,
    pub step: i64,
    /// For a month: of one unit, or of the flag.
    pub price: Money,
    /// By their numbers.
    pub choices: BTreeMap<i64, Choice>,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub name: Text,
    /// For a month.
    pub price: Money,
}

/// A way to pay.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Method {
    pub provider: i64,
    pub module: String,
    pub name: Text,
    pub needs_profile: bool,
    pub storable: bool,
    pub test: bool,
    pub active: bool,
    /// Its own parameters, and the values that each may have; none: any.
    pub parameters: BTreeMap<String, Vec<String>>,
}
