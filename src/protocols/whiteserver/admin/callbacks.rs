//! `wsa admin aggregator callback`: where answers and events are posted. A secret is shown once.

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use uuid::Uuid;

use super::callback_lists::{self, Log};
use super::callback_replay::Replay;
use crate::callback::sender::Sender;
use crate::callback::signature::{Secret, SignatureForm};
use crate::callback::url;
use crate::domain::outbox::{EventTypes, SubscriptionId};
use crate::engine::store::callbacks::NewCallback;
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output;

const SECONDS_AN_HOUR: i64 = 3600;

/// `wsa admin aggregator callback`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Callbacks {
    /// Post answers and events of a caller to a URL; prints the secret they are signed with, this once.
    Add(Add),
    /// List the callbacks and how they stand.
    List(StoreFlags),
    /// Remove a callback, with what waits for it and its log.
    Remove(Which),
    /// Post nothing until it is switched on again; what waits stays, what is new is not kept for it.
    Off(Which),
    /// Post again; also after the service itself has switched it off.
    On(Which),
    /// Change how a callback is signed.
    Set(Set),
    /// Give a callback a new secret, and print it, this once.
    RotateSecret(Rotate),
    /// Show what was posted and what came of it, the newest first.
    Log(Log),
    /// Post answers and events once more, those that were delivered as well; counts them first.
    Replay(Replay),
    /// Post a signed {"ping": true} now, and print what came of it.
    Test(Which),
}

/// What is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::protocols::whiteserver) enum Only {
    Answers,
    Events,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Add {
    /// The caller.
    #[arg(long)]
    name: String,
    /// Where to post, like `https://example.com/wsa`.
    #[arg(long)]
    url: String,
    /// Post only these.
    #[arg(long)]
    only: Option<Only>,
    /// Which events: OrderChanged, OrderStatusChanged, or both with a comma between them.
    #[arg(long, value_name = "TYPES", default_value_t = EventTypes::USUAL)]
    events: EventTypes,
    /// How the header Signature is written; base64 is what the vendor's receivers check.
    #[arg(long, value_name = "base64|hex", default_value = "base64")]
    signature: SignatureForm,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Which {
    /// The callback, by its number in the list.
    #[arg(long, value_name = "ID")]
    id: i64,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true, args = ["signature", "events"])]
pub(in crate::protocols::whiteserver) struct Set {
    /// The callback, by its number in the list.
    #[arg(long, value_name = "ID")]
    id: i64,
    /// How the header Signature is written; base64 is what the vendor's receivers check.
    #[arg(long, value_name = "base64|hex")]
    signature: Option<SignatureForm>,
    /// Which events are posted from now on: OrderChanged, OrderStatusChanged, or both with a comma between them.
    #[arg(long, value_name = "TYPES")]
    events: Option<EventTypes>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Rotate {
    /// The callback, by its number in the list.
    #[arg(long, value_name = "ID")]
    id: i64,
    /// How many hours the old secret signs beside the new one; 0: it is invalid at once.
    #[arg(long, value_name = "HOURS", default_value_t = 24,
          value_parser = clap::value_parser!(i64).range(0..=720))]
    overlap_h: i64,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    secret: &'a str,
}

#[derive(Serialize)]
struct Done {
    id: i64,
    done: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tested {
    id: i64,
    status: Option<u16>,
    error: Option<String>,
    took_ms: u128,
}

impl Callbacks {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Callbacks::Add(add) => add.run(protocols).await,
            Callbacks::List(on) => callback_lists::list(&on, protocols).await,
            Callbacks::Remove(which) => {
                let store = which.on.open(protocols).await?;
                let removed = store.remove_callback(SubscriptionId(which.id)).await?;
                which.tell(removed, "removed", "is removed")
            }
            Callbacks::Off(which) => which.set_open(false, protocols).await,
            Callbacks::On(which) => which.set_open(true, protocols).await,
            Callbacks::Set(set) => set.run(protocols).await,
            Callbacks::RotateSecret(rotate) => rotate.run(protocols).await,
            Callbacks::Log(log) => log.run(protocols).await,
            Callbacks::Replay(replay) => replay.run(protocols).await,
            Callbacks::Test(which) => which.test(protocols).await,
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { name, url, only, events, signature, on } = self;
        let allow_private = on.settings(protocols)?.callbacks.allow_private_addresses;
        let url = url::read(&url, allow_private).map_err(|wrong| {
            anyhow::anyhow!("{wrong} (callbacks.allow_private_addresses is {allow_private})")
        })?;
        let store = on.open(protocols).await?;
        let aggregator = store::aggregator(&store, &name).await?;
        let secret = Secret::generate();
        let callback = NewCallback {
            aggregator: aggregator.id,
            url: url.as_str(),
            answers: only != Some(Only::Events),
            events: if only == Some(Only::Answers) { EventTypes::NONE } else { events },
            secret: &secret,
            signature,
        };
        let Some(SubscriptionId(id)) = store.add_callback(&callback).await? else {
            bail!(
                "aggregator {name:?} has a callback to {url} already and it was left as it is: \
                 `wsa admin aggregator callback list` shows it"
            );
        };
        let done = format!("callback {id} of aggregator {name} posts to {url}");
        show(id, Some(url.as_str()), &secret, &done, on.json)
    }
}

impl Which {
    async fn set_open(&self, open: bool, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        let found = store.set_callback_open(SubscriptionId(self.id), open).await?;
        match open {
            true => self.tell(found, "on", "is switched on"),
            false => self.tell(found, "off", "is switched off"),
        }
    }

    fn tell(&self, found: bool, word: &'static str, done: &str) -> anyhow::Result<()> {
        if !found {
            return Err(unknown(self.id));
        }
        if self.on.json {
            return Ok(output::json_line(&Done { id: self.id, done: word })?);
        }
        Ok(output::line(format_args!("callback {} {done}", self.id))?)
    }

    async fn test(&self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let settings = self.on.settings(protocols)?;
        let store = self.on.open(protocols).await?;
        let callback = SubscriptionId(self.id);
        let receiver = store.receivers(&[callback]).await?.remove(&callback);
        let receiver = receiver.with_context(|| {
            format!(
                "callback {} does not exist or is off: `wsa admin aggregator callback list`",
                self.id
            )
        })?;
        let sender = Sender::new(&settings.callbacks);
        let body = r#"{"ping":true}"#.to_owned();
        let attempt = sender.post(&receiver.url, &receiver.secrets, Uuid::new_v4(), body).await;
        let took_ms = attempt.took.as_millis();
        let (status, error) = match attempt.ended {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        let told = match (&status, &error) {
            (Some(status), _) => format!("status {status}"),
            (None, error) => error.clone().unwrap_or_default(),
        };
        if self.on.json {
            output::json_line(&Tested { id: self.id, status, error, took_ms })?;
        } else {
            output::line(format_args!("callback {}: {told}, in {took_ms} ms", self.id))?;
        }
        if !taken {
            bail!("callback {} did not take it: it must answer with a status 200 to 299", self.id);
        }
        Ok(())
    }
}

impl Set {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Set { id, signature, events, on } = self;
        let (store, callback) = (on.open(protocols).await?, SubscriptionId(id));
        let (mut found, mut done) = (true, Vec::new());
        if let Some(signature) = signature {
            found &= store.set_callback_signature(callback, signature).await?;
            done.push(format!("is signed in {signature}"));
        }
        if let Some(events) = events {
            found &= store.set_callback_events(callback, events).await?;
            done.push(format!("posts {events}"));
        }
        let done = format!("{} from now on", done.join(" and "));
        Which { id, on }.tell(found, "set", &done)
    }
}

impl Rotate {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Rotate { id, overlap_h, on } = self;
        let store = on.open(protocols).await?;
        let secret = Secret::generate();
        let overlap_s = overlap_h * SECONDS_AN_HOUR;
        if !store.rotate_callback_secret(SubscriptionId(id), &secret, overlap_s).await? {
            return Err(unknown(id));
        }
        let done = match overlap_h {
            0 => format!("callback {id} has a new secret, and the old one is invalid"),
            hours => format!("callback {id} has a new secret; the old one signs too for {hours} h"),
        };
        show(id, None, &secret, &done, on.json)
    }
}

pub(super) fn unknown(id: i64) -> anyhow::Error {
    anyhow::anyhow!(
        "there is no callback {id}: `wsa admin aggregator callback list` shows those there are"
    )
}

fn show(id: i64, url: Option<&str>, secret: &Secret, done: &str, json: bool) -> anyhow::Result<()> {
    let secret = &secret.reveal();
    if json {
        return Ok(output::json_line(&Shown { id, url, secret })?);
    }
    output::line(done)?;
    Ok(output::line(format_args!("secret (shown this once; keep it secret): {secret}"))?)
}
