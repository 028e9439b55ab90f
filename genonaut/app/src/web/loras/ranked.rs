//! What fits a checkpoint, the best grade first: one list for each grade, in the order of ratings, paged as if they were one.

use std::collections::VecDeque;

use genonaut_db::architecture::{Grade, Target};
use genonaut_db::lora::{self, Filter, FitFilter, Lora};
use genonaut_db::page::{Cursor, Page, PageRequest};
use genonaut_db::{DbError, PgPool};

/// Best first.
pub const GRADES: [Grade; 3] = [Grade::Optimal, Grade::Compatible, Grade::Partial];

/// One page over all grades.
#[derive(Default)]
pub struct Ranked {
    pub items: VecDeque<Lora>,
    pub prev: Option<(usize, Cursor)>,
    pub next: Option<(usize, Cursor)>,
}

/// The lists of all grades.
pub struct Lists<'a> {
    pub db: &'a PgPool,
    pub filter: Filter,
    pub target: Target,
    /// Of the whole list; its cursor is one of the list of the grade that the page starts in.
    pub request: PageRequest,
}

impl Lists<'_> {
    /// `grade` is the list that the page starts in.
    pub async fn page(&self, grade: usize) -> Result<Ranked, DbError> {
        let grade = grade.min(GRADES.len() - 1);
        match self.request.cursor.clone() {
            Some(cursor) if cursor.is_backwards() => self.back(grade, cursor).await,
            cursor => self.on(grade, cursor).await,
        }
    }

    async fn on(&self, first: usize, mut cursor: Option<Cursor>) -> Result<Ranked, DbError> {
        let mut ranked = Ranked { prev: self.before(first, cursor.is_some()).await?, ..Ranked::default() };
        for grade in first..GRADES.len() {
            let page = self.of(grade, cursor.take(), self.room(&ranked)).await?;
            if let (true, Some(prev)) = (ranked.items.is_empty(), page.prev) {
                ranked.prev = Some((grade, prev));
            }
            ranked.items.extend(page.items);
            ranked.next = page.next.map(|next| (grade, next));
            if ranked.next.is_some() {
                break;
            }
            if self.room(&ranked) == 0 {
                ranked.next = self.behind(grade).await?;
                break;
            }
        }
        Ok(ranked)
    }

    async fn back(&self, last: usize, cursor: Cursor) -> Result<Ranked, DbError> {
        let mut ranked = Ranked::default();
        let mut cursor = Some(cursor);
        for grade in (0..=last).rev() {
            let end = cursor.take().unwrap_or_else(Cursor::end_of_ratings);
            let page = self.of(grade, Some(end), self.room(&ranked)).await?;
            ranked.next = ranked.next.or(page.next.map(|next| (grade, next)));
            page.items.into_iter().rev().for_each(|lora| ranked.items.push_front(lora));
            ranked.prev = page.prev.map(|prev| (grade, prev));
            if ranked.prev.is_some() {
                break;
            }
            if self.room(&ranked) == 0 {
                ranked.prev = self.before(grade, false).await?;
                break;
            }
        }
        Ok(ranked)
    }

    /// The end of what comes before the list of a grade; nothing when there is nothing. `started` is for a page within
    /// that list, which may have become empty.
    async fn before(&self, grade: usize, started: bool) -> Result<Option<(usize, Cursor)>, DbError> {
        let better = &GRADES[..grade];
        let any = grade > 0 && (started || self.any(better).await?);
        Ok(any.then(|| (grade - 1, Cursor::end_of_ratings())))
    }

    /// The beginning of what comes behind the list of a grade.
    async fn behind(&self, grade: usize) -> Result<Option<(usize, Cursor)>, DbError> {
        let worse = GRADES.get(grade + 1..).unwrap_or_default();
        let any = !worse.is_empty() && self.any(worse).await?;
        Ok(any.then(|| (grade + 1, Cursor::start_of_ratings())))
    }

    fn room(&self, ranked: &Ranked) -> u16 {
        self.request.limit.saturating_sub(u16::try_from(ranked.items.len()).unwrap_or(u16::MAX))
    }

    async fn any(&self, grades: &[Grade]) -> Result<bool, DbError> {
        let one = PageRequest { limit: 1, ..PageRequest::default() };
        Ok(!lora::list(self.db, &self.graded(grades), &one).await?.items.is_empty())
    }

    async fn of(&self, grade: usize, cursor: Option<Cursor>, limit: u16) -> Result<Page<Lora>, DbError> {
        let request = PageRequest { limit, cursor, ..self.request.clone() };
        lora::list(self.db, &self.graded(&GRADES[grade..=grade]), &request).await
    }

    fn graded(&self, grades: &[Grade]) -> Filter {
        let fit = FitFilter { checkpoint: self.target.clone(), grades: grades.to_vec() };
        Filter { fit: Some(fit), ..self.filter.clone() }
    }
}
