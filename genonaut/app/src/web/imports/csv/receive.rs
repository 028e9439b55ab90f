//! A file as a browser sends it, and which table it is for.

use std::fs::File;
use std::io::Write;

use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use genonaut_db::accounts::Viewer;
use genonaut_db::{PgPool, seed};
use tempfile::{NamedTempFile, TempPath};

use crate::problem::{Problem, ProblemType};
use crate::uploads::Upload;
use crate::web::models::Kind;
use crate::web::notice::Notice;
use crate::web::upload::Held;

/// Some 50,000 models.
const LARGEST: usize = 16 << 20;
const LONGEST_NAME: usize = 120;
/// What the other fields of the form may hold.
const LONGEST_FIELD: usize = 64;

pub(super) enum Refused {
    Field(Notice),
    Failed(Problem),
}

/// # Errors
/// What is wrong with the form or the file, at its field.
pub(super) async fn receive(
    db: &PgPool,
    viewer: Viewer,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Upload, Refused> {
    let mut form = form.map_err(|error| bad_request(error.body_text()))?;
    let (mut file, mut chosen, mut held) = (None, String::new(), Held::default());
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("file") => file = Some(store(field, &mut held).await?),
            Some("type") => chosen = text(field).await?,
            _ => {}
        }
    }
    let (name, path) = file.ok_or_else(|| at("file", NO_FILE))?;
    let table = match Kind::of(&chosen) {
        Some(kind) => table(kind),
        None => recognized(db, &name, &path).await?,
    };
    Ok(Upload::new(viewer, name, table, path))
}

const NO_FILE: &str = "Choose a CSV or TSV file.";
const UNCLEAR: &str = "The columns fit checkpoints and LoRAs alike. Choose which of them the file holds.";

/// By what it is called, else by its columns.
async fn recognized(db: &PgPool, name: &str, path: &TempPath) -> Result<&'static str, Refused> {
    let lower = name.to_lowercase();
    let named: Vec<_> = Kind::ALL.into_iter().filter(|kind| lower.contains(kind.word())).collect();
    if let [kind] = named[..] {
        return Ok(table(kind));
    }
    let fitting = seed::fitting_table(db, path).await.map_err(|error| Refused::Failed(error.into()))?;
    fitting.ok_or_else(|| at("type", UNCLEAR))
}

const fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Checkpoint => seed::TABLES[0],
        Kind::Lora => seed::TABLES[1],
    }
}

/// The name and the content, in a file that only we can read.
async fn store(mut field: Field<'_>, held: &mut Held) -> Result<(String, TempPath), Refused> {
    let name = file_name(field.file_name().unwrap_or_default());
    let ending = if name.to_lowercase().ends_with(".tsv") { ".tsv" } else { ".csv" };
    let file = tempfile::Builder::new().prefix("genonaut-").suffix(ending).tempfile();
    let mut file: NamedTempFile<File> = file.map_err(|error| failed(&error))?;
    let mut size = 0;
    while let Some(bytes) = field.chunk().await? {
        if size == 0 {
            refuse_workbook(&bytes)?;
        }
        size += bytes.len();
        if size > LARGEST {
            return Err(at("file", "The file is larger than 16 MiB. Use genonaut seed for it, or split it."));
        }
        held.more(bytes.len()).map_err(Refused::Failed)?;
        file.write_all(&bytes).map_err(|error| failed(&error))?;
    }
    if size == 0 {
        return Err(at("file", NO_FILE));
    }
    Ok((name, file.into_temp_path()))
}

/// Of Excel and LibreOffice: zip archives, and the older compound files.
fn refuse_workbook(start: &[u8]) -> Result<(), Refused> {
    match start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0") {
        true => Err(at("file", "This is a workbook. Save its sheet as CSV (UTF-8), and choose that file.")),
        false => Ok(()),
    }
}

async fn text(mut field: Field<'_>) -> Result<String, Refused> {
    let mut text = Vec::new();
    while let Some(bytes) = field.chunk().await? {
        text.extend(bytes);
        if text.len() > LONGEST_FIELD {
            return Err(bad_request("A field of the form is too long.".to_owned()));
        }
    }
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

/// Without folders, which some browsers send, and without what no name has.
fn file_name(given: &str) -> String {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.trim().is_empty() { "table.csv".to_owned() } else { name.trim().to_owned() }
}

fn at(field: &str, text: &str) -> Refused {
    Refused::Field(Notice::at(field, text))
}

fn bad_request(reason: String) -> Refused {
    Refused::Failed(Problem::new(ProblemType::BadRequest, reason))
}

fn failed(error: &std::io::Error) -> Refused {
    Refused::Failed(
        Problem::new(ProblemType::Internal, "The file could not be stored; see the server log").because(error),
    )
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Self {
        bad_request(error.body_text())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::{FromRequest, Request};
    use axum::http::header;
    use tokio::sync::Semaphore;

    use super::*;

    async fn stored(content: &str, held: &mut Held) -> Result<(String, TempPath), Refused> {
        let head = "content-disposition: form-data; name=\"file\"; filename=\"a.csv\"";
        let body = Body::from(format!("--x\r\n{head}\r\n\r\n{content}\r\n--x--\r\n"));
        let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=x").body(body);
        let mut form = Multipart::from_request(request.unwrap(), &()).await.unwrap();
        store(form.next_field().await.unwrap().unwrap(), held).await
    }

    #[tokio::test]
    async fn tables_take_their_part_of_the_budget_of_all_uploads() {
        static BUDGET: Semaphore = Semaphore::const_new(12);
        let mut held = Held::of(&BUDGET);
        assert!(stored("path\na.pt", &mut held).await.is_ok_and(|(name, _)| name == "a.csv"));
        let refused = stored("path", &mut held).await.err();
        assert!(matches!(refused, Some(Refused::Failed(problem)) if problem.kind == ProblemType::Busy));
        drop(held);
        assert_eq!(BUDGET.available_permits(), 12);
    }

    #[test]
    fn names_are_of_files_alone() {
        for (given, name) in [
            ("models_loras.csv", "models_loras.csv"),
            ("C:\\me\\my list.csv", "my list.csv"),
            ("../../etc/passwd", "passwd"),
            ("a\0\n.csv", "a.csv"),
            (" ", "table.csv"),
            ("", "table.csv"),
        ] {
            assert_eq!(file_name(given), name, "{given:?}");
        }
        assert_eq!(file_name(&"ä".repeat(500)).chars().count(), LONGEST_NAME);
    }
}
