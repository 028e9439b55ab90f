//! All files beside one model, read together.

use super::super::{Claim, FileHashes, Said, Siblings, Statement, Trust};
use super::{Beside, read, sidecars};

/// What all files beside a model say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    pub statements: Vec<Statement>,
    /// `bad-sidecar:<file>: <reason>` and `stale-sidecar:<file>`.
    pub warnings: Vec<String>,
}

/// Reads all of them. A file that describes another than the one with these hashes says nothing of what this one is.
pub fn gather(siblings: &Siblings, stem: &str, hashes: FileHashes) -> Gathered {
    let mut gathered = Gathered::default();
    for file in sidecars(siblings, stem) {
        match read(&file, Beside { stem, hashes }) {
            Ok(statements) if describes_another(&statements, hashes) => {
                if statements.iter().any(|statement| statement.said.has_identity()) {
                    gathered.warnings.push(format!("stale-sidecar:{}", file.name));
                }
                gathered.statements.extend(statements.into_iter().map(without_identity));
            }
            Ok(statements) => gathered.statements.extend(statements),
            Err(bad) => gathered.warnings.push(bad.code()),
        }
    }
    gathered
}

/// A file is about this model when one of the hashes it states is this model's: a version may have several files, and
/// the same tensors are the same model. AutoV3 alone proves no other: Civitai has it from headers, which may be wrong.
fn describes_another(statements: &[Statement], hashes: FileHashes) -> bool {
    let mut stated = statements.iter().flat_map(|statement| &statement.said.hashes);
    let whole = |claim: &&Claim| claim.kind == "sha256" || claim.kind == "autov2";
    hashes.sha256.is_some() && stated.clone().any(|claim| whole(&claim)) && !stated.any(|claim| hashes.matches(claim))
}

/// What a user wrote about using a model stays; what Civitai says of another goes.
fn without_identity(statement: Statement) -> Statement {
    let said = if statement.trust == Trust::Store { Said::default() } else { statement.said.without_identity() };
    Statement { said, ..statement }
}
