//! What a price list declares and an order says. What is not declared is refused by its name, and what is declared
//! is kept as it came; the text of a secret is in no line and in no error.

use super::pricing::for_period;
use crate::domain::money::{Money, shown};
use crate::domain::task::guid::whole;
use crate::protocols::billmanager::command::{Fault, Given, Text};
use crate::protocols::billmanager::model::{Configured, Parameter, ParameterKind, Pricelist};

/// A line for each parameter that was given.
pub(super) fn configured(
    list: &Pricelist,
    period: i64,
    given: &Given,
) -> Result<Vec<Configured>, Fault> {
    if let Some(fault) = undeclared(list, given) {
        return Err(fault);
    }
    let mut lines = Vec::new();
    for parameter in &list.parameters {
        let Some(value) = given.get(&parameter.name) else {
            if parameter.required {
                return Err(Fault::missed(&parameter.name));
            }
            continue;
        };
        let (value, monthly) = value_of(parameter, value)?;
        let price = for_period(monthly, period, &parameter.name)?;
        lines.push(Configured { name: Some(parameter.title.clone()), value, price });
    }
    Ok(lines)
}

/// Names the first parameter that the price list does not declare.
pub(crate) fn undeclared(list: &Pricelist, given: &Given) -> Option<Fault> {
    let declared = |name: &str| list.parameters.iter().any(|parameter| parameter.name == name);
    let name = given.0.keys().find(|name| !declared(name))?;
    let ru = format!("У тарифа {} нет параметра {name}", list.id);
    let en = format!("Price list {} has no parameter {name}", list.id);
    Some(Fault::value(name, ru, en))
}

/// What is shown of a value, and what it costs for a month.
fn value_of(parameter: &Parameter, value: &str) -> Result<(Text, Money), Fault> {
    let wrong = |ru: String, en: String| {
        let value = shown(value);
        let (ru, en) = (format!("{value:?}: {ru}"), format!("{value:?}: {en}"));
        Err(Fault::value(&parameter.name, ru, en))
    };
    let as_it_is = || Text::new(value, value);
    match parameter.kind {
        ParameterKind::Text => Ok((as_it_is(), parameter.price)),
        ParameterKind::Secret => Ok((Text::new("задано", "set"), parameter.price)),
        ParameterKind::Number => {
            let Parameter { least, most, .. } = *parameter;
            match whole(value).filter(|number| (least..=most).contains(number)) {
                Some(_) => Ok((as_it_is(), parameter.price)),
                None => wrong(
                    format!("нужно целое число от {least} до {most}"),
                    format!("it must be a whole number from {least} to {most}"),
                ),
            }
        }
        ParameterKind::Flag => match value {
            "on" => Ok((Text::new("Включено", "On"), parameter.price)),
            "off" if !parameter.required => Ok((Text::new("Выключено", "Off"), Money::ZERO)),
            _ if parameter.required => wrong("нужно on".into(), "it must be on".into()),
            _ => wrong("нужно on или off".into(), "it must be on or off".into()),
        },
        ParameterKind::Choice => match parameter.values.iter().find(|one| one.value == value) {
            Some(one) => Ok((one.title.clone(), one.price)),
            None => {
                let all = parameter.values.iter().map(|one| one.value.as_str());
                let all = all.collect::<Vec<_>>().join(", ");
                wrong(format!("нужно одно из: {all}"), format!("it is none of: {all}"))
            }
        },
    }
}
