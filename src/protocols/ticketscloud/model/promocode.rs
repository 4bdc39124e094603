//! Promo codes, and what they take off a price.

use std::fmt;
use std::str::FromStr;

use super::Period;
use crate::domain::money::Money;
use crate::protocols::ticketscloud::hex_id::{PromocodeId, SetId};

/// A part of a price, in hundredths of a percent: 1 to 10000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(i64);

const WHOLE: i64 = 10_000;

impl Percent {
    /// From hundredths of a percent; `None` when that is nothing or more than the whole.
    pub fn from_hundredths(hundredths: i64) -> Option<Percent> {
        (1..=WHOLE).contains(&hundredths).then_some(Percent(hundredths))
    }

    /// In hundredths of a percent.
    pub fn hundredths(self) -> i64 {
        self.0
    }

    /// That part of a price, rounded to the nearest kopeck, halves up.
    pub fn of(self, price: Money) -> Money {
        // A price has at most 14 digits, so the product fits; the part is never more than the price.
        let kopecks = (price.kopecks() * self.0 + WHOLE / 2) / WHOLE;
        Money::from_kopecks(kopecks).map_or(price, |part| part.min(price))
    }
}

impl FromStr for Percent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Percent, &'static str> {
        let parsed = Money::parse(text).ok().map(Money::kopecks);
        parsed
            .and_then(Percent::from_hundredths)
            .ok_or("it must be more than 0 and at most 100, with at most two decimals")
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// What a promo code takes off the price of each ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// A part of it.
    Percent(Percent),
    /// An amount, or the whole price when that is less.
    Fixed(Money),
}

impl Discount {
    /// How much that is of a price.
    pub fn of(self, price: Money) -> Money {
        match self {
            Discount::Percent(percent) => percent.of(price),
            Discount::Fixed(amount) => amount.min(price),
        }
    }
}

/// A promo code of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promocode {
    /// Its id, as answers show it.
    pub id: PromocodeId,
    /// What a customer types.
    pub code: String,
    /// What it does.
    pub discount: Discount,
    /// To tickets of this set; `None`: of every set.
    pub set: Option<SetId>,
    /// In how many orders it may be; `None`: in any number.
    pub uses: Option<i64>,
    /// In how many orders it is that have their tickets.
    pub used: i64,
    /// When it can be given to an order.
    pub period: Period,
}

impl Promocode {
    /// What all of them take off the price of a ticket of this set: each its part of the price itself, whatever
    /// the others do, and together never more than the price.
    pub fn off<'a>(
        all: impl IntoIterator<Item = &'a Promocode>,
        set: SetId,
        price: Money,
    ) -> Money {
        let ours = all.into_iter().filter(|code| code.set.is_none_or(|of| of == set));
        ours.fold(Money::ZERO, |sum, code| {
            sum.checked_add(code.discount.of(price)).map_or(price, |sum| sum.min(price))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(kopecks: i64) -> Money {
        Money::from_kopecks(kopecks).unwrap()
    }

    fn code(discount: Discount) -> Promocode {
        Promocode {
            id: PromocodeId::random(),
            code: "PROMO".into(),
            discount,
            set: None,
            uses: None,
            used: 0,
            period: Period::default(),
        }
    }

    fn discounts() -> impl Strategy<Value = Discount> {
        prop_oneof![
            (1..=WHOLE).prop_map(|n| Discount::Percent(Percent(n))),
            (1..1_000_000_i64).prop_map(|n| Discount::Fixed(money(n))),
        ]
    }

    #[test]
    fn halves_of_a_kopeck_are_rounded_up() {
        for (percent, kopecks, off) in [
            ("30", 10_000, 3_000),
            ("0.5", 100, 1),
            ("0.49", 100, 0),
            ("33.33", 1, 0),
            ("50", 1, 1),
        ] {
            let percent: Percent = percent.parse().unwrap();
            assert_eq!(percent.of(money(kopecks)).kopecks(), off, "{percent} of {kopecks}");
        }
        for bad in ["0", "100.01", "-1", "1.005", "", "x"] {
            assert!(bad.parse::<Percent>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_percentage_is_off_by_half_a_kopeck_at_most(
            percent in 1..=WHOLE, kopecks in 0..100_000_000_000_000_i64,
        ) {
            let off = Percent(percent).of(money(kopecks)).kopecks();
            let exact = i128::from(kopecks) * i128::from(percent);
            let error = i128::from(off) * i128::from(WHOLE) - exact;
            prop_assert!((-i128::from(WHOLE / 2) < error) && (error <= i128::from(WHOLE / 2)));
            prop_assert!(off <= kopecks);
            prop_assert_eq!(Percent(WHOLE).of(money(kopecks)).kopecks(), kopecks);
        }

        #[test]
        fn codes_together_take_the_same_in_any_order_and_never_more_than_the_price(
            discounts in prop::collection::vec(discounts(), 0..6), kopecks in 0..10_000_000_i64,
        ) {
            let codes: Vec<Promocode> = discounts.into_iter().map(code).collect();
            let (set, price) = (SetId::random(), money(kopecks));
            let off = Promocode::off(&codes, set, price);
            prop_assert_eq!(off, Promocode::off(codes.iter().rev(), set, price));
            let each: i64 = codes.iter().map(|code| code.discount.of(price).kopecks()).sum();
            prop_assert_eq!(off.kopecks(), each.min(kopecks));
            let elsewhere: Vec<_> = codes
                .into_iter()
                .map(|code| Promocode { set: Some(SetId::random()), ..code })
                .collect();
            prop_assert_eq!(Promocode::off(&elsewhere, set, price), Money::ZERO);
        }
    }
}
