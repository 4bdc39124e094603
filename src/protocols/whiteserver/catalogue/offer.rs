//! New orders held against the menu, the stop list and the tables of their restaurant.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::sections::Hall;
use crate::domain::money::{Money, shown};
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::command::order_content::{Ingredient, OrderContent, Product};
use crate::protocols::whiteserver::reply::{Code, Refusal};

/// What an order may ask for.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    dishes: HashMap<String, Dish>,
    parts: HashMap<String, Dish>,
    stopped: HashSet<String>,
    /// The codes of the tables, when they are known.
    tables: Option<HashSet<i64>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Dish {
    id: String,
    name: String,
    price: Option<Money>,
}

#[derive(Deserialize)]
struct Menu {
    products: Vec<Dish>,
    ingredients: Vec<Dish>,
}

#[derive(Deserialize)]
struct Stopped {
    id: String,
}

impl Offer {
    /// Reads it from the sections, as they are kept.
    pub fn read(
        menu: &str,
        stop_list: Option<&str>,
        halls: Option<&str>,
    ) -> serde_json::Result<Offer> {
        let menu: Menu = serde_json::from_str(menu)?;
        let stopped: Vec<Stopped> = stop_list.map_or(Ok(Vec::new()), serde_json::from_str)?;
        let halls: Option<Vec<Hall>> = halls.map(serde_json::from_str).transpose()?;
        let by_id = |dishes: Vec<Dish>| dishes.into_iter().map(|dish| (dish.id.clone(), dish));
        Ok(Offer {
            dishes: by_id(menu.products).collect(),
            parts: by_id(menu.ingredients).collect(),
            stopped: stopped.into_iter().map(|stopped| stopped.id).collect(),
            tables: halls.map(|halls| {
                halls.iter().flat_map(|hall| &hall.tables).map(|table| table.code).collect()
            }),
        })
    }

    /// Refuses what the restaurant has not; names and prices that were not said are those of the menu.
    pub fn hold(&self, object: ObjectId, content: &mut OrderContent) -> Result<(), Refusal> {
        if let (Some(tables), Some(table)) = (&self.tables, &content.table_code) {
            let code = table.to_string();
            if !code.parse().is_ok_and(|code| tables.contains(&code)) {
                let desc = format!(
                    "params.order.tableCode: object {object} has no table {}",
                    shown(&code)
                );
                return Err(Refusal::new(Code::WsaOrderCreationTableNotFound, desc));
            }
        }
        self.hold_products("params.order", &mut content.products)
    }

    /// The same of dishes alone, which stand at this place of the request.
    pub fn hold_products(&self, at: &str, products: &mut [Product]) -> Result<(), Refusal> {
        for (number, product) in products.iter_mut().enumerate() {
            self.product(&format!("{at}.products[{number}]"), product)?;
        }
        Ok(())
    }

    fn product(&self, at: &str, product: &mut Product) -> Result<(), Refusal> {
        let code = Code::WsaOrderCreationDishNotFound;
        let id = shown(&product.id);
        let Some(dish) = self.dishes.get(&product.id) else {
            return Err(Refusal::new(code, format!("{at}.id: the menu has no dish {id}")));
        };
        if self.stopped.contains(&product.id) {
            let desc = format!("{at}.id: dish {id}, {}, is in the stop list", dish.name);
            return Err(Refusal::new(code, desc));
        }
        agree(at, dish, &mut product.name, &mut product.price)?;
        self.parts(at, &mut product.ingredients)
    }

    fn parts(&self, at: &str, parts: &mut [Ingredient]) -> Result<(), Refusal> {
        let code = Code::WsaOrderCreationComboComponentNotFound;
        for (number, part) in parts.iter_mut().enumerate() {
            let (at, id) = (format!("{at}.ingredients[{number}]"), shown(&part.id));
            // A part of a combo may be a dish; what it costs there is the combo's matter.
            let known = self.parts.get(&part.id);
            let Some(dish) = known.or_else(|| self.dishes.get(&part.id)) else {
                return Err(Refusal::new(
                    code,
                    format!("{at}.id: the menu has no ingredient {id}"),
                ));
            };
            if self.stopped.contains(&part.id) {
                let desc = format!("{at}.id: {id}, {}, is in the stop list", dish.name);
                return Err(Refusal::new(code, desc));
            }
            match known {
                Some(dish) => agree(&at, dish, &mut part.name, &mut part.price)?,
                None if part.name.is_empty() => part.name = dish.name.clone(),
                None => {}
            }
            self.parts(&at, &mut part.ingredients)?;
        }
        Ok(())
    }
}

/// The price that was said is that of the menu; what was not said is taken from there.
fn agree(
    at: &str,
    dish: &Dish,
    name: &mut String,
    price: &mut Option<Money>,
) -> Result<(), Refusal> {
    if let (Some(said), Some(costs)) = (*price, dish.price)
        && said != costs
    {
        let (id, called) = (shown(&dish.id), &dish.name);
        let desc =
            format!("{at}.price: {said} was sent, but {id}, {called}, costs {costs} on the menu");
        return Err(Refusal::new(Code::WsaOrderCreationPriceMismatch, desc));
    }
    *price = price.or(dish.price);
    if name.is_empty() {
        name.clone_from(&dish.name);
    }
    Ok(())
}
