//! Reading A1111's text, in all the forms that programs and people give it.

use super::{layout, pairs, resources};
use crate::picture::read::{Fields, Made};
use crate::picture::report::{Feature, Reason};
use crate::picture::{Program, tags, values};

/// What describes the file, or the settings in other words.
const NOTES: [&str; 40] = [
    "version",
    "user",
    "createddate",
    "createdat",
    "date",
    "time",
    "timetaken",
    "app",
    "backend",
    "pipeline",
    "parser",
    "operations",
    "comment",
    "url",
    "civitaimetadata",
    "wildcardprompt",
    "wildcardnegativeprompt",
    "template",
    "negativetemplate",
    "originalprompt",
    "originalnegativeprompt",
    "rawprompt",
    "rawnegativeprompt",
    "batchindex",
    "batchsize",
    "batchpos",
    "batchcount",
    "index",
    "modelversionid",
    "basemodel",
    "tihashes",
    "lorahashes",
    "loraweights",
    "hashes",
    "vaehash",
    "vaefilename",
    "mashup",
    "modelsearch",
    "fullquality",
    "workflow",
];

/// Longer texts (1 MiB) are no recipes.
const LONGEST: usize = 1 << 20;

/// `None` when the text has no settings.
pub fn read(text: &str) -> Option<Made> {
    if text.len() > LONGEST {
        return None;
    }
    let layout = layout::split(text);
    let pairs = pairs::split(&layout.settings);
    if pairs.is_empty() {
        return None;
    }
    let version = |name: &str, begin: &str| {
        pairs.iter().any(|(key, value)| key == name && value.as_str().is_some_and(|value| value.starts_with(begin)))
    };
    let by = match () {
        () if version("Version", "Fooocus") => Program::Fooocus,
        () if version("App", "SD.Next") => Program::SdNext,
        () => Program::A1111,
    };
    let mut fields = Fields::new(by, pairs);
    fields.prompts(&layout.prompt, &layout.negative, tags::Order::TextEncoderFirst);
    numbers(&mut fields);
    fields.checkpoint(&["model"], &["modelhash"]);
    fields.vae(&["vae"], &["vaehash"]);
    fields.sampling(&["sampler"], &["scheduletype", "scheduler", "schedule", "samplersigma"]);
    embeddings(&mut fields, &layout.below);
    resources::take(&mut fields);
    fields.ignore(&NOTES);
    Some(fields.finish())
}

/// Prompts without settings, which only an image may have, as a text of nothing but words may be anything.
pub fn prompts(text: &str) -> Option<Made> {
    if text.len() > LONGEST {
        return None;
    }
    let layout = layout::split(text);
    if layout.negative.is_empty() {
        return None;
    }
    let mut fields = Fields::new(Program::A1111, []);
    fields.prompts(&layout.prompt, &layout.negative, tags::Order::TextEncoderFirst);
    Some(fields.finish())
}

fn numbers(fields: &mut Fields) {
    fields.steps(&["steps"]);
    fields.cfg(&["cfgscale", "cfg", "guidancescale"]);
    fields.seed(&["seed"]);
    fields.size(&["size", "resolution"]);
    if fields.made.width.is_none() {
        fields.sides(&["width"], &["height"]);
    }
    first_pass(fields);
    fields.clip_skip(&["clipskip"]);
    // It records the setting only where it is another than 1.
    if fields.made.clip_skip.is_none() && fields.made.by != Program::Fooocus {
        fields.made.clip_skip = Some(1);
        fields.made.report.change("clip_skip", "", "1", Reason::WriterDefault(fields.made.by));
    }
}

/// A1111 before 1.0 recorded the size after its hires fix, and beside it the one that was asked of the model; 0x0 left
/// that to the program, which then took as many pixels as 512x512 has.
fn first_pass(fields: &mut Fields) {
    let Some(value) = fields.value(&["firstpasssize"]) else { return };
    let (Some(written), Some(width), Some(height)) = (values::size(&value), fields.made.width, fields.made.height)
    else {
        return;
    };
    let scale = (f64::from(512 * 512) / (f64::from(width) * f64::from(height))).sqrt();
    let side = |side: u32| (f64::from(side) * scale / 64.0).ceil() as u32 * 64;
    let size = if written == (0, 0) { (side(width), side(height)) } else { written };
    (fields.made.width, fields.made.height) = (Some(size.0), Some(size.1));
    let report = &mut fields.made.report;
    report.taken.retain(|item| item.field != "size");
    report.leave_out("Hires resize", &format!("{width}x{height}"), Reason::Feature(Feature::HiresFix));
    report.take("size", &format!("{}x{}", size.0, size.1));
}

fn embeddings(fields: &mut Fields, below: &[String]) {
    let hashes = fields.text(&["tihashes"]);
    let named = below.iter().filter_map(|line| line.strip_prefix("Used embeddings:"));
    let list = hashes.iter().map(String::as_str).chain(named).flat_map(|list| list.split(','));
    let reason = Reason::Feature(Feature::Embeddings);
    for entry in list.map(|entry| entry.split([':', '[']).next().unwrap_or_default().trim()) {
        if !entry.is_empty() {
            fields.made.report.leave_out("embedding", entry, reason);
        }
    }
}
