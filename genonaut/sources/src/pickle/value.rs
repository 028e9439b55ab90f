//! What a pickle's constants are, as far as names and shapes of tensors need it.

use std::rc::Rc;

use super::allowed::Import;

/// Deeper tuples are passed over: dropping them one in the other would overflow the stack.
const DEEPEST: u8 = 32;

/// Copying one is cheap, whatever it holds.
#[derive(Debug, Clone)]
pub enum Value {
    Number(i64),
    Text(Rc<str>),
    Tuple(Tuple),
    /// Which one of the machine's dicts; the same dict may stand in several places.
    Dict(usize),
    Import(Import),
    /// Storage of numbers of a type.
    Storage(&'static str),
    Tensor(Rc<TensorOf>),
    /// Whatever names and shapes do not need.
    Other,
}

#[derive(Debug, Clone)]
pub struct Tuple {
    items: Rc<[Value]>,
    depth: u8,
}

#[derive(Debug)]
pub struct TensorOf {
    pub dtype: &'static str,
    pub shape: Option<Vec<u64>>,
}

impl Value {
    pub fn tuple(items: Vec<Self>) -> Self {
        let depth = items.iter().map(Self::depth).max().unwrap_or(0) + 1;
        if depth > DEEPEST { Self::Other } else { Self::Tuple(Tuple { items: items.into(), depth }) }
    }

    pub fn items(&self) -> &[Self] {
        match self {
            Self::Tuple(tuple) => &tuple.items,
            _ => &[],
        }
    }

    fn depth(&self) -> u8 {
        match self {
            Self::Tuple(tuple) => tuple.depth,
            _ => 0,
        }
    }
}

/// What calling an allowed import gives; `Dict` is up to the caller.
pub fn call(import: Import, arguments: &Value) -> Value {
    match (import, arguments.items()) {
        (Import::Tensor, [storage, _, size, ..]) => {
            let dtype = if let Value::Storage(dtype) = storage { dtype } else { "UNKNOWN" };
            Value::Tensor(Rc::new(TensorOf { dtype, shape: shape(size) }))
        }
        (Import::Parameter | Import::Size, [first, ..]) => first.clone(),
        _ => Value::Other,
    }
}

fn shape(size: &Value) -> Option<Vec<u64>> {
    let length = |item: &Value| if let Value::Number(length) = item { u64::try_from(*length).ok() } else { None };
    if let Value::Tuple(tuple) = size { tuple.items.iter().map(length).collect() } else { None }
}
