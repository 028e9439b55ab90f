//! The models that hashes stand for, for many hashes at once.

use sqlx::postgres::PgRow;
use sqlx::{PgPool, QueryBuilder, Row};

use crate::model::Model;

/// Models whose claims are compared with the hashes.
const MOST_CLAIMS: i64 = 1000;

/// For each hash, in the hashes' order, the row one of whose files has a hash that begins like this one (SHA256, AutoV2,
/// AutoV3, AutoV1), else whose metadata has; nothing for fewer than 8 digits.
pub(crate) async fn find_by_hashes<T: Model>(db: &PgPool, hashes: &[&str]) -> sqlx::Result<Vec<Option<T>>> {
    let mut found: Vec<Option<T>> = hashes.iter().map(|_| None).collect();
    let wanted: Vec<(usize, String)> = hashes
        .iter()
        .enumerate()
        .filter(|(_, hash)| is_hash(hash))
        .map(|(at, hash)| (at, hash.to_lowercase()))
        .collect();
    by_file(db, &wanted, &mut found).await?;
    let rest: Vec<_> = wanted.into_iter().filter(|(at, _)| found[*at].is_none()).collect();
    by_claim(db, &rest, &mut found).await?;
    Ok(found)
}

fn is_hash(text: &str) -> bool {
    text.len() >= 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Each hash is a part of the query by itself: only a beginning that the planner knows is looked up in an index.
async fn by_file<T: Model>(db: &PgPool, wanted: &[(usize, String)], found: &mut [Option<T>]) -> sqlx::Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::new("");
    for (part, (at, hash)) in wanted.iter().enumerate() {
        query.push(if part == 0 { "(" } else { " UNION ALL (" });
        query.push(format!("SELECT {at}::bigint AS place, {} FROM {}", T::SELECT, T::TABLE));
        query
            .push(" WHERE deleted_at IS NULL AND id = (SELECT model FROM files WHERE table_name = ")
            .push_bind(T::TABLE);
        for (column, name) in ["sha256", "tensors_sha256", "autov1"].into_iter().enumerate() {
            query.push(if column == 0 { " AND (" } else { " OR " });
            query.push(name).push(" LIKE ").push_bind(format!("{hash}%"));
        }
        query.push(") ORDER BY missing_since IS NOT NULL, id LIMIT 1))");
    }
    let rows: Vec<PgRow> = query.build().persistent(false).fetch_all(db).await?;
    for row in &rows {
        let place: i64 = row.try_get("place")?;
        if let Some(found) = usize::try_from(place).ok().and_then(|at| found.get_mut(at)) {
            *found = Some(T::from_row(row)?);
        }
    }
    Ok(())
}

/// By what is claimed of a model: `sha256` of its metadata, or one of its `hashes`.
async fn by_claim<T: Model>(db: &PgPool, wanted: &[(usize, String)], found: &mut [Option<T>]) -> sqlx::Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let beginnings: Vec<_> = wanted.iter().map(|(_, hash)| format!("{hash}%")).collect();
    let mut query = QueryBuilder::new(format!("SELECT claimed.hashes AS claimed, {} FROM {}", T::SELECT, T::TABLE));
    query.push(
        " CROSS JOIN LATERAL (SELECT ARRAY(
            SELECT lower(known #>> '{}') FROM jsonb_path_query(metadata, '$.hashes.*') known WHERE known #>> '{}' IS NOT NULL
            UNION ALL SELECT lower(metadata ->> 'sha256') WHERE metadata ->> 'sha256' IS NOT NULL
        ) AS hashes) AS claimed
        WHERE deleted_at IS NULL AND EXISTS (SELECT FROM unnest(claimed.hashes) AS hash WHERE hash LIKE ANY(",
    );
    query.push_bind(beginnings).push(")) LIMIT ").push_bind(MOST_CLAIMS);
    let rows: Vec<PgRow> = query.build().persistent(false).fetch_all(db).await?;
    for row in &rows {
        let claimed: Vec<String> = row.try_get("claimed")?;
        for (at, _) in wanted.iter().filter(|(_, hash)| claimed.iter().any(|claim| claim.starts_with(hash))) {
            if let Some(found) = found.get_mut(*at)
                && found.is_none()
            {
                *found = Some(T::from_row(row)?);
            }
        }
    }
    Ok(())
}
