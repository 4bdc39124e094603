//! The part of `macro_rules` that statements are made with: fragments, and repetitions of one depth.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Lit};

/// One `macro_rules`.
#[derive(Debug, Clone)]
pub struct Rules {
    arms: Vec<(Vec<TokenTree>, TokenStream)>,
}

/// What a fragment of a pattern stands for: one piece of code, or one for each repetition.
#[derive(Debug, Clone)]
enum Bound {
    One(TokenStream),
    Many(Vec<TokenStream>),
}

type Bindings = HashMap<String, Bound>;

impl Rules {
    /// From what stands between the braces of `macro_rules! name { .. }`.
    pub fn read(body: TokenStream) -> Rules {
        let tokens: Vec<TokenTree> = body.into_iter().collect();
        let mut arms = Vec::new();
        let mut left = tokens.as_slice();
        while let [TokenTree::Group(pattern), _, _, TokenTree::Group(text), rest @ ..] = left {
            arms.push((pattern.stream().into_iter().collect(), text.stream()));
            left = match rest {
                [TokenTree::Punct(end), rest @ ..] if end.as_char() == ';' => rest,
                rest => rest,
            };
        }
        assert!(left.is_empty(), "a macro whose arms are not understood: {left:?}");
        Rules { arms }
    }

    /// What a call with these arguments becomes.
    pub fn expand(&self, arguments: &TokenStream) -> Option<TokenStream> {
        self.arms.iter().find_map(|(pattern, text)| {
            let bound = matched(pattern, arguments.clone())?;
            Some(substituted(text.clone(), &bound, None))
        })
    }
}

fn matched(pattern: &[TokenTree], arguments: TokenStream) -> Option<Bindings> {
    let parse = |input: ParseStream<'_>| {
        let mut bound = Bindings::new();
        take(pattern, input, &mut bound)?;
        Ok(bound)
    };
    parse.parse2(arguments).ok()
}

fn is(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

/// Reads what a pattern asks for.
fn take(pattern: &[TokenTree], input: ParseStream<'_>, bound: &mut Bindings) -> syn::Result<()> {
    match pattern {
        [] => Ok(()),
        [dollar, TokenTree::Ident(name), colon, TokenTree::Ident(kind), rest @ ..]
            if is(dollar, '$') && is(colon, ':') =>
        {
            bound.insert(name.to_string(), Bound::One(fragment(&kind.to_string(), input)?));
            take(rest, input, bound)
        }
        [dollar, TokenTree::Group(inner), rest @ ..] if is(dollar, '$') => {
            // With a separator or without.
            let (separator, rest) = match rest {
                [star, rest @ ..] if is(star, '*') || is(star, '+') => (None, rest),
                [separator, _, rest @ ..] => (Some(separator.to_string()), rest),
                _ => return Err(input.error("a repetition without an end")),
            };
            repeated(inner, separator.as_deref(), input, bound)?;
            // `$(,)?` after a repetition with the same separator: that was read with it.
            let rest = match rest {
                [dollar, TokenTree::Group(_), mark, rest @ ..]
                    if is(dollar, '$') && is(mark, '?') =>
                {
                    rest
                }
                rest => rest,
            };
            take(rest, input, bound)
        }
        [TokenTree::Group(inner), rest @ ..] => {
            let TokenTree::Group(found) = input.parse()? else {
                return Err(input.error("not a group"));
            };
            let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
            let within = matched(&inner, found.stream()).ok_or(input.error("another group"))?;
            bound.extend(within);
            take(rest, input, bound)
        }
        [token, rest @ ..] => {
            let found: TokenTree = input.parse()?;
            if found.to_string() == token.to_string() {
                take(rest, input, bound)
            } else {
                Err(syn::Error::new(found.span(), "another token"))
            }
        }
    }
}

fn repeated(
    inner: &Group,
    separator: Option<&str>,
    input: ParseStream<'_>,
    bound: &mut Bindings,
) -> syn::Result<()> {
    let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
    let mut many: HashMap<String, Vec<TokenStream>> = HashMap::new();
    for pair in inner.windows(2) {
        if let [dollar, TokenTree::Ident(name)] = pair
            && is(dollar, '$')
        {
            many.insert(name.to_string(), Vec::new());
        }
    }
    while !input.is_empty() {
        let mut once = Bindings::new();
        take(&inner, input, &mut once)?;
        for (name, value) in once {
            let Bound::One(value) = value else {
                return Err(input.error("a repetition in a repetition"));
            };
            many.entry(name).or_default().push(value);
        }
        match separator {
            Some(separator) if !input.is_empty() => {
                let found: TokenTree = input.parse()?;
                assert_eq!(found.to_string(), separator, "between repetitions");
            }
            _ => {}
        }
    }
    bound.extend(many.into_iter().map(|(name, values)| (name, Bound::Many(values))));
    Ok(())
}

fn fragment(kind: &str, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    use quote::ToTokens;
    match kind {
        "literal" => Ok(input.parse::<Lit>()?.into_token_stream()),
        "ident" => Ok(input.parse::<Ident>()?.into_token_stream()),
        "expr" => {
            // As the compiler keeps it: one operand, whatever stands beside it.
            let group = Group::new(Delimiter::None, input.parse::<Expr>()?.into_token_stream());
            Ok(TokenTree::Group(group).into())
        }
        "tt" => Ok(input.parse::<TokenTree>()?.into()),
        _ => Err(syn::Error::new(Span::call_site(), format!("a fragment of kind {kind}"))),
    }
}

/// The text with what was bound in it; within a repetition, of this one of it.
fn substituted(text: TokenStream, bound: &Bindings, turn: Option<usize>) -> TokenStream {
    let tokens: Vec<TokenTree> = text.into_iter().collect();
    let mut done = TokenStream::new();
    let mut left = tokens.as_slice();
    loop {
        left = match left {
            [] => return done,
            [dollar, TokenTree::Ident(name), rest @ ..] if is(dollar, '$') => {
                match (bound.get(&name.to_string()), turn) {
                    (Some(Bound::One(value)), _) => done.extend(value.clone()),
                    (Some(Bound::Many(values)), Some(turn)) => done.extend(values[turn].clone()),
                    // `$crate`.
                    _ => done.extend([TokenTree::Ident(name.clone())]),
                }
                rest
            }
            [dollar, TokenTree::Group(inner), rest @ ..] if is(dollar, '$') => {
                let (separator, rest) = match rest {
                    [star, rest @ ..] if is(star, '*') || is(star, '+') => (None, rest),
                    [separator, _, rest @ ..] => (Some(separator.clone()), rest),
                    _ => panic!("a repetition without an end"),
                };
                for turn in 0..turns(&inner.stream(), bound) {
                    if turn > 0 {
                        done.extend(separator.clone());
                    }
                    done.extend(substituted(inner.stream(), bound, Some(turn)));
                }
                rest
            }
            [TokenTree::Group(group), rest @ ..] => {
                let inner = substituted(group.stream(), bound, turn);
                let mut made = Group::new(group.delimiter(), inner);
                made.set_span(group.span());
                done.extend([TokenTree::Group(made)]);
                rest
            }
            [token, rest @ ..] => {
                done.extend([token.clone()]);
                rest
            }
        }
    }
}

/// How often a repetition is made.
fn turns(text: &TokenStream, bound: &Bindings) -> usize {
    let mut left: Vec<TokenTree> = text.clone().into_iter().collect();
    while let Some(token) = left.pop() {
        match token {
            TokenTree::Group(group) => left.extend(group.stream()),
            TokenTree::Ident(name) => {
                if let Some(Bound::Many(values)) = bound.get(&name.to_string()) {
                    return values.len();
                }
            }
            _ => {}
        }
    }
    0
}
