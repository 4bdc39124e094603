//! What a value of a catalogue may be.

/// The form of a value, and the one spelling that it is kept in.
#[derive(Debug)]
pub(super) enum Shape {
    /// A text that is not empty, on one line.
    Name,
    /// A text.
    Text,
    /// A code: a text on one line, or a whole number, which is kept as the text of it.
    Code,
    /// A text, or a number, which is kept as the text of it.
    Figure,
    /// A whole number from 0, kept as a text.
    Count,
    /// An amount of money, kept as a text.
    Amount,
    /// A whole number from 0.
    Number,
    /// A text, a number, a boolean or nothing, kept as it is.
    Scalar,
    /// A guid, kept in lower case with hyphens.
    Guid,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any number of such.
    List(&'static Shape),
    /// An object with these fields and no others.
    Object(&'static [Field]),
}

/// A field of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) shape: Shape,
}

/// What becomes of a field that is not there; `null` counts as not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// That is a mistake.
    Must,
    /// It stays away.
    May,
    /// It is an empty text.
    OrText,
    /// It is `null`.
    OrNull,
    /// It is an empty list.
    OrNone,
}

/// `object! { "id" Must Code, "name" May Text }`
macro_rules! object {
    ($($name:literal $need:ident $shape:expr),* $(,)?) => {
        $crate::protocols::whiteserver::catalogue::shape::Shape::Object(&[
            $($crate::protocols::whiteserver::catalogue::shape::Field {
                name: $name,
                need: $crate::protocols::whiteserver::catalogue::shape::Need::$need,
                shape: $shape,
            }),*
        ])
    };
}

/// `list!(Code)`
macro_rules! list {
    ($shape:expr) => {
        $crate::protocols::whiteserver::catalogue::shape::Shape::List(&$shape)
    };
}

pub(super) use {list, object};
