//! Whether somebody is still let in: a stream of events ends with the session that it was opened by.

use std::time::Duration;

use genonaut_db::accounts::{self, SessionAccount};

use crate::accounts::Accounts;

/// Travels with a request, for answers that last.
#[derive(Debug, Clone)]
pub struct Admission {
    pub(super) by: By,
    /// How often to look again.
    pub(super) every: Duration,
}

#[derive(Debug, Clone)]
pub(super) enum By {
    Session {
        accounts: Accounts,
        secret: String,
        account: SessionAccount,
    },
    /// Nobody needs an account here, until there is one.
    Nothing(Accounts),
    /// A token does not run out.
    Token,
}

impl Admission {
    /// Waits until it is over.
    pub async fn over(&self) {
        loop {
            self.pause().await;
            if !self.holds().await {
                return;
            }
        }
    }

    async fn pause(&self) {
        let (By::Session { accounts, .. } | By::Nothing(accounts)) = &self.by else {
            return std::future::pending().await;
        };
        let mut ended = accounts.ended();
        tokio::select! {
            () = tokio::time::sleep(self.every) => {}
            _ = ended.recv() => {}
        }
    }

    /// A database that does not answer says nothing against anybody.
    async fn holds(&self) -> bool {
        match &self.by {
            By::Session { accounts, secret, account } => {
                accounts.still(secret).await.map_or(true, |now| now.as_ref() == Some(account))
            }
            By::Nothing(accounts) => !accounts::any(&accounts.db).await.unwrap_or(false),
            By::Token => true,
        }
    }
}
