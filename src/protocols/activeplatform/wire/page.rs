//! Pages of lists, and their links.

use schemars::JsonSchema;
use serde::Serialize;
use url::form_urlencoded::{Serializer, parse};

use super::answer::write_json;
use crate::protocols::activeplatform::listing::Page;

/// A page of a list. How many entries there are in all is not counted.
#[derive(Serialize, JsonSchema)]
pub(super) struct List<T> {
    data: Vec<T>,
    links: Links,
}

/// Where the pages are; `null` for what there is none of.
#[derive(Serialize, JsonSchema)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    first: String,
    prev: Option<String>,
    next: Option<String>,
}

impl<T> List<T> {
    /// All of a list that has no pages.
    pub(super) fn whole(data: Vec<T>, path: &str) -> List<T> {
        let (own, first) = (path.to_owned(), path.to_owned());
        List { data, links: Links { own, first, prev: None, next: None } }
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
    fn links(self, has_next: bool) -> Links {
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

    /// Writes a page of what was read: one entry more than the page has says that there is a next page.
    pub(super) fn write<F, T: Serialize>(
        self,
        mut found: Vec<F>,
        resource: impl Fn(F) -> T,
    ) -> String {
        let size = usize::try_from(self.page.size).unwrap_or(usize::MAX);
        let has_next = found.len() > size;
        found.truncate(size);
        let data = found.into_iter().map(resource).collect();
        write_json(&List { data, links: self.links(has_next) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::protocols::activeplatform::wire::answer::Link;

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

    #[test]
    fn one_entry_more_than_a_page_says_that_there_is_a_next_one() {
        let asked = Asked { path: "/p", query: "", page: Page { size: 2, number: 1 } };
        for (found, written, next) in
            [(vec![1], 1, false), (vec![1, 2], 2, false), (vec![1, 2, 3], 2, true)]
        {
            let text = asked.write(found, |id| Link::to(id, "x"));
            let list: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(list["data"].as_array().unwrap().len(), written);
            assert_eq!(list["links"]["next"].is_string(), next);
        }
    }
}
