//! Which variant of its architecture a model is: what a recipe starts from differs by that, and tensors often do not.

use super::super::file_name;
use super::Families;

/// What is known of a model when its variant is asked for, the firmest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traits<'a> {
    pub architecture: &'a str,
    /// By its tensors.
    pub by_tensors: Option<&'a str>,
    /// What somebody spells as its base or family: `Flux.1 S`, `SDXL Lightning`.
    pub spelled: &'a [&'a str],
    /// Names of the model, its file and its folder.
    pub names: &'a [&'a str],
}

/// Ids of variants in the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variants<'a> {
    pub variant: Option<&'a str>,
    /// Few steps at little cfg.
    pub distilled: Option<&'a str>,
    /// How many steps a distilled model's name says.
    pub steps: Option<u32>,
}

impl Families {
    /// The variants that somebody has spelled, else what the names say and the tensors allow.
    pub fn variants<'a>(&'a self, traits: Traits<'a>) -> Variants<'a> {
        let known = self.variants.get(traits.architecture).map_or(&[][..], Vec::as_slice);
        let spelled = traits.spelled.iter().filter_map(|spelling| self.spelled(spelling));
        let spelled: Vec<&str> = spelled
            .filter(|base| base.architecture == traits.architecture)
            .flat_map(|base| [base.variant.as_deref(), base.family.as_deref()])
            .flatten()
            .collect();
        let find = |distilled: bool| {
            let of_kind = || known.iter().filter(move |variant| variant.distilled == distilled);
            let by_word = spelled.iter().find_map(|id| of_kind().find(|variant| variant.id == *id));
            let by_name = || {
                let names = traits.names.iter();
                names
                    .flat_map(|name| of_kind().filter(|variant| variant.is_named(name)))
                    .find(|variant| variant.can_be(traits.by_tensors))
            };
            let by_tensors = || of_kind().find(|variant| traits.by_tensors == Some(variant.id.as_str()));
            by_word.or_else(by_name).or_else(by_tensors).map(|variant| variant.id.as_str())
        };
        let (variant, distilled) = (find(false), find(true));
        let steps = || traits.names.iter().find_map(|name| file_name::few_steps(name));
        Variants { variant, distilled, steps: distilled.and_then(|_| steps()) }
    }
}
