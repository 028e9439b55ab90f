//! Keeps the lookup table of architecture spellings the same as the program's own table.

use sqlx::PgPool;

use crate::architecture;

/// Brings the table up to date, and the models that the change concerns; with `all`, whatever models read otherwise now.
/// Returns how many those are.
pub(super) async fn refresh(db: &PgPool, all: bool) -> sqlx::Result<u64> {
    let mut transaction = db.begin().await?;
    let (mut spellings, mut bases, mut architectures) = (Vec::new(), Vec::new(), Vec::new());
    for (spelling, base) in architecture::spellings() {
        spellings.push(spelling.to_owned());
        bases.push(base.to_owned());
        architectures.push(architecture::architecture_of(base).to_owned());
    }
    let changed = sqlx::query(
        "WITH known AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) known (spelling, base, architecture)),
            gone AS (DELETE FROM architecture_spellings WHERE spelling NOT IN (SELECT spelling FROM known) RETURNING 1),
            new AS (
                INSERT INTO architecture_spellings AS had SELECT * FROM known ON CONFLICT (spelling) DO UPDATE
                SET base = excluded.base, architecture = excluded.architecture
                WHERE (had.base, had.architecture) IS DISTINCT FROM (excluded.base, excluded.architecture) RETURNING 1)
        SELECT FROM gone UNION ALL SELECT FROM new",
    )
    .bind(spellings)
    .bind(bases)
    .bind(architectures)
    .fetch_all(&mut *transaction)
    .await?;
    let mut rejudged = 0;
    if all || !changed.is_empty() {
        for update in REJUDGE {
            rejudged += sqlx::query(update).execute(&mut *transaction).await?.rows_affected();
        }
    }
    transaction.commit().await?;
    Ok(rejudged)
}

/// Writing a row runs its trigger, which reads the spellings again.
const REJUDGE: [&str; 3] = [
    "UPDATE models_checkpoints SET base = base WHERE base IS DISTINCT FROM canonical_base(architecture, family)",
    "UPDATE models_loras SET bases = bases
     WHERE bases IS DISTINCT FROM lora_fits(compatible_architectures, family, optimal_checkpoints)",
    // Roles that no architecture names: the next scan reads these files again.
    "UPDATE files SET role = NULL WHERE role IN ('t5', 't5xl', 'qwen3', 'qwen2.5-vl', 'gemma', 'llama')",
];
