//! Amounts that are asked for: one, or from one to another. They are never floats.

use crate::domain::money::Money;

/// The least and the greatest amount, both among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountRange {
    least: Money,
    greatest: Option<Money>,
}

impl AmountRange {
    /// What a request asks for by `amount`, or by `amountFrom` and `amountTo`; an error names what is wrong.
    pub fn asked(
        exactly: Option<Money>,
        from: Option<Money>,
        to: Option<Money>,
    ) -> Result<Option<AmountRange>, String> {
        match (exactly, from, to) {
            (None, None, None) => Ok(None),
            (Some(amount), None, None) => {
                Ok(Some(AmountRange { least: amount, greatest: Some(amount) }))
            }
            (Some(_), ..) => Err("amount: it stands alone, without amountFrom and amountTo".into()),
            (None, Some(from), Some(to)) if from > to => {
                Err(format!("amountFrom: {from} is more than amountTo, {to}"))
            }
            (None, from, to) => {
                Ok(Some(AmountRange { least: from.unwrap_or(Money::ZERO), greatest: to }))
            }
        }
    }

    /// Whether an amount is among them.
    pub fn has(self, amount: Money) -> bool {
        amount >= self.least && self.greatest.is_none_or(|greatest| amount <= greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(texts: [&str; 3]) -> Result<Option<AmountRange>, String> {
        let [exactly, from, to] =
            texts.map(|text| (!text.is_empty()).then(|| Money::parse(text).unwrap()));
        AmountRange::asked(exactly, from, to)
    }

    #[test]
    fn an_amount_is_asked_for_exactly_or_between_two() {
        let has = |texts, amount| asked(texts).unwrap().unwrap().has(Money::parse(amount).unwrap());
        assert!(has(["449.35", "", ""], "449.35") && has(["10", "", ""], "10.00"));
        assert!(!has(["449.35", "", ""], "449.36") && !has(["449.35", "", ""], "449.3"));
        assert!(has(["", "1", "2"], "1") && has(["", "1", "2"], "2.00"));
        assert!(!has(["", "1", "2"], "0.99") && !has(["", "1", "2"], "2.01"));
        assert!(has(["", "1", ""], "999999999999.99") && has(["", "", "2"], "0"));
        assert_eq!(asked(["", "", ""]), Ok(None));
        assert!(asked(["1", "1", ""]).unwrap_err().starts_with("amount: it stands alone"));
        assert!(asked(["", "2", "1"]).unwrap_err().starts_with("amountFrom: 2.00 is more than"));
    }
}
