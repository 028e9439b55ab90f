//! A grid as its page shows it: blocks of rows of cells, with what the axes say.

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::grids::{self, Cell, Grid};
use genonaut_db::jobs::State;
use uuid::Uuid;

use crate::grid::{Layout, Shown};

pub struct GridView {
    pub grid: Grid,
    /// `CFG scale × Steps`.
    pub title: String,
    pub when: String,
    pub prompt: String,
    pub columns: Vec<String>,
    pub blocks: Vec<Block>,
    /// Pixels of the contact sheet.
    pub sheet: Option<(u32, u32)>,
}

/// The cells of one value of the third axis.
pub struct Block {
    pub caption: Option<String>,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub caption: Option<String>,
    pub cells: Vec<CellView>,
}

pub struct CellView {
    pub place: i32,
    pub image: Option<Uuid>,
    /// 0 is none.
    pub stars: i16,
    /// What it is, for who cannot see it.
    pub label: String,
    /// Why there is no image, or none yet.
    pub note: String,
    pub failed: bool,
    /// Of the image in work.
    pub percent: Option<i32>,
}

impl GridView {
    pub async fn load(db: &PgPool, viewer: Viewer, id: Uuid) -> anyhow::Result<Option<Self>> {
        let Some(grid) = grids::find(db, viewer, id).await? else { return Ok(None) };
        let cells = grids::cells(db, id).await?;
        let layout = Layout::new(&axes(&grid), largest(&cells))?;
        let sheet = (grid.made > 0).then_some((layout.width, layout.height));
        Ok(Some(Self { sheet, ..Self::new(grid, &cells) }))
    }

    /// Without cells it is what a list says of it.
    pub fn new(grid: Grid, cells: &[Cell]) -> Self {
        let axes = axes(&grid);
        let mut captions = axes.iter().map(Shown::captions);
        let columns = captions.next().unwrap_or_default();
        Self {
            title: axes.iter().map(Shown::title).collect::<Vec<_>>().join(" × "),
            when: grid.last_created.format("%-d %B %Y, %H:%M UTC").to_string(),
            prompt: grid.recipe["prompt"].as_str().unwrap_or_default().to_owned(),
            blocks: blocks(&columns, captions.next(), captions.next(), cells),
            columns,
            grid,
            sheet: None,
        }
    }

    pub fn address(&self) -> String {
        format!("/grids/{}", self.grid.id)
    }

    pub fn is_open(&self) -> bool {
        self.grid.open > 0
    }
}

/// What varies, as the catalogue keeps it.
pub fn axes(grid: &Grid) -> Vec<Shown> {
    serde_json::from_value(grid.axes.clone()).unwrap_or_default()
}

/// Pixels of the widest and of the highest image; before there is any, of a usual one.
pub fn largest(cells: &[Cell]) -> (u32, u32) {
    let most = |side: fn(&Cell) -> Option<i32>| cells.iter().filter_map(side).max().map_or(512, i32::unsigned_abs);
    (most(|cell| cell.width), most(|cell| cell.height))
}

/// Why there is no image, in words; empty where there is one.
pub fn note(cell: &Cell) -> String {
    if cell.image.is_some() {
        return String::new();
    }
    match (&cell.reason, cell.state) {
        (Some(reason), _) => reason.clone(),
        (None, Some(State::Failed)) => {
            let words = [cell.problem.as_deref(), cell.hint.as_deref()].into_iter().flatten();
            let words = words.map(|words| words.trim_end_matches('.')).filter(|words| !words.is_empty());
            words.map(|words| format!("{words}.")).collect::<Vec<_>>().join(" ")
        }
        (None, Some(State::Cancelled)) => "Cancelled".to_owned(),
        (None, Some(State::Running)) => "Generating".to_owned(),
        (None, Some(State::Waiting)) => "Waiting".to_owned(),
        (None, _) => "In the trash".to_owned(),
    }
}

/// Without an axis there is one row, and one block, that nothing is said of.
fn blocks(columns: &[String], rows: Option<Vec<String>>, blocks: Option<Vec<String>>, cells: &[Cell]) -> Vec<Block> {
    let each = |captions: Option<Vec<String>>| match captions {
        Some(captions) => captions.into_iter().map(Some).collect(),
        None => vec![None],
    };
    let rows: Vec<Option<String>> = each(rows);
    let mut cells = cells.iter();
    let mut row = |row: &Option<String>, block: &Option<String>| {
        let label = |column: &String| {
            let captions = [Some(column), row.as_ref(), block.as_ref()];
            captions.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        };
        let cells = columns.iter().zip(&mut cells).map(|(column, cell)| CellView::new(cell, label(column))).collect();
        Row { caption: row.clone(), cells }
    };
    let block = |caption| Block { rows: rows.iter().map(|of| row(of, &caption)).collect(), caption };
    each(blocks).into_iter().map(block).collect()
}

impl CellView {
    fn new(cell: &Cell, label: String) -> Self {
        Self {
            place: cell.place,
            image: cell.image,
            stars: cell.rating.unwrap_or_default(),
            label,
            note: note(cell),
            failed: cell.state == Some(State::Failed),
            percent: percent(cell),
        }
    }
}

fn percent(cell: &Cell) -> Option<i32> {
    let (step, steps) = (cell.step?, cell.steps.filter(|steps| *steps > 0)?);
    (cell.state == Some(State::Running)).then(|| step * 100 / steps)
}
