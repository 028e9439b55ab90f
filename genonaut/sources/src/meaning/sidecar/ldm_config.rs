//! `<stem>.yaml`, the configuration of a checkpoint of Stable Diffusion's own program. Only what the header cannot say
//! is taken, line by line: such files hold one value a line, and no YAML reader is needed for that.

use super::super::{Prediction, Said};
use crate::decode;

pub fn read(bytes: &[u8]) -> Said {
    let given = decode::text(bytes);
    let value = |key: &str| {
        let lines = given.lines().filter_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix(':'));
        lines.map(|rest| rest.split('#').next().unwrap_or(rest).trim().trim_matches(['"', '\''])).next()
    };
    Said { prediction_type: value("parameterization").and_then(Prediction::spelled), ..Said::default() }
}
