//! Which parameters each function has. Any other is refused by its name: what is not understood may change what is
//! bought, for how much, for whom or when.

use super::params::Params;
use super::request::Function;
use crate::protocols::billmanager::command::{Fault, Step};

/// Of every function: which one, who calls, and how the answer is written.
pub const COMMON: [&str; 7] = ["func", "out", "lang", "sok", "su", "authinfo", "auth"];

/// What the vendor's own pages add to requests; it changes nothing, so it is accepted and not used.
pub const UNUSED: [&str; 3] = ["sfrom", "progressid", "operafake"];

const AUTH: &[&str] = &["username", "password"];
const ORDER: &[&str] = &[
    "pricelist",
    "order_period",
    "order_count",
    "datacenter",
    "autoprolong",
    "project",
    "skipbasket",
    "clicked_button",
    "force_use_new_cart",
];
const CART: &[&str] = &["selected", "clicked_button", "promocode", "project"];
const CONFIRM: &[&str] = &[
    "elid",
    "paymethod_id",
    "storedmethod_id",
    "profile_id",
    "store_paymethod",
    "clicked_button",
    "force_use_new_cart",
];
const ELID: &[&str] = &["elid"];
const PAYMENT: &[&str] = &[
    "filter",
    "id",
    "number",
    "billorder",
    "status",
    "paymethod",
    "project",
    "createdate",
    "createdatestart",
    "createdateend",
    "sender",
    "recipient",
    "account",
    "p_cnt",
    "p_num",
];

const SERVICES: &[&str] = &[
    "filter",
    "id",
    "status",
    "itemtype",
    "pricelist",
    "project",
    "billorder",
    "account",
    "ip",
    "expiredate",
    "expiredatestart",
    "expiredateend",
    "p_cnt",
    "p_num",
];

/// How the parameters of add-ons begin.
pub const ADDON: &str = "addon_";

/// The parameters of a function, beside those of every one.
pub fn of(function: &Function) -> &'static [&'static str] {
    match function {
        Function::Auth => AUTH,
        Function::Order { .. } => ORDER,
        Function::Cart => CART,
        Function::Confirm => CONFIRM,
        Function::CartOrder | Function::SetPaid => ELID,
        Function::Payment => PAYMENT,
        Function::Services(_) | Function::Pending => SERVICES,
        Function::EditService(_) => &["elid", "autoprolong", "clicked_button"],
        Function::DeleteService(_) => ELID,
        Function::Export => &["elid", "itemtype", "onlyavailable"],
        Function::Pricelists(_) => &["project"],
        Function::SubAccount => &["project"],
        Function::WhoAmI | Function::UserParam => &[],
        Function::Prolong => &["elid", "period", "clicked_button"],
        Function::Provision(Step::Open) => &["elid", "ip"],
        Function::Provision(_) => ELID,
    }
}

/// Whether the catalogue may declare a parameter of this name.
pub fn is_free(name: &str) -> bool {
    ![&COMMON[..], &UNUSED[..], ORDER].iter().any(|names| names.contains(&name))
        && !name.starts_with(ADDON)
}

/// Refuses what the function does not have. An order and its payment may have more than this program knows: what
/// the price list and the method declare, which is looked at with them.
pub fn check(function: &Function, params: &Params) -> Result<(), Fault> {
    if matches!(function, Function::Order { .. } | Function::Confirm) {
        return Ok(());
    }
    match further(function, params).into_iter().next() {
        None => Ok(()),
        Some((name, _)) => {
            let func = params.get("func").unwrap_or_default();
            let ru = format!("У функции {func} нет параметра {name}");
            Err(Fault::value(&name, ru, format!("The function {func} has no parameter {name}")))
        }
    }
}

/// What a request has beside the parameters that this program knows.
pub fn further(function: &Function, params: &Params) -> std::collections::BTreeMap<String, String> {
    let known: Vec<&str> =
        [&COMMON[..], &UNUSED[..], of(function)].into_iter().flatten().copied().collect();
    let mut further = params.others(&known);
    if matches!(function, Function::Order { .. }) {
        further.retain(|name, _| !name.starts_with(ADDON));
    }
    further
}
