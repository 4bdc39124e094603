//! `wsa admin catalogue`

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;

use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::catalogue::{
    self, Document, LARGEST, Mistakes, Part, Section, differences,
};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::catalogues::{Loading, StoredCatalogue};
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output;

/// `wsa admin catalogue`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Catalogues {
    /// Put sections in place of those that are there; those that the document does not name stay.
    Load(Load),
    /// Print the catalogue, as `load` takes it.
    Show(Show),
    /// Print what `load` would change.
    Diff(Load),
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Load {
    /// The restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    /// A JSON document, or `-` to read it from standard input; docs/catalogue.md describes it.
    file: PathBuf,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Show {
    /// The restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    /// Only this section, like `menu`.
    #[arg(long, value_name = "NAME")]
    section: Option<Section>,
    #[command(flatten)]
    on: StoreFlags,
}

impl Catalogues {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Catalogues::Load(load) => load.run(protocols).await,
            Catalogues::Show(show) => show.run(protocols).await,
            Catalogues::Diff(load) => load.diff(protocols).await,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Loaded {
    object_id: ObjectId,
    version: i64,
    changed: Vec<&'static str>,
}

impl Load {
    /// The document that the file holds.
    fn read(&self) -> anyhow::Result<Part> {
        let name = self.name();
        let mut bytes = Vec::new();
        let most = LARGEST as u64 + 1;
        match name.as_str() {
            "standard input" => std::io::stdin().take(most).read_to_end(&mut bytes),
            _ => std::fs::File::open(&self.file)
                .and_then(|file| file.take(most).read_to_end(&mut bytes)),
        }
        .with_context(|| format!("{name} cannot be read"))?;
        let text = String::from_utf8(bytes).map_err(|_| anyhow!("{name} is not UTF-8"))?;
        catalogue::read(&text).map_err(|mistakes| wrong(&name, &mistakes))
    }

    fn name(&self) -> String {
        match self.file.as_os_str() == "-" {
            true => "standard input".into(),
            false => self.file.display().to_string(),
        }
    }

    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let (part, object) = (self.read()?, self.object);
        let store = self.on.open(protocols).await?;
        store::check_objects(&store, &[object]).await?;
        let (stored, changed) = match Tables::of(&store).load_catalogue(object, &part).await? {
            Loading::Changed(stored, changed) => (stored, changed),
            Loading::Unchanged(stored) => (stored, Vec::new()),
            Loading::Wrong(mistakes) => return Err(wrong(&self.name(), &mistakes)),
        };
        let changed: Vec<&str> = changed.into_iter().map(Section::as_str).collect();
        let StoredCatalogue { version, .. } = stored;
        if self.on.json {
            return Ok(output::json_line(&Loaded { object_id: object, version, changed })?);
        }
        Ok(match changed.as_slice() {
            [] => output::line(format_args!(
                "the catalogue of object {object} says all of it already: it stays version {version}"
            )),
            changed => output::line(format_args!(
                "the catalogue of object {object} is version {version}: changed {}",
                changed.join(", ")
            )),
        }?)
    }

    async fn diff(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let (part, object) = (self.read()?, self.object);
        let store = self.on.open_unchanged(protocols).await?;
        store::check_objects(&store, &[object]).await?;
        let stored = Tables::of(&store).catalogue(object).await?;
        let before = stored.map(|stored| stored.document).unwrap_or_default();
        let after = before.clone().with(&part);
        let mistakes = after.mistakes();
        if !mistakes.is_empty() {
            return Err(wrong(&self.name(), &mistakes));
        }
        let found = differences(&before, &after);
        if self.on.json {
            return Ok(found.iter().try_for_each(output::json_line)?);
        }
        if found.is_empty() {
            return Ok(output::line("nothing would change")?);
        }
        Ok(found
            .iter()
            .try_for_each(|difference| output::line(output::printable(&difference.to_string())))?)
    }
}

fn wrong(name: &str, mistakes: &Mistakes) -> anyhow::Error {
    let told: Vec<String> = mistakes
        .to_string()
        .lines()
        .map(|mistake| format!("  {}", output::printable(mistake)))
        .collect();
    anyhow!("{name} is no catalogue, and nothing was loaded:\n{}", told.join("\n"))
}

impl Show {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let object = self.object;
        let store = self.on.open_unchanged(protocols).await?;
        store::check_objects(&store, &[object]).await?;
        let Some(stored) = Tables::of(&store).catalogue(object).await? else {
            bail!("object {object} has no catalogue: `wsa admin catalogue load` puts one in");
        };
        let StoredCatalogue { version, loaded_at, document } = stored;
        eprintln!("version {version}, loaded at {loaded_at}");
        let shown = match self.section {
            None => document.to_value(),
            Some(section) => one(document, section)
                .with_context(|| format!("the catalogue of object {object} has no {section}"))?,
        };
        let text = match self.on.json {
            true => serde_json::to_string(&shown)?,
            false => serde_json::to_string_pretty(&shown)?,
        };
        Ok(output::line(text)?)
    }
}

/// A document with this section alone.
fn one(mut document: Document, section: Section) -> Option<Value> {
    document.0.retain(|name, _| *name == section);
    (!document.0.is_empty()).then(|| document.to_value())
}
