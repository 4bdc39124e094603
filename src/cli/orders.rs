//! `wsa order show`: an order with its payments and the tasks about it.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::remote::{self, Remote};
use crate::ops::queries::records::{self, RecordQuery};
use crate::protocols::ALL;
use crate::surface::shown::{Class, Find};
use crate::surface::store::StoreFlags;
use crate::terminal::output;

/// `wsa order`
#[derive(Debug, Subcommand)]
pub(super) enum Order {
    /// An order with its payments: by its id, or by what its client calls it.
    Show(Show),
}

/// `wsa order show`
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its id (orderGuid, order number), or what its client calls it (originalOrderId).
    id: String,
    /// Ask the operator API at this URL, with the token in WSA_OPS_TOKEN, instead of the database.
    #[arg(long, value_name = "URL")]
    ops: Option<String>,
    #[command(flatten)]
    on: StoreFlags,
}

impl Order {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let Order::Show(show) = self;
        show.run().await
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let found = match &self.ops {
            Some(url) => self.there(&Remote::at(url)?).await?,
            None => self.here().await?,
        };
        if found.is_empty() {
            bail!(
                "no protocol has an order {:?}: it is looked up by its id and by originalOrderId; `wsa orders load \
                 --object ID --count N` makes some to try",
                self.id
            );
        }
        for of in &found {
            if self.on.json {
                output::json_line(of)?;
                continue;
            }
            remote::one(&of["order"], false)?;
            let payments = json!({"items": of["payments"]});
            let columns = [
                ("payment", "id"),
                ("amount", "amount"),
                ("taken", "takenAt"),
                ("status", "status"),
            ];
            remote::list(&payments, &columns, false)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// From the operator API.
    async fn there(&self, ops: &Remote) -> anyhow::Result<Vec<Value>> {
        let mut found = Vec::new();
        for by in ["id", "originalOrderId"] {
            let page = ops.get(&["orders"], &[(by, Some(self.id.clone()))]).await?;
            for order in page["items"].as_array().into_iter().flatten() {
                let id = order["id"].as_str().unwrap_or_default();
                found.push(ops.get(&["orders", id], &[]).await?);
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// From the store.
    async fn here(&self) -> anyhow::Result<Vec<Value>> {
        let store = self.on.open(&ALL).await?;
        let wrong = |problem: crate::ops::problem::Problem| anyhow::anyhow!("{}", problem.message);
        let mut found = Vec::new();
        for by in [Find::Id, Find::Original] {
            let query = RecordQuery { find: Some((by, self.id.clone())), ..RecordQuery::default() };
            let page = records::records(&store, &ALL, Class::Order, &query).await.map_err(wrong)?;
            for order in page.items {
                let payments = records::payments_of(&store, &ALL, &order).await.map_err(wrong)?;
                found.push(json!({"order": order, "payments": payments}));
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }
}
