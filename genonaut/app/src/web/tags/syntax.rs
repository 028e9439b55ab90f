//! What prompts of other programs mean and engines here read as plain words.

use genonaut_db::{DbError, PgPool, library};
use genonaut_sources::picture::syntax::{self, Syntax};

use super::Said;
use crate::web::query::Recipe;
use crate::wildcards;

/// Notes about both prompts, each once.
pub(super) async fn note(db: &PgPool, recipe: &Recipe, said: &mut Said) -> Result<(), DbError> {
    let mut notes: Vec<String> = Vec::new();
    for prompt in [&recipe.prompt, &recipe.negative_prompt] {
        notes.extend(syntax::find(prompt).iter().map(sentence));
        notes.extend(wildcards::unread(prompt).iter().map(|piece| plain(piece, "is not valid syntax")));
        let words = syntax::words(prompt);
        let embeddings = library::embeddings(db, &words).await?;
        notes.extend(embeddings.iter().map(|name| {
            format!(
                "“{name}” is an embedding. Write “embedding:{name}” to use it; without the prefix it is plain text."
            )
        }));
    }
    for note in notes {
        if !said.notes.iter().any(|known| known.text == note) {
            said.note(note);
        }
    }
    Ok(())
}

fn sentence(syntax: &Syntax) -> String {
    match syntax {
        Syntax::Embedding(name) => format!(
            "Embedding “{name}”: ComfyUI applies it if the file is in its own embeddings folder; other engines treat it as plain text."
        ),
        Syntax::Editing(text) => plain(text, "changes the prompt between steps, which is not supported"),
        Syntax::Alternation(text) => plain(text, "alternates between steps, which is not supported"),
        Syntax::Break => plain("BREAK", "is not supported"),
        Syntax::And => plain("AND", "combines prompts, which is not supported"),
    }
}

fn plain(text: &str, why: &str) -> String {
    format!("“{text}” {why}: it is sent as plain text.")
}
