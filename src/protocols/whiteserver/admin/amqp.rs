//! `wsa admin aggregator amqp`: an aggregator that publishes its tasks to RabbitMQ. The store is told here;
//! what RabbitMQ has to be told is printed, or done through its management API.

mod management;
mod plan;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use self::management::Management;
use self::plan::Plan;
use crate::config::Settings;
use crate::domain::outbox::SubscriptionKind;
use crate::engine::store::Store;
use crate::engine::store::reference::Aggregator;
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::{output, values};

/// `wsa admin aggregator amqp`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Amqp {
    /// Take the tasks that a RabbitMQ user publishes as this caller's, and put its answers into a results
    /// queue; tells what RabbitMQ needs for it.
    Enable(Enable),
    /// Tell what RabbitMQ needs for a caller that is enabled.
    Show(Show),
    /// Take its tasks over AMQP no longer, and put no more answers into its results queue.
    Disable(Disable),
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Enable {
    /// The caller.
    #[arg(long)]
    name: String,
    /// Its RabbitMQ user; named as the caller unless given.
    #[arg(long, value_parser = values::amqp_name)]
    user: Option<String>,
    #[command(flatten)]
    apply: Apply,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Show {
    /// The caller.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    apply: Apply,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Disable {
    /// The caller.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Apply {
    /// Do it, through RabbitMQ's management API: add the user, with a password that is shown once, its
    /// permissions and its queue.
    #[arg(long, requires = "management")]
    apply: bool,
    /// The management API, as an administrator: http://user:password@host:15672.
    #[arg(long, value_name = "URL", env = "WSA_MANAGEMENT_URL", hide_env_values = true)]
    management: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    applied: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl Amqp {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Amqp::Enable(enable) => enable.run(protocols).await,
            Amqp::Show(show) => show.run(protocols).await,
            Amqp::Disable(disable) => disable.run(protocols).await,
        }
    }
}

impl Enable {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Enable { name, user, apply, on } = self;
        values::amqp_name(&name).map_err(|rule| {
            anyhow::anyhow!("the name {name:?} cannot be part of the name of a queue: {rule}")
        })?;
        let settings = on.settings(protocols)?;
        let store = on.open(protocols).await?;
        let aggregator = store::aggregator(&store, &name).await?;
        let user = user.unwrap_or_else(|| name.clone());
        // Nothing is switched on that could not be set up.
        let management = apply.management(&settings, &user)?;
        if !store.set_amqp_user(aggregator.id, Some(&user)).await? {
            bail!(
                "the RabbitMQ user {user:?} publishes for another aggregator: give it one of its own"
            );
        }
        store.set_subscription(aggregator.id, SubscriptionKind::Results, true).await?;
        tell(&Plan::new(&settings, &name, &user), management, on.json).await
    }
}

impl Show {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Show { name, apply, on } = self;
        let settings = on.settings(protocols)?;
        let store = on.open(protocols).await?;
        let aggregator = store::aggregator(&store, &name).await?;
        let user = user_of(&store, &aggregator).await?;
        let management = apply.management(&settings, &user)?;
        tell(&Plan::new(&settings, &name, &user), management, on.json).await
    }
}

impl Disable {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Disable { name, on } = self;
        let settings = on.settings(protocols)?;
        let store = on.open(protocols).await?;
        let aggregator = store::aggregator(&store, &name).await?;
        let user = user_of(&store, &aggregator).await?;
        store.set_amqp_user(aggregator.id, None).await?;
        store.set_subscription(aggregator.id, SubscriptionKind::Results, false).await?;
        let plan = Plan::new(&settings, &name, &user);
        if on.json {
            return Ok(output::json_line(&serde_json::json!({"name": name, "enabled": false}))?);
        }
        Ok(output::line(plan.farewell())?)
    }
}

async fn user_of(store: &Store, aggregator: &Aggregator) -> anyhow::Result<String> {
    let access = store.amqp_access(aggregator.id).await?;
    access.user.with_context(|| {
        let name = &aggregator.name;
        format!(
            "aggregator {name:?} does not publish: `wsa admin aggregator amqp enable --name {name}`"
        )
    })
}

impl Apply {
    fn management(&self, settings: &Settings, user: &str) -> anyhow::Result<Option<Management>> {
        let (true, Some(url)) = (self.apply, &self.management) else { return Ok(None) };
        if settings.amqp().is_some_and(|amqp| amqp.user() == user) {
            bail!(
                "{user:?} is this service's own user, which needs more than an upstream service may"
            );
        }
        Management::new(url).map(Some)
    }
}

async fn tell(plan: &Plan, management: Option<Management>, json: bool) -> anyhow::Result<()> {
    let applied = management.is_some();
    let password = match management {
        Some(management) => {
            let done = management.apply(plan).await;
            done.with_context(|| format!("aggregator {:?} is enabled, but not set up", plan.name))?
        }
        None => None,
    };
    if json {
        let password = password.as_deref();
        return Ok(output::json_line(&Shown { plan, applied, password })?);
    }
    if !applied {
        return Ok(output::line(plan.advice())?);
    }
    output::line(plan.applied())?;
    match &password {
        Some(password) => {
            output::line(format_args!("password (shown this once; keep it secret): {password}"))?;
        }
        None => output::line(format_args!("the user was there and keeps its password"))?,
    }
    Ok(output::line(plan.example(password.as_deref().unwrap_or("PASSWORD")))?)
}
