//! What stands between the cells: Excel writes semicolons, and decimal commas, where its language has decimal commas.

use super::{Column, header};

const KNOWN: [u8; 3] = [b',', b';', b'\t'];

/// By the first line of a file that begins so: the one that brings out the most columns, else the usual one. A line
/// `sep=;` of Excel says it itself.
pub(super) fn find(start: &[u8], usual: u8, columns: &[Column]) -> u8 {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.trim_ascii().is_empty());
    let line = line.unwrap_or_default();
    if let Some(delimiter) = named(line) {
        return delimiter;
    }
    let known = |delimiter: u8| {
        let names = line.split(|byte| *byte == delimiter).map(String::from_utf8_lossy);
        names.filter(|name| header::find(name.trim().trim_matches('"').trim(), columns).is_some()).count()
    };
    let best = KNOWN.into_iter().max_by_key(|delimiter| (known(*delimiter), *delimiter == usual));
    best.filter(|best| known(*best) > known(usual)).unwrap_or(usual)
}

/// Whether a record only names the delimiter.
pub(super) fn is_named(record: &csv::ByteRecord) -> bool {
    let first = record.get(0).unwrap_or_default();
    named(first).is_some() || (record.len() <= 2 && first.eq_ignore_ascii_case(b"sep="))
}

fn named(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_start();
    let named = line.get(..4).filter(|start| start.eq_ignore_ascii_case(b"sep=")).and(line.get(4))?;
    Some(*named).filter(|named| KNOWN.contains(named))
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_names_columns() {
        let columns = ["path", "rating", "tags"].map(|name| Column::new(name, Kind::Text, false));
        for (start, usual, expected) in [
            ("path,rating\nx;y,1\n", b',', b','),
            ("path;rating;tags\nx;0,9;a, b\n", b',', b';'),
            ("\u{feff}\r\n\"path\"; \"Rating\"\r\n", b',', b';'),
            ("path\trating\n", b',', b'\t'),
            ("path,rating\n", b'\t', b','),
            ("sep=;\r\npath,x;y\n", b',', b';'),
            ("path\n", b'\t', b'\t'),
            ("what;ever\n", b',', b','),
            ("", b',', b','),
        ] {
            assert_eq!(find(start.as_bytes(), usual, &columns), expected, "{start}");
        }
    }
}
