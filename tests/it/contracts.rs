//! The contracts: what is published is what the code does.

mod billmanager;
mod documents;
mod examples;
mod generators;
mod notifications;
mod parsers;
mod rabbitmq;
mod requests;
mod served;
