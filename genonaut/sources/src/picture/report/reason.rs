//! Why a value is another one here, or none.

use std::fmt;

use serde::Serialize;

use super::super::Program;
use super::Feature;
use crate::setting_limits::MOST_LORAS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The writer records no value when it uses its own default, which this is.
    WriterDefault(Program),
    /// `Automatic`: each sampler has a schedule of its own.
    SamplersOwn,
    /// The same sampler with its noise made on the GPU: other images from the same seed.
    GpuNoise,
    /// A weight that changes over the steps: the largest one counts.
    WeightOverSteps,
    /// Weights of single blocks of a LoRA.
    BlockWeights,
    /// No whole number where one is needed, or more digits than there are.
    Rounded,
    /// Emphasis in the words of the writer.
    Emphasis,
    /// Texts that the writer keeps apart, in one.
    Joined,
    /// The names of LoRAs stood outside the prompt, without a weight.
    WeightUnknown,
    /// More LoRAs than a recipe holds.
    TooManyLoras,
    UnknownSampler,
    UnknownScheduler,
    /// Not a value of this kind.
    Unreadable,
    /// Something that images are not made with here.
    Feature(Feature),
    /// Something that only an online service has.
    OnlineService,
    /// A setting that nothing is known of.
    UnknownSetting,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriterDefault(program) => write!(f, "not recorded; using the default of {}", program.label()),
            Self::SamplersOwn => f.write_str("the default scheduler of the sampler"),
            Self::GpuNoise => f.write_str("same sampler, but the noise is generated on the CPU here"),
            Self::WeightOverSteps => {
                f.write_str("weights that change over the steps are not supported; using the largest")
            }
            Self::BlockWeights => f.write_str("block weights are not supported"),
            Self::Rounded => f.write_str("rounded"),
            Self::Emphasis => f.write_str("emphasis converted to (words:1.1)"),
            Self::Joined => f.write_str("added to the prompt"),
            Self::WeightUnknown => f.write_str("weight not recorded"),
            Self::TooManyLoras => write!(f, "a recipe can use at most {MOST_LORAS} LoRAs"),
            Self::UnknownSampler => f.write_str("unknown sampler"),
            Self::UnknownScheduler => f.write_str("unknown scheduler"),
            Self::Unreadable => f.write_str("not a valid value"),
            Self::Feature(feature) => write!(f, "not supported ({})", feature.label()),
            Self::OnlineService => f.write_str("only available in the online service"),
            Self::UnknownSetting => f.write_str("unknown setting"),
        }
    }
}
