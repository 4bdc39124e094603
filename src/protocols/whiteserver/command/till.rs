//! What a restaurant's own system asks for: it opens an order, or does something to one, whose version it names.

use serde::{Deserialize, Deserializer, Serialize};

use super::cost::{cost, other_total};
use super::order_content::{Ingredient, OrderContent, Product, Quantity};
use super::table_code::TableCode;
use crate::domain::money::{self, Money};
use crate::domain::task::{CurrencyGuid, OrderGuid};

/// A task of a till, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TillCommand {
    /// Open an order, which takes the guid of the task.
    Open(NewOrder),
    /// Do something to an order.
    Change(OrderChange),
}

/// Something that is done to an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderChange {
    /// The order.
    pub order: OrderGuid,
    /// The version that its till has seen.
    pub version: i64,
    /// What is done.
    pub action: Action,
}

/// What is done to an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Its content, or what is said of it, is replaced.
    Edit(Edit),
    /// Its bill is printed.
    PrintBill,
    /// It is as if its bill had not been printed.
    UndoBill,
    /// It is closed.
    Close,
    /// It is cancelled.
    Cancel,
    /// Some of its dishes are taken off the bill.
    Void(Void),
    /// It is paid at the till.
    Pay(TillPayment),
    /// The restaurant takes it.
    Accept,
    /// The restaurant does not.
    Reject(Rejection),
}

/// An order that is opened at the restaurant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewOrder {
    /// The guid that it shall have; it is the task's.
    #[serde(skip_serializing)]
    pub order_guid: Option<OrderGuid>,
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_code: Option<TableCode>,
    /// The waiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiter_id: Option<i64>,
    /// What was ordered.
    pub products: Vec<TillProduct>,
    /// What that costs, for comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// A note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How many people eat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons_quantity: Option<u32>,
}

/// A dish, as a till has it: its name and price are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TillProduct {
    /// Its code.
    #[serde(deserialize_with = "super::order_content::code")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// The price of one.
    pub price: Money,
    /// How many, or how much.
    pub quantity: Quantity,
    /// What was chosen with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingredients: Vec<Ingredient>,
}

/// New values for some fields of an order. What is not named stays; `null` takes it away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Edit {
    /// All dishes but those that were voided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<TillProduct>>,
    /// What the order then costs, for comparison; where discounts are on it, what it shall cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// The table.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub table_code: Option<Option<TableCode>>,
    /// The waiter.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub waiter_id: Option<Option<i64>>,
    /// A note.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub comment: Option<Option<String>>,
    /// How many people eat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub persons_quantity: Option<Option<u32>>,
    /// What the kitchen says.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub substate: Option<Option<String>>,
}

/// Dishes that are taken off the bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Void {
    /// Their places among the order's products, from 0.
    pub lines: Vec<usize>,
    /// Why.
    pub reason: String,
}

/// A payment that was taken at the till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TillPayment {
    /// How much.
    #[serde(deserialize_with = "money::positive")]
    pub amount: Money,
    /// The object's currency that it was paid with.
    pub currency: CurrencyGuid,
}

/// Why the restaurant does not take an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rejection {
    /// A code of the restaurant's; `0` is a person's word.
    #[serde(default = "persons_word")]
    pub code: String,
    /// The same for people.
    pub message: String,
}

fn persons_word() -> String {
    "0".into()
}

/// What is named and `null` is something else than what is not named.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A field that breaks a rule, and the rule.
pub type Fault = (&'static str, String);

const LONGEST_CODE: usize = 64;
const LONGEST_TEXT: usize = 1000;

fn text(field: &'static str, text: &str, least: usize, most: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    if (least..=most).contains(&length) && !text.chars().any(|c| c.is_control() && c != '\n') {
        return Ok(());
    }
    let told = format!("it must have {least} to {most} characters, and no control characters");
    Err((field, told))
}

impl NewOrder {
    /// Shape checks that need no store.
    pub fn check(&self) -> Result<(), Fault> {
        check_table(self.table_code.as_ref())?;
        check_waiter(self.waiter_id)?;
        text("comment", self.comment.as_deref().unwrap_or_default(), 0, LONGEST_TEXT)?;
        check_products(&self.products)?;
        let total = self.content().total();
        let total = total.map_err(|why| ("products", format!("one of them {why}")))?;
        match self.total {
            Some(said) if said != total => Err(("total", other_total(said, total))),
            _ => Ok(()),
        }
    }

    /// What it consists of.
    pub fn content(&self) -> OrderContent {
        OrderContent {
            products: self.products.iter().cloned().map(Product::from).collect(),
            comment: self.comment.clone(),
            persons_quantity: self.persons_quantity,
            table_code: self.table_code.clone(),
            ..OrderContent::default()
        }
    }
}

impl Edit {
    /// Shape checks that need no store.
    pub fn check(&self) -> Result<(), Fault> {
        let said = |text: &Option<Option<String>>| text.clone().flatten().unwrap_or_default();
        check_table(self.table_code.as_ref().and_then(Option::as_ref))?;
        check_waiter(self.waiter_id.flatten())?;
        text("comment", &said(&self.comment), 0, LONGEST_TEXT)?;
        text("substate", &said(&self.substate), 0, LONGEST_CODE)?;
        match (&self.products, self.total) {
            // What the order costs with them, only the order knows.
            (Some(products), _) => check_products(products),
            (None, Some(_)) => Err(("total", "the total follows products: send them too".into())),
            (None, None) if *self == Edit::default() => {
                Err(("products", "nothing is to be changed: name at least one field".into()))
            }
            (None, None) => Ok(()),
        }
    }
}

impl Void {
    /// Shape checks that need no store.
    pub fn check(&self) -> Result<(), Fault> {
        if self.lines.is_empty() {
            return Err(("lines", "it must name at least one line".into()));
        }
        let mut sorted = self.lines.clone();
        sorted.sort_unstable();
        if let Some([line, _]) = sorted.array_windows().find(|[one, other]| one == other) {
            return Err(("lines", format!("line {line} is named more than once")));
        }
        text("reason", &self.reason, 1, LONGEST_TEXT)
    }
}

impl Rejection {
    /// Shape checks that need no store.
    pub fn check(&self) -> Result<(), Fault> {
        text("code", &self.code, 1, LONGEST_CODE)?;
        text("message", &self.message, 1, LONGEST_TEXT)
    }
}

fn check_table(table: Option<&TableCode>) -> Result<(), Fault> {
    table.map_or(Ok(()), |table| table.check("tableCode").map_err(|told| ("tableCode", told)))
}

fn check_waiter(waiter: Option<i64>) -> Result<(), Fault> {
    match waiter {
        Some(id) if id < 0 => Err(("waiterId", format!("{id} must not be negative"))),
        _ => Ok(()),
    }
}

fn check_products(products: &[TillProduct]) -> Result<(), Fault> {
    if products.len() > OrderContent::MOST_PRODUCTS {
        let (count, most) = (products.len(), OrderContent::MOST_PRODUCTS);
        return Err(("products", format!("there are {count}: there must be at most {most}")));
    }
    for product in products {
        text("products", &product.name, 1, LONGEST_TEXT)?;
        text("products", &product.id, 1, LONGEST_CODE)?;
    }
    let products: Vec<Product> = products.iter().cloned().map(Product::from).collect();
    cost(products.iter()).map(|_| ()).map_err(|why| ("products", format!("one of them {why}")))
}

impl From<TillProduct> for Product {
    fn from(of: TillProduct) -> Product {
        let TillProduct { id, name, price, quantity, ingredients } = of;
        Product {
            id,
            name,
            price: Some(price),
            quantity,
            voiding_reason: None,
            ingredients,
            comment: None,
            discount_ids: Vec::new(),
            yandex_promos: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(json: &str) -> Edit {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_null_is_taken_away_and_what_is_not_named_stays() {
        let read = edit(r#"{"tableCode":null,"waiterId":7}"#);
        assert_eq!(read.table_code, Some(None));
        assert_eq!((read.waiter_id, read.comment.clone()), (Some(Some(7)), None));
        let kept = serde_json::to_string(&read).unwrap();
        assert_eq!(kept, r#"{"tableCode":null,"waiterId":7}"#);
        assert_eq!(edit(&kept), read, "what is kept says the same");
    }

    #[test]
    fn each_line_is_rounded_to_the_kopeck_and_the_total_is_compared() {
        let order = |total: &str| {
            let json = format!(
                r#"{{"total":{total},"products":[{{"id":7,"name":"Fish","price":"10.01","quantity":0.25}},
                   {{"id":"8","name":"Tea","price":3,"quantity":3}}]}}"#
            );
            serde_json::from_str::<NewOrder>(&json).unwrap().check()
        };
        // 2.5025 and 9.
        assert_eq!(order("11.50"), Ok(()));
        let (field, told) = order("11.51").unwrap_err();
        assert_eq!((field, told.as_str()), ("total", "11.51 was said, but the order costs 11.50"));
    }

    #[test]
    fn a_field_that_is_not_known_is_refused_by_its_name() {
        for json in [
            r#"{"discount":1}"#,
            r#"{"products":[{"id":1,"name":"a","price":1,"quantity":1,"sale":1}]}"#,
        ] {
            let error = serde_json::from_str::<NewOrder>(json).unwrap_err().to_string();
            assert!(error.contains("unknown field"), "{error}");
        }
        let no_price = r#"{"products":[{"id":1,"name":"a","quantity":1}]}"#;
        let error = serde_json::from_str::<NewOrder>(no_price).unwrap_err().to_string();
        assert!(error.contains("missing field `price`"), "{error}");
    }

    #[test]
    fn a_command_is_kept_as_it_was_read() {
        let (order, version) = (OrderGuid(uuid::Uuid::from_u128(1)), 3);
        let pay = TillPayment {
            amount: Money::from_kopecks(5).unwrap(),
            currency: CurrencyGuid(uuid::Uuid::from_u128(2)),
        };
        let weighed: NewOrder = serde_json::from_str(
            r#"{"tableCode":"12","products":[{"id":"8","name":"Tea","price":3.10,"quantity":"1.5"}]}"#,
        )
        .unwrap();
        let actions = [
            Action::Edit(edit(r#"{"products":[],"comment":null}"#)),
            Action::Pay(pay),
            Action::Close,
            Action::Void(Void { lines: vec![0], reason: "cold".into() }),
            Action::Reject(Rejection { code: "0".into(), message: "no fish".into() }),
        ];
        let change = |action| TillCommand::Change(OrderChange { order, version, action });
        for command in actions.map(change).into_iter().chain([TillCommand::Open(weighed)]) {
            let kept = serde_json::to_string(&command).unwrap();
            assert_eq!(serde_json::from_str::<TillCommand>(&kept).unwrap(), command, "{kept}");
        }
    }
}
