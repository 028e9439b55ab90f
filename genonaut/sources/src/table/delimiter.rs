//! What stands between the cells: Excel writes semicolons, and decimal commas, where its language has decimal commas.

use super::{Column, header};

const KNOWN: [u8; 3] = [b',', b';', b'\t'];

/// By the first line of a file that begins so: the one that brings out the most columns, else the most cells, else the
/// usual one. A line `sep=;` of Excel says it itself.
pub(super) fn find(start: &[u8], usual: u8, columns: &[Column]) -> u8 {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let start = without_blank_lines(start);
    if let Some(delimiter) = named(start) {
        return delimiter;
    }
    let score = |delimiter: u8| {
        let names = head(start, delimiter);
        let known = names.iter().filter(|name| header::find(name.trim(), columns).is_some()).count();
        let is_usual = delimiter == usual;
        (known, known > 0 && is_usual, names.len(), is_usual)
    };
    KNOWN.into_iter().max_by_key(|delimiter| score(*delimiter)).unwrap_or(usual)
}

/// As people call a file with it.
pub(super) fn name(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => "semicolon",
        b'\t' => "tab",
        _ => "comma",
    }
}

/// From the first line on that has more than delimiters.
fn without_blank_lines(mut start: &[u8]) -> &[u8] {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || KNOWN.contains(byte) || *byte == b'"';
    while let Some(end) = start.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        if !start[..end].iter().all(blank) {
            break;
        }
        start = &start[end + 1..];
    }
    start
}

/// The cells of the first line, if this were the delimiter.
fn head(start: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(start);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(_) => record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(),
        Err(_) => Vec::new(),
    }
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
            // A delimiter in quotes is a part of a name.
            ("\"path;rating;tags\",rating\n", b',', b','),
            ("\"a,b,c\";path\n", b',', b';'),
            (";;;\r\n;;;\r\n;path;rating;\r\n", b',', b';'),
            ("\t\t\n\npath\trating\t\n", b',', b'\t'),
            ("path;\"tags, and\r\nmore\"\r\n", b',', b';'),
            // Where nothing fits, the message is about what was meant.
            ("what;ever\n", b',', b';'),
            ("what|ever\n", b',', b','),
            ("", b',', b','),
        ] {
            assert_eq!(find(start.as_bytes(), usual, &columns), expected, "{start}");
        }
    }
}
