//! The pages of the site: each once, and each there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The pages that `docs/SUMMARY.md` lists, in its order.
fn listed(root: &Path) -> Vec<String> {
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).unwrap();
    let targets = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

#[test]
fn every_page_is_in_the_site_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = listed(root);
    let once: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "{listed:?}");
    let entries = fs::read_dir(root.join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: BTreeSet<String> =
        names.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect();
    // `scripts/site` puts these beside them.
    pages.extend(["README.md".to_owned(), "CHANGELOG.md".to_owned()]);
    assert_eq!(once, pages);
}
