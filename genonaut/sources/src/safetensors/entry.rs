//! One tensor's entry in the header: `{"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}`.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// No tensor has more axes; what claims to would only fill memory.
const MOST_AXES: usize = 64;

/// What an entry says; unknown fields are passed over.
#[derive(Default)]
pub struct Entry {
    pub dtype: Option<String>,
    pub shape: Option<Vec<u64>>,
    pub offsets: Option<(u64, u64)>,
}

/// Reads an entry; what is wrong with one is written here, because serde's errors carry no code.
pub struct Reading<'a>(pub &'a mut Option<&'static str>);

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Dtype,
    Shape,
    DataOffsets,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Entry;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object with dtype, shape and data_offsets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let mut entry = Entry::default();
        while let Some(field) = map.next_key()? {
            *self.0 = Some(match field {
                Field::Dtype | Field::Other => "bad-entry",
                Field::Shape => "bad-shape",
                Field::DataOffsets => "bad-offsets",
            });
            match field {
                Field::Dtype => entry.dtype = Some(map.next_value()?),
                Field::Shape => entry.shape = Some(map.next_value::<Shape>()?.0),
                Field::DataOffsets => entry.offsets = Some(map.next_value()?),
                Field::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        *self.0 = None;
        Ok(entry)
    }
}

struct Shape(Vec<u64>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Axes;
        impl<'de> Visitor<'de> for Axes {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of lengths")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
                let mut axes = Vec::with_capacity(4);
                while let Some(length) = seq.next_element()? {
                    if axes.len() == MOST_AXES {
                        return Err(serde::de::Error::invalid_length(axes.len(), &self));
                    }
                    axes.push(length);
                }
                Ok(Shape(axes))
            }
        }
        deserializer.deserialize_seq(Axes)
    }
}
