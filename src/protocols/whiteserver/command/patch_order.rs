//! `PatchOrder`: changes single fields of an order, none of which it is paid by (White Server page, "PatchOrder").

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::order_content::{Address, Expedition, OrderContent};
use super::scalar::Scalar;
use crate::domain::money::{Money, brief, shown};
use crate::domain::task::guid::OrderGuid;

/// More fields than there are names, so that none is refused for naming each.
const MOST_FIELDS: usize = 100;
/// The longest name, in characters: names are given back.
const LONGEST_NAME: usize = 128;
/// The fields of an address.
const FULL_ADDRESS: &str = "fullAddress";
const COMMENT: &str = "comment";

/// The names of the fields.
pub const NAMES: [&str; 7] = [
    "ChangeBackFrom",
    "Comment",
    "Delivery.Courier.Name",
    "Delivery.Courier.Phone",
    "Delivery.Address",
    "Delivery.Address.Comment",
    "PayMethod",
];

/// A request to change fields of an order.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct PatchOrder {
    /// The order.
    #[serde(rename = "orderGuid")]
    pub order: OrderGuid,
    /// What is to be changed, one after the other.
    #[schemars(length(max = MOST_FIELDS))]
    pub fields: Vec<FieldPatch>,
}

/// A field and what is to stand in it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct FieldPatch {
    /// Which one; one that is not known is answered with an error of its own.
    #[schemars(length(max = LONGEST_NAME))]
    pub name: String,
    /// `null` takes away what is there.
    #[schemars(with = "serde_json::Value")]
    pub value: PatchValue,
}

/// Any JSON, as it came. It may be personal: it is never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct PatchValue(String);

impl std::fmt::Debug for PatchValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatchValue(…)")
    }
}

impl<'de> Deserialize<'de> for PatchValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PatchValue, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| PatchValue(raw.get().to_owned()))
    }
}

impl PatchOrder {
    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self) -> Result<(), String> {
        let count = self.fields.len();
        if count > MOST_FIELDS {
            return Err(format!(
                "params.fields has {count} entries: it must have at most {MOST_FIELDS}"
            ));
        }
        let long = |field: &FieldPatch| field.name.chars().count() > LONGEST_NAME;
        match self.fields.iter().position(long) {
            Some(field) => Err(format!(
                "params.fields[{field}].name must have at most {LONGEST_NAME} characters"
            )),
            None => Ok(()),
        }
    }
}

impl FieldPatch {
    /// Changes the content; when it cannot be done, nothing of it is, and the message says why.
    pub fn apply(&self, content: &mut OrderContent) -> Result<(), String> {
        match self.name.as_str() {
            "ChangeBackFrom" => content.change_back_from = self.value.amount()?,
            "Comment" => content.comment = self.value.text()?,
            "PayMethod" => content.pay_method = self.value.scalar()?,
            "Delivery.Courier.Name" => {
                let name = self.value.text()?;
                delivery(content, |delivery| {
                    delivery.courier.get_or_insert_default().name = name;
                    Ok(())
                })?;
            }
            "Delivery.Courier.Phone" => {
                let phone = self.value.text()?;
                delivery(content, |delivery| {
                    delivery.courier.get_or_insert_default().phone = phone;
                    Ok(())
                })?;
            }
            "Delivery.Address" => {
                let address = self.value.text()?;
                delivery(content, |delivery| moved(delivery, address))?;
            }
            "Delivery.Address.Comment" => {
                let comment = self.value.text()?;
                delivery(content, |delivery| {
                    delivery.address = Address::with(delivery.address.as_ref(), COMMENT, comment)?;
                    Ok(())
                })?;
            }
            name => {
                return Err(format!(
                    "the field {:?} is not known: it must be one of {}",
                    shown(name),
                    NAMES.join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Whatever else was said of the old place does not hold for the new one; the comment is a field of its own.
fn moved(delivery: &mut Expedition, address: Option<String>) -> serde_json::Result<()> {
    let comment = delivery.address.as_ref().map(|address| address.only(COMMENT)).transpose()?;
    delivery.address = Address::with(comment.flatten().as_ref(), FULL_ADDRESS, address)?;
    Ok(())
}

fn delivery(
    content: &mut OrderContent,
    change: impl FnOnce(&mut Expedition) -> serde_json::Result<()>,
) -> Result<(), String> {
    let mut delivery = content.delivery.clone().unwrap_or_default();
    change(&mut delivery).map_err(|_| {
        "the address that is there cannot be read (value omitted: personal data)".to_owned()
    })?;
    // Nobody brings what has neither a name nor a phone.
    delivery.courier = delivery.courier.filter(|who| who.name.is_some() || who.phone.is_some());
    let is_said = content.delivery.is_some() || delivery != Expedition::default();
    content.delivery = is_said.then_some(delivery);
    Ok(())
}

impl PatchValue {
    fn read<T: DeserializeOwned>(&self) -> serde_json::Result<Option<T>> {
        serde_json::from_str(&self.0)
    }

    fn text(&self) -> Result<Option<String>, String> {
        let wrong = "the value must be a text, or null to take away what is there (value omitted: \
                     personal data)";
        self.read().map_err(|_| wrong.to_owned())
    }

    fn scalar(&self) -> Result<Option<Scalar>, String> {
        let wrong =
            "the value must be a text, a number or a boolean, or null to take away what is there";
        self.read().map_err(|_| wrong.to_owned())
    }

    fn amount(&self) -> Result<Option<Money>, String> {
        self.read().map_err(|error| {
            let told = error.to_string();
            let told = told.rsplit_once(" at line ").map_or(&*told, |(told, _)| told);
            brief(format!(
                "the value must be an amount, or null to take away what is there: {told}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(order: &str, fields: &[(&str, &str)]) -> (String, Vec<Option<String>>) {
        let mut content: OrderContent = serde_json::from_str(order).unwrap();
        let apply = |(name, value): &(&str, &str)| {
            let patch = format!(r#"{{"name":{name:?},"value":{value}}}"#);
            let patch: FieldPatch = serde_json::from_str(&patch).unwrap();
            let before = content.clone();
            let done = patch.apply(&mut content);
            assert!(done.is_ok() || content == before, "{name}: something of it was done");
            done.err()
        };
        let errors = fields.iter().map(apply).collect();
        (serde_json::to_string(&content).unwrap(), errors)
    }

    #[test]
    fn each_field_is_set_and_taken_away() {
        let order = r#"{"products":[],"comment":"a","delivery":{"expectedTime":"2026-11-22T12:30:00",
            "address":{"fullAddress":"A","coordinates":{"latitude":1},"comment":"door 1"}}}"#;
        let (set, errors) = patched(
            order,
            &[
                ("ChangeBackFrom", "\"1000\""),
                ("Comment", "\"b\""),
                ("Delivery.Courier.Name", "\"C\""),
                ("Delivery.Courier.Phone", "\"+7\""),
                ("Delivery.Address", "\"B\""),
                ("PayMethod", "7"),
            ],
        );
        assert_eq!(errors, vec![None; 6]);
        assert_eq!(
            set,
            r#"{"products":[],"comment":"b","delivery":{"expectedTime":"2026-11-22T12:30:00","address":{"comment":"door 1","fullAddress":"B"},"courier":{"name":"C","phone":"+7"}},"payMethod":7,"changeBackFrom":1000.00}"#,
            "the coordinates were those of the old place"
        );
        let (commented, _) = patched(order, &[("Delivery.Address.Comment", "\"door 2\"")]);
        assert!(
            commented.contains(
                r#""address":{"comment":"door 2","coordinates":{"latitude":1},"fullAddress":"A"}"#
            ),
            "{commented}"
        );
        let (gone, errors) = patched(&set, &NAMES.map(|name| (name, "null")));
        assert_eq!(errors, vec![None; 7]);
        assert_eq!(gone, r#"{"products":[],"delivery":{"expectedTime":"2026-11-22T12:30:00"}}"#);
        let (nothing, _) = patched("{}", &NAMES.map(|name| (name, "null")));
        assert_eq!(nothing, r#"{"products":[]}"#);
    }

    #[test]
    fn what_cannot_be_done_is_told_without_what_is_personal_and_the_rest_is_done() {
        let (done, errors) = patched(
            "{}",
            &[
                ("comment", "\"a\""),
                ("Comment", "{\"secret\":1}"),
                ("ChangeBackFrom", "1.005"),
                ("PayMethod", "[1]"),
                ("Delivery.Address", "5550100"),
                ("Comment", "\"b\""),
            ],
        );
        assert_eq!(done, r#"{"products":[],"comment":"b"}"#);
        let told: Vec<String> = errors.iter().flatten().cloned().collect();
        assert_eq!(told.len(), 5, "{told:?}");
        assert!(told[0].starts_with("the field \"comment\" is not known: it must be one of"));
        assert!(told[2].contains("1.005"), "{told:?}");
        assert!(!told[1].contains("secret") && !told[4].contains("5550100"), "{told:?}");
    }
}
