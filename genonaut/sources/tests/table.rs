//! Files as people save them, good and bad.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::path::Path;

use genonaut_sources::table::{Column, Kind, Problem, Reader, Row, guard, table_name};
use proptest::prelude::*;

fn columns() -> Vec<Column> {
    vec![
        Column::new("path", Kind::Text, true),
        Column::new("rating", Kind::Float, false),
        Column::new("tags", Kind::TextArray, false),
        Column::new("metadata", Kind::JsonObject, false),
        Column::new("count", Kind::Integer { min: -5, max: 99 }, false),
        Column::new("done", Kind::Boolean, false),
        Column::new("id", Kind::Uuid, false),
    ]
}

fn read(ending: &str, bytes: &[u8]) -> Result<(Vec<Row>, Vec<Problem>), Vec<Problem>> {
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let mut reader = Reader::open(file.path(), columns())?;
    let rows = reader.by_ref().collect();
    Ok((rows, reader.into_problems()))
}

fn cells(text: &str) -> Vec<Vec<Option<String>>> {
    let (rows, problems) = read(".csv", text.as_bytes()).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    rows.into_iter().map(|row| row.cells).collect()
}

/// `line:column: reason; hint` of each problem.
fn problems(bytes: &[u8]) -> Vec<String> {
    let found = match read(".csv", bytes) {
        Ok((_, problems)) | Err(problems) => problems,
    };
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_is_named_like_its_table() {
    for (path, name) in [
        ("a/models_loras.csv", Some("models_loras")),
        ("x.TSV", Some("x")),
        ("x.Csv", Some("x")),
        ("x.txt", None),
        ("csv", None),
    ] {
        assert_eq!(table_name(Path::new(path)), name, "{path}");
    }
}

#[test]
fn files_of_every_office_program_read_alike() {
    let plain = cells("path,rating\na b.pt,0.5\n");
    for text in [
        "\u{feff}path,rating\na b.pt,0.5\n",
        "path,rating\r\na b.pt,0.5\r\n",
        "path,rating\n\n\na b.pt,0.5",
        " Path , RATING \n\"a b.pt\",\"0.5\"\n",
        // Of Excel, where the decimals stand behind a comma, and with cells that were emptied.
        "path;rating\r\na b.pt;0,5\r\n",
        "sep=;\r\npath;rating\r\na b.pt;0.5\r\n",
        "path\trating\na b.pt\t0,5\n",
        "path,rating,,\na b.pt,0.5,,\n,,,\n , \n",
        "path,rating\na b.pt,0.5,\n,\n\"\",\n",
        // Rows and columns that a sheet has before its table and behind it.
        ";;;\r\n;;;\r\n;path;rating;\r\n;;;\r\n;a b.pt;0,5;\r\n;;;\r\n",
        "\u{feff}\t\t\r\npath\trating\t\r\na b.pt\t0,5\t\r\n",
    ] {
        assert_eq!(cells(text), plain, "{text:?}");
    }
    let (rows, found) = read(".TSV", "path\ttags\n\"a\tb.pt\"\tx, y\n".as_bytes()).unwrap();
    assert!(found.is_empty());
    assert_eq!(rows[0].cells, [Some("a\tb.pt".into()), Some(r#"{"x","y"}"#.into())]);
}

#[test]
fn utf16_is_read_with_a_mark_and_without() {
    let text = "path\trating\r\ngröße 😀.pt\t0,5\r\n";
    let expected = [Some("größe 😀.pt".to_owned()), Some("0.5".to_owned())];
    for (mark, bytes) in
        [("\u{feff}", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("", u16::to_le_bytes), ("\u{feff}", u16::to_be_bytes)]
    {
        let bytes: Vec<u8> = mark.encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect();
        let (rows, found) = read(".tsv", &bytes).unwrap();
        assert_eq!((found.len(), &rows[0].cells[..], rows[0].line), (0, &expected[..], 2));
    }
}

#[test]
fn a_value_in_a_column_without_a_name_is_not_lost_silently() {
    let hint = "name the column in the first line, or clear the cell";
    assert_eq!(
        problems(b"path,,rating\nx,,1\ny,z,1\n"),
        [format!("3: is in a column without a name (value \"z\"); {hint}")]
    );
    assert_eq!(problems(b"path;rating\nx;1.234,5\n"), ["2:rating: is not a number (value \"1.234,5\")"]);
}

#[test]
fn a_header_that_does_not_fit_names_the_delimiter_that_was_taken() {
    assert_eq!(
        problems(b"Pfad;Bewertung\nx;1\n")[0],
        "1:Pfad: is not a column of the table (value \"Pfad\"); use one of path, rating, tags, metadata, count, done, id \
         (the file was read as semicolon-separated)"
    );
    let missing = "this column is missing; add a column path (the file was read as";
    for (text, name) in [("rating;tags\n", "semicolon"), ("rating\ttags\n", "tab"), ("rating,tags\n", "comma")] {
        assert_eq!(problems(text.as_bytes()), [format!("1:path: {missing} {name}-separated)")], "{text}");
    }
    assert!(problems(b"path|rating\nx|1\n")[0].contains("(the file was read as comma-separated)"));
    assert_eq!(
        problems(b"path;rating\nx;1;2\n"),
        ["2: has 3 fields, but the header has 2; put text with semicolons in double quotes"]
    );
}

#[test]
fn a_guarded_cell_is_what_it_was_before_a_spreadsheet_had_it() {
    assert_eq!(
        cells("path,rating,tags\n'=1.pt,'+0.5,\"'-x, y\"\n''=1.pt,,\n'tis.pt,,\n"),
        [
            [Some("=1.pt".to_owned()), Some("+0.5".to_owned()), Some(r#"{"-x","y"}"#.to_owned())],
            [Some("'=1.pt".to_owned()), None, None],
            [Some("'tis.pt".to_owned()), None, None],
        ]
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let text = "path,rating\r\n\"a\nb\r\nc\",1\r\n\r\nd,bad\r\n\"e \"\" f\",bad\r\n";
    let (rows, found) = read(".csv", text.as_bytes()).unwrap();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 6, 7]);
    assert_eq!(found.iter().map(|problem| problem.line).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(rows[2].cells[0].as_deref(), Some(r#"e " f"#));
}

#[test]
fn lists_are_read_in_three_forms() {
    for (cell, literal) in [
        ("a, b ,,a", r#"{"a","b"}"#),
        (r#""[""a, b"", ""c\"" d""]""#, r#"{"a, b","c\" d"}"#),
        (r#""{a,""b, c"",""d \""e""}""#, r#"{"a","b, c","d \"e"}"#),
        ("[]", "{}"),
        ("{}", "{}"),
        (r"back\slash", r#"{"back\\slash"}"#),
    ] {
        assert_eq!(
            cells(&format!(
                "path,tags\nx,{}\n",
                if cell.contains(',') && !cell.starts_with('"') { format!("\"{cell}\"") } else { cell.to_owned() }
            ))[0][1]
                .as_deref(),
            Some(literal),
            "{cell}"
        );
    }
}

#[test]
fn metadata_goes_by_two_names() {
    assert_eq!(cells("path,model_metadata\nx,\"{\"\"n\"\": 1.50}\"\n")[0][1].as_deref(), Some(r#"{"n": 1.50}"#));
    assert!(problems(b"path,metadata,model_metadata\nx,,\n")[0].contains("names a column twice"));
}

#[test]
fn every_bad_cell_says_where_what_and_why() {
    for (text, expected) in [
        ("path,rating\nx,abc\n", "2:rating: is not a number (value \"abc\")"),
        ("path,rating\nx,NaN\n", "2:rating: is not a finite number (value \"NaN\")"),
        ("path,rating\nx,\"0,9\"\n", "2:rating: is not a number (value \"0,9\"); use a decimal point"),
        ("path,rating\n,1\n", "2:path: must not be empty"),
        ("path,rating\n\"  \",1\n", "2:path: must not be empty (value \"  \")"),
        ("path,metadata\nx,[1]\n", "2:metadata: is not a JSON object (value \"[1]\"); write {\"key\": \"value\"}"),
        (
            "path,metadata\nx,{a\n",
            "2:metadata: is not valid JSON: key must be a string at line 1 column 2 (value \"{a\")",
        ),
        (
            "path,tags\nx,\"{a,{b}}\"\n",
            "2:tags: is a list of lists (value \"{a,{b}}\"); write a, b or [\"a\", \"b\"] or {a,b}",
        ),
        (
            "path,tags\nx,\"{a,NULL}\"\n",
            "2:tags: contains NULL (value \"{a,NULL}\"); write a, b or [\"a\", \"b\"] or {a,b}",
        ),
        ("path,count\nx,100\n", "2:count: is not between -5 and 99 (value \"100\")"),
        ("path,count\nx,1.5\n", "2:count: is not a whole number (value \"1.5\")"),
        ("path,done\nx,maybe\n", "2:done: is not true or false (value \"maybe\")"),
        ("path,id\nx,123\n", "2:id: is not a UUID (value \"123\"); write 8-4-4-4-12 hexadecimal digits"),
        ("path,rating\nx\n", "2: has 1 fields, but the header has 2; put text with commas in double quotes"),
        ("path,rating\nx,1,2\n", "2: has 3 fields, but the header has 2; put text with commas in double quotes"),
        (
            "path,rating\nx,1\n\"y,2\n",
            "3: the quoted text that starts here is not closed; close the text with a double quote; double the quotes inside it",
        ),
        ("path\na\u{0}b\n", "2:path: contains a NUL character (value \"a\\u{0}b\"); remove it"),
        ("", "1: the file is empty; the first line must name the columns"),
        ("rating\n1\n", "1:path: this column is missing; add a column path (the file was read as comma-separated)"),
        ("path,ratign\nx,1\n", "1:ratign: is not a column of the table (value \"ratign\"); did you mean rating?"),
    ] {
        assert!(
            problems(text.as_bytes()).iter().any(|found| found == expected),
            "{expected}\nis not in {:#?}",
            problems(text.as_bytes())
        );
    }
    let latin1 = problems(b"path,rating\nx,1\ncaf\xe9,1\n");
    assert_eq!(latin1, ["3:path: is not UTF-8 (value \"caf\u{fffd}\"); save the file as UTF-8"]);
}

#[test]
fn a_bad_header_does_not_hide_bad_rows() {
    let found = problems(b"\n\npath,ratign,path,count\nx,abc,y,1\nz,,,many\n");
    assert_eq!(
        found,
        [
            "3:ratign: is not a column of the table (value \"ratign\"); did you mean rating?",
            "3:path: names a column twice (value \"path\")",
            "5:count: is not a whole number (value \"many\")",
        ]
    );
}

#[test]
fn a_header_in_another_encoding_is_told_as_such() {
    assert_eq!(problems(b"path,caf\xe9\nx,\n"), ["1: is not UTF-8 (value \"caf\u{fffd}\"); save the file as UTF-8"]);
}

#[test]
fn what_postgresql_would_refuse_is_refused_here() {
    for (column, cell) in [
        ("tags", r#""[""a\u0000""]""#),
        ("tags", "\"{,a}\""),
        ("tags", "\"{a,}\""),
        ("metadata", r#""{""a"": [""\u0000""]}""#),
        ("metadata", r#""{""\u0000"": 1}""#),
        ("metadata", r#""{""a"": ""\ud800""}""#),
        ("rating", "1e-999"),
        ("rating", "1e999"),
        ("id", "12345678-12341234-1234-12345678-9012"),
    ] {
        let found = problems(format!("path,{column}\nx,{cell}\n").as_bytes());
        assert!(found.len() == 1 && found[0].starts_with(&format!("2:{column}: ")), "{cell}: {found:?}");
    }
    let fine = r#"{"a": "C:\\u0000"}"#;
    assert_eq!(cells(&format!("path,metadata\nx,\"{}\"\n", fine.replace('"', "\"\"")))[0][1].as_deref(), Some(fine));
    assert_eq!(cells("path,tags,rating\nx,{ },0e-999\n")[0][1].as_deref(), Some("{}"));
}

#[test]
fn an_open_quote_is_one_problem_and_reads_no_more_than_a_cell() {
    let open = "the quoted text that starts here is not closed; close the text with a double quote; double the quotes inside it";
    assert_eq!(problems(b"path,rating\nx,1\n\"y,2\nz,bad\n"), [format!("3: {open}")]);
    let mut long = b"path,rating\nx,1\n\"y,2\n".to_vec();
    long.resize(40 << 20, b'z');
    let found = problems(&long);
    assert_eq!(found, [format!("3: the quoted text that starts here is larger than 16 MiB; {}", &open[48..])]);
}

#[test]
fn lines_of_old_macs_are_counted_too() {
    let (rows, _) = read(".csv", b"path,rating\rx,1\r\"a\rb\",1\ry,1\r").unwrap();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 5]);
}

#[test]
fn a_quote_inside_a_word_is_a_letter() {
    assert_eq!(cells("path,rating\n5\" tall,1\n")[0][0].as_deref(), Some("5\" tall"));
}

#[test]
fn all_problems_are_found_and_the_list_ends() {
    let text: String =
        std::iter::once("path,rating\n".to_owned()).chain((0..1500).map(|_| ",bad\n".to_owned())).collect();
    let found = problems(text.as_bytes());
    assert_eq!((found.len(), found.last().unwrap().contains("and 2000 more problems")), (1001, true));
}

#[test]
fn long_values_and_control_characters_are_shown_safely() {
    let found = problems(format!("path,rating\nx,\"\u{1b}[31m{}\"\n", "z".repeat(500)).as_bytes());
    assert!(found[0].len() < 200 && !found[0].contains('\u{1b}') && found[0].contains('…'), "{found:?}");
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(
        texts in prop::collection::vec("['=-]{0,3}[^\\x00]*[a-z][^\\x00]*", 1..8),
        guarded in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["path"]).unwrap();
        texts.iter().for_each(|text| writer.write_record([guard::write(text, guarded).as_ref()]).unwrap());
        let (rows, found) = read(".csv", &writer.into_inner().unwrap()).unwrap();
        prop_assert!(found.is_empty());
        let read: Vec<_> = rows.into_iter().map(|row| row.cells[0].clone().unwrap()).collect();
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut file = b"path,tags,metadata\n".to_vec();
        file.extend(&bytes);
        read(".csv", &file).ok();
        read(".tsv", &bytes).ok();
    }
}
