//! Descriptions from web pages as plain text.

/// Elements whose content is not for reading.
const HIDDEN: [&str; 6] = ["script", "style", "iframe", "noscript", "template", "svg"];

/// Elements that begin and end a line.
const BLOCKS: [&str; 22] = [
    "p",
    "div",
    "br",
    "hr",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "table",
    "tr",
    "blockquote",
    "section",
    "article",
];

/// A description that may be HTML and may be plain: programs save either under the same name.
pub fn description(given: &str) -> Option<String> {
    if is_markup(given) { super::text::long(&text(given)) } else { super::text::long(given) }
}

pub fn is_markup(given: &str) -> bool {
    const MARKUP: [&str; 4] = ["</", "/>", "<br>", "<p>"];
    MARKUP.iter().any(|sign| given.contains(sign))
}

/// The text with its entities as characters.
pub fn decoded(given: &str) -> String {
    html_escape::decode_html_entities(given).into_owned()
}

/// The text of a piece of HTML: a line per block, no empty lines, no markup.
pub fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let after = after_markup(rest);
        match tag(rest) {
            Some(name) if BLOCKS.contains(&name.as_str()) => text.push('\n'),
            None if after.is_none() => text.push('<'),
            _ => {}
        }
        rest = after.unwrap_or(&rest[1..]);
    }
    text.push_str(rest);
    lines(&text)
}

/// What follows the tag, comment or hidden element at the start; `None` where there is only a `<`.
fn after_markup(html: &str) -> Option<&str> {
    if html.starts_with("<!--") {
        return Some(after(html, "-->"));
    }
    let name = tag(html);
    if name.is_none() && !html.starts_with("<!") && !html.starts_with("<?") {
        return None;
    }
    let behind = after(html, ">");
    let opened = name.filter(|name| !html.starts_with("</") && HIDDEN.contains(&name.as_str()));
    Some(opened.map_or(behind, |name| after(closing(behind, &name), ">")))
}

/// The lower-case name of the tag at the start.
fn tag(html: &str) -> Option<String> {
    let html = html.strip_prefix('<')?;
    let html = html.strip_prefix('/').unwrap_or(html);
    let name = &html[..html.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(html.len())];
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| name.to_ascii_lowercase())
}

/// What follows the first `end`; nothing when it never comes.
fn after<'a>(html: &'a str, end: &str) -> &'a str {
    html.split_once(end).map_or("", |(_, rest)| rest)
}

/// From the closing tag of a hidden element on.
fn closing<'a>(html: &'a str, name: &str) -> &'a str {
    let ends = html.match_indices("</").map(|(at, _)| &html[at..]);
    ends.into_iter().find(|rest| tag(rest).as_deref() == Some(name)).unwrap_or("")
}

/// Characters that stand for themselves, white space as the page shows it.
fn lines(text: &str) -> String {
    let decoded = text.lines().map(decoded);
    let squeezed = decoded.map(|line| super::text::squeezed(&line)).filter(|line| !line.is_empty());
    squeezed.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn blocks_are_lines_and_scripts_are_gone() {
        for (html, expected) in [
            ("<p>Second <b>version</b></p>", "Second version"),
            ("<h1>A</h1>\n<p>b&nbsp;&amp; c</p><ul><li>d</li><li>e</li></ul>", "A\nb & c\nd\ne"),
            ("a<SCRIPT>alert('<p>')</ScRiPt >b<style>x{}</style><!-- <p>no</p> -->c", "abc"),
            ("3 < 4, x<3 and &lt;script&gt;", "3 < 4, x<3 and <script>"),
            ("one<br/>two<a href='https://example.org'>there</a>", "one\ntwothere"),
            ("cut <b off", "cut"),
            ("cut <script>off", "cut"),
            ("&#0;&#x1F600; plain", "&#0;😀 plain"),
            ("", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }
}
