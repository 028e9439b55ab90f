//! Reads CSV and TSV files whose columns the caller describes. Every problem of a file is collected;
//! a row that has some comes out all the same, with the bad cells empty.

mod array;
mod cell;
mod delimiter;
mod encoding;
pub mod guard;
mod header;
mod problem;
mod utf16;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use csv::ByteRecord;

use crate::decode;

pub use problem::Problem;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Comma-separated text, a JSON array of texts, or a PostgreSQL array literal.
    TextArray,
    JsonObject,
    /// A finite number.
    Float,
    Integer {
        min: i128,
        max: i128,
    },
    Boolean,
    Uuid,
    /// Passed on as text, for the database to judge.
    Other,
}

/// A column that a file may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// Whether an empty cell, or a file without this column, is a problem.
    pub required: bool,
}

impl Column {
    pub fn new(name: &str, kind: Kind, required: bool) -> Self {
        Self { name: name.to_owned(), kind, required }
    }
}

/// One record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where the record starts, counted from 1.
    pub line: u64,
    /// In the header's order; `None` is an empty cell. The text is one that PostgreSQL reads as the column's type.
    pub cells: Vec<Option<String>>,
}

/// Problems beyond these are counted, not listed.
const LISTED: usize = 1000;

/// A cell larger than this (16 MiB) is a problem.
const LARGEST_CELL: usize = 16 << 20;

/// The name of the table that a file is for: its own name without `.csv` or `.tsv` in any case.
pub fn table_name(path: &Path) -> Option<&str> {
    let ending = path.extension()?.to_str()?;
    let known = ["csv", "tsv"].iter().any(|known| ending.eq_ignore_ascii_case(known));
    if known { path.file_stem()?.to_str() } else { None }
}

/// UTF-8, whatever the file is in.
type Text = Box<dyn BufRead + Send>;

/// Reads a file record by record, in bounded memory.
pub struct Reader {
    csv: csv::Reader<encoding::Watched<Text>>,
    delimiter: u8,
    /// `None` where the header names no column of the table.
    columns: Vec<Option<Column>>,
    /// Whether the header has no name at this place.
    nameless: Vec<bool>,
    header: Vec<String>,
    header_is_sound: bool,
    problems: Vec<Problem>,
    unlisted: usize,
    done: bool,
}

impl Reader {
    /// Opens a file and reads its header. What is wrong with it is among the problems: rows are read all the same,
    /// so that theirs are found too.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn open(path: &Path, columns: Vec<Column>) -> Result<Self, Vec<Problem>> {
        let unreadable =
            |error: io::Error| vec![Problem::at(1, "", None, "", &format!("cannot be read: {error}"), None)];
        let mut text = open(path).map_err(unreadable)?;
        let delimiter = delimiter::find(text.fill_buf().map_err(unreadable)?, usual_delimiter(path), &columns);
        let watched = encoding::Watched::new(text, delimiter).map_err(unreadable)?;
        let mut csv =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(watched);
        let (first, line) = head(&mut csv).map_err(|error| unreadable(error.into()))?.ok_or_else(|| vec![empty()])?;
        let nameless = first.iter().map(|name| name.trim_ascii().is_empty()).collect();
        let (columns, problems) = header::read(&first, line, &columns, delimiter);
        let header = columns.iter().flatten().map(|column| column.name.clone()).collect();
        let header_is_sound = problems.is_empty();
        Ok(Self { csv, delimiter, columns, nameless, header, header_is_sound, problems, unlisted: 0, done: false })
    }

    /// Names of the file's columns, in its order.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Whether the cells of a row are those of all columns that the file means to have.
    pub fn header_is_sound(&self) -> bool {
        self.header_is_sound
    }

    /// What was wrong in the header and the rows read so far, in the order of their lines.
    pub fn into_problems(mut self) -> Vec<Problem> {
        if self.unlisted > 0 {
            let reason = format!("and {} more problems", self.unlisted);
            let line = self.csv.position().line();
            self.problems.push(Problem::at(line, "", None, "", &reason, None));
        }
        self.problems
    }

    fn row(&mut self, line: u64, record: &ByteRecord) -> Row {
        self.check_width(line, record);
        let mut cells = Vec::with_capacity(self.columns.len());
        for field in 0..self.columns.len() {
            let bytes = record.get(field).unwrap_or_default();
            cells.extend(self.cell(line, field, bytes));
        }
        Row { line, cells }
    }

    /// Nothing where the header names no column.
    fn cell(&mut self, line: u64, field: usize, bytes: &[u8]) -> Option<Option<String>> {
        let Some(column) = self.columns[field].as_ref() else {
            if self.nameless[field] && !bytes.trim_ascii().is_empty() {
                let value = String::from_utf8_lossy(bytes);
                let hint = "name the column in the first line, or clear the cell";
                self.report(Problem::at(
                    line,
                    "",
                    Some(field),
                    &value,
                    "is in a column without a name",
                    Some(hint.into()),
                ));
            }
            return None;
        };
        // Where commas stand between the cells, they stand in no number.
        let decimals = if self.delimiter == b',' { '.' } else { ',' };
        let cell = match cell::read(column, bytes, decimals) {
            Ok(cell) => cell,
            Err(cell::Bad { value, reason, hint }) => {
                let problem = Problem::at(line, &column.name, Some(field), &value, &reason, hint);
                self.report(problem);
                None
            }
        };
        Some(cell)
    }

    /// Empty cells beyond the header are none.
    fn check_width(&mut self, line: u64, record: &ByteRecord) {
        let (found, expected) = (record.len(), self.columns.len());
        if found < expected || !record.iter().skip(expected).all(|cell| cell.trim_ascii().is_empty()) {
            let reason = format!("has {found} fields, but the header has {expected}");
            let hint = format!("put text with {}s in double quotes", delimiter::name(self.delimiter));
            self.report(Problem::at(line, "", None, "", &reason, Some(hint)));
        }
    }

    fn report(&mut self, problem: Problem) {
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        } else {
            self.unlisted += 1;
        }
    }

    fn end(&mut self, error: Option<csv::Error>) {
        self.done = true;
        let line = self.csv.position().line();
        if let Some((line, how)) = self.csv.get_ref().open_quote() {
            let hint = "close the text with a double quote; double the quotes inside it";
            let reason = format!("the quoted text that starts here {how}");
            self.report(Problem::at(line, "", None, "", &reason, Some(hint.into())));
        } else if let Some(error) = error {
            self.report(Problem::at(line, "", None, "", &format!("cannot be read further: {error}"), None));
        }
    }
}

impl Iterator for Reader {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while !self.done {
            let mut record = ByteRecord::new();
            match self.csv.read_byte_record(&mut record) {
                // What an open quote has swallowed is no row.
                Ok(true) if self.csv.get_ref().open_quote().is_some() => self.end(None),
                Ok(true) => {
                    let line = self.csv.get_mut().next_start().unwrap_or(1);
                    if !is_blank(&record) {
                        return Some(self.row(line, &record));
                    }
                }
                Ok(false) => self.end(None),
                Err(error) => self.end(Some(error)),
            }
        }
        None
    }
}

fn open(path: &Path) -> io::Result<Text> {
    let mut file = BufReader::new(File::open(path)?);
    match decode::utf16_start(file.fill_buf()?) {
        Some((mark, unit)) => {
            file.consume(mark);
            Ok(Box::new(BufReader::new(utf16::Utf16::new(file, unit))))
        }
        None => Ok(Box::new(file)),
    }
}

fn usual_delimiter(path: &Path) -> u8 {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv")) { b'\t' } else { b',' }
}

/// The record that names the columns, and its line.
fn head(csv: &mut csv::Reader<encoding::Watched<Text>>) -> csv::Result<Option<(ByteRecord, u64)>> {
    let mut record = ByteRecord::new();
    while csv.read_byte_record(&mut record)? {
        let line = csv.get_mut().next_start().unwrap_or(1);
        if !delimiter::is_named(&record) && !is_blank(&record) {
            return Ok(Some((record, line)));
        }
    }
    Ok(None)
}

/// Excel writes rows of nothing but delimiters for cells that were emptied.
fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| cell.trim_ascii().is_empty())
}

fn empty() -> Problem {
    Problem::at(1, "", None, "", "the file is empty", Some("the first line must name the columns".into()))
}
