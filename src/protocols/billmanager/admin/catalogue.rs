//! `wsa admin billmanager catalogue`

use crate::protocols::billmanager::sql::Tables;
use crate::surface::ProtocolList;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use crate::protocols::billmanager::sql::catalogue::Catalogue;
use crate::surface::store::StoreFlags;
use crate::terminal::output;

/// `wsa admin billmanager catalogue`
#[derive(Debug, Subcommand)]
pub(crate) enum Catalogues {
    /// Put a catalogue in: what it names is added or replaced, everything else stays.
    Load(Load),
    /// Print the catalogue, as `load` takes it.
    Show(StoreFlags),
    /// Remove a promo code; discounts that it gave stay.
    RemovePromocode(RemovePromocode),
}

#[derive(Debug, Args)]
pub(crate) struct Load {
    /// A JSON document; docs/billmanager.md describes it.
    file: PathBuf,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct RemovePromocode {
    /// Whose it is.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    provider: i64,
    /// The code.
    #[arg(long)]
    code: String,
    #[command(flatten)]
    on: StoreFlags,
}

impl Catalogues {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Catalogues::Load(Load { file, on }) => load(file, on, protocols).await,
            Catalogues::Show(on) => {
                let catalogue = Tables::of(&on.open(protocols).await?).catalogue().await?;
                let text = match on.json {
                    true => serde_json::to_string(&catalogue)?,
                    false => serde_json::to_string_pretty(&catalogue)?,
                };
                Ok(output::line(text)?)
            }
            Catalogues::RemovePromocode(RemovePromocode { provider, code, on }) => {
                if !Tables::of(&on.open(protocols).await?).remove_promocode(provider, &code).await?
                {
                    bail!(
                        "provider {provider} has no promo code {code:?}: `wsa admin billmanager catalogue show` has \
                         those there are"
                    );
                }
                Ok(output::line(format_args!("removed promo code {code} of provider {provider}"))?)
            }
        }
    }
}

async fn load(
    file: PathBuf,
    on: StoreFlags,
    protocols: &'static ProtocolList,
) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let catalogue = Catalogue::read(&text).map_err(|rule| {
        anyhow::anyhow!(
            "{} is no catalogue: {rule}; `wsa admin billmanager catalogue show --json` prints one",
            file.display()
        )
    })?;
    Tables::of(&on.open(protocols).await?).put_catalogue(&catalogue).await.with_context(|| {
        "nothing was put in: a price list, data centre, promo code or method may name a provider or a \
         kind of product that there is not"
    })?;
    if on.json {
        return Ok(output::json_line(&catalogue)?);
    }
    let Catalogue { providers, itemtypes, datacenters, pricelists, promocodes, methods } =
        &catalogue;
    Ok(output::line(format_args!(
        "put in: {} providers, {} kinds of products, {} data centres, {} price lists, {} promo codes, {} \
         payment methods",
        providers.len(),
        itemtypes.len(),
        datacenters.len(),
        pricelists.len(),
        promocodes.len(),
        methods.len(),
    ))?)
}
