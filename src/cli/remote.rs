//! Commands over the operator API: `--ops URL` with an operator's token in `WSA_OPS_TOKEN`, instead of the database's
//! password.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::ArgMatches;
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};

use crate::database::error::chain;
use crate::runtime::tls;
use crate::terminal::{colour, output};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the token is: on no command line, which others may read.
const TOKEN: &str = "WSA_OPS_TOKEN";

/// A service, and an operator of it.
#[derive(Debug)]
pub(super) struct Remote {
    url: Url,
    token: String,
    http: reqwest::Client,
}

impl Remote {
    /// The one at this URL.
    pub(super) fn at(url: &str) -> anyhow::Result<Remote> {
        let url: Url = url
            .parse()
            .map_err(|_| anyhow!("--ops is {url:?}: it must be like http://127.0.0.1:8081"))?;
        let token = std::env::var(TOKEN)
            .map_err(|_| {
            anyhow!(
                "the variable {TOKEN} must hold the token of an operator: `wsa admin operator add --name \
                 NAME --role operator` makes one, on a machine that reaches the store"
            )
        })?;
        tls::ready();
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Remote { url, token, http })
    }

    /// The one that `--ops` names, when it does.
    pub(super) fn of(matches: &ArgMatches) -> anyhow::Result<Option<Remote>> {
        let mut last = matches;
        while let Some((_, below)) = last.subcommand() {
            last = below;
        }
        let url = last.try_get_one::<String>("ops").ok().flatten();
        url.map(|url| Remote::at(url)).transpose()
    }

    /// What is there, with these parameters.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, Option<String>)],
    ) -> anyhow::Result<Value> {
        let mut url = self.address(path)?;
        for (name, value) in query {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        self.send(self.http.request(Method::GET, url)).await
    }

    /// Does something.
    pub(super) async fn post(
        &self,
        path: &[&str],
        query: &[(&str, Option<String>)],
        body: Value,
    ) -> anyhow::Result<Value> {
        let mut url = self.address(path)?;
        for (name, value) in query {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        let request = self.http.request(Method::POST, url);
        let request = request.header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    fn address(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.url.clone();
        let wrong = || anyhow!("--ops is {}: it must be like http://127.0.0.1:8081", self.url);
        let mut parts = url.path_segments_mut().map_err(|()| wrong())?;
        parts.pop_if_empty().extend(["ops", "v1"]).extend(path);
        drop(parts);
        Ok(url)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let lost = |error: reqwest::Error| {
            anyhow!(
                "no answer from {}: {}; ops.listen of `wsa config show` says where operators are served",
                self.url,
                chain(&error.without_url())
            )
        };
        let response = request.bearer_auth(&self.token).send().await.map_err(lost)?;
        let status = response.status();
        let text = response.text().await.map_err(lost)?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if status == StatusCode::OK {
            return Ok(body);
        }
        match body["detail"].as_str() {
            Some(detail) => bail!("{}", output::printable(detail)),
            None => bail!(
                "{} answers {status}: is it the operator API? ops.listen of `wsa config show` says where it is",
                self.url
            ),
        }
    }

    /// `wsa admin` with these words, over there.
    pub(super) async fn admin(&self, reason: Option<&str>) -> anyhow::Result<ExitCode> {
        let words = words("admin").context("the words behind admin are not known")?;
        let reason = reason.context(
            "--reason is missing: say why, like --reason 'a new kiosk'; the journal there keeps it",
        )?;
        let body = json!({"reason": reason, "words": words});
        let ran = self.post(&["commands"], &[], body).await?;
        let text = ran["output"].as_str().unwrap_or_default();
        if !text.is_empty() {
            output::line(text.trim_end())?;
        }
        match ran["error"].as_str() {
            Some(error) => bail!("{error}"),
            None => Ok(ExitCode::SUCCESS),
        }
    }
}

/// The words of this process behind one of them, without the flags that are of this side.
fn words(after: &str) -> Option<Vec<String>> {
    let mut all = std::env::args().skip(1).skip_while(|word| word != after);
    all.next()?;
    let (mut words, mut is_value) = (Vec::new(), false);
    for word in all {
        let flag = word.split('=').next().unwrap_or_default().to_owned();
        if is_value {
            is_value = false;
        } else if ["--ops", "--reason", "--color"].contains(&&*flag) {
            is_value = !word.contains('=');
        } else {
            words.push(word);
        }
    }
    Some(words)
}

/// Prints the items of a list: JSON lines, or a table of these members under these headings.
pub(super) fn list(answer: &Value, columns: &[(&str, &str)], json: bool) -> anyhow::Result<()> {
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    if json {
        items.iter().try_for_each(output::json_line)?;
        return Ok(());
    }
    let cell = |item: &Value, name: &str| match &item[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).collect();
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| columns.iter().map(|(_, name)| cell(item, name)).collect())
        .collect();
    output::table(&headings, &rows)?;
    if answer["next"].is_string() {
        output::line("(there is more: narrow it, or read it from the API page by page)")?;
    }
    Ok(())
}

/// Prints one thing: a line for each member, or JSON.
pub(super) fn one(answer: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        output::json_line(answer)?;
        return Ok(());
    }
    for (name, value) in answer.as_object().into_iter().flatten() {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => output::printable(text).into_owned(),
            other => output::printable(&other.to_string()).into_owned(),
        };
        let text = if ["state", "status"].contains(&&**name) { colour::state(&text) } else { text };
        output::line(format_args!("{name:<14} {text}"))?;
    }
    Ok(())
}
