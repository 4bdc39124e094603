//! Pages of lists, and their links.

use schemars::JsonSchema;
use serde::Serialize;
use url::form_urlencoded::{Serializer, parse};

use crate::protocols::activeplatform::listing::Page;

/// A page of a list. How many entries there are in all is not counted.
#[derive(Serialize, JsonSchema)]
pub(super) struct List<T, I> {
    data: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included: Option<Vec<I>>,
    links: Links,
}

/// Where the pages are; `null` for what there is none of.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ActivePlatformPages")]
pub(super) struct Links {
    #[serde(rename = "self")]
    own: String,
    first: String,
    prev: Option<String>,
    next: Option<String>,
}

impl<T, I> List<T, I> {
    /// A page, with what is included.
    pub(super) fn page(data: Vec<T>, included: Option<Vec<I>>, links: Links) -> List<T, I> {
        List { data, included, links }
    }

    /// All of a list that has no pages.
    pub(super) fn whole(data: Vec<T>, path: &str) -> List<T, I> {
        let (own, first) = (path.to_owned(), path.to_owned());
        List { data, included: None, links: Links { own, first, prev: None, next: None } }
    }
}

/// Where a page was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The path, as it was sent.
    pub path: &'a str,
    /// The query, as it was sent.
    pub query: &'a str,
    /// The page of it.
    pub page: Page,
}

impl Asked<'_> {
    /// The links of a page.
    pub(super) fn links(self, has_next: bool) -> Links {
        let number = self.page.number;
        Links {
            own: match self.query {
                "" => self.path.to_owned(),
                query => format!("{}?{query}", self.path),
            },
            first: self.at(1),
            prev: (number > 1).then(|| self.at(number - 1)),
            next: has_next.then(|| self.at(number + 1)),
        }
    }

    /// The same list at another page.
    fn at(self, number: i64) -> String {
        const NUMBER: &str = "page[number]";
        let others = parse(self.query.as_bytes()).filter(|(name, _)| name != NUMBER);
        let mut query = Serializer::new(String::new());
        query.extend_pairs(others).append_pair(NUMBER, &number.to_string());
        format!("{}?{}", self.path, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filters_and_change_the_page() {
        let page = Page { size: 2, number: 3 };
        let query = "page%5Bnumber%5D=3&filter[status]=expired&filter[document_id]=a%26b%2Bc";
        let links = Asked { path: "/p", query, page }.links(true);
        let others =
            "filter%5Bstatus%5D=expired&filter%5Bdocument_id%5D=a%26b%2Bc&page%5Bnumber%5D";
        assert_eq!(links.own, format!("/p?{query}"));
        assert_eq!(links.first, format!("/p?{others}=1"));
        assert_eq!(links.prev, Some(format!("/p?{others}=2")));
        assert_eq!(links.next, Some(format!("/p?{others}=4")));
        let alone = Asked { path: "/p", query: "", page: Page { size: 2, number: 1 } };
        let links = alone.links(false);
        assert_eq!((&*links.own, links.prev, links.next), ("/p", None, None));
    }
}
