//! What a failure of the database says: its name too, which only the request that is being handled knows.

use genonaut_db::{Availability, DbError};

use super::{Problem, ProblemType};

tokio::task_local! {
    static DATABASE: Availability;
}

/// Runs what handles a request, so that failures of the database name this one.
pub async fn naming<F: Future>(database: Availability, handling: F) -> F::Output {
    DATABASE.scope(database, handling).await
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let problem = match &error {
            error if genonaut_db::is_unavailable(error) => {
                Self::new(ProblemType::Unavailable, named(Availability::unanswered))
            }
            error if genonaut_db::is_full(error) => Self::new(ProblemType::NoRoom, named(Availability::no_room)),
            _ => Self::new(ProblemType::Internal, "see the server log"),
        };
        problem.because(error)
    }
}

/// A sentence about the database; where no request is handled, one without its name.
fn named(sentence: fn(&Availability) -> String) -> String {
    DATABASE.try_with(sentence).unwrap_or_else(|_| sentence(&Availability::new("the database", None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_names_the_database_of_its_request() {
        let away = || Problem::from(DbError::PoolClosed).detail;
        let database = Availability::new("the database models at db:5432", None);
        let named = naming(database, async { away() }).await;
        assert_eq!(named, "The database models at db:5432 does not respond. Requests work again as soon as it does.");
        assert!(away().starts_with("The database does not respond."));
    }
}
