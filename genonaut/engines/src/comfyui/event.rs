//! What the server says on the websocket, and keeps in its history.

use serde::Deserialize;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::jobs::{Saved, first_image};
use super::workflow::SAMPLER;

/// Bytes of a preview that is shown (2 MiB): each is kept in the database for a moment.
const LARGEST_PREVIEW: usize = 2 << 20;

#[derive(Debug, PartialEq)]
pub(super) enum Event {
    Step {
        step: u32,
        steps: u32,
    },
    /// A JPEG.
    Preview(Vec<u8>),
    Output(Saved),
    Done,
    Failed(Broken),
    Interrupted,
    /// Something that changes nothing for us.
    Other,
}

/// A node that threw an exception.
#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct Broken {
    pub node_type: String,
    pub exception_type: String,
    pub exception_message: String,
    #[serde(default)]
    pub current_inputs: Value,
}

impl Event {
    /// What a message says about that prompt.
    pub fn read(message: &Message, id: &str) -> Self {
        match message {
            Message::Text(text) => {
                let Ok(said) = serde_json::from_str::<Value>(text) else { return Self::Other };
                let data = &said["data"];
                let ours = data["prompt_id"].as_str() == Some(id);
                if ours { Self::of(said["type"].as_str().unwrap_or_default(), data) } else { Self::Other }
            }
            Message::Binary(frame) => preview(frame).map_or(Self::Other, |jpeg| Self::Preview(jpeg.to_vec())),
            _ => Self::Other,
        }
    }

    pub fn of(kind: &str, data: &Value) -> Self {
        match kind {
            "progress" if data["node"] == SAMPLER => step(data),
            "progress_state" => step(&data["nodes"][SAMPLER]),
            "executed" => first_image(&data["output"]).map_or(Self::Other, Self::Output),
            "execution_success" => Self::Done,
            "execution_error" => Broken::deserialize(data).map_or(Self::Other, Self::Failed),
            "execution_interrupted" => Self::Interrupted,
            _ => Self::Other,
        }
    }
}

/// A node that has only begun is at 0 of 1, whatever its number of steps: that is no step.
fn step(node: &Value) -> Event {
    let number = |name: &str| node[name].as_f64().filter(|number| *number >= 1.0).map(|number| number as u32);
    match (number("value"), number("max")) {
        (Some(step), Some(steps)) => Event::Step { step, steps },
        _ => Event::Other,
    }
}

/// The JPEG in a binary message. Form 1: `1`, kind of image, bytes. Form 4: `4`, length of JSON, JSON, bytes; all
/// numbers of four bytes, big end first.
fn preview(frame: &[u8]) -> Option<&[u8]> {
    let (form, rest) = number(frame)?;
    let (next, rest) = number(rest)?;
    let picture = match form {
        1 => rest,
        4 => rest.get(next as usize..)?,
        _ => return None,
    };
    (picture.starts_with(b"\xff\xd8") && picture.len() <= LARGEST_PREVIEW).then_some(picture)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_preview_give_the_jpeg() {
        let plain = [&[0, 0, 0, 1, 0, 0, 0, 1][..], b"\xff\xd8rest"].concat();
        let with_metadata = [&[0, 0, 0, 4, 0, 0, 0, 2][..], b"{}\xff\xd8rest"].concat();
        assert_eq!(preview(&plain), Some(&b"\xff\xd8rest"[..]));
        assert_eq!(preview(&with_metadata), Some(&b"\xff\xd8rest"[..]));
    }

    #[test]
    fn frames_that_are_cut_short_or_of_another_kind_are_no_preview() {
        let png = [&[0, 0, 0, 1, 0, 0, 0, 2][..], b"\x89PNG"].concat();
        let longer_than_it_is = [&[0, 0, 0, 4, 0, 0, 0, 99][..], b"{}"].concat();
        let endless = [&[0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xd8][..], &vec![0; LARGEST_PREVIEW]].concat();
        assert_eq!(preview(&endless), None);
        for frame in [&[][..], &[0, 0, 0, 1], &[0, 0, 0, 2, 0, 0, 0, 1, 0xff, 0xd8], &png, &longer_than_it_is] {
            assert_eq!(preview(frame), None, "{frame:?}");
        }
    }
}
