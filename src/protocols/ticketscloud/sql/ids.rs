//! Ids as the tables hold them: texts, so that people can read the tables.

use crate::database::Value;
use crate::protocols::ticketscloud::hex_id::{
    DealId, EventId, OrderId, PartnerId, PromocodeId, RefundId, RuleId, SetId, SystemId, TicketId,
};

macro_rules! into_value {
    ($($id:ident)*) => {
        $(impl From<$id> for Value {
            fn from(id: $id) -> Value {
                Value::Text(id.to_string())
            }
        })*
    };
}

into_value! { DealId EventId OrderId PartnerId PromocodeId RefundId RuleId SetId SystemId TicketId }
