//! Files the pages load: inside the program, named after their content, so that browsers keep them for good.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// One file as it is sent: some are several of ours in one, in the order that the list gives.
struct Bundle {
    name: &'static str,
    kind: &'static str,
    parts: &'static [&'static str],
}

const BUNDLES: [Bundle; 14] = [
    Bundle {
        name: "app.css",
        kind: "text/css; charset=utf-8",
        parts: &[
            "css/layers.css",
            "css/tokens.css",
            "css/base.css",
            "css/frame.css",
            "css/controls.css",
            "css/overlays.css",
            "css/generate.css",
            "css/lora.css",
            "css/stage.css",
            "css/history.css",
            "css/pictures.css",
            "css/taught.css",
            "css/utilities.css",
        ],
    },
    Bundle {
        name: "app.js",
        kind: "text/javascript; charset=utf-8",
        parts: &[
            "js/dom.js",
            "js/stream.js",
            "js/include.js",
            "js/toasts.js",
            "js/problems.js",
            "js/theme.js",
            "js/previews.js",
            "js/recipe.js",
            "js/fields.js",
            "js/words.js",
            "js/prompt.js",
            "js/tags.js",
            "js/picker.js",
            "js/live.js",
            "js/cancel.js",
            "js/grid-open.js",
            "js/viewer-open.js",
            "js/drop.js",
            "js/combobox.js",
            "js/grid.js",
            "js/keys.js",
        ],
    },
    Bundle { name: "read-image.js", kind: "text/javascript; charset=utf-8", parts: &["js/read-image.js"] },
    Bundle { name: "api.css", kind: "text/css; charset=utf-8", parts: &["css/api.css"] },
    Bundle { name: "grids.css", kind: "text/css; charset=utf-8", parts: &["css/grids.css"] },
    Bundle { name: "grids.js", kind: "text/javascript; charset=utf-8", parts: &["js/grids.js"] },
    Bundle { name: "viewer.css", kind: "text/css; charset=utf-8", parts: &["css/viewer.css"] },
    Bundle { name: "viewer.js", kind: "text/javascript; charset=utf-8", parts: &["js/viewer.js"] },
    Bundle { name: "peek.js", kind: "text/javascript; charset=utf-8", parts: &["js/peek.js"] },
    Bundle { name: "picker.css", kind: "text/css; charset=utf-8", parts: &["css/picker.css"] },
    Bundle {
        name: "models.css",
        kind: "text/css; charset=utf-8",
        parts: &["css/picker.css", "css/models.css", "css/imports.css", "css/start.css"],
    },
    Bundle {
        name: "models.js",
        kind: "text/javascript; charset=utf-8",
        parts: &["js/models.js", "js/select.js", "js/imports.js"],
    },
    Bundle { name: "htmx.js", kind: "text/javascript; charset=utf-8", parts: &["vendor/htmx/htmx.min.js"] },
    Bundle { name: "icon.svg", kind: "image/svg+xml", parts: &["img/icon.svg"] },
];

struct Asset {
    url: String,
    kind: &'static str,
    hash: String,
    bytes: Vec<u8>,
    brotli: Vec<u8>,
}

static ASSETS: LazyLock<HashMap<&str, Asset>> =
    LazyLock::new(|| BUNDLES.iter().map(|bundle| (bundle.name, Asset::new(bundle))).collect());

/// Where the file is; changes whenever its content does.
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or("", |asset| &asset.url)
}

/// A vendored file as it is embedded, for the test that checks its sum.
pub fn vendored(path: &str) -> Option<Cow<'static, [u8]>> {
    Files::get(&format!("vendor/{path}")).map(|file: EmbeddedFile| file.data)
}

/// What browsers ask for by themselves where a page names no icon, as beside an image that they show alone.
pub async fn icon() -> Redirect {
    Redirect::to(url("icon.svg"))
}

pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("/assets/{name}");
    let Some(asset) = ASSETS.values().find(|asset| asset.url == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", asset.hash);
    let caching =
        [(header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()), (header::ETAG, tag.clone())];
    // A compressing layer weakens the tag, so it is searched for, not compared.
    let known = headers.get(header::IF_NONE_MATCH).and_then(|seen| seen.to_str().ok());
    if known.is_some_and(|seen| seen.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, asset.kind)];
    match accepts.split(',').any(|coding| coding.trim().split(';').next() == Some("br")) {
        true => {
            let coding = [(header::CONTENT_ENCODING, "br"), (header::VARY, "Accept-Encoding")];
            (kind, coding, caching, asset.brotli.as_slice()).into_response()
        }
        false => (kind, caching, asset.bytes.as_slice()).into_response(),
    }
}

/// As small as it gets: done once, where compressing each answer would have to be quick.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut small = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams::default();
    // Writing to memory does not fail.
    let _ = brotli::BrotliCompress(&mut &*bytes, &mut small, &settings);
    small
}

/// Without comments that have their lines to themselves, indentation and empty lines: three kilobytes that only those who
/// work on the files read.
fn lean(bytes: &[u8]) -> Vec<u8> {
    let (mut kept, mut in_comment) = (Vec::with_capacity(bytes.len()), false);
    for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        let begins = !in_comment && line.starts_with(b"/*");
        let end = line.windows(2).position(|pair| pair == b"*/").map(|at| at + 2);
        // One that ends before the line does stands before something.
        let is_comment = in_comment || begins && end.is_none_or(|end| end == line.len());
        in_comment = (in_comment || begins) && end.is_none();
        if !is_comment && !line.is_empty() {
            kept.extend_from_slice(line);
            kept.push(b'\n');
        }
    }
    kept
}

impl Asset {
    fn new(bundle: &Bundle) -> Self {
        let parts = bundle.parts.iter().filter_map(|part| Files::get(part));
        let whole = parts.map(|part| part.data).collect::<Vec<_>>().join(&b'\n');
        let ours = bundle.parts.iter().all(|part| part.starts_with("css/") || part.starts_with("js/"));
        let bytes = if ours { lean(&whole) } else { whole };
        let digest = Sha256::digest(&bytes);
        let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let (stem, ending) = bundle.name.split_once('.').unwrap_or((bundle.name, ""));
        Self {
            url: format!("/assets/{stem}.{hash}.{ending}"),
            kind: bundle.kind,
            hash,
            brotli: compressed(&bytes),
            bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_every_bundle_is_there() {
        for part in BUNDLES.iter().flat_map(|bundle| bundle.parts) {
            assert!(Files::get(part).is_some(), "{part}");
        }
    }

    #[test]
    fn only_whole_lines_of_comment_are_left_out() {
        let code = "/* why */\n  a; /* x */\n  /* why */\r\n\n/* x */ b; /* y */\n/* two\nlines */\n  c;\n/* end */";
        assert_eq!(lean(code.as_bytes()), b"a; /* x */\n/* x */ b; /* y */\nc;\n");
    }

    #[test]
    fn addresses_carry_a_hash() {
        assert!(url("app.css").starts_with("/assets/app."));
        assert!(url("app.css").ends_with(".css"));
        assert_eq!(url("app.css").len(), "/assets/app.0123456789ab.css".len());
    }
}
