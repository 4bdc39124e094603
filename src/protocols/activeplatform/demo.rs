//! The demo of ActivePlatform: a reseller with one below it, a manager, and payments that wait.

use crate::protocols::activeplatform::sql::Tables;
use jiff::Timestamp;

use super::model::{Payment, PaymentStatus};
use super::sql::managers::Role;
use super::sql::reference::{Manager, PaymentMethod, Reseller, StoredAccount};
use super::wire::MEDIA_TYPE;
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::domain::token::TokenHash;
use crate::engine::store::Store;
use crate::surface::Demo;

const RESELLER: ObjectId = ObjectId(1);
const BELOW: ObjectId = ObjectId(2);
const METHOD: i64 = 2;
const ACCOUNT: i64 = 505;
const MANAGER: i64 = 234;
/// Well known, so only for trying.
const TOKEN: &str = "demo-manager";
/// The first payment and the number of its document.
const FIRST: (i64, i64) = (6475, 2_005_258);
const PAYMENTS: i64 = 20;
/// What the first payment pays.
const FIRST_ORDER: i64 = 9_001;
const FIRST_INVOICE: i64 = 3_001;

/// Seeds once: a second call finds everything and leaves it as it is.
pub(crate) async fn seed(store: &Store) -> anyhow::Result<()> {
    for (id, parent, name) in
        [(RESELLER, None, "Demo operator"), (BELOW, Some(RESELLER), "Demo partner")]
    {
        Tables::of(store).add_reseller(&Reseller { id, parent, name: name.into() }).await?;
        let method = PaymentMethod { reseller: id, id: METHOD, name: "Cash".into() };
        Tables::of(store).add_method(&method).await?;
        let (name, currency) = ("Demo customer".into(), "USD".into());
        let account =
            StoredAccount { reseller: id, id: ACCOUNT, name, currency, balance: Money::ZERO };
        Tables::of(store).add_account(&account).await?;
        for number in 0..PAYMENTS {
            Tables::of(store).add_payment(&payment(id, number)?).await?;
        }
    }
    let (name, role) = ("Demo manager".into(), Role::Administrator);
    let manager = Manager { id: MANAGER, reseller: RESELLER, name, role };
    Tables::of(store).add_manager(&manager, TokenHash::of(TOKEN)).await?;
    Ok(())
}

fn payment(reseller: ObjectId, number: i64) -> anyhow::Result<Payment> {
    let now = Timestamp::now();
    let total = Money::from_kopecks(9_900 + number % 7 * 1_550);
    Ok(Payment {
        reseller,
        id: FIRST.0 + number,
        account: ACCOUNT,
        document: (FIRST.1 + number).to_string(),
        status: PaymentStatus::Waiting,
        total: total.ok_or_else(|| anyhow::anyhow!("demo payment {number} costs too much"))?,
        discount: Money::ZERO,
        currency: "USD".into(),
        comment: "demo".into(),
        purpose: String::new(),
        requester_ip: Some("127.0.0.1".into()),
        external_total: None,
        external_currency: None,
        method: None,
        manager: None,
        due_date: None,
        expiration_date: None,
        created_at: now,
        updated_at: now,
        closed_at: None,
        orders: vec![FIRST_ORDER + number],
        invoices: vec![FIRST_INVOICE + number],
        corrections: Vec::new(),
    })
}

/// What to type, on a payment that waits now.
pub(crate) async fn instructions(demo: &Demo) -> anyhow::Result<String> {
    let payments = Tables::of(&demo.store).payments(PAYMENTS).await?;
    let waiting = payments.into_iter().find(|p| p.reseller == RESELLER && p.status.is_open());
    let Some(payment) = waiting else {
        return Ok(format!("\nEvery demo payment of reseller {RESELLER} is completed.\n"));
    };
    Ok(format!(
        "\n# ActivePlatform: complete a payment of {} {} of reseller {RESELLER} by its id:\n\
         curl -sw '\\n' -X PATCH {}/api/v3/resellers/{RESELLER}/payments/{} \\\n  \
         -H 'X-Api-Token: {TOKEN}' -H 'Accept: {MEDIA_TYPE}' \\\n  \
         -H 'Content-Type: {MEDIA_TYPE}' \\\n  \
         -d '{{\"data\": {{\"attributes\": {{\"payment_method_id\": {METHOD}}}}}}}'\n",
        payment.total, payment.currency, demo.url, payment.id
    ))
}
