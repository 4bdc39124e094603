//! What the dishes of an order cost, with what was chosen with them.

use super::order_content::{Ingredient, OrderContent, Product};
use crate::domain::money::Money;

/// Why it is not known what a dish costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// Whoever ordered it left its price to the restaurant.
    #[error("has no price")]
    NoPrice,
    /// A discount or a promotion is on it, and nothing says how much of the total that is.
    #[error("has a discount or a promotion")]
    Discounted,
    /// It is beyond all amounts.
    #[error("costs more than any order")]
    TooMuch,
}

/// What such lines cost together.
pub fn cost<'a>(lines: impl Iterator<Item = &'a Product>) -> Result<Money, CostError> {
    let add = |sum: Money, line: &Product| sum.checked_add(line.cost()?).ok_or(CostError::TooMuch);
    lines.into_iter().try_fold(Money::ZERO, add)
}

/// That another total was said than the order has.
pub fn other_total(said: Money, total: Money) -> String {
    format!("{said} was said, but the order costs {total}")
}

impl OrderContent {
    /// What the order costs: its dishes but those that were voided, and its delivery. With a discount or a promotion on
    /// any of it that is not known.
    pub fn total(&self) -> Result<Money, CostError> {
        if !self.discount_ids.is_empty() {
            return Err(CostError::Discounted);
        }
        let charged = self.products.iter().filter(|product| product.voiding_reason.is_none());
        let fee = self.payment.as_ref().and_then(|payment| payment.delivery_fee);
        cost(charged)?.checked_add(fee.unwrap_or_default()).ok_or(CostError::TooMuch)
    }
}

impl Product {
    /// The price of one and of what was chosen with it, as often as it is ordered; rounded to the kopeck. An ingredient
    /// counts for each of the dish, and without a price for nothing.
    pub fn cost(&self) -> Result<Money, CostError> {
        if !self.discount_ids.is_empty() || !self.yandex_promos.is_empty() {
            return Err(CostError::Discounted);
        }
        let price = self.price.ok_or(CostError::NoPrice)?;
        let one = chosen(&self.ingredients).and_then(|chosen| price.checked_add(chosen));
        one.and_then(|one| self.quantity.of(one)).ok_or(CostError::TooMuch)
    }
}

fn chosen(ingredients: &[Ingredient]) -> Option<Money> {
    ingredients.iter().try_fold(Money::ZERO, |sum, ingredient| {
        let one = ingredient.price.unwrap_or(Money::ZERO);
        let one = one.checked_add(chosen(&ingredient.ingredients)?)?;
        sum.checked_add(ingredient.quantity.of(one)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(json: &str) -> Product {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_was_chosen_counts_for_each_of_the_dish() {
        let dish = product(
            r#"{"id": "1", "price": 100, "quantity": 2, "ingredients": [
                {"id": "2", "quantity": 3, "price": 10.50, "ingredients": [{"id": "3", "quantity": 2, "price": 1}]},
                {"id": "4", "quantity": 1}]}"#,
        );
        // 2 x (100 + 3 x (10.50 + 2 x 1))
        assert_eq!(dish.cost().unwrap().to_string(), "275.00");
        assert_eq!(cost([&dish, &dish].into_iter()).unwrap().to_string(), "550.00");
    }

    #[test]
    fn an_order_costs_its_delivery_too_and_nothing_for_what_was_voided() {
        let order = |json: &str| serde_json::from_str::<OrderContent>(json).unwrap().total();
        let dishes = r#""products": [{"id": "1", "price": 100, "quantity": 2},
            {"id": "2", "price": 7, "quantity": 1, "voidingReason": "cold", "discountIds": [1]}]"#;
        let total = |more: &str| order(&format!("{{{dishes}{more}}}"));
        assert_eq!(total("").unwrap().to_string(), "200.00");
        let delivered = total(r#", "payment": {"deliveryFee": 49.5}"#).unwrap();
        assert_eq!(delivered.to_string(), "249.50");
        assert_eq!(total(r#", "discountIds": [{"id": 5}]"#), Err(CostError::Discounted));
        let most = r#"{"payment": {"deliveryFee": 999999999999.99}, "products": [
            {"id": "1", "price": 1, "quantity": 1}]}"#;
        assert_eq!(order(most), Err(CostError::TooMuch));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for (json, why) in [
            (r#"{"id": "1", "quantity": 1}"#, CostError::NoPrice),
            (
                r#"{"id": "1", "quantity": 1, "price": 5, "discountIds": [7]}"#,
                CostError::Discounted,
            ),
            (r#"{"id": "1", "quantity": 1000000, "price": 999999999999}"#, CostError::TooMuch),
        ] {
            assert_eq!(product(json).cost(), Err(why), "{json}");
        }
    }
}
