//! The files that a model is: where they are, how large, and by which hashes others know them.

use genonaut_db::library::Location;

pub struct Place {
    pub path: String,
    pub size: String,
    pub missing: bool,
    /// By the names that stores give them.
    pub hashes: Vec<(&'static str, String)>,
}

impl From<Location> for Place {
    fn from(file: Location) -> Self {
        let digits = |hash: Option<String>, count: usize| hash.map(|hash| hash.chars().take(count).collect::<String>());
        let hashes = [
            ("AutoV2", digits(file.sha256.clone(), 10).map(|hash| hash.to_uppercase())),
            ("AutoV3", digits(file.tensors_sha256, 12).map(|hash| hash.to_uppercase())),
            ("SHA256", file.sha256),
        ];
        Self {
            path: format!("{}/{}", file.root.trim_end_matches('/'), file.path),
            size: size(file.size),
            missing: file.missing,
            hashes: hashes.into_iter().filter_map(|(name, hash)| Some((name, hash?))).collect(),
        }
    }
}

pub fn size(bytes: i64) -> String {
    let bytes = bytes as f64;
    match bytes {
        ..1e6 => format!("{:.0} kB", (bytes / 1e3).max(1.0)),
        ..1e9 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.2} GB", bytes / 1e9),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_said_as_file_browsers_say_them() {
        for (bytes, said) in [(12, "1 kB"), (151_110_000, "151 MB"), (6_938_040_682, "6.94 GB")] {
            assert_eq!(super::size(bytes), said);
        }
    }
}
