//! An engine as a person sets it: what is checked before it is kept, and what is shown of it afterwards.

use std::time::Duration;

use genonaut_db::engines::{Chosen, NewChosen};
use genonaut_engines::ComfyUi;
use genonaut_engines::comfyui::Access;
use tokio::time::timeout;
use uuid::Uuid;

use crate::config::{Engines, Named};

/// What stands in place of an address for the engine of our own.
pub const BUILT_IN: &str = "embedded";

/// How long a server may take to answer before it is kept.
const ANSWER: Duration = Duration::from_secs(8);

const LONGEST_NAME: usize = 40;
const LONGEST_ADDRESS: usize = 2000;

/// Why an engine was not kept, and at which field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub field: &'static str,
    pub text: String,
}

/// An engine that was set, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetEngine {
    pub id: Uuid,
    /// Empty where nobody has named it.
    pub name: String,
    pub label: String,
    /// Without user and password; empty for the built-in engine.
    pub address: String,
    pub built_in: bool,
    /// What is sent along: an access token, or which header.
    pub sends: Option<String>,
}

impl From<&Chosen> for SetEngine {
    fn from(chosen: &Chosen) -> Self {
        let comfyui = ComfyUi::named_on_page(&chosen.url, &Access::Open);
        let address = comfyui.map(|comfyui| comfyui.address().to_owned()).unwrap_or_default();
        let name = chosen.name.clone().unwrap_or_default();
        let built_in = chosen.url == BUILT_IN;
        let kind = if built_in { "Built-in engine" } else { "ComfyUI" };
        let sends = chosen.secret.as_ref().map(|_| match &chosen.header {
            Some(header) => format!("the header {header}"),
            None => "an access token".to_owned(),
        });
        let label = if name.is_empty() { kind.to_owned() } else { name.clone() };
        Self { id: chosen.id, name, label, address, built_in, sends }
    }
}

impl Refusal {
    fn at(field: &'static str, text: impl Into<String>) -> Self {
        Self { field, text: text.into() }
    }
}

/// Whether it can be used: its name is free, and it answers.
pub async fn check(engines: &Engines, set: &[SetEngine], new: &NewChosen) -> Result<(), Refusal> {
    name(new.name.as_deref().unwrap_or_default(), &others(set, new))?;
    if new.url == BUILT_IN {
        return engines.built_in().map(drop).map_err(|error| Refusal::at("built_in", format!("{error:#}")));
    }
    if new.url.len() > LONGEST_ADDRESS {
        return Err(Refusal::at("url", "The address is too long."));
    }
    let access = access(new.header.as_deref(), new.secret.as_deref());
    let comfyui = ComfyUi::named_on_page(&new.url, &access);
    let comfyui = comfyui.map_err(|failure| Refusal::at("url", failure.to_string()))?;
    match timeout(ANSWER, comfyui.system()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(failure)) => Err(Refusal::at("url", failure.to_string())),
        Err(_) => Err(Refusal::at(
            "url",
            format!("ComfyUI at {} does not respond. Start it or check its address.", comfyui.address()),
        )),
    }
}

/// The name that is kept: none for an empty one.
pub fn name(text: &str, others: &[SetEngine]) -> Result<Option<String>, Refusal> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(Refusal::at("name", format!("A name has at most {LONGEST_NAME} characters.")));
    }
    if !text.is_empty() && others.iter().any(|other| other.label == text) {
        return Err(Refusal::at("name", format!("Another engine is called {text}.")));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

pub fn access(header: Option<&str>, secret: Option<&str>) -> Access {
    match (header, secret) {
        (_, None) => Access::Open,
        (None, Some(token)) => Access::Token(token.to_owned()),
        (Some(name), Some(value)) => Access::Header { name: name.to_owned(), value: value.to_owned() },
    }
}

/// Several servers without a name are told apart by their addresses.
pub fn named(engines: &Engines, chosen: &Chosen, access: &Access, all: usize) -> anyhow::Result<Named> {
    if chosen.url == BUILT_IN {
        let built_in = engines.built_in()?;
        return Ok(Named { name: chosen.name.clone().unwrap_or(built_in.name), ..built_in });
    }
    let comfyui = engines.comfyui(&chosen.url, access)?;
    let usual = match comfyui.engine.comfyui() {
        Some(server) if all > 1 => format!("{} at {}", comfyui.name, server.address()),
        _ => comfyui.name.clone(),
    };
    Ok(Named { name: chosen.name.clone().unwrap_or(usual), ..comfyui })
}

/// The same address again is the same engine.
fn others(set: &[SetEngine], new: &NewChosen) -> Vec<SetEngine> {
    let address = ComfyUi::named_on_page(&new.url, &Access::Open).map(|comfyui| comfyui.address().to_owned());
    let address = address.unwrap_or_default();
    set.iter().filter(|engine| engine.address != address).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, name: Option<&str>) -> Chosen {
        let (header, secret) = (Some("X-Key".to_owned()), Some("s3cret".to_owned()));
        Chosen { id: Uuid::nil(), url: url.to_owned(), name: name.map(str::to_owned), header, secret }
    }

    #[test]
    fn what_is_shown_of_an_engine_has_no_secret() {
        let shown = SetEngine::from(&chosen("http://me:pass@gpu:8188", Some("big")));
        assert_eq!((shown.address.as_str(), shown.label.as_str()), ("http://gpu:8188", "big"));
        assert_eq!(shown.sends.as_deref(), Some("the header X-Key"));
        assert!(!format!("{shown:?}").contains("pass") && !format!("{shown:?}").contains("s3cret"));
        assert_eq!(SetEngine::from(&chosen(BUILT_IN, None)).label, "Built-in engine");
    }

    #[test]
    fn names_are_short_and_told_apart() {
        let others = [SetEngine::from(&chosen("http://gpu:8188", Some("big")))];
        assert_eq!(name("  ", &others), Ok(None));
        assert_eq!(name(" small ", &others), Ok(Some("small".to_owned())));
        for wrong in ["big", "two\nlines", &"x".repeat(41)] {
            assert_eq!(name(wrong, &others).unwrap_err().field, "name", "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn an_address_where_no_engine_may_be_is_refused() {
        for url in ["http://169.254.169.254/latest", "gpu:8188", "ftp://gpu", ""] {
            let new = NewChosen { url: url.to_owned(), ..NewChosen::default() };
            assert_eq!(check(&Engines::default(), &[], &new).await.unwrap_err().field, "url", "{url}");
        }
    }
}
