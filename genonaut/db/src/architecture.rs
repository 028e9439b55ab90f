use serde::{Deserialize, Serialize};
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    Optimal,
    Compatible,
    Partial,
    Unknown,
    Incompatible,
}
impl Grade {
    pub const ALL: [Self; 5] = [Self::Optimal, Self::Compatible, Self::Partial, Self::Unknown, Self::Incompatible];
}
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub names: Vec<String>,
    pub base: Option<String>,
    pub label: String,
}
impl Target {
    pub fn optimal_keys(&self) -> Vec<String> {
        vec![]
    }
}
pub struct Fit {
    pub grade: Grade,
    pub reason: String,
}
pub fn fit(_: &Target, _: &[String], _: &[String]) -> Fit {
    Fit { grade: Grade::Unknown, reason: String::new() }
}
pub fn canonical(_: &str) -> Option<&'static str> {
    None
}
pub fn label(b: &str) -> &str {
    b
}
pub fn partial_bases(_: &str) -> Vec<&'static str> {
    vec![]
}
pub fn spellings() -> impl Iterator<Item = (&'static str, &'static str)> {
    [("sd1", "sd1")].into_iter()
}
pub fn architecture_of(b: &str) -> &str {
    b
}
