//! The sources of the program, as far as statements are made in them.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ItemConst, ItemMacro, ItemStatic};

use super::macros::Rules;

/// Where a statement is made: a file, a line and a column.
pub type Place = (String, usize, usize);

/// All files of the program without their tests.
#[derive(Debug, Default)]
pub struct Sources {
    pub macros: HashMap<String, Vec<(String, Rules)>>,
    pub consts: HashMap<String, Vec<(String, Expr)>>,
    /// Each `static`: its file, its name, what it is.
    pub statics: Vec<(String, String, Expr)>,
    /// Every `Statement::read`, `::write` and `::insert` that stands in a file.
    pub made: BTreeSet<Place>,
    /// How the places of tokens name a file.
    files: HashMap<String, String>,
}

impl Sources {
    /// Reads `src`.
    pub fn read() -> Sources {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Sources::default();
        for path in files(&root.join("src")) {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if !is_no_product(&path) {
                sources.add(path, &text);
            }
        }
        sources
    }

    fn add(&mut self, path: String, text: &str) {
        let tokens: TokenStream = text.parse().unwrap();
        let Some(first) = tokens.clone().into_iter().next() else { return };
        self.files.insert(first.span().file(), path.clone());
        let file: syn::File = syn::parse2(tokens).unwrap_or_else(|e| panic!("{path}: {e}"));
        Reading { path, sources: self }.visit_file(&file);
    }

    /// The place of a token.
    pub fn place(&self, token: proc_macro2::Span) -> Place {
        let start = token.start();
        (self.files[&token.file()].clone(), start.line, start.column)
    }
}

/// What a name means in a file: its own first, then that of the file nearest by its folder.
pub fn nearest<'a, T>(path: &str, named: &'a [(String, T)]) -> Option<&'a T> {
    let shared = |other: &str| {
        if other == path {
            return usize::MAX;
        }
        let folders =
            |path: &str| path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let (own, other): (Vec<String>, Vec<String>) = (folders(path), folders(other));
        own.iter().zip(&other).take_while(|(one, other)| one == other).count()
    };
    let most = named.iter().map(|(other, _)| shared(other)).max()?;
    let mut best = named.iter().filter(|(other, _)| shared(other) == most);
    let found = best.next().map(|(_, value)| value);
    assert!(best.next().is_none(), "{path}: a name of which there are two nearby");
    found
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What makes statements, and what is compiled for tests alone.
fn is_no_product(path: &str) -> bool {
    path == "src/database/statement.rs"
        || path.starts_with("src/simulation")
        || path.ends_with("/tests.rs")
}

struct Reading<'a> {
    path: String,
    sources: &'a mut Sources,
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl Reading<'_> {
    fn count(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for token in &tokens {
            if let TokenTree::Group(group) = token {
                self.count(group.stream());
            }
        }
        for five in tokens.windows(5) {
            let [TokenTree::Ident(name), one, two, TokenTree::Ident(made), TokenTree::Group(_)] =
                five
            else {
                continue;
            };
            let made = made.to_string();
            let path = one.to_string() == ":" && two.to_string() == ":";
            if path && name == "Statement" && ["read", "write", "insert"].contains(&&*made) {
                let place = self.sources.place(name.span());
                self.sources.made.insert(place);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reading<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        use quote::ToTokens;
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if is_for_tests(attributes) {
            return;
        }
        self.count(item.to_token_stream());
        visit::visit_item(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if let Some(name) = &item.ident
            && item.mac.path.is_ident("macro_rules")
        {
            let rules = Rules::read(item.mac.tokens.clone());
            let named = self.sources.macros.entry(name.to_string()).or_default();
            named.push((self.path.clone(), rules));
        }
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        let named = self.sources.consts.entry(item.ident.to_string()).or_default();
        named.push((self.path.clone(), (*item.expr).clone()));
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        let of = (self.path.clone(), item.ident.to_string(), (*item.expr).clone());
        self.sources.statics.push(of);
        visit::visit_item_static(self, item);
    }
}
