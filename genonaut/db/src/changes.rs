//! Hears what the database tells by itself (NOTIFY), on one channel for each kind of change.

use std::marker::PhantomData;

use sqlx::PgPool;
use sqlx::postgres::PgListener;

/// Something that is told of.
pub trait Told: Sized {
    const CHANNEL: &'static str;

    /// `None` when it concerns nobody.
    fn read(payload: &str) -> Option<Self>;
}

/// Hears of every change of a kind.
pub struct Changes<T> {
    listener: PgListener,
    told: PhantomData<T>,
}

impl<T: Told> Changes<T> {
    pub async fn listen(db: &PgPool) -> sqlx::Result<Self> {
        let mut listener = PgListener::connect_with(db).await?;
        listener.listen(T::CHANNEL).await?;
        Ok(Self { listener, told: PhantomData })
    }

    /// The next one. A connection that broke is made anew; what happened meanwhile is not told.
    pub async fn next(&mut self) -> sqlx::Result<T> {
        loop {
            if let Some(change) = T::read(self.listener.recv().await?.payload()) {
                return Ok(change);
            }
        }
    }
}
