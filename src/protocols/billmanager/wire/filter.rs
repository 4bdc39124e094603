//! Which payments a list is of. A filter that is not understood is refused: it never gives more than was asked for.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::params::{MOST_NUMBERS, Params, none_of};
use crate::domain::money::shown;
use crate::domain::task::guid::whole;
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::sql::payments::{MOST_PAYMENTS, PaymentFilter};

/// The statuses that the vendor has. This service gives payments the first seven; of the others there is none.
const STATUSES: [i64; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100];

/// The payments of a client, or of all of them, that the parameters name.
pub fn payments(params: &Params, user: Option<i64>) -> Result<PaymentFilter, Fault> {
    let (created_from, created_before) = days(params, "createdate")?;
    let Page { most, skip } = page(params, MOST_PAYMENTS)?;
    Ok(PaymentFilter {
        user,
        id: params.id("id")?,
        number: params.id("number")?,
        order: params.id("billorder")?,
        statuses: listed(params, "status", |number| STATUSES.contains(&number))?,
        methods: listed(params, "paymethod", |_| true)?,
        providers: listed(params, "project", |number| number > 0)?,
        created_from,
        created_before,
        sender: params.get("sender").map(str::to_owned),
        recipient: params.get("recipient").map(str::to_owned),
        login: params.get("account").map(str::to_owned),
        most,
        skip,
    })
}

/// Which part of a list is asked for.
pub struct Page {
    /// At most so many.
    pub most: i64,
    /// After so many.
    pub skip: i64,
}

/// That part, and that the list is filtered when that is said.
pub fn page(params: &Params, longest: i64) -> Result<Page, Fault> {
    if let Some(other) = params.get("filter").filter(|filter| *filter != "on") {
        return Err(none_of("filter", other, "on"));
    }
    let most = params.id("p_cnt")?.unwrap_or(longest);
    if most > longest {
        // Fewer than were asked for would be taken for all of them.
        let ru = format!("{most}: нужно число от 1 до {longest}");
        let en = format!("{most}: it must be from 1 to {longest}");
        return Err(Fault::value("p_cnt", ru, en));
    }
    let page = params.id("p_num")?.unwrap_or(1);
    let skip = (page - 1).checked_mul(most).ok_or_else(|| {
        let (ru, en) = ("Такой страницы быть не может", "There cannot be such a page");
        Fault::value("p_num", ru, en)
    })?;
    Ok(Page { most, skip })
}

/// Numbers with commas between them, written as `,1,4,`.
pub(super) fn listed(
    params: &Params,
    name: &str,
    may_be: fn(i64) -> bool,
) -> Result<Option<String>, Fault> {
    let Some(text) = params.get(name) else { return Ok(None) };
    let mut list = String::from(",");
    for (at, part) in text.split(',').enumerate() {
        if at >= MOST_NUMBERS {
            let ru = format!("Номеров больше {MOST_NUMBERS}");
            return Err(Fault::value(
                name,
                ru,
                format!("There are more than {MOST_NUMBERS} numbers"),
            ));
        }
        let part = part.trim();
        let number = whole(part).filter(|number| may_be(*number)).ok_or_else(|| match name {
            "status" => none_of(name, part, &STATUSES.map(|status| status.to_string()).join(", ")),
            _ => {
                let message = shown(part);
                let ru = format!("{message:?}: нужен номер");
                Fault::value(name, ru, format!("{message:?}: it must be a number"))
            }
        })?;
        list += &format!("{number},");
    }
    Ok(Some(list))
}

/// From the beginning of a day to the end of another, in UTC: the parameters `{name}start` and `{name}end`.
pub(super) fn days(
    params: &Params,
    name: &str,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
    let (from, until) = (format!("{name}start"), format!("{name}end"));
    let (start, end) = (day(params, &from)?, day(params, &until)?);
    match params.get(name) {
        Some("other") if start.is_none() && end.is_none() => return Err(Fault::missed(&from)),
        None | Some("other") => {}
        Some(other) => return Err(none_of(name, other, "other")),
    }
    let begins = |day: Option<Date>, name: &str| {
        let moment = day.map(|day| day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()));
        moment.transpose().map_err(|_| not_a_day(name))
    };
    let next = end.map(|day| day.checked_add(1.day())).transpose();
    let next = next.map_err(|_| not_a_day(&until))?;
    Ok((begins(start, &from)?, begins(next, &until)?))
}

fn day(params: &Params, name: &str) -> Result<Option<Date>, Fault> {
    let Some(text) = params.get(name) else { return Ok(None) };
    let is_form = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    let date = is_form.then(|| Date::from_str(text).ok()).flatten();
    // A year that a database cannot hold is no day of a payment.
    date.filter(|date| (1970..=9000).contains(&date.year()))
        .map(Some)
        .ok_or_else(|| not_a_day(name))
}

fn not_a_day(name: &str) -> Fault {
    Fault::value(name, "Нужна дата ГГГГ-ММ-ДД", "It must be a date like 2026-11-29")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<PaymentFilter, String> {
        let params = Params::read(query, "").unwrap();
        payments(&params, Some(7))
            .map_err(|fault| format!("{} {}", fault.kind, fault.object.unwrap()))
    }

    #[test]
    fn a_filter_is_what_was_sent() {
        let filter = read(
            "filter=on&status=1,100&paymethod=0,%203&project=2&createdate=other&\
             createdatestart=2026-06-03&createdateend=2026-06-03&number=5&p_cnt=10&p_num=3",
        );
        let filter = filter.unwrap();
        assert_eq!(filter.statuses.as_deref(), Some(",1,100,"));
        assert_eq!(filter.methods.as_deref(), Some(",0,3,"));
        assert_eq!(filter.providers.as_deref(), Some(",2,"));
        let moment = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(filter.created_from, moment("2026-06-03T00:00:00Z"));
        assert_eq!(filter.created_before, moment("2026-06-04T00:00:00Z"));
        assert_eq!((filter.user, filter.number), (Some(7), Some(5)));
        assert_eq!((filter.most, filter.skip), (10, 20));
        let all = read("").unwrap();
        assert_eq!((all.most, all.skip, all.statuses), (MOST_PAYMENTS, 0, None));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (query, wrong) in [
            ("filter=off", "value filter"),
            ("status=0", "value status"),
            ("status=10", "value status"),
            ("status=1,,4", "value status"),
            ("status=new", "value status"),
            ("paymethod=card", "value paymethod"),
            ("project=0", "value project"),
            ("createdate=today", "value createdate"),
            ("createdate=other", "missed createdatestart"),
            ("createdatestart=2026-6-3", "value createdatestart"),
            ("createdatestart=03.06.2026", "value createdatestart"),
            ("createdateend=2026-02-30", "value createdateend"),
            ("createdateend=9999-12-31", "value createdateend"),
            ("createdatestart=%2B002026-1", "value createdatestart"),
            ("number=A-1", "value number"),
            ("p_num=0", "value p_num"),
            ("p_num=9223372036854775807", "value p_num"),
            ("p_cnt=0", "value p_cnt"),
            ("p_cnt=501", "value p_cnt"),
        ] {
            assert_eq!(read(query).unwrap_err(), wrong, "{query}");
        }
    }
}
