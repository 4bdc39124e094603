//! What an order has beside what most orders have: given back as it was given.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::money::Money;
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::command::order_content::{
    Discount, OrderContent, OrderPayment, Span,
};
use crate::protocols::whiteserver::command::scalar::Scalar;
use crate::protocols::whiteserver::contract::forms;

/// Fields that are there when the order has them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct More<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scalar")]
    source_order_id: Option<&'a Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scalar")]
    pay_method: Option<&'a Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "WireBooking<'a>")]
    booking: Option<WireBooking<'a>>,
    /// As `expectedTime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::expected_time", default)]
    expected_start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrderPayment")]
    payment: Option<&'a OrderPayment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Money")]
    change_back_from: Option<Money>,
    #[serde(skip_serializing_if = "<[Discount]>::is_empty")]
    discount_ids: &'a [Discount],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scalar")]
    cash_station_id: Option<&'a Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scalar")]
    system_name: Option<&'a Scalar>,
}

/// A reservation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderBooking")]
struct WireBooking<'a> {
    /// As `expectedTime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::expected_time", default)]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Span")]
    duration: Option<&'a Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scalar")]
    remind_time: Option<&'a Scalar>,
}

impl<'a> More<'a> {
    pub(super) fn of(content: &'a OrderContent, zone: &TimeZone) -> More<'a> {
        More {
            source_order_id: content.source_order_id.as_ref(),
            pay_method: content.pay_method.as_ref(),
            booking: content.booking.as_ref().map(|booking| WireBooking {
                time: booking.time.map(|time| time.shown(zone)),
                duration: booking.duration.as_ref(),
                remind_time: booking.remind_time.as_ref(),
            }),
            expected_start_time: content.expected_start_time.map(|time| time.shown(zone)),
            payment: content.payment.as_ref(),
            change_back_from: content.change_back_from,
            discount_ids: &content.discount_ids,
            cash_station_id: content.cash_station_id.as_ref(),
            system_name: content.system_name.as_ref(),
        }
    }
}
