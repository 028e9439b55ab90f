//! Databases for the browser tests, on the private test server. Each line of the input is answered by one:
//! `create` and `create ADDRESS` by the address of a new database, empty or a copy; `drop ADDRESS` by `dropped`;
//! `keep ADDRESS NAME` by the address under which the next runs find it with `find NAME`, which else says `none`; all by
//! `error: …` when they cannot. With the end of the input all go that are not kept.

use std::io::{BufRead, Write};

use genonaut_db::testing::copies::Copies;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let copies = Copies::start().await;
    let mut made = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = answer(&copies, &line).await.unwrap_or_else(|error| format!("error: {error:#}"));
        writeln!(std::io::stdout(), "{answer}")?;
        if line.starts_with("create") && answer.starts_with("postgres:") {
            made.push(answer);
        }
    }
    for address in &made {
        copies.drop(address).await?;
    }
    Ok(())
}

async fn answer(copies: &Copies, line: &str) -> anyhow::Result<String> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("create", "") => copies.create(None).await,
        ("create", address) => copies.create(Some(address)).await,
        ("find", name) => Ok(copies.kept(name).await?.unwrap_or_else(|| "none".to_owned())),
        ("keep", rest) => {
            let (address, name) = rest.split_once(' ').ok_or_else(|| anyhow::anyhow!("keep ADDRESS NAME"))?;
            copies.keep(address, name).await
        }
        ("drop", address) => copies.drop(address).await.map(|()| "dropped".to_owned()),
        _ => anyhow::bail!("{line:?} is none of create, drop, find and keep"),
    }
}
