//! A real browser with nothing in it, and a person in front of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use super::client::http;
use super::eventually;

/// A driver, which is gone with the test, and its browser with it.
struct Driver {
    driver: Child,
    port: u16,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to end, it ends its browser as well.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let ask = b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(ask).and_then(|()| stream.read_to_end(&mut Vec::new()));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// How a browser is set.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub scripts: bool,
    pub dark: bool,
    pub width: u32,
    pub height: u32,
}

impl Look {
    pub const PLAIN: Look = Look { scripts: false, dark: false, width: 1280, height: 900 };
    pub const SCRIPTS: Look = Look { scripts: true, ..Look::PLAIN };
}

/// What a browser wrote into its log, and what it asked for.
#[derive(Debug, Default)]
pub struct Seen {
    /// Errors of its console: of scripts, of the policy of contents, of loading.
    pub errors: Vec<String>,
    /// The addresses of all requests.
    pub requests: Vec<String>,
}

/// A person in front of a browser, who looks at pages of one address.
pub struct Person {
    pub browser: Client,
    pub base: String,
    driver: Driver,
    _home: tempfile::TempDir,
}

impl Person {
    /// A fresh browser.
    pub async fn at(base: impl Into<String>, look: Look) -> Person {
        let home = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .args([format!("--port={port}"), "--log-level=OFF".into()])
            .env("HOME", home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(
                "a browser is needed: install chromium and chromium-driver, as scripts/test does",
            );
        let driver = Driver { driver, port };
        let up = async || reqwest::get(format!("http://127.0.0.1:{port}/status")).await.is_ok();
        eventually("the driver listens", up).await;
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-dev-shm-usage".into(),
            "--disable-extensions".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--hide-scrollbars".into(),
            // The certificates of tests are of authorities that nobody knows.
            "--ignore-certificate-errors".into(),
            "--force-color-profile=srgb".into(),
            format!("--window-size={},{}", look.width, look.height),
            format!("--user-data-dir={}", home.path().join("profile").display()),
        ];
        if look.dark {
            args.push("--blink-settings=preferredColorScheme=0".into());
        }
        let scripts = if look.scripts { 1 } else { 2 };
        let options = json!({
            "goog:chromeOptions": {
                "args": args,
                "prefs": {"profile.managed_default_content_settings.javascript": scripts},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let Value::Object(options) = options else { unreachable!() };
        let mut builder =
            ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let url = format!("http://127.0.0.1:{port}");
        let browser = builder.capabilities(options).connect(&url).await.unwrap();
        Person { browser, base: base.into(), driver, _home: home }
    }

    pub async fn open(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// The text of an element whose text has this in it. After a click the page of before may still be there, or go
    /// while it is looked at.
    pub async fn sees(&self, css: &str, part: &str) -> String {
        let mut text = String::new();
        eventually(&format!("{css} has {part:?}"), async || {
            let Ok(found) = self.browser.find(Locator::Css(css)).await else { return false };
            text = found.text().await.unwrap_or_default();
            !text.is_empty() && text.contains(part)
        })
        .await;
        text
    }

    pub async fn text(&self, css: &str) -> String {
        self.sees(css, "").await
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let found = self.browser.find(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        found.send_keys(text).await.unwrap();
    }

    pub async fn click(&self, css: &str) {
        let found = self.browser.find(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}")).click().await.unwrap();
    }

    /// Follows a link by its text.
    pub async fn follow(&self, link: &str) {
        let found = self.browser.find(Locator::LinkText(link)).await;
        found.unwrap_or_else(|error| panic!("{link}: {error}")).click().await.unwrap();
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.browser.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Has the browser be a phone so many points wide: no window is that narrow.
    pub async fn is_phone(&self, width: u32) {
        let params = json!({
            "width": width, "height": 640, "deviceScaleFactor": 1, "mobile": true,
        });
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": params});
        self.ask("goog/cdp/execute", command).await;
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.browser.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// What the browser wrote and asked for since the last time.
    pub async fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        for entry in self.log("browser").await {
            if entry["level"] == "SEVERE" || entry["level"] == "WARNING" {
                seen.errors.push(entry["message"].as_str().unwrap().to_owned());
            }
        }
        for entry in self.log("performance").await {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let url = message["params"]["request"]["url"].as_str().unwrap();
                seen.requests.push(url.to_owned());
            }
        }
        seen
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let answer = self.ask("se/log", json!({"type": kind})).await;
        answer["value"].as_array().cloned().unwrap_or_else(|| panic!("{answer}"))
    }

    /// Asks the driver for what no client of it knows.
    async fn ask(&self, what: &str, body: Value) -> Value {
        let session = self.browser.session_id().await.unwrap().unwrap();
        let url = format!("http://127.0.0.1:{}/session/{session}/{what}", self.driver.port);
        let client = http();
        let answer = client
            .post(url)
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}
