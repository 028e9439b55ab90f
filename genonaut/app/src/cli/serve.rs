//! `genonaut serve`

use genonaut_db::schema;
use genonaut_db::server::Server;

use super::output::say;
use crate::app::App;
use crate::config::{Listen, Place};
use crate::serve;

pub async fn run(place: &Place, listen: &Listen) -> anyhow::Result<()> {
    let guard = serve::Guard::new(listen)?;
    let server = place.server().await?;
    let done = serve_from(&server, listen, guard).await;
    server.stop().await?;
    done
}

async fn serve_from(server: &Server, listen: &Listen, guard: serve::Guard) -> anyhow::Result<()> {
    let db = genonaut_db::connect(server.options()).await?;
    if server.is_private() || listen.migrate {
        schema::migrate(&db).await?;
    }
    anyhow::ensure!(
        schema::is_current(&db).await?,
        "the database is not current; run `genonaut db migrate`, or serve with --migrate"
    );
    let signals = serve::Signals::catch()?;
    let listener = serve::bind(listen).await?;
    let address = listener.local_addr()?;
    say(format!("listening on http://{address}"))?;
    let router = serve::router(App { db: db.clone() }, guard.at(address));
    serve::until_signal(signals, listener, router).await?;
    // Connections in use are waited for: what they do is finished or rolled back.
    db.close().await;
    Ok(())
}
