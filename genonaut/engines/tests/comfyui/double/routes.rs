//! The addresses of the protocol.

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Shared;
use super::script::{Say, file, inventory};

pub fn all(state: Shared) -> Router {
    Router::new()
        .route("/ws", get(listen))
        .route("/prompt", post(prompt))
        .route("/queue", get(queue).post(unqueue))
        .route("/interrupt", post(interrupt))
        .route("/history/{id}", get(history))
        .route("/view", get(view))
        .route("/upload/image", post(upload))
        .route("/system_stats", get(system_stats))
        .route("/object_info/{node}", get(object_info))
        .layer(from_fn_with_state(state.clone(), let_in))
        .with_state(state)
}

async fn let_in(State(state): State<Shared>, headers: HeaderMap, request: Request, next: Next) -> Response {
    if let Some(elsewhere) = state.lock().redirect.clone() {
        return Redirect::temporary(&format!("{elsewhere}{}", request.uri())).into_response();
    }
    let token = state.lock().token.clone();
    let given = headers.get("authorization").and_then(|value| value.to_str().ok());
    match token {
        Some(token) if given != Some(&token) => StatusCode::UNAUTHORIZED.into_response(),
        _ => next.run(request).await,
    }
}

async fn listen(State(state): State<Shared>, Query(asked): Query<Client>, upgrade: WebSocketUpgrade) -> Response {
    let id = asked.client_id.trim_start_matches("genonaut-").parse::<uuid::Uuid>().unwrap_or_default().to_string();
    upgrade.on_upgrade(|socket| async move { drop(talk(state, id, socket).await) })
}

#[derive(serde::Deserialize)]
struct Client {
    #[serde(rename = "clientId")]
    client_id: String,
}

/// Plays the next script once something is posted, or what is always said once this client's prompt is; and then only
/// listens.
async fn talk(state: Shared, id: String, mut socket: WebSocket) -> Result<(), axum::Error> {
    let mut posted = state.lock().posted.subscribe();
    let always = {
        let state = state.lock();
        state.always.clone().filter(|_| state.scripts.is_empty())
    };
    let begun = async {
        match always {
            Some(_) => while !state.lock().running.contains(&id) && posted.changed().await.is_ok() {},
            None => drop(posted.wait_for(|posted| *posted).await),
        }
    };
    tokio::select! {
        () = begun => {}
        () = silence(&mut socket) => return Ok(()),
    }
    let script = match &always {
        Some(always) => always.script.iter().map(|say| renamed(say, &always.id, &id)).collect(),
        None => state.lock().scripts.pop_front().unwrap_or_default(),
    };
    for say in script {
        match say {
            Say::Endless(bytes) => socket.send(Message::binary(vec![0_u8; bytes])).await?,
            Say::Text(message) => socket.send(Message::text(message.to_string())).await?,
            Say::Frame(frame) => socket.send(Message::binary(frame)).await?,
            Say::Over(outcome) => state.lock().end(outcome),
            Say::Forgotten => state.lock().running.clear(),
            Say::HangUp => return Ok(()),
        }
    }
    silence(&mut socket).await;
    Ok(())
}

fn renamed(say: &Say, from: &str, to: &str) -> Say {
    match say {
        Say::Text(message) => Say::Text(serde_json::from_str(&message.to_string().replace(from, to)).unwrap()),
        other => other.clone(),
    }
}

async fn silence(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

async fn prompt(State(state): State<Shared>, Json(body): Json<Value>) -> Response {
    let mut state = state.lock();
    let id = body["prompt_id"].as_str().unwrap().to_owned();
    state.calls.push(("/prompt".to_owned(), body));
    if let Some((status, body)) = state.refusal.clone() {
        return (status, body).into_response();
    }
    // One at a time, as the real one.
    let list = if state.running.is_empty() { &mut state.running } else { &mut state.pending };
    list.push(id.clone());
    state.begin();
    Json(json!({"prompt_id": id, "number": 13, "node_errors": {}})).into_response()
}

async fn queue(State(state): State<Shared>) -> Json<Value> {
    let mut state = state.lock();
    state.looks += 1;
    let entries = |ids: &[String]| ids.iter().map(|id| json!([-37, id, {}, {}, ["9"]])).collect::<Vec<_>>();
    Json(json!({"queue_running": entries(&state.running), "queue_pending": entries(&state.pending)}))
}

async fn unqueue(State(state): State<Shared>, Json(body): Json<Value>) {
    let mut state = state.lock();
    state.pending.retain(|id| !body["delete"].as_array().unwrap().contains(&json!(id)));
    state.calls.push(("/queue".to_owned(), body));
}

async fn interrupt(State(state): State<Shared>, Json(body): Json<Value>) {
    let mut state = state.lock();
    // As servers before August 2025: whatever runs.
    state.running.clear();
    state.calls.push(("/interrupt".to_owned(), body));
}

async fn history(State(state): State<Shared>, Path(id): Path<String>) -> Json<Value> {
    let outcome = state.lock().history.get(&id).cloned();
    Json(outcome.map_or_else(|| json!({}), |outcome| json!({id: outcome})))
}

async fn view(State(state): State<Shared>, uri: Uri) -> Vec<u8> {
    state.lock().calls.push(("/view".to_owned(), uri.query().into()));
    file("image.png")
}

async fn upload(State(state): State<Shared>, body: Bytes) -> Json<Value> {
    state.lock().calls.push(("/upload/image".to_owned(), String::from_utf8_lossy(&body).into()));
    Json(json!({"name": "init (1).png", "subfolder": "genonaut", "type": "input"}))
}

async fn system_stats(State(state): State<Shared>) -> Json<Value> {
    let mut stats = inventory()["system_stats"].clone();
    stats["system"]["argv"] = state.lock().argv.clone();
    stats["padding"] = "x".repeat(state.lock().padding).into();
    Json(stats)
}

async fn object_info(State(state): State<Shared>, Path(node): Path<String>) -> Json<Value> {
    let known = state.lock().object_info.get(&node).cloned();
    Json(known.unwrap_or_else(|| json!({})))
}
