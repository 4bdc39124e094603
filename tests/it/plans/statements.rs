//! Every statement of the program, with its name.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::{Expr, ExprCall, ExprMacro, Lit};
use wsa::database::{Column, Statement, Type};
use wsa::protocols;

use super::sources::{Place, Sources, nearest};

/// Where statements are put together at start; their texts come from the program, and so many are made there.
const COMPOSED: [(&str, usize); 2] =
    [("src/engine/protocol/callers.rs", 3), ("src/engine/protocol/registering.rs", 3)];

/// A statement of the program.
#[derive(Debug)]
pub struct Named {
    pub file: String,
    pub name: String,
    pub statement: &'static Statement,
}

impl Named {
    /// `engine/store/claiming.rs CLAIM`.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.file.trim_start_matches("src/"), self.name)
    }
}

/// What an expression of the sources is.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Word(Type),
    List(Vec<Value>),
    Statement(&'static Statement, Place),
}

/// All statements; panics when one that stands in the sources is not among them.
pub fn all() -> Vec<Named> {
    let sources = Sources::read();
    let (mut found, mut understood) = (Vec::new(), BTreeSet::new());
    for (file, name, expression) in &sources.statics {
        let Some(value) = (Evaluation { sources: &sources, file }).value(expression) else {
            continue;
        };
        let list = matches!(value, Value::List(_));
        let values = if let Value::List(values) = value { values } else { vec![value] };
        for (place, value) in values.into_iter().enumerate() {
            let Value::Statement(statement, made) = value else { continue };
            understood.insert(made);
            let name = if list { format!("{name}[{place}]") } else { name.clone() };
            found.push(Named { file: file.clone(), name, statement });
        }
    }
    let composed = |place: &&Place| COMPOSED.iter().any(|(file, _)| *file == place.0);
    let escaped: Vec<_> =
        sources.made.difference(&understood).filter(|place| !composed(place)).collect();
    assert!(escaped.is_empty(), "statements that this test does not understand: {escaped:#?}");
    for (file, count) in COMPOSED {
        let made = sources.made.iter().filter(|place| place.0 == file).count();
        assert_eq!(made, count, "statements put together in {file}: all are to be in COMPOSED");
    }
    found.extend(composed_at_start());
    found
}

fn composed_at_start() -> Vec<Named> {
    let protocols: &'static _ = Box::leak(Box::new(protocols::ALL.protocols()));
    let composed: &[(&str, &Statement)] = Box::leak(Box::new(protocols.composed()));
    assert_eq!(composed.len(), COMPOSED.iter().map(|(_, count)| count).sum::<usize>());
    let named = |(name, statement): &(&str, &'static Statement)| {
        let file =
            COMPOSED[usize::from(["register", "register_drawn", "find_used"].contains(name))].0;
        Named { file: file.to_owned(), name: (*name).to_owned(), statement }
    };
    composed.iter().map(named).collect()
}

struct Evaluation<'a> {
    sources: &'a Sources,
    file: &'a str,
}

impl Evaluation<'_> {
    /// `None` for what makes no statement.
    fn value(&self, expression: &Expr) -> Option<Value> {
        match expression {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(Value::Text(text.value())),
                Lit::Int(number) => Some(Value::Text(number.base10_digits().to_owned())),
                _ => None,
            },
            Expr::Reference(reference) => self.value(&reference.expr),
            Expr::Group(group) => self.value(&group.expr),
            Expr::Paren(group) => self.value(&group.expr),
            Expr::Array(array) => self.list(array.elems.iter()),
            Expr::Tuple(tuple) => self.list(tuple.elems.iter()),
            Expr::Macro(call) => self.expanded(call),
            Expr::Call(call) => self.statement(call),
            Expr::Path(path) => {
                let last = path.path.segments.last()?.ident.to_string();
                type_named(&last).map(Value::Word).or_else(|| {
                    let named = self.sources.consts.get(&last)?;
                    self.value(nearest(self.file, named)?)
                })
            }
            _ => None,
        }
    }

    fn list<'e>(&self, items: impl Iterator<Item = &'e Expr>) -> Option<Value> {
        items.map(|item| self.value(item)).collect::<Option<_>>().map(Value::List)
    }

    fn expanded(&self, call: &ExprMacro) -> Option<Value> {
        let name = call.mac.path.segments.last()?.ident.to_string();
        if name == "concat" {
            let parse = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
            let parts = call.mac.parse_body_with(parse).ok()?;
            let parts = parts.iter().map(|part| match self.value(part)? {
                Value::Text(text) => Some(text),
                _ => None,
            });
            return parts.collect::<Option<String>>().map(Value::Text);
        }
        let rules = nearest(self.file, self.sources.macros.get(&name)?)?;
        let text = rules.expand(&call.mac.tokens)?;
        self.value(&syn::parse2(text).ok()?)
    }

    fn statement(&self, call: &ExprCall) -> Option<Value> {
        let Expr::Path(path) = &*call.func else { return None };
        let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
        let (made, of) = (names.next()?.to_string(), names.next()?);
        if of != "Statement" {
            return None;
        }
        let arguments: Vec<Value> =
            call.args.iter().map(|argument| self.value(argument)).collect::<Option<_>>()?;
        let statement = match (&*made, &arguments[..]) {
            ("read", [columns, Value::Text(body)]) => {
                Statement::read(self.columns(columns)?, leak(body))
            }
            ("write", [columns, Value::Text(body)]) => {
                Statement::write(self.columns(columns)?, leak(body))
            }
            ("insert", [Value::Text(table), columns, Value::Text(tail)]) => {
                Statement::insert(leak(table), self.columns(columns)?, leak(tail))
            }
            _ => return None,
        };
        let place = self.sources.place(span_of(of));
        Some(Value::Statement(Box::leak(Box::new(statement)), place))
    }

    fn columns(&self, columns: &Value) -> Option<&'static [Column]> {
        let Value::List(columns) = columns else { return None };
        let column = |column: &Value| match column {
            Value::List(pair) => match &pair[..] {
                [Value::Text(name), Value::Word(kind)] => Some((leak(name), *kind)),
                _ => None,
            },
            _ => None,
        };
        let columns: Vec<Column> = columns.iter().map(column).collect::<Option<_>>()?;
        Some(columns.leak())
    }
}

fn span_of(name: &syn::Ident) -> Span {
    name.span()
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn type_named(name: &str) -> Option<Type> {
    Some(match name {
        "Int" => Type::Int,
        "Bool" => Type::Bool,
        "Text" => Type::Text,
        "Bytes" => Type::Bytes,
        "Uuid" => Type::Uuid,
        "Money" => Type::Money,
        "Time" => Type::Time,
        _ => return None,
    })
}
