//! The built-in engine in words: which of the models here it can use, and how long an image takes on this machine.

use genonaut_db::checkpoint::{self, Filter};
use genonaut_db::engines::Engine;
use genonaut_db::page::PageRequest;
use genonaut_db::{PgPool, Presence, images};
use genonaut_engines::embedded;

pub struct BuiltIn {
    /// This program was built with it.
    pub included: bool,
    pub limits: &'static str,
    /// Names of some of the checkpoints that it can use, the best rated first.
    pub models: Vec<String>,
    pub count: i64,
    pub more: bool,
    pub pace: String,
    /// It is one of the engines that are set.
    pub is_set: bool,
}

/// What such an engine is called by itself.
const KIND: &str = "built-in engine";
/// Names that are shown.
const NAMED: u16 = 6;

impl BuiltIn {
    /// `engines` are all that work just now.
    pub async fn load(db: &PgPool, engines: &[Engine], is_set: bool) -> anyhow::Result<Self> {
        let architecture = embedded::ARCHITECTURES.map(str::to_owned).to_vec();
        let filter = Filter { architecture, presence: Presence::Here, without_examples: true, ..Filter::default() };
        let few = PageRequest { limit: NAMED, total: true, ..PageRequest::default() };
        let page = checkpoint::list(db, &filter, &few).await?;
        let own = engines.iter().filter(|engine| engine.kind == KIND).map(|engine| engine.name.clone());
        let names: Vec<String> = own.chain([KIND.to_owned()]).collect();
        let (count, seconds) = images::usual_seconds(db, &names).await?;
        Ok(Self {
            included: cfg!(feature = "embedded"),
            limits: embedded::LIMITS,
            models: page.items.iter().map(|model| model.label().to_owned()).collect(),
            count: page.total.unwrap_or_default(),
            more: page.next.is_some(),
            pace: pace(count, seconds),
            is_set,
        })
    }
}

fn pace(count: i64, seconds: Option<f64>) -> String {
    match (count, seconds) {
        (1, Some(seconds)) => format!("Your last image with it took {}.", duration(seconds)),
        (_, Some(seconds)) => format!("Your last {count} images with it took {} each on average.", duration(seconds)),
        (_, None) => "It has not generated an image on this machine yet.".to_owned(),
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        ..10.0 => format!("{seconds:.1} s"),
        10.0..120.0 => format!("{seconds:.0} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::pace;

    #[test]
    fn its_pace_comes_from_its_own_images() {
        for (count, seconds, said) in [
            (0, None, "It has not generated an image on this machine yet."),
            (1, Some(4.3), "Your last image with it took 4.3 s."),
            (3, Some(95.0), "Your last 3 images with it took 95 s each on average."),
            (20, Some(840.0), "Your last 20 images with it took 14 min each on average."),
        ] {
            assert_eq!(pace(count, seconds), said);
        }
    }
}
