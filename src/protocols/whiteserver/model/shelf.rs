//! The catalogues of a batch's objects, as far as its tasks ask for them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::task::{CurrencyGuid, ObjectId};
use crate::protocols::whiteserver::catalogue::{Offer, Section};

/// A section of a catalogue, in the form in which it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its text.
    pub body: Arc<str>,
    /// That of the catalogue when it was loaded.
    pub version: i64,
    /// When it was loaded.
    pub loaded_at: Timestamp,
}

/// What was loaded of catalogues. A text is there once, whoever asks for it.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    sections: HashMap<(ObjectId, Section), Kept>,
    offers: HashMap<ObjectId, Arc<Offer>>,
    /// What an order that is paid already is paid with.
    pub online_currencies: HashMap<ObjectId, CurrencyGuid>,
    /// The objects that have a catalogue.
    pub known: std::collections::HashSet<ObjectId>,
}

impl Shelf {
    /// Adds a section as the store holds it.
    pub fn load(&mut self, object: ObjectId, section: Section, kept: Kept) {
        self.sections.insert((object, section), kept);
    }

    /// A section, when the object has it and a task asked for it.
    pub fn section(&self, object: ObjectId, section: Section) -> Option<&Kept> {
        self.sections.get(&(object, section))
    }

    /// Says what new orders of an object are held against.
    pub fn load_offer(&mut self, object: ObjectId, offer: Offer) {
        self.offers.insert(object, Arc::new(offer));
    }

    /// What new orders are held against, when they are.
    pub fn offer(&self, object: ObjectId) -> Option<Arc<Offer>> {
        self.offers.get(&object).cloned()
    }
}
