//! All files beside one model, read together.

use super::super::{Claim, Said, Siblings, Statement, Trust};
use super::{read, sidecars};

/// What all files beside a model say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    pub statements: Vec<Statement>,
    /// `bad-sidecar:<file>` and `stale-sidecar:<file>`.
    pub warnings: Vec<String>,
}

/// Reads all of them. `sha256` is the model file's (lower-case), where it is known: a file that describes another
/// says nothing of what this one is.
pub fn gather(siblings: &Siblings, stem: &str, sha256: Option<&str>) -> Gathered {
    let mut gathered = Gathered::default();
    for file in sidecars(siblings, stem) {
        match read(&file) {
            Ok(statements) if describes_another(&statements, sha256) => {
                gathered.warnings.push(format!("stale-sidecar:{}", file.name));
                gathered.statements.extend(statements.into_iter().map(without_identity));
            }
            Ok(statements) => gathered.statements.extend(statements),
            Err(bad) => gathered.warnings.push(bad.code()),
        }
    }
    gathered
}

/// A file is about this model when one of the hashes it states is this model's: a version may have several files.
fn describes_another(statements: &[Statement], sha256: Option<&str>) -> bool {
    let claims = statements.iter().flat_map(|statement| &statement.said.hashes);
    let stated: Vec<&Claim> = claims.filter(|claim| claim.kind == "sha256").collect();
    sha256.is_some_and(|own| !stated.is_empty() && !stated.iter().any(|claim| claim.digits == own))
}

/// What a user wrote about using a model stays; what Civitai says of another goes.
fn without_identity(statement: Statement) -> Statement {
    let said = if statement.trust == Trust::Store { Said::default() } else { statement.said.without_identity() };
    Statement { said, ..statement }
}
