//! Tables in and out on the command line: what people have entered is named, kept, or overwritten on request.

use std::path::Path;

use super::Home;

const FILE: &str = "path;rating;description\r\na/one.pt;0,5;old\r\n;;\r\na/two.pt;0,7;\r\n";

fn seeds(home: &Home, text: &str) -> String {
    let folder = home.0.path().join("seeds");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("models_loras.csv"), text).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn seeding_names_what_it_keeps_and_overwrites_on_request() {
    let home = Home::new();
    let folder = seeds(&home, FILE);
    let seed = ["seed", "--static-only", "--dir", &folder];
    let with = |more: &[&'static str]| [&seed[..], more].concat();
    assert!(home.says(&seed).contains("inserted 2"));
    seeds(&home, &FILE.replace("0,5;old", "0,6;new"));
    assert!(home.says(&with(&["--dry-run"])).contains("updated 1"));
    let (mut child, address) = home.serve();
    let one = home.says(&["models", "show", "one", "--json"]);
    let one: serde_json::Value = serde_json::from_str(&one).unwrap();
    let url = format!("{address}/api/v1/lora-models/{}", one["id"].as_str().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let patch = reqwest::Client::new().patch(url).header("content-type", "application/merge-patch+json");
    let answer = runtime.block_on(patch.body(r#"{"rating": 0.9, "description": "mine"}"#).send()).unwrap();
    assert!(answer.status().is_success());
    super::signal(&child, "TERM");
    child.wait().unwrap();

    let kept = home.says(&seed);
    for wanted in [
        "kept 1; 2 edited fields kept",
        "  line 2, one: rating stays 0.9, the file has 0.6",
        "  line 2, one: description stays \"mine\", the file has \"new\"",
    ] {
        assert!(kept.contains(wanted), "{wanted}\nis not in\n{kept}");
    }
    let would = home.says(&with(&["--file-wins", "--dry-run"]));
    for wanted in [
        "models_loras.csv: overwrites 2 edited fields\n  line 2, one: rating 0.9 becomes 0.6\n",
        "updated 1",
        "dry run: nothing changed",
    ] {
        assert!(would.contains(wanted), "{wanted}\nis not in\n{would}");
    }
    let json: serde_json::Value = serde_json::from_str(&home.says(&with(&["--json"]))).unwrap();
    assert_eq!(json["files"][0]["kept_list"][0]["field"], "rating");
    let done = home.says(&with(&["--file-wins"]));
    let (listed, applied) = (done.find("rating 0.9 becomes 0.6"), done.find("updated 1"));
    assert!(listed.is_some() && listed < applied, "{done}");
    assert!(home.says(&["models", "show", "one"]).contains("new"));
    assert!(home.says(&seed).contains("unchanged 2"));
}

#[test]
fn an_export_seeds_the_same_rows_with_a_mark_and_guards_too() {
    let home = Home::new();
    let folder =
        seeds(&home, "path,name,description,tags\na/one.pt,=one,\"-soft-, größe\",\"@a, b\"\n'=x.pt,'tis,''-y,\n");
    home.says(&["seed", "--static-only", "--dir", &folder]);
    let plain = home.says(&["models", "export", "lora"]);
    assert!(plain.starts_with("path,filename,name,") && plain.contains(",=one,"), "{plain}");
    let file = Path::new(&folder).join("models_loras.csv");
    home.says(&["models", "export", "lora", "--bom", "--guard", "--output", file.to_str().unwrap()]);
    let guarded = std::fs::read_to_string(&file).unwrap();
    assert!(
        guarded.starts_with("\u{feff}path,") && guarded.contains(",'=one,") && guarded.contains("\"'-soft-, größe\"")
    );
    let again = home.says(&["seed", "--static-only", "--dir", &folder]);
    assert!(again.contains("inserted 0, updated 0, unchanged 2"), "{again}");
    assert_eq!(home.says(&["models", "export", "lora"]), plain);
    let tabs = Path::new(&folder).join("models_loras.tsv");
    home.says(&["models", "export", "lora", "--output", tabs.to_str().unwrap()]);
    assert!(std::fs::read_to_string(tabs).unwrap().starts_with("path\tfilename\t"));
    home.fails(&["models", "export"], 2);
    assert!(home.fails(&["models", "export", "lora", "--output", "/nowhere/x.csv"], 1).contains("/nowhere/x.csv"));
}

#[test]
fn a_table_that_does_not_fit_names_the_delimiter() {
    let home = Home::new();
    let folder = seeds(&home, "Pfad;Bewertung\nx;1\n");
    let text = home.fails(&["seed", "--static-only", "--dir", &folder], 1);
    assert!(text.contains("models_loras.csv:1:Pfad: is not a column of the table"), "{text}");
    assert!(text.contains("(the file was read as semicolon-separated)"), "{text}");
}
