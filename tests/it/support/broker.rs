//! RabbitMQ users of a test, set up as `wsa admin aggregator amqp` says.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;
use url::Url;
use uuid::Uuid;

use super::app::TestApp;
use super::client::http;
use super::{servers, to_its_end};

/// An upstream service's own RabbitMQ user; deleted when dropped.
pub struct User {
    pub name: String,
    password: String,
    /// What the command said.
    pub plan: Value,
}

impl User {
    /// Enables an aggregator with a fresh user, through the management API where there is one; else the plan
    /// that is printed is followed with `rabbitmqctl`.
    pub async fn enabled(app: &TestApp, aggregator: &str) -> User {
        let name = format!("it-{}", Uuid::new_v4().simple());
        let mut arguments = vec!["enable", "--name", aggregator, "--user", &name, "--json"];
        let management = servers::management_url();
        if let Some(url) = &management {
            arguments.extend(["--apply", "--management", url]);
        }
        let (told, good) = admin(app, &arguments).await;
        assert!(good, "{told}");
        let plan: Value = serde_json::from_str(&told).unwrap();
        let password = match &management {
            Some(_) => plan["password"].as_str().unwrap().to_owned(),
            None => "by-hand".to_owned(),
        };
        let user = User { name: name.clone(), password, plan };
        if management.is_none() {
            control(&["add_user", &name, &user.password]).await;
            let text = |field: &str| user.plan[field].as_str().unwrap().to_owned();
            let (vhost, configure) = (text("vhost"), text("configure"));
            let rights = [&name, &configure, &text("write"), &text("read")].map(String::clone);
            let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
            control(&[&["set_permissions", "-p", &vhost][..], &rights].concat()).await;
        }
        user
    }

    /// The broker's address for this user.
    pub fn url(&self) -> String {
        let mut url = Url::parse(&servers::amqp_url()).unwrap();
        url.set_username(&self.name).unwrap();
        url.set_password(Some(&self.password)).unwrap();
        url.into()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let name = self.name.clone();
        to_its_end(async move {
            match servers::management_url() {
                Some(url) => {
                    let url = format!("{}/api/users/{name}", url.trim_end_matches('/'));
                    let http = http();
                    drop(http.delete(url).send().await);
                }
                None => control(&["delete_user", &name]).await,
            }
        });
    }
}

/// `wsa admin aggregator amqp`, on the store and broker of an application; its output (or errors), and
/// whether it ended well.
pub async fn admin(app: &TestApp, arguments: &[&str]) -> (String, bool) {
    let prefix = &app.prefix.as_ref().unwrap().0;
    let (setting, store) = app.place.settings();
    let variable = format!("WSA__{}", setting.to_uppercase().replace('.', "__"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(["admin", "aggregator", "amqp"]).args(arguments);
    command.envs([("WSA__AMQP__URL", &servers::amqp_url()), ("WSA__AMQP__PREFIX", prefix)]);
    command.env(variable, store).env_remove("WSA_MANAGEMENT_URL").stdin(Stdio::null());
    let output = command.output().await.unwrap();
    let told = if output.status.success() { output.stdout } else { output.stderr };
    (String::from_utf8(told).unwrap(), output.status.success())
}

async fn control(arguments: &[&str]) {
    let status = Command::new("rabbitmqctl").arg("-q").args(arguments).status().await;
    let good = status.is_ok_and(|status| status.success());
    assert!(good, "without WSA_TEST_MANAGEMENT_URL this test needs rabbitmqctl: {arguments:?}");
}
