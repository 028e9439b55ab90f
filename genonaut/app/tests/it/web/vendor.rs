//! Files of others are exactly what vendor.toml says; checked without a network.

use sha2::{Digest, Sha256};

#[test]
fn vendored_files_match() {
    let list = genonaut::web::vendored("vendor.toml").expect("vendor.toml");
    let list: toml::Table = std::str::from_utf8(&list).expect("text").parse().expect("TOML");
    let mut checked = 0;
    for package in list["package"].as_array().expect("packages") {
        for file in package["files"].as_array().expect("files") {
            let to = file["to"].as_str().expect("to");
            let bytes = genonaut::web::vendored(to).unwrap_or_else(|| panic!("{to} is missing"));
            let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sum, file["sha256"].as_str().expect("sha256"), "{to}");
            checked += 1;
        }
        let licence = package["files"]
            .as_array()
            .expect("files")
            .iter()
            .any(|file| file["to"].as_str().is_some_and(|to| to.ends_with("LICENSE")));
        assert!(licence, "a licence comes along");
    }
    assert!(checked > 0);
}
