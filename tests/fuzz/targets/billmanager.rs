//! BILLmanager: parameters, what they ask for, and documents that show what came.

use quick_xml::Reader;
use quick_xml::events::Event;
use wsa::protocols::billmanager::command::{Answered, Ask, Fault, Lang};
use wsa::protocols::billmanager::wire::document::{Element, Out};
use wsa::protocols::billmanager::wire::params::{LONGEST_VALUE, MOST_PARAMETERS, Params, SECRETS};
use wsa::protocols::billmanager::wire::request::{Function, read_command};
use wsa::protocols::billmanager::wire::{answer, document, filter, request};

/// What parameters ask for comes to the worker as it was; what is wrong is told in both forms and languages.
#[test]
fn billmanager_params() {
    wsa_fuzz::text("billmanager_params", |input| {
        let (query, body) = input.split_once('\n').unwrap_or((input, ""));
        let params = match Params::read(query, body) {
            Ok(params) => params,
            Err(fault) => return is_told(&fault),
        };
        let others = params.others(&[]);
        assert!(others.len() <= MOST_PARAMETERS);
        assert!(SECRETS.iter().all(|secret| !others.contains_key(*secret)));
        assert!(others.values().all(|value| value.chars().count() <= LONGEST_VALUE));
        let asks = [
            asked(&params),
            request::confirm(&params).map(Ask::Confirm).map(Some),
            request::cart(&params),
        ];
        for ask in asks {
            match ask {
                Ok(Some(ask)) => is_kept(ask),
                Ok(None) => {}
                Err(fault) => is_told(&fault),
            }
        }
        if let Err(fault) = request::confirmed(&params) {
            is_told(&fault);
        }
        match filter::payments(&params, None) {
            Ok(filter) => assert!(filter.most > 0 && filter.skip >= 0),
            Err(fault) => is_told(&fault),
        }
    });
}

/// The line item of an order function.
fn asked(params: &Params) -> Result<Option<Ask>, Fault> {
    match params.get("func").and_then(Function::named) {
        Some(Function::Order { itemtype, quick }) => {
            request::add(params, &itemtype, quick).map(Ask::Add).map(Some)
        }
        _ => Ok(None),
    }
}

fn is_kept(ask: Ask) {
    let stored = serde_json::to_string(&ask).unwrap();
    assert_eq!(read_command(&stored), Ok(ask), "{stored}");
}

fn is_told(fault: &Fault) {
    for lang in [Lang::Ru, Lang::En] {
        wsa_fuzz::is_sentence(fault.msg.of(lang));
        is_shown(&document::doc(lang, "cart", "", "/billmgr").child(answer::error(fault, lang)));
    }
}

/// Whatever it holds, a document is well-formed, and its texts are those that were put into it.
fn is_shown(root: &Element) {
    serde_json::from_str::<serde_json::Value>(&document::write(root, Out::Json)).unwrap();
    texts(&document::write(root, Out::Xml));
    let lines = document::write(root, Out::Text);
    assert!(lines.is_empty() || lines.ends_with('\n'), "{lines:?}");
}

/// The texts of a document, one after the other.
fn texts(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    let mut read = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(text) => read += &text.into_inner(),
            Event::GeneralRef(entity) => {
                let plain = match entity.resolve_char_ref().unwrap() {
                    Some(plain) => plain.to_string(),
                    None => quick_xml::escape::resolve_xml_entity(&entity.into_inner())
                        .unwrap()
                        .to_owned(),
                };
                read += &plain;
            }
            Event::Start(element) | Event::Empty(element) => {
                element.attributes().for_each(|attribute| drop(attribute.unwrap()));
            }
            Event::Eof => return read,
            _ => {}
        }
    }
}

#[test]
fn billmanager_document() {
    wsa_fuzz::text("billmanager_document", |text| {
        let root = Element::new("doc").with("a", text).child(Element::text("msg", text));
        let json = document::write(&root, Out::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["doc"]["$a"], text);
        assert_eq!(json["doc"]["msg"]["$"], text);
        // What XML cannot hold is replaced; the line after the declaration is no text of ours.
        let cannot = |c: char| {
            (c.is_ascii_control() && !"\t\n\r".contains(c)) || "\u{fffe}\u{ffff}".contains(c)
        };
        let shown = texts(&document::write(&root, Out::Xml));
        assert_eq!(shown.strip_prefix('\n'), Some(&*text.replace(cannot, "\u{fffd}")));
        texts(&document::html(&root));
    });
}

/// A stored request, and a stored answer, may be anything that a store came to hold.
#[test]
fn billmanager_stored() {
    wsa_fuzz::text("billmanager_stored", |text| {
        match read_command(text) {
            Ok(ask) => is_kept(ask),
            Err(error) => wsa_fuzz::is_sentence(&error),
        }
        if let Ok(answered) = serde_json::from_str::<Answered>(text) {
            let again = serde_json::to_string(&answered).unwrap();
            assert_eq!(serde_json::from_str::<Answered>(&again).unwrap(), answered);
            let root = Element::new("doc").children(answer::elements(&answered, Lang::En));
            is_shown(&root);
        }
    });
}
