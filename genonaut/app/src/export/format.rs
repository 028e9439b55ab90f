//! How a table is written: RFC 4180, with the delimiter that is asked for, and what spreadsheets need.

use genonaut_sources::table::guard;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Format {
    pub delimiter: Delimiter,
    /// UTF-8's byte order mark comes first: without it Excel takes letters outside of ASCII for others.
    pub bom: bool,
    /// Cells that a spreadsheet would take for formulas stand behind an apostrophe.
    pub guard: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Delimiter {
    #[default]
    Comma,
    Tab,
}

impl Delimiter {
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Comma => "csv",
            Self::Tab => "tsv",
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

impl Format {
    pub(super) fn head(self, names: impl Iterator<Item = &'static str>) -> Vec<u8> {
        let mut head = if self.bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        self.line(&mut head, names.map(str::to_owned));
        head
    }

    pub(super) fn line(self, out: &mut Vec<u8>, cells: impl Iterator<Item = String>) {
        let special = [self.delimiter.byte(), b'"', b'\n', b'\r'];
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                out.push(self.delimiter.byte());
            }
            let cell = guard::write(&cell, self.guard);
            if cell.bytes().any(|byte| special.contains(&byte)) {
                out.extend(format!("\"{}\"", cell.replace('"', "\"\"")).bytes());
            } else {
                out.extend(cell.bytes());
            }
        }
        out.extend(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(format: Format, cells: &[&str]) -> String {
        let mut out = Vec::new();
        format.line(&mut out, cells.iter().map(|cell| (*cell).to_owned()));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formulas_are_guarded_on_request_and_quoted_as_any_cell() {
        let cells = ["=1,2", "-x", "@a\nb", "a \"b\"", "'=c", "plain"];
        let guarded = Format { guard: true, ..Format::default() };
        assert_eq!(line(Format::default(), &cells), "\"=1,2\",-x,\"@a\nb\",\"a \"\"b\"\"\",''=c,plain\r\n");
        assert_eq!(line(guarded, &cells), "\"'=1,2\",'-x,\"'@a\nb\",\"a \"\"b\"\"\",''=c,plain\r\n");
        let tabs = Format { delimiter: Delimiter::Tab, guard: true, bom: true };
        assert_eq!(line(tabs, &["\tx", "a,b"]), "\"'\tx\"\ta,b\r\n");
        assert_eq!(tabs.head(["a", "b"].into_iter()), "\u{feff}a\tb\r\n".as_bytes());
    }
}
