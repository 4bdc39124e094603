//! `wsa admin aggregator callback replay`: answers and events are posted once more.

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::callbacks::{Only, unknown};
use crate::domain::outbox::SubscriptionId;
use crate::domain::task::{ObjectId, OrderGuid};
use crate::engine::store::callbacks::replaying::{Replay as Found, ReplayFilter, Replayable};
use crate::surface::ProtocolList;
use crate::surface::store::StoreFlags;
use crate::terminal::{output, values};

/// More than this is done in several goes.
const MOST: i64 = 10_000;

/// `wsa admin aggregator callback replay`
#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Replay {
    /// The callback, by its number in the list.
    #[arg(long, value_name = "ID")]
    id: i64,
    #[command(flatten)]
    which: Which,
    /// Everything that is kept, when nothing narrows it.
    #[arg(long, conflicts_with = "Which")]
    all: bool,
    /// Do it; without it what matches is only counted.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    on: StoreFlags,
}

/// Which answers and events.
#[derive(Debug, Args)]
struct Which {
    /// Only of this task or event (taskGuid or eventGuid, the webhook-id).
    #[arg(long, value_name = "GUID", value_parser = values::guid)]
    guid: Option<Uuid>,
    /// Only what came at this time or later, like 2026-11-22T12:00:00+03:00.
    #[arg(long, value_name = "TIME", value_parser = values::moment, conflicts_with = "guid")]
    since: Option<Timestamp>,
    /// Only what came before this time.
    #[arg(long, value_name = "TIME", value_parser = values::moment, conflicts_with = "guid")]
    until: Option<Timestamp>,
    /// Only of this restaurant (objectId).
    #[arg(long, value_name = "ID", conflicts_with = "guid")]
    object: Option<ObjectId>,
    /// Only events of this order (orderGuid).
    #[arg(long, value_name = "GUID", conflicts_with = "guid")]
    order: Option<OrderGuid>,
    /// Only these.
    #[arg(long)]
    only: Option<Only>,
    /// Only what the log has no delivery of: given up, or never posted because the callback was off.
    #[arg(long)]
    undelivered: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: i64,
    answers: usize,
    events: usize,
    replayed: bool,
    more: bool,
    last: Option<Timestamp>,
}

impl Replay {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Replay { id, which, all, yes, on } = self;
        if !all && !which.is_any() {
            bail!("which answers and events: narrow them with a flag, or give --all");
        }
        let keep = on.settings(protocols)?.mail.keep_letters;
        let store = on.open(protocols).await?;
        let callback = SubscriptionId(id);
        let listed = store.callbacks().await?.into_iter().find(|listed| listed.id == callback);
        let Some(listed) = listed else { return Err(unknown(id)) };
        let mut found = store.replayable(callback, &which.filter(), MOST + 1).await?;
        let more = found.len() > MOST as usize;
        found.truncate(MOST as usize);
        let fits = i64::try_from(found.len()).is_ok_and(|found| listed.waiting + found <= keep);
        if yes && !fits {
            bail!(
                "callback {id} would hold more than mail.keep_letters ({keep}), and the oldest would be dropped: \
                 {} wait in it and {} match; narrow them",
                listed.waiting,
                found.len()
            );
        }
        if yes {
            store.replay(callback, &found).await?;
        }
        let told = Told::of(id, &found, yes, more);
        if on.json {
            return Ok(output::json_line(&told)?);
        }
        output::line(told.sentence())?;
        if !listed.open {
            output::line("the callback is off: nothing is posted before it is switched on")?;
        }
        Ok(())
    }
}

impl Which {
    fn is_any(&self) -> bool {
        let Which { guid, since, until, object, order, only, undelivered } = self;
        let narrows = [
            guid.is_some(),
            since.is_some(),
            until.is_some(),
            object.is_some(),
            order.is_some(),
            only.is_some(),
            *undelivered,
        ];
        narrows.contains(&true)
    }

    fn filter(&self) -> ReplayFilter {
        ReplayFilter {
            subject: self.guid,
            since: self.since,
            until: self.until,
            object: self.object,
            order: self.order,
            only: self.only.map(|only| match only {
                Only::Answers => Replayable::Answer,
                Only::Events => Replayable::Event,
            }),
            undelivered: self.undelivered,
        }
    }
}

impl Told {
    fn of(id: i64, found: &[Found], replayed: bool, more: bool) -> Told {
        let answers = found.iter().filter(|found| found.kind == Replayable::Answer).count();
        let last = found.last().map(|found| found.at);
        Told { id, answers, events: found.len() - answers, replayed, more, last }
    }

    fn sentence(&self) -> String {
        let Told { id, answers, events, .. } = self;
        let what = format!("{answers} answers and {events} events");
        let mut sentence = match self.replayed {
            true => format!("callback {id}: {what} are posted once more"),
            false => format!("callback {id}: {what} match; --yes posts them once more"),
        };
        if let (true, Some(last)) = (self.more, self.last) {
            sentence += &format!("; these are the first {MOST}: go on with --since {last}");
        }
        sentence
    }
}
