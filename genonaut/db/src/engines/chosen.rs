//! `chosen_engines`: what a person has set on the page, with the secrets that its servers ask for.

use std::fmt;

use sqlx::PgPool;
use uuid::Uuid;

/// An engine that a person has set.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Chosen {
    pub id: Uuid,
    /// An address, or `embedded`.
    pub url: String,
    pub name: Option<String>,
    /// The header whose value the secret is; without one it is an access token.
    pub header: Option<String>,
    pub secret: Option<String>,
}

/// The same, before it is kept.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewChosen {
    pub url: String,
    pub name: Option<String>,
    pub header: Option<String>,
    pub secret: Option<String>,
}

/// Nothing that is written anywhere holds the secret, or an address with a password.
impl fmt::Debug for Chosen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Chosen").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// All of them, the oldest first.
pub async fn chosen(db: &PgPool) -> sqlx::Result<Vec<Chosen>> {
    let sql = "SELECT id, url, name, header, secret FROM chosen_engines ORDER BY chosen, url";
    sqlx::query_as(sql).fetch_all(db).await
}

/// Keeps one; of one address the latest word holds.
pub async fn choose(db: &PgPool, new: &NewChosen) -> sqlx::Result<Uuid> {
    let sql = "INSERT INTO chosen_engines (url, name, header, secret) VALUES ($1, $2, $3, $4)
        ON CONFLICT (url) DO UPDATE SET name = excluded.name, header = excluded.header, secret = excluded.secret
        RETURNING id";
    sqlx::query_scalar(sql).bind(&new.url).bind(&new.name).bind(&new.header).bind(&new.secret).fetch_one(db).await
}

/// `false` when there is no such engine.
pub async fn name_chosen(db: &PgPool, id: Uuid, name: Option<&str>) -> sqlx::Result<bool> {
    let named = sqlx::query("UPDATE chosen_engines SET name = $2 WHERE id = $1").bind(id).bind(name);
    Ok(named.execute(db).await?.rows_affected() == 1)
}

/// Forgets it with its secret. `false` when there is no such engine.
pub async fn remove_chosen(db: &PgPool, id: Uuid) -> sqlx::Result<bool> {
    let removed = sqlx::query("DELETE FROM chosen_engines WHERE id = $1").bind(id).execute(db).await?;
    Ok(removed.rows_affected() == 1)
}

pub async fn remove_all_chosen(db: &PgPool) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM chosen_engines").execute(db).await.map(drop)
}
