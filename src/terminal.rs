//! What commands read and print: values of flags that have a rule, lists for people and for programs.

pub mod colour;
pub mod output;
pub mod values;
