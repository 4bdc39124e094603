//! A database that accepts and never answers.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use url::Url;
use wsa::database::{PoolMode, StoreError, StoreSettings};
use wsa::engine::store::Store;
use wsa::protocols;
use wsa::runtime::tls::ClientTls;

use crate::SERVERS;
use crate::faults::Cut;
use crate::relay::Relay;
use crate::site::{POSTGRES, address, at};
use crate::support::place::{Place, Stores};

const STATEMENT: Duration = Duration::from_secs(1);
/// A statement's time, some for its answer, and what a busy machine adds.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_silent_database_is_given_up_and_used_again_at_once_when_it_speaks() {
    let _alive = SERVERS.lock().await;
    let place = Place::migrated(Stores::Postgres).await;
    let url = Url::parse(&place.settings().1).unwrap();
    let relay = Relay::to(vec![address(&url, POSTGRES)]).await;
    let url = at(&url, relay.port);
    let settings = StoreSettings {
        pool_size: 4,
        pool_mode: PoolMode::Session,
        connect_timeout: STATEMENT,
        statement_timeout: STATEMENT,
        lock_timeout: STATEMENT,
        tls: ClientTls::default(),
    };
    let store = Store::postgres(&url, &settings, protocols::ALL.protocols()).unwrap();
    // Several connections, of which each would have to be found out.
    let pings = tokio::join!(store.ping(), store.ping(), store.ping());
    assert!(pings.0.and(pings.1).and(pings.2).is_ok());

    relay.set(Some(Cut::HalfOpen));
    let since = Instant::now();
    // Somebody loses patience when the silence is known already.
    let impatient = async {
        sleep(STATEMENT).await;
        timeout(STATEMENT * 5 / 2, store.ping()).await
    };
    let (pinged, settled, impatient) = tokio::join!(store.ping(), store.settle(&[]), impatient);
    for silent in [pinged, settled.map(drop)] {
        assert!(matches!(silent, Err(StoreError::Unavailable(_))), "{silent:?}");
    }
    assert!(impatient.is_err(), "{impatient:?}");
    assert!(since.elapsed() < GIVEN_UP_WITHIN, "{:?}", since.elapsed());

    relay.set(None);
    let since = Instant::now();
    store.ping().await.unwrap();
    store.settle(&[]).await.unwrap();
    assert!(since.elapsed() < STATEMENT, "no dead connection is left: {:?}", since.elapsed());
}
