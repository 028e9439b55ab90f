//! See `genonaut --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    genonaut::cli::main().await
}
