//! Nobody is called whom an outsider must not reach through this service.

use wsa::callback::sender::Sender;
use wsa::callback::signature::{Secret, Secrets, SignatureForm};

use crate::support::callbacks::*;
use crate::support::eventually;
use crate::support::receiver::Receiver;

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_to_a_private_address_is_not_called() {
    let app = app().await.set("callbacks.allow_private_addresses", false);
    let app = app.set("callbacks.retry_after_s", "").start().await;
    let receiver = Receiver::start().await;
    let (callback, _) = add(app.store(), &format!("http://localhost:{}/hook", receiver.port)).await;
    put_event(&app.place, callback).await;
    eventually("it failed", async || log(app.store(), callback).await.len() == 1).await;
    let error = results(app.store(), callback).await.remove(0);
    assert!(error.starts_with("localhost leads to "), "{error}");
    assert!(error.ends_with(", which is loopback and may not be called"), "{error}");
    app.finish().await;
    assert_eq!(receiver.posts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_not_called_however_it_got_into_the_store() {
    let app = app().await.set("callbacks.allow_private_addresses", false);
    let app = app.set("callbacks.retry_after_s", "").start().await;
    let receiver = Receiver::start().await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    eventually("it failed", async || log(app.store(), callback).await.len() == 1).await;
    let error = results(app.store(), callback).await.remove(0);
    assert!(error.contains("the address 127.0.0.1 is loopback and may not be called"), "{error}");
    app.finish().await;
    assert_eq!(receiver.posts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_known_and_a_server_without_tls_are_told_from_each_other() {
    let flags = [("callbacks.allow_private_addresses", "true".to_owned())];
    let sender = Sender::new(&wsa::protocols::ALL.settings(&flags).unwrap().callbacks);
    let secrets = Secrets { current: Secret::generate(), old: None, form: SignatureForm::Base64 };
    let receiver = Receiver::start().await;
    let ended = async |url: String| {
        sender.post(&url, &secrets, uuid::Uuid::new_v4(), "{}".into()).await.ended
    };
    let unknown = ended("https://there-is-no-such-host.invalid/".into()).await.unwrap_err();
    assert!(unknown.starts_with("no connection: "), "{unknown}");
    let no_tls = ended(format!("https://127.0.0.1:{}/", receiver.port)).await.unwrap_err();
    assert!(no_tls.starts_with("no connection: "), "{no_tls}");
    assert_ne!(unknown, no_tls);
    assert_eq!(receiver.posts().len(), 0);
}
