//! What the dishes of an order cost, with what was chosen with them.

use super::order_content::{Ingredient, Product};
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
