//! An answer as a tree, written as XML or as JSON. In JSON the text of an element is `$`, an attribute
//! `$name`; of several children with one name there is an array.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::domain::string_enum::string_enum;
use crate::protocols::billmanager::command::Lang;

/// The forms of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out {
    /// XML.
    Xml,
    /// JSON.
    Json,
    /// JSON as well: all three have the same form here.
    Xjson,
    /// JSON as well.
    Sjson,
    /// XML as well.
    Devel,
    /// Lines of text.
    Text,
}

string_enum!(Out {
    Xml = "xml",
    Json = "json",
    Xjson = "xjson",
    Sjson = "sjson",
    Devel = "devel",
    Text = "text",
});

/// All of them, as a sentence names them.
pub const OUTS: &str = "xml, xjson, json, sjson, devel, text";

impl Out {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Out::Xml | Out::Devel => "text/xml; charset=UTF-8",
            Out::Json | Out::Xjson | Out::Sjson => "application/json; charset=UTF-8",
            Out::Text => "text/plain; charset=UTF-8",
        }
    }
}

/// An element: a text or children, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: Option<String>,
    children: Vec<Element>,
    /// In JSON always in an array, also when there is one.
    many: bool,
}

impl Element {
    /// With nothing in it.
    pub fn new(name: impl Into<String>) -> Element {
        let name = name.into();
        Element { name, attributes: Vec::new(), text: None, children: Vec::new(), many: false }
    }

    /// With a text.
    pub fn text(name: impl Into<String>, text: impl ToString) -> Element {
        Element { text: Some(text.to_string()), ..Element::new(name) }
    }

    /// An element of a list.
    pub fn elem() -> Element {
        Element { many: true, ..Element::new("elem") }.with("is_json_array", "yes")
    }

    /// A list by its name.
    pub fn list(name: &str) -> Element {
        Element { many: true, ..Element::new("list") }.with("name", name)
    }

    /// What a field of a form can be, by its name.
    pub fn slist(name: &str) -> Element {
        Element { many: true, ..Element::new("slist") }.with("name", name)
    }

    /// One of those.
    pub fn val(key: impl ToString, text: &str) -> Element {
        Element { many: true, ..Element::text("val", text) }.with("key", key)
    }

    /// In JSON always in an array.
    pub fn many(self) -> Element {
        Element { many: true, ..self }
    }

    /// With one more attribute.
    pub fn with(mut self, name: &str, value: impl ToString) -> Element {
        self.attributes.push((name.to_owned(), value.to_string()));
        self
    }

    /// With one more child.
    pub fn child(mut self, child: Element) -> Element {
        self.children.push(child);
        self
    }

    /// With more children.
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children.extend(children);
        self
    }

    /// With one more child, if there is one.
    pub fn maybe(self, child: Option<Element>) -> Element {
        self.children(child)
    }
}

/// The root of an answer.
pub fn doc(lang: Lang, func: &str, host: &str, binary: &str) -> Element {
    let doc = Element::new("doc").with("lang", lang).with("func", func).with("binary", binary);
    if host.is_empty() { doc } else { doc.with("host", host) }
}

/// An answer as it goes out.
pub fn write(root: &Element, out: Out) -> String {
    match out {
        Out::Xml | Out::Devel => xml(root),
        Out::Json | Out::Xjson | Out::Sjson => json(root),
        Out::Text => text(root),
    }
}

/// A line `name=value` for each text, where the names of what it stands in come first, with dots between them. An
/// element of a list is one line of such pairs, an error a line that begins with `ERROR`.
fn text(root: &Element) -> String {
    let mut lines = Vec::new();
    for child in &root.children {
        let mut pairs = Vec::new();
        if child.name == "error" {
            let of = |name: &str| child.attributes.iter().find(|(one, _)| one == name);
            let words = [of("type"), of("object")].into_iter().flatten().map(|(_, word)| &**word);
            let msg = child.children.iter().filter_map(|msg| msg.text.as_deref());
            let words = words.collect::<Vec<_>>().join(" ");
            pairs.push(format!("ERROR {words}: {}", msg.collect::<Vec<_>>().join(" ")));
        } else if child.name == "elem" {
            child.children.iter().for_each(|of_it| leaves("", of_it, &mut pairs));
            pairs = vec![pairs.join(" ")];
        } else {
            leaves("", child, &mut pairs);
        }
        lines.extend(pairs);
    }
    // A text has no line breaks: this keeps one line one pair whatever it has.
    lines.iter().map(|line| legal(line).replace(['\r', '\n'], " ") + "\n").collect()
}

fn leaves(path: &str, element: &Element, pairs: &mut Vec<String>) {
    let path = format!("{path}{}", element.name);
    if element.children.is_empty() {
        pairs.push(format!("{path}={}", element.text.as_deref().unwrap_or_default()));
    }
    element.children.iter().for_each(|child| leaves(&format!("{path}."), child, pairs));
}

fn xml(root: &Element) -> String {
    let mut writer = Writer::new(Vec::new());
    let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
    let written = writer
        .write_event(Event::Decl(declaration))
        .and_then(|()| writer.write_event(Event::Text(BytesText::new("\n"))))
        .and_then(|()| write_element(&mut writer, root));
    // A vector takes everything.
    debug_assert!(written.is_ok());
    String::from_utf8_lossy(&writer.into_inner()).into_owned()
}

/// A page for people: the same tree, as a browser reads it.
pub fn html(root: &Element) -> String {
    let mut writer = Writer::new(Vec::new());
    let written = write_element(&mut writer, root);
    debug_assert!(written.is_ok());
    format!("<!DOCTYPE html>\n{}", String::from_utf8_lossy(&writer.into_inner()))
}

fn write_element(writer: &mut Writer<Vec<u8>>, element: &Element) -> std::io::Result<()> {
    let mut start = BytesStart::new(element.name.as_str());
    for (name, value) in &element.attributes {
        start.push_attribute((name.as_str(), &*legal(value)));
    }
    if element.text.is_none() && element.children.is_empty() {
        return writer.write_event(Event::Empty(start));
    }
    writer.write_event(Event::Start(start))?;
    if let Some(text) = &element.text {
        writer.write_event(Event::Text(BytesText::new(&legal(text))))?;
    }
    for child in &element.children {
        write_element(writer, child)?;
    }
    writer.write_event(Event::End(BytesEnd::new(element.name.as_str())))
}

/// Without the characters that XML cannot hold.
fn legal(text: &str) -> std::borrow::Cow<'_, str> {
    let illegal = |c: char| {
        (c.is_ascii_control() && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    match text.contains(illegal) {
        true => text.replace(illegal, "\u{fffd}").into(),
        false => text.into(),
    }
}

fn json(root: &Element) -> String {
    struct Root<'a>(&'a Element);
    impl Serialize for Root<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(&self.0.name, self.0)?;
            map.end()
        }
    }
    // Texts under names: nothing that cannot be written.
    serde_json::to_string(&Root(root)).unwrap_or_default()
}

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // That a child is in an array is seen.
        for (name, value) in self.attributes.iter().filter(|(name, _)| name != "is_json_array") {
            map.serialize_entry(&format!("${name}"), value)?;
        }
        if let Some(text) = &self.text {
            map.serialize_entry("$", text)?;
        }
        let mut done: Vec<&str> = Vec::new();
        for child in &self.children {
            if done.contains(&child.name.as_str()) {
                continue;
            }
            done.push(&child.name);
            let same: Vec<&Element> =
                self.children.iter().filter(|other| other.name == child.name).collect();
            match same.as_slice() {
                [one] if !one.many => map.serialize_entry(&child.name, one)?,
                all => map.serialize_entry(&child.name, all)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tree_is_written_in_both_forms() {
        let root = Element::new("doc")
            .child(Element::text("auth", "S").with("id", "S").with("level", 16))
            .child(Element::list("details").child(Element::elem().child(Element::text("a", 1))))
            .child(Element::text("x", "1"))
            .child(Element::text("x", "2"))
            .child(Element::new("saved_filters"));
        assert_eq!(
            write(&root, Out::Xml),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc><auth id=\"S\" level=\"16\">S</auth>\
             <list name=\"details\"><elem is_json_array=\"yes\"><a>1</a></elem></list>\
             <x>1</x><x>2</x><saved_filters/></doc>"
        );
        assert_eq!(write(&root, Out::Devel), write(&root, Out::Xml));
        for out in [Out::Xjson, Out::Sjson] {
            assert_eq!(write(&root, out), write(&root, Out::Json));
        }
        assert_eq!(write(&root, Out::Text), "auth=S\nlist.elem.a=1\nx=1\nx=2\nsaved_filters=\n");
        assert_eq!(
            write(&root, Out::Json),
            r#"{"doc":{"auth":{"$id":"S","$level":"16","$":"S"},"list":[{"$name":"details","elem":[{"a":{"$":"1"}}]}],"x":[{"$":"1"},{"$":"2"}],"saved_filters":{}}}"#
        );
    }

    #[test]
    fn as_text_an_element_of_a_list_is_a_line_and_an_error_says_so() {
        let price = Element::new("price").child(Element::text("cost", "20.00"));
        let elem = |id| Element::elem().child(Element::text("id", id)).child(price.clone());
        let root = Element::new("doc").children([elem(1), elem(2)]);
        assert_eq!(write(&root, Out::Text), "id=1 price.cost=20.00\nid=2 price.cost=20.00\n");
        let error = Element::new("error").with("type", "value").with("object", "elid");
        let root = Element::new("doc").child(error.child(Element::text("msg", "No\nway")));
        assert_eq!(write(&root, Out::Text), "ERROR value elid: No way\n");
    }

    #[test]
    fn whatever_a_text_holds_it_stays_a_text() {
        let hostile = "<a href=\"x\">&amp;'\u{1}\u{ffff}]]>";
        let root = Element::new("doc").child(Element::text("a", hostile).with("b", hostile));
        let written = write(&root, Out::Xml);
        assert!(!written.contains("<a href") && !written.contains('\u{1}'), "{written}");
        let mut reader = quick_xml::Reader::from_str(&written);
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(start) => {
                    start.attributes().for_each(|attribute| drop(attribute.unwrap()));
                }
                _ => {}
            }
        }
        let json: serde_json::Value = serde_json::from_str(&write(&root, Out::Json)).unwrap();
        assert_eq!(json["doc"]["a"]["$"], hostile);
        assert!(!html(&root).contains("<a href"));
    }
}
