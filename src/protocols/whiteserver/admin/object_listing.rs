//! Restaurants as `wsa admin object` shows them.

use serde::Serialize;
use uuid::Uuid;

use crate::domain::task::{CurrencyGuid, ObjectId};
use crate::protocols::whiteserver::sql::objects::Object;
use crate::terminal::output::{self, Listed};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listing {
    object_id: ObjectId,
    name: String,
    agent_version: &'static str,
    agent_guid: Uuid,
    timeout_s: Option<i64>,
    closed_orders: bool,
    all_tables: bool,
    cancel_paid: bool,
    prepay_currency: Option<CurrencyGuid>,
    accept_within_s: Option<i64>,
    time_zone: String,
}

impl Listing {
    /// What it permits beyond the ordinary.
    fn permits(&self) -> String {
        let permits = [
            (self.closed_orders, "closed orders"),
            (self.all_tables, "all tables"),
            (self.cancel_paid, "cancel paid"),
        ];
        let permits: Vec<&str> =
            permits.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
        if permits.is_empty() { "nothing".into() } else { permits.join(", ") }
    }

    fn acceptance(&self) -> String {
        self.accept_within_s.map_or("not needed".into(), |seconds| format!("within {seconds} s"))
    }

    fn prepay_currency(&self) -> String {
        self.prepay_currency.map_or("none".into(), |currency| currency.to_string())
    }
}

impl From<Object> for Listing {
    fn from(object: Object) -> Listing {
        Listing {
            object_id: object.id,
            name: object.name,
            agent_version: object.agent_version.as_str(),
            agent_guid: object.agent_guid,
            timeout_s: object.timeout_s,
            closed_orders: object.permits.closed_orders,
            all_tables: object.permits.all_tables,
            cancel_paid: object.permits.cancel_paid,
            prepay_currency: object.permits.prepay_currency,
            accept_within_s: object.permits.accept_within_s,
            time_zone: object.time_zone.to_string(),
        }
    }
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &[
        "object",
        "name",
        "agent",
        "agent guid",
        "timeout",
        "permits",
        "prepay currency",
        "acceptance",
        "time zone",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.object_id.to_string(),
            self.name.clone(),
            self.agent_version.into(),
            self.agent_guid.to_string(),
            self.timeout_s.map_or("default".into(), |seconds| format!("{seconds} s")),
            self.permits(),
            self.prepay_currency(),
            self.acceptance(),
            self.time_zone.clone(),
        ]
    }
}

/// Shows one of which something was done.
pub(super) fn show(object: Object, done: &str, json: bool) -> anyhow::Result<()> {
    let listing = Listing::from(object);
    if json {
        return Ok(output::json_line(&listing)?);
    }
    let (permits, prepay) = (listing.permits(), listing.prepay_currency());
    let acceptance = listing.acceptance();
    let Listing { object_id, name, agent_version, agent_guid, timeout_s, time_zone, .. } = listing;
    let timeout = timeout_s.map_or("the service's".into(), |seconds| format!("{seconds} s"));
    Ok(output::line(format_args!(
        "object {object_id} is {done}: {name}, agent {agent_version} {agent_guid}, \
         default deadline: {timeout}, permits: {permits}, prepay currency: {prepay}, \
         acceptance: {acceptance}, time zone: {time_zone}"
    ))?)
}
