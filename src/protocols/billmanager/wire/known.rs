//! Which parameters each function has, and what becomes of them. Any other is refused by its name: what is not understood
//! may change what is bought, for how much, for whom or when. The documentation has the table from here.

use super::params::Params;
use super::request::Function;
use crate::protocols::billmanager::command::{Fault, Step};
use crate::web::parameters::{Place, Use, Use::Honoured, Use::Refused};

/// Of every function: which one, who calls, and how the answer is written.
pub const COMMON: Place = Place {
    at: "every function",
    groups: &[&[
        ("func", Honoured("whoami")),
        ("out", Honoured("json")),
        ("lang", Honoured("en")),
        ("sok", Honoured("ok")),
        ("su", Honoured("anna")),
        ("authinfo", Honoured("anna:password")),
        ("auth", Honoured("session")),
    ]],
};

/// What the vendor's own pages add to requests; it changes nothing, so it is accepted and not used.
pub const UNUSED: [&str; 3] = ["sfrom", "progressid", "operafake"];

const ONE_ORDER: Use = Refused("a list is in the order that is documented");

macro_rules! places {
    ($($(#[$about:meta])* $name:ident $at:literal: [$($parameter:expr),* $(,)?];)*) => {
        $($(#[$about])* #[allow(missing_docs)] pub const $name: Place = Place { at: $at, groups: &[&[$($parameter),*]] };)*

        /// All of them.
        pub const PLACES: &[Place] = &[COMMON, $($name),*];
    };
}

places! {
    AUTH "auth": [("username", Honoured("anna")), ("password", Honoured("password"))];
    ORDER "v2.{itemtype}.order.param": [
        ("pricelist", Honoured("2")),
        ("order_period", Honoured("1")),
        ("order_count", Honoured("2")),
        ("datacenter", Honoured("1")),
        ("autoprolong", Honoured("1")),
        ("project", Honoured("1")),
        ("skipbasket", Honoured("off")),
        ("clicked_button", Honoured("order")),
        ("force_use_new_cart", Honoured("on")),
        ("addon_{id}", Honoured("10")),
        ("{what the price list declares}", Honoured("web.example.com")),
    ];
    CART "cart": [
        ("selected", Honoured("1")),
        ("clicked_button", Honoured("apply_promocode")),
        ("promocode", Honoured("IDDQD")),
        ("project", Honoured("1")),
    ];
    CONFIRM "cartorder.create.confirm": [
        ("elid", Honoured("1")),
        ("paymethod_id", Honoured("15")),
        ("storedmethod_id", Honoured("3")),
        ("profile_id", Honoured("1")),
        ("store_paymethod", Honoured("off")),
        ("clicked_button", Honoured("ok")),
        ("force_use_new_cart", Honoured("on")),
        ("{what the method declares}", Honoured("bank_card")),
    ];
    CART_ORDER "cartorder": [("elid", Honoured("2"))];
    SET_PAID "payment.setpaid": [("elid", Honoured("3"))];
    PAYMENT "payment": [
        ("filter", Honoured("on")),
        ("id", Honoured("3")),
        ("number", Honoured("3")),
        ("billorder", Honoured("2")),
        ("status", Honoured("1,4,100")),
        ("paymethod", Honoured("0,15")),
        ("project", Honoured("1")),
        ("createdate", Honoured("other")),
        ("createdatestart", Honoured("2026-01-01")),
        ("createdateend", Honoured("2026-12-31")),
        ("sender", Honoured("anna@example.com")),
        ("recipient", Honoured("1")),
        ("account", Honoured("anna")),
        ("p_cnt", Honoured("10")),
        ("p_num", Honoured("1")),
        ("p_order", ONE_ORDER),
        ("p_col", ONE_ORDER),
        ("paydate", Refused("payments are filtered by the day on which they were made")),
        ("paydatestart", Refused("payments are filtered by the day on which they were made")),
        ("paydateend", Refused("payments are filtered by the day on which they were made")),
    ];
    SERVICES "service, item, {itemtype}, service.pending": [
        ("filter", Honoured("on")),
        ("id", Honoured("1")),
        ("status", Honoured("2,3")),
        ("itemtype", Honoured("vds")),
        ("pricelist", Honoured("2")),
        ("project", Honoured("1")),
        ("billorder", Honoured("2")),
        ("account", Honoured("anna")),
        ("ip", Honoured("192.0.2.1")),
        ("expiredate", Honoured("other")),
        ("expiredatestart", Honoured("2026-01-01")),
        ("expiredateend", Honoured("2026-12-31")),
        ("p_cnt", Honoured("10")),
        ("p_num", Honoured("1")),
        ("p_order", ONE_ORDER),
        ("p_col", ONE_ORDER),
        ("name", Refused("services are filtered by number, address, kind and price list")),
        ("domain", Refused("services are filtered by number, address, kind and price list")),
    ];
    EDIT "service.edit, {itemtype}.edit": [
        ("elid", Honoured("1")),
        ("autoprolong", Honoured("1")),
        ("clicked_button", Honoured("ok")),
        ("stored_method", Refused("a service is renewed from the balance")),
    ];
    DELETE "service.delete, {itemtype}.delete": [("elid", Honoured("1"))];
    PROLONG "service.prolong": [
        ("elid", Honoured("1")),
        ("period", Honoured("1")),
        ("clicked_button", Honoured("ok")),
    ];
    OPEN "service.open": [("elid", Honoured("1")), ("ip", Honoured("192.0.2.1"))];
    REPORT "service.suspend, service.resume, service.close": [("elid", Honoured("1"))];
    EXPORT "pricelist.export": [
        ("elid", Honoured("2")),
        ("itemtype", Honoured("vds")),
        ("onlyavailable", Honoured("on")),
    ];
    PRICELISTS "v2.{itemtype}.order.pricelist": [("project", Honoured("1"))];
    SUBACCOUNT "subaccount": [("project", Honoured("1"))];
    HISTORY "subaccount.history": [
        ("filter", Honoured("on")),
        ("project", Honoured("1")),
        ("p_cnt", Honoured("10")),
        ("p_num", Honoured("1")),
        ("p_order", ONE_ORDER),
        ("p_col", ONE_ORDER),
    ];
    /// The cart for people.
    BROWSER "startform=cart": [
        ("startform", Honoured("cart")),
        ("selected", Honoured("1")),
        ("lang", Honoured("ru")),
        ("func", Honoured("cart")),
        ("order", Honoured("2")),
    ];
    WHO_AM_I "whoami": [];
    USER_PARAM "usrparam": [
        ("passwd", Honoured("a new password")),
        ("confirm", Honoured("a new password")),
        ("old_passwd", Honoured("password")),
        ("email", Refused("a user has no address here: a payer has a name")),
        ("realname", Refused("a user has no name beside its login")),
        ("phone", Refused("no telephone numbers are kept")),
        ("timezone", Refused("dates are those of UTC")),
        ("recordlimit", Refused("p_cnt says how long a list is")),
        ("theme", Refused("there is no panel whose look could be chosen")),
    ];
}

/// How the parameters of add-ons begin.
pub const ADDON: &str = "addon_";

/// The parameters of a function, beside those of every one.
pub fn of(function: &Function) -> Place {
    match function {
        Function::Auth => AUTH,
        Function::Order { .. } => ORDER,
        Function::Cart => CART,
        Function::Confirm => CONFIRM,
        Function::CartOrder => CART_ORDER,
        Function::SetPaid => SET_PAID,
        Function::Payment => PAYMENT,
        Function::Services(_) | Function::Pending => SERVICES,
        Function::EditService(_) => EDIT,
        Function::DeleteService(_) => DELETE,
        Function::Export => EXPORT,
        Function::Pricelists(_) => PRICELISTS,
        Function::SubAccount => SUBACCOUNT,
        Function::History => HISTORY,
        Function::WhoAmI => WHO_AM_I,
        Function::UserParam => USER_PARAM,
        Function::Prolong => PROLONG,
        Function::Provision(Step::Open) => OPEN,
        Function::Provision(_) => REPORT,
    }
}

/// The table, as the documentation has it.
pub fn table() -> String {
    let mut table = crate::web::parameters::table(["func", "parameter"], PLACES);
    for name in UNUSED {
        table
            .push_str(&format!("| `every function` | `{name}` | accepted: it changes nothing |\n"));
    }
    table
}

/// Whether the catalogue may declare a parameter of this name.
pub fn is_free(name: &str) -> bool {
    COMMON.find(name).is_none()
        && ORDER.find(name).is_none()
        && !UNUSED.contains(&name)
        && !name.starts_with(ADDON)
}

/// Refuses what the function does not have. An order and its payment may have more than this program knows: what
/// the price list and the method declare, which is looked at with them.
pub fn check(function: &Function, params: &Params) -> Result<(), Fault> {
    if matches!(function, Function::Order { .. } | Function::Confirm) {
        return Ok(());
    }
    let Some((name, _)) = further(function, params).into_iter().next() else { return Ok(()) };
    let func = params.get("func").unwrap_or_default();
    Err(match of(function).find(&name) {
        Some((name, Refused(why))) => {
            let ru = format!("Параметр {name} функции {func} не поддерживается");
            Fault::value(name, ru, format!("{name} is refused: {why}"))
        }
        _ => {
            let ru = format!("У функции {func} нет параметра {name}");
            Fault::value(&name, ru, format!("The function {func} has no parameter {name}"))
        }
    })
}

/// What a request has beside the parameters that this program knows and honours.
pub fn further(function: &Function, params: &Params) -> std::collections::BTreeMap<String, String> {
    let places = [COMMON, of(function)];
    let known = places.iter().flat_map(Place::honoured);
    let known: Vec<&str> = known.chain(UNUSED).collect();
    let mut further = params.others(&known);
    if matches!(function, Function::Order { .. }) {
        further.retain(|name, _| !name.starts_with(ADDON));
    }
    further
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_table() {
        let page = include_str!("../../../../docs/billmanager-parameters.md");
        assert!(page.contains(&table()), "docs/billmanager-parameters.md must have:\n{}", table());
    }
}
