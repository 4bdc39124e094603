//! `wsa admin activeplatform payment`

use crate::protocols::activeplatform::sql::Tables;
use crate::surface::ProtocolList;
use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::activeplatform::model::{Payment, PaymentStatus};
use crate::protocols::activeplatform::wire::request;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

/// `wsa admin activeplatform payment`
#[derive(Debug, Subcommand)]
pub(crate) enum Payments {
    /// Add a payment that waits, in its account's currency.
    Add(Box<Add>),
    /// List payments, by reseller and number.
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Whose it is.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    reseller: i64,
    /// Its number at the reseller.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    id: i64,
    /// The account that it is credited to.
    #[arg(long, value_name = "ID", value_parser = super::id)]
    account: i64,
    /// The number of its document, unique at the reseller.
    #[arg(long, value_name = "NUMBER", value_parser = document)]
    document: String,
    /// What is to be paid.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse)]
    total: Money,
    /// The discount that is in it.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse, default_value = "0")]
    discount: Money,
    /// A comment.
    #[arg(long, default_value = "")]
    comment: String,
    /// What it is for.
    #[arg(long, default_value = "")]
    purpose: String,
    /// From where it was asked for.
    #[arg(long, value_name = "ADDRESS")]
    requester_ip: Option<std::net::IpAddr>,
    /// By when it is to be paid; it expires then.
    #[arg(long, value_name = "2030-01-31T12:00:00Z", value_parser = values::moment)]
    due_date: Option<Timestamp>,
    /// When it expires otherwise; the earlier of the two counts.
    #[arg(long, value_name = "2030-01-31T12:00:00Z", value_parser = values::moment)]
    expiration_date: Option<Timestamp>,
    /// An order that it pays; as many as you like.
    #[arg(long = "order", value_name = "ID", value_parser = super::id)]
    orders: Vec<i64>,
    /// An invoice that it pays; as many as you like.
    #[arg(long = "invoice", value_name = "ID", value_parser = super::id)]
    invoices: Vec<i64>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    most: i64,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    reseller: i64,
    id: i64,
    document: String,
    account: i64,
    status: &'static str,
    total: Money,
    currency: String,
    manager: Option<i64>,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] =
        &["reseller", "payment", "document", "account", "status", "total", "manager"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.reseller.to_string(),
            self.id.to_string(),
            self.document.clone(),
            self.account.to_string(),
            self.status.into(),
            format!("{} {}", self.total, self.currency),
            self.manager.map_or("none".into(), |manager| manager.to_string()),
        ]
    }
}

impl From<Payment> for Listing {
    fn from(of: Payment) -> Listing {
        let Payment { reseller, id, document, account, status, total, currency, manager, .. } = of;
        let (reseller, status) = (reseller.0, status.as_str());
        Listing { reseller, id, document, account, status, total, currency, manager }
    }
}

/// The number of a document.
fn document(text: &str) -> Result<String, String> {
    let longest = request::LONGEST_ID;
    match request::is_name(text) {
        true => Ok(text.to_owned()),
        false => Err(format!("it must have 1 to {longest} printable characters")),
    }
}

impl Payments {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Payments::Add(add) => add.run(protocols).await,
            Payments::List(List { most, on }) => {
                let rows = Tables::of(&on.open(protocols).await?).payments(most).await?;
                let rows: Vec<Listing> = rows.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let store = self.on.open(protocols).await?;
        let (reseller, now) = (ObjectId(self.reseller), Timestamp::now());
        let accounts = Tables::of(&store).accounts().await?;
        let account = accounts.into_iter().find(|a| a.reseller == reseller && a.id == self.account);
        let Some(account) = account else {
            bail!(
                "reseller {reseller} has no account {}: `wsa admin activeplatform account list` shows \
                 those there are",
                self.account
            );
        };
        let new = Payment {
            reseller,
            id: self.id,
            account: self.account,
            document: self.document,
            status: PaymentStatus::Waiting,
            total: self.total,
            discount: self.discount,
            currency: account.currency,
            comment: self.comment,
            purpose: self.purpose,
            requester_ip: self.requester_ip.map(|address| address.to_string()),
            external_total: None,
            external_currency: None,
            method: None,
            manager: None,
            due_date: self.due_date,
            expiration_date: self.expiration_date,
            created_at: now,
            updated_at: now,
            closed_at: None,
            orders: self.orders,
            invoices: self.invoices,
            corrections: Vec::new(),
        };
        let added = Tables::of(&store).add_payment(&new).await?;
        let what = format!(
            "payment {} of reseller {reseller}, or one for document {:?},",
            new.id, new.document
        );
        if !added {
            bail!(
                "there is {what} already and it was left as it is: `wsa admin activeplatform payment list` shows it"
            );
        }
        let what = format!("payment {} of reseller {reseller}", new.id);
        super::message(true, &what, &Listing::from(new), self.on.json)
    }
}
