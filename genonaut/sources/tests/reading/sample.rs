//! A text that a regular expression matches: the shortest one, roughly.

use regex_syntax::hir::{Class, Hir, HirKind};

pub fn sample(pattern: &str) -> String {
    let mut text = String::new();
    add(&regex_syntax::parse(pattern).unwrap(), &mut text);
    text
}

fn add(hir: &Hir, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).unwrap()),
        HirKind::Class(class) => text.push(member(class)),
        HirKind::Repetition(repetition) => (0..repetition.min).for_each(|_| add(&repetition.sub, text)),
        HirKind::Capture(capture) => add(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| add(part, text)),
        HirKind::Alternation(parts) => add(&parts[0], text),
    }
}

fn member(class: &Class) -> char {
    let Class::Unicode(class) = class else { panic!("patterns are text") };
    let first = class.ranges()[0].start();
    let has = |wanted: char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&wanted));
    if first.is_ascii_graphic() { first } else { ['x', '_', '0'].into_iter().find(|c| has(*c)).unwrap_or(first) }
}
