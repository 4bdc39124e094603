//! The functions of the API, by their names.

use crate::protocols::billmanager::command::Step;

/// The longest name of a kind of product.
const LONGEST_ITEMTYPE: usize = 32;

/// The functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// `auth`
    Auth,
    /// `v2.{itemtype}.order.param`, or `{itemtype}.order.param` for quick ordering.
    Order {
        /// The kind of product.
        itemtype: String,
        /// Whether it is quick ordering.
        quick: bool,
    },
    /// `cart`
    Cart,
    /// `cartorder.create.confirm`
    Confirm,
    /// `cartorder`
    CartOrder,
    /// `payment`
    Payment,
    /// `payment.setpaid`
    SetPaid,
    /// `service` and `item`: all services; or those of a kind of product, by its name.
    Services(Option<String>),
    /// `service.edit`, or `{kind}.edit`.
    EditService(Option<String>),
    /// `service.delete`, or `{kind}.delete`.
    DeleteService(Option<String>),
    /// `service.prolong`
    Prolong,
    /// `pricelist.export`: what is sold; nobody has to log in.
    Export,
    /// `v2.{itemtype}.order.pricelist`: what a client can order of a kind of product.
    Pricelists(String),
    /// `subaccount`: the balances of a client.
    SubAccount,
    /// `subaccount.history`: what came to a balance and went from it.
    History,
    /// `whoami`: whose rights count.
    WhoAmI,
    /// `usrparam`: the settings of a user.
    UserParam,
    /// `service.pending`: what provisioning has to do.
    Pending,
    /// `service.open`, `service.suspend`, `service.resume` and `service.close`: what it did.
    Provision(Step),
}

/// The vendor's kinds of products: each has a list of its services, also where nothing of it is sold.
pub const VENDORS_KINDS: [&str; 7] =
    ["vds", "dedic", "vhost", "domain", "soft", "certificate", "instances"];

impl Function {
    /// By its name; `None` when there is none.
    pub fn named(name: &str) -> Option<Function> {
        Some(match name {
            "auth" => Function::Auth,
            "cart" => Function::Cart,
            "cartorder" => Function::CartOrder,
            "cartorder.create.confirm" => Function::Confirm,
            "payment" => Function::Payment,
            "payment.setpaid" => Function::SetPaid,
            "pricelist.export" => Function::Export,
            "subaccount" => Function::SubAccount,
            "subaccount.history" => Function::History,
            "whoami" => Function::WhoAmI,
            "usrparam" => Function::UserParam,
            "service" | "item" => Function::Services(None),
            "service.edit" | "item.edit" => Function::EditService(None),
            "service.delete" | "item.delete" => Function::DeleteService(None),
            "service.prolong" => Function::Prolong,
            "service.pending" => Function::Pending,
            "service.open" => Function::Provision(Step::Open),
            "service.suspend" => Function::Provision(Step::Suspend),
            "service.resume" => Function::Provision(Step::Resume),
            "service.close" => Function::Provision(Step::Close),
            kind if is_itemtype(kind) => Function::Services(Some(kind.to_owned())),
            other => {
                let bare = other.strip_prefix("v2.").filter(|o| o.ends_with(".order.pricelist"));
                let bare = bare.unwrap_or(other);
                let kind = |suffix: &str| bare.strip_suffix(suffix).filter(|k| is_itemtype(k));
                if let Some(kind) = kind(".edit") {
                    return Some(Function::EditService(Some(kind.to_owned())));
                }
                if let Some(kind) = kind(".delete") {
                    return Some(Function::DeleteService(Some(kind.to_owned())));
                }
                if let Some(kind) = kind(".order.pricelist") {
                    return Some(Function::Pricelists(kind.to_owned()));
                }
                let itemtype = other.strip_suffix(".order.param")?;
                let (itemtype, quick) =
                    itemtype.strip_prefix("v2.").map_or((itemtype, true), |rest| (rest, false));
                if !is_itemtype(itemtype) {
                    return None;
                }
                Function::Order { itemtype: itemtype.to_owned(), quick }
            }
        })
    }

    /// As counted in metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Function::Auth => "billmanager.auth",
            Function::Order { .. } => "billmanager.order.param",
            Function::Cart => "billmanager.cart",
            Function::Confirm => "billmanager.cartorder.create.confirm",
            Function::CartOrder => "billmanager.cartorder",
            Function::Payment => "billmanager.payment",
            Function::SetPaid => "billmanager.payment.setpaid",
            Function::Services(_) => "billmanager.service",
            Function::EditService(_) => "billmanager.service.edit",
            Function::DeleteService(_) => "billmanager.service.delete",
            Function::Prolong => "billmanager.service.prolong",
            Function::Export => "billmanager.pricelist.export",
            Function::Pricelists(_) => "billmanager.order.pricelist",
            Function::SubAccount => "billmanager.subaccount",
            Function::History => "billmanager.subaccount.history",
            Function::WhoAmI => "billmanager.whoami",
            Function::UserParam => "billmanager.usrparam",
            Function::Pending => "billmanager.service.pending",
            Function::Provision(Step::Open) => "billmanager.service.open",
            Function::Provision(Step::Suspend) => "billmanager.service.suspend",
            Function::Provision(Step::Resume) => "billmanager.service.resume",
            Function::Provision(Step::Close) => "billmanager.service.close",
        }
    }
}

/// A kind of product, as functions name it.
pub fn is_itemtype(text: &str) -> bool {
    (1..=LONGEST_ITEMTYPE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
