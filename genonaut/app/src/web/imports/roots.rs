//! A folder that is scanned, as the page lists it.

use chrono::{DateTime, Utc};
use genonaut_db::library::Root;
use uuid::Uuid;

pub struct RootView {
    pub id: Uuid,
    pub path: String,
    /// Whose layout it is, and when it was scanned.
    pub about: String,
    pub away: bool,
}

impl From<Root> for RootView {
    fn from(root: Root) -> Self {
        let scanned = root.scanned.map_or_else(|| "not scanned yet".to_owned(), |when| scanned(when, Utc::now()));
        let origin = Some(root.origin).filter(|origin| origin != "folder");
        let about = origin.into_iter().chain([scanned]).collect::<Vec<_>>().join(" · ");
        Self { id: root.id, path: root.path, about, away: root.away }
    }
}

/// Without a time zone: only the browser knows that.
fn scanned(when: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - when).num_minutes();
    match minutes {
        ..1 => "scanned just now".to_owned(),
        1..60 => format!("scanned {minutes} min ago"),
        60..2880 => format!("scanned {} h ago", minutes / 60),
        _ => format!("scanned {}", when.format("%-d %b %Y")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (minutes, said) in [
            (-5, "scanned just now"),
            (0, "scanned just now"),
            (59, "scanned 59 min ago"),
            (150, "scanned 2 h ago"),
            (3000, "scanned 13 Jan 2027"),
        ] {
            assert_eq!(scanned(now - TimeDelta::minutes(minutes), now), said);
        }
    }
}
