//! Catalogues: what a batch asks for of them; and as an operator sees and changes them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::Tables;
use crate::database::{Row, Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ClaimedTask, CurrencyGuid, ObjectId};
use crate::protocols::whiteserver::catalogue::{Document, Mistakes, Offer, Part, Section};
use crate::protocols::whiteserver::command::Command;
use crate::protocols::whiteserver::model::{CurrencyKind, Kept, OrderState};

static HEADS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT k.object_id, k.version, k.loaded_at, k.checks, k.online_currency
     FROM batch b {one catalogues k: object_id}",
);

static SECTIONS: Statement = Statement::read(
    &[("object_id", Type::Int), ("section", Type::Text)],
    "SELECT s.object_id, s.section, s.version, s.loaded_at, s.body
     FROM batch b {one catalogue_sections s: object_id, section}",
);

static WHOLE: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT s.object_id, s.section, s.version, s.loaded_at, s.body
     FROM batch b {all catalogue_sections s: object_id}",
);

// Locks the catalogue, also when it is new: who loads at the same time waits.
static BEGIN: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "INSERT INTO catalogues (object_id, version, loaded_at, checks)
     SELECT object_id, 1, wsa_now(), false FROM batch WHERE true
     ON CONFLICT (object_id)
     DO UPDATE SET version = catalogues.version + 1, loaded_at = excluded.loaded_at
     RETURNING version, loaded_at",
);

static CURRENCY: Statement = Statement::read(
    &[("object_id", Type::Int), ("currency_guid", Type::Uuid)],
    "SELECT c.kind FROM batch b {one currencies c: object_id, currency_guid}",
);

static PUT: Statement = Statement::insert(
    "catalogue_sections",
    &[
        ("object_id", Type::Int),
        ("section", Type::Text),
        ("version", Type::Int),
        ("loaded_at", Type::Time),
        ("body", Type::Text),
    ],
    "ON CONFLICT (object_id, section)
     DO UPDATE SET version = excluded.version, loaded_at = excluded.loaded_at, body = excluded.body",
);

static REMOVE: Statement = Statement::write(
    &[("object_id", Type::Int), ("section", Type::Text)],
    "DELETE FROM catalogue_sections {those catalogue_sections: object_id, section}",
);

static SETTLE: Statement = Statement::write(
    &[("object_id", Type::Int), ("checks", Type::Bool), ("online_currency", Type::Uuid)],
    "UPDATE catalogues SET checks = b.checks, online_currency = b.online_currency
     FROM batch b {these catalogues: object_id}",
);

/// A catalogue, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCatalogue {
    /// Counts its changes.
    pub version: i64,
    /// When the last one was loaded.
    pub loaded_at: Timestamp,
    /// Its sections.
    pub document: Document,
}

/// What loading a document came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Loading {
    /// These sections are others now.
    Changed(StoredCatalogue, Vec<Section>),
    /// It says what is there already.
    Unchanged(StoredCatalogue),
    /// Nothing was loaded.
    Wrong(Mistakes),
}

impl Tables<'_> {
    /// The catalogue of an object, when it has one.
    pub async fn catalogue(self, object: ObjectId) -> Result<Option<StoredCatalogue>, StoreError> {
        let tx = self.db.begin().await?;
        let Some(mut head) = tx.query(&HEADS, vec![row![object]]).await?.into_iter().next() else {
            return Ok(None);
        };
        let document = whole(&tx, object).await?;
        let (version, loaded_at) = (head.get("version")?, head.get("loaded_at")?);
        Ok(Some(StoredCatalogue { version, loaded_at, document }))
    }

    /// Puts sections in place of those that are there: all of them, or none when the whole would be wrong.
    pub async fn load_catalogue(
        self,
        object: ObjectId,
        part: &Part,
    ) -> Result<Loading, StoreError> {
        let tx = self.db.begin().await?;
        let mut begun = tx.query(&BEGIN, vec![row![object]]).await?;
        let mut begun = begun.pop().ok_or_else(|| {
            StoreError::Corrupt("a catalogue that was begun has no version".into())
        })?;
        let (version, loaded_at): (i64, Timestamp) =
            (begun.get("version")?, begun.get("loaded_at")?);
        let before = whole(&tx, object).await?;
        let document = before.clone().with(part);
        let mut mistakes = document.mistakes();
        let currency = currency(&tx, object, &document).await?;
        if let Err(mistake) = &currency {
            mistakes = Mistakes::one([mistakes.to_string(), mistake.clone()].join("\n").trim());
        }
        if !mistakes.is_empty() {
            return Ok(Loading::Wrong(mistakes));
        }
        let others = |section: &&Section| before.0.get(section) != document.0.get(section);
        let changed: Vec<Section> = part.0.keys().filter(others).copied().collect();
        if changed.is_empty() {
            drop(tx);
            let stored = self.catalogue(object).await?;
            let empty = StoredCatalogue { version: 0, loaded_at, document };
            return Ok(Loading::Unchanged(stored.unwrap_or(empty)));
        }
        let (mut put, mut removed) = (Rows::new(), Rows::new());
        for section in &changed {
            match document.0.get(section) {
                Some(value) => {
                    let body = value.to_string();
                    put.push(row![object, section.as_str(), version, loaded_at, body]);
                }
                None => removed.push(row![object, section.as_str()]),
            }
        }
        tx.execute_all(&PUT, put).await?;
        tx.execute_all(&REMOVE, removed).await?;
        let settled = row![object, document.checks(), currency.ok().flatten()];
        tx.execute_all(&SETTLE, vec![settled]).await?;
        tx.commit().await?;
        Ok(Loading::Changed(StoredCatalogue { version, loaded_at, document }, changed))
    }
}

async fn whole(tx: &Tx, object: ObjectId) -> Result<Document, StoreError> {
    let rows = tx.query(&WHOLE, vec![row![object]]).await?;
    let sections = rows.into_iter().map(|row| {
        let (_, section, kept) = read_section(row)?;
        let value: Value = serde_json::from_str(&kept.body).map_err(|error| unreadable(&error))?;
        Ok((section, value))
    });
    sections.collect::<Result<BTreeMap<_, _>, StoreError>>().map(Document)
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("a section of a catalogue cannot be read: {error}"))
}

fn read_section(mut row: Row) -> Result<(ObjectId, Section, Kept), StoreError> {
    let kept = Kept {
        body: row.get::<String>("body")?.into(),
        version: row.get("version")?,
        loaded_at: row.get("loaded_at")?,
    };
    Ok((row.get("object_id")?, row.word("section")?, kept))
}

/// The currency for what is paid already, or what is wrong with it.
async fn currency(
    tx: &Tx,
    object: ObjectId,
    document: &Document,
) -> Result<Result<Option<CurrencyGuid>, String>, StoreError> {
    let Some(text) = document.online_currency() else { return Ok(Ok(None)) };
    let Ok(guid) = text.parse::<CurrencyGuid>() else {
        return Ok(Err(format!("onlineCurrency: {text}")));
    };
    let mut found = tx.query(&CURRENCY, vec![row![object, guid]]).await?;
    let kind = found.pop().map(|mut row| row.word::<CurrencyKind>("kind")).transpose()?;
    Ok(match kind {
        Some(CurrencyKind::FullDiscount) => Err(format!(
            "onlineCurrency: {guid} is a 100% discount, which leaves a kopeck: it must be another currency"
        )),
        Some(_) => Ok(Some(guid)),
        None => Err(format!("onlineCurrency: object {object} has no currency {guid}")),
    })
}

/// A state with what the commands ask for of catalogues, and no section that nobody asks for.
pub(super) async fn load(
    tx: &Tx,
    tasks: &[(&ClaimedTask, &Command)],
) -> Result<OrderState, StoreError> {
    let mut state = OrderState::default();
    let shelf = &mut state.catalogues;
    let (mut heads, mut offers) = (BTreeSet::new(), BTreeSet::new());
    let mut sections: BTreeSet<(ObjectId, Section)> = BTreeSet::new();
    for (ClaimedTask { key, .. }, command) in tasks {
        let needs = command.needs();
        if needs.offer || !needs.sections.is_empty() {
            heads.insert(key.object);
        }
        if needs.offer {
            offers.insert(key.object);
        }
        sections.extend(needs.sections.iter().map(|section| (key.object, *section)));
    }
    let heads = heads.into_iter().map(|object| row![object]).collect();
    let mut held = Vec::new();
    for mut row in tx.query_some(&HEADS, heads).await? {
        let object: ObjectId = row.get("object_id")?;
        shelf.known.insert(object);
        if let Some(currency) = row.get("online_currency")? {
            shelf.online_currencies.insert(object, currency);
        }
        if row.get("checks")? && offers.contains(&object) {
            held.push(object);
            sections.extend(OFFER.map(|section| (object, section)));
        }
    }
    sections.retain(|(object, _)| shelf.known.contains(object));
    let sections = sections.into_iter().map(|(object, section)| row![object, section.as_str()]);
    for row in tx.query_some(&SECTIONS, sections.collect()).await? {
        let (object, section, kept) = read_section(row)?;
        shelf.load(object, section, kept);
    }
    for object in held {
        let body = |section| shelf.section(object, section).map(|kept| &*kept.body);
        let menu = body(Section::Menu).unwrap_or(r#"{"products": [], "ingredients": []}"#);
        let offer = Offer::read(menu, body(Section::StopList), body(Section::Halls));
        shelf.load_offer(object, offer.map_err(|error| unreadable(&error))?);
    }
    Ok(state)
}

/// What orders are held against.
const OFFER: [Section; 3] = [Section::Menu, Section::StopList, Section::Halls];
