//! The three properties of XMP that programs write into: no whole XML parser, as nothing else of it is read.

use super::{Texts, charset};

/// Local name, and ours.
const PROPERTIES: [(&str, &str); 3] =
    [("UserComment", "UserComment"), ("description", "Description"), ("CreatorTool", "CreatorTool")];

/// Where a name stands that is looked at closer.
const MOST_PLACES: usize = 50;

/// As an element with its text, with a list of languages of which the first counts, or as an attribute.
pub fn texts(xml: &[u8], texts: &mut Texts) {
    if !texts.charge(xml.len()) {
        return;
    }
    let xml = charset::plain(xml);
    for (local, name) in PROPERTIES {
        if let Some(value) = element(&xml, local).or_else(|| attribute(&xml, local)) {
            texts.push(name, &value);
        }
    }
}

/// `<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">…</rdf:li></rdf:Alt></exif:UserComment>`
fn element(xml: &str, local: &str) -> Option<String> {
    let (start, prefix) = xml.match_indices(&format!(":{local}")).take(MOST_PLACES).find_map(|(at, _)| {
        let open = xml[..at].rfind('<')?;
        let prefix = &xml[open + 1..at];
        let named = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let after = &xml[at + 1 + local.len()..];
        (named && after.starts_with(['>', ' ', '\n', '\t'])).then_some((at, prefix))
    })?;
    let inside = &xml[start + xml[start..].find('>')? + 1..];
    let inside = &inside[..inside.find(&format!("</{prefix}:{local}>"))?];
    let text = match inside.find("<rdf:li") {
        Some(item) => {
            let item = &inside[item..];
            let item = &item[item.find('>')? + 1..];
            &item[..item.find("</rdf:li>").unwrap_or(item.len())]
        }
        None => inside,
    };
    Some(unescaped(text))
}

/// `exif:UserComment="…"`
fn attribute(xml: &str, local: &str) -> Option<String> {
    let behind = xml.split_once(&format!(":{local}="))?.1;
    let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = &behind[1..];
    Some(unescaped(&value[..value.find(quote)?]))
}

fn unescaped(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")) {
        Some(plain) => plain.to_owned(),
        None => html_escape::decode_html_entities(text).into_owned(),
    }
}
