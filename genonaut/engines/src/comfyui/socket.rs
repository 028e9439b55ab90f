//! The websocket: opened through the same HTTP client as everything else, so that access, proxies and TLS hold for
//! it too.

use futures_util::SinkExt;
use reqwest::{StatusCode, Upgraded, header};
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use uuid::Uuid;

use super::server::{ANSWER, Server};
use crate::Failure;

/// Bytes of a message (16 MiB). A preview has some hundred thousand.
const LARGEST_MESSAGE: usize = 16 << 20;

pub(super) type Socket = WebSocketStream<Upgraded>;

impl Server {
    /// Listens for what happens to this client's prompts. Each attempt is a client of its own, so that whoever
    /// knows the attempt can listen again.
    pub async fn listen(&self, attempt: Uuid) -> Result<Socket, Failure> {
        let opened = tokio::time::timeout(ANSWER, self.open(attempt)).await;
        opened.unwrap_or_else(|late| Err(self.silent(&late)))
    }

    async fn open(&self, attempt: Uuid) -> Result<Socket, Failure> {
        let address = self.at(&["ws"], &[("clientId", &client(attempt))]);
        let request = self.http.get(address).header(header::CONNECTION, "Upgrade").header(header::UPGRADE, "websocket");
        let request = request.header(header::SEC_WEBSOCKET_VERSION, "13");
        let answer = self.send(request.header(header::SEC_WEBSOCKET_KEY, generate_key())).await?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.turned_away(answer.status(), ""));
        }
        let stream = answer.upgrade().await.map_err(|error| self.silent(&error))?;
        let limits =
            WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(limits)).await;
        let flags = json!({"type": "feature_flags", "data": {"supports_preview_metadata": true}});
        socket.send(Message::text(flags.to_string())).await.map_err(|error| self.silent(&error))?;
        Ok(socket)
    }
}

/// ComfyUI's name for whoever posts that attempt.
pub(super) fn client(attempt: Uuid) -> String {
    format!("genonaut-{}", attempt.simple())
}
