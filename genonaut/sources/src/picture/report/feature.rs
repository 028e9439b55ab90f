//! What other programs make images with and this one does not.

use serde::Serialize;

macro_rules! features {
    ($($name:ident $label:literal: $($key:literal)*;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Feature { $($name,)+ }

        impl Feature {
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }

            /// The feature that a setting belongs to, by how its name begins: `Hires upscale`, `hires_fix`,
            /// `ipAdapters`. Case, blanks, `_` and `-` do not count.
            pub fn of(setting: &str) -> Option<Self> {
                let name = Name::new(setting);
                $(if [$($key),*].iter().any(|key| name.begins(key)) { return Some(Self::$name); })+
                None
            }
        }
    };
}

// The first line that fits counts, so longer beginnings stand above shorter ones.
features! {
    HiresFix "hires fix": "hires" "hrf" "hr" "firstpasssize" "firstphase" "highres" "secondpass" "deepshrink" "kohyahires";
    Detailer "ADetailer": "adetailer" "ad" "facedetailer" "detailer" "ddetailer" "detail" "segment";
    FaceRestoration "face restoration": "facerestor" "facecorrection" "codeformer" "gfpgan" "usefacecorrection" "reactor" "faceswap" "roop";
    ControlNet "ControlNet": "controlnet" "controlimage" "control" "cn" "t2iadapter" "usecontrolnet";
    IpAdapter "IP-Adapter": "ipadapter" "referenceimage" "refimages" "vibe" "redux" "styletransfer" "director" "reference";
    Inpainting "inpainting": "inpaint" "mask" "outpaint" "onlymasked";
    ImageToImage "image to image": "denois" "imagetoimage" "img2img" "initimage" "image2image" "strength" "promptstrength" "sourceimage" "sourceprocessing" "creativity" "extranoise" "initialnoise" "fit" "noise";
    Upscaling "upscaling": "upscale" "postprocess" "refinerupscale" "sdupscale" "ultimatesdupscale" "tileddiffusion" "tiledvae" "mixtureofdiffusers" "multidiffusion";
    Refiner "refiner": "refiner" "switchat" "refine";
    VariationSeed "variation seed": "variation" "subseed" "seedresize" "seedvariance" "withvariations" "perlin" "threshold";
    RegionalPrompts "regional prompts": "regional" "rp" "regions" "latentcouple" "couple" "characterprompt" "forgecouple";
    Embeddings "embeddings": "tihashes" "ti" "embedding" "usedembeddings" "useembeddings" "textualinversion";
    Hypernetwork "hypernetwork": "hypernet" "usehypernetwork";
    DistilledGuidance "distilled guidance": "distilledcfg" "fluxguidance" "guidance" "distilled";
    Shift "sigma shift": "shift" "sigmashift" "zimageshift" "qwenimageshift" "timestepshift" "mu";
    Script "scripts": "script" "xyz" "xtype" "ytype" "ztype" "grid";
    Tiling "seamless tiling": "tiling" "seamless";
    Styles "styles": "style" "styles" "performance";
    Vae "VAE": "vae" "automaticvae" "usevaemodel" "refinervae";
    TextEncoders "text encoders": "module" "textencoder" "t5" "clip" "qwen" "llama" "gemma" "mistral";
    Noise "noise settings": "rng" "ensd" "eta" "ngms" "sigma" "schedulemin" "schedulemax" "schedulerho" "schedulemin" "discard" "randdevice" "noisesource" "noiseoffset" "brownian" "churn" "schurn" "snoise" "stmin" "stmax";
    Guidance "guidance options": "cfgrescale" "uncondscale" "dynamicthresholding" "dynthres" "mimic" "pag" "sag" "freeu" "perturbed" "selfattention" "adaptivecfg" "sharpness" "admguidance" "cfgend" "apg" "seg" "skiplayer" "skipearly" "epsilon" "negativeguidance" "cfgmin" "cfgmax" "dynamicthreshold" "smea" "sm" "rescalecfg" "diffusioncfg" "dype";
    Speed "speed options": "tokenmerging" "teacache" "hypertile" "fp8" "cachefp16" "tome" "deepcache" "fbcache" "pad" "precision" "diffusioninlowbits" "downcast" "hidiffusion" "hidiff";
}

/// A setting's name in lower-case letters, and where its words end.
struct Name {
    folded: String,
    ends: Vec<usize>,
}

impl Name {
    fn new(setting: &str) -> Self {
        let (mut folded, mut ends, mut before) = (String::new(), Vec::new(), ' ');
        for c in setting.chars().take(60) {
            if !c.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase()) {
                ends.push(folded.len());
            }
            folded.extend(c.is_alphanumeric().then_some(c.to_ascii_lowercase()));
            before = c;
        }
        ends.push(folded.len());
        Self { folded, ends }
    }

    /// With these words; a long beginning may end within a word (`ipadapter` of `ipAdapters`).
    fn begins(&self, key: &str) -> bool {
        self.folded.starts_with(key) && (key.len() >= 6 || self.ends.contains(&key.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_other_programs_belong_to_features() {
        for (name, feature) in [
            ("Hires upscaler", Feature::HiresFix),
            ("ADetailer model 2nd", Feature::Detailer),
            ("ControlNet 0", Feature::ControlNet),
            ("Denoising strength", Feature::ImageToImage),
            ("Variation seed strength", Feature::VariationSeed),
            ("TI hashes", Feature::Embeddings),
            ("Refiner switch at", Feature::Refiner),
            ("init_image", Feature::ImageToImage),
            ("Distilled CFG Scale", Feature::DistilledGuidance),
            ("RP Active", Feature::RegionalPrompts),
            ("ipAdapters", Feature::IpAdapter),
        ] {
            assert_eq!(Feature::of(name), Some(feature), "{name}");
        }
        assert_eq!(["Zebra", "", "Time taken", "Additional", "Mural", "Address"].map(Feature::of), [None; 6]);
    }
}
