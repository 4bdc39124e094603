//! What there is to see: functions that return plain values, for the API and for the console alike.
//!
//! A list is read newest first unless it says otherwise, in pages of keyset: a cursor names the place behind which the next page begins, and is
//! bound to the filter of its list. What no index answers is looked for in a bounded window of the list: a page may then be
//! short, or empty, and still have a cursor to go on with.

pub mod amount;
pub mod audits;
pub mod callbacks;
pub mod callers;
pub mod letters;
pub mod masking;
pub mod objects;
pub mod page;
pub mod records;
pub mod tasks;
