//! Each link of the documents leads to a file, or to a place in one, and each page is in the site.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of `docs`, by name.
fn pages() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md")).collect()
}

/// The targets of the links of a text, without those in code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for after in line.split("](").skip(1) {
            found.extend(after.split(')').next().map(str::to_owned));
        }
    }
    found
}

/// The places of a page: its headings as a renderer names them.
fn places(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let slug = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

/// What is wrong with a link of a page.
fn wrong(page: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, place) = link.split_once('#').map_or((link, None), |(p, place)| (p, Some(place)));
    let target: PathBuf = match path {
        "" => page.to_owned(),
        path => page.parent().unwrap().join(path),
    };
    if !target.exists() {
        return Some(format!("{}: {link}: no such file", page.display()));
    }
    let place = place.filter(|_| target.extension().is_some_and(|kind| kind == "md"))?;
    let there = places(&fs::read_to_string(&target).unwrap()).contains(place);
    (!there).then(|| format!("{}: {link}: no such place", page.display()))
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let outside = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
    let files = pages().into_iter().map(|name| root().join("docs").join(name));
    let files = files.chain(outside.map(|name| root().join(name)));
    let (mut all, mut found) = (0, Vec::new());
    for file in files {
        // Its first links are of the site, which has these files beside it.
        let of_site = file.ends_with("SUMMARY.md");
        for link in links(&fs::read_to_string(&file).unwrap()) {
            all += 1;
            if !(of_site && ["README.md", "CHANGELOG.md"].contains(&&*link)) {
                found.extend(wrong(&file, &link));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(all > 300, "{all} links");
}

#[test]
fn every_page_is_in_the_site_once() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let listed = links(&summary);
    let once: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "{listed:?}");
    let mut pages = pages();
    pages.remove("SUMMARY.md");
    pages.extend(["README.md".to_owned(), "CHANGELOG.md".to_owned()]);
    assert_eq!(once, pages);
}
