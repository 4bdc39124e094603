//! The catalogue of a restaurant: what it offers and who works there, as one JSON document in sections.
//!
//! A document, or a part of one, is read by [`read`] into a form of its own, in which every value has one spelling
//! (ids and prices are texts, as the wire has them). [`Document::mistakes`] judges it as a whole. What is stored is that
//! form, section by section.

mod diff;
mod document;
mod nearest;
pub mod offer;
mod reader;
mod rules;
mod sections;
mod shape;
#[cfg(test)]
mod tests;

pub use self::diff::{Difference, differences};
pub use self::document::{Document, LARGEST, Mistakes, Part, read};
pub use self::offer::Offer;
pub use self::sections::{Hall, Restaurant, Section, Table};
