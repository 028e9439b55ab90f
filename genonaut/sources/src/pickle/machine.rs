//! Walks a pickle's opcodes as data: a stack of constants, a memo, and nothing that is ever called.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::rc::Rc;

use super::allowed::{Import, import};
use super::value::{Value, call};
use crate::not_read::NotRead;

/// Steps of the longest pickle: 40 for each of 200 000 tensors.
const MOST_STEPS: usize = 8_000_000;

/// Values on the stack, and entries of all dicts together.
const MOST_VALUES: usize = 1_000_000;

/// Values in the memo: six for each tensor.
const MOST_REMEMBERED: usize = 2_000_000;

/// Keys and values, in the order in which they were set.
pub type Dict = Vec<(Rc<str>, Value)>;

/// One file's pickles, and what they have put together so far.
pub struct Machine<R> {
    pub(super) input: R,
    /// Bytes that may still be read.
    left: u64,
    steps: usize,
    pub(super) stack: Vec<Value>,
    /// Where on the stack a mark stands.
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Value>,
    dicts: Vec<Dict>,
    entries: usize,
}

pub(super) const DAMAGED: NotRead = NotRead::Refused("pickle-opcode");
const TOO_LARGE: NotRead = NotRead::Refused("pickle-too-large");

impl<R: BufRead> Machine<R> {
    pub fn new(input: R, left: u64) -> Self {
        let (stack, marks, memo, dicts) = Default::default();
        Self { input, left, steps: MOST_STEPS, stack, marks, memo, dicts, entries: 0 }
    }

    /// Walks one pickle, and gives what loading it would give.
    pub fn run(&mut self) -> Result<Value, NotRead> {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        loop {
            self.steps = self.steps.checked_sub(1).ok_or(TOO_LARGE)?;
            let [opcode] = self.bytes()?;
            if opcode == b'.' {
                return self.pop();
            }
            self.step(opcode)?;
        }
    }

    pub fn at_end(&mut self) -> Result<bool, NotRead> {
        Ok(self.input.fill_buf()?.is_empty())
    }

    pub fn dicts(&self) -> &[Dict] {
        &self.dicts
    }

    pub(super) fn push(&mut self, value: Value) -> Result<(), NotRead> {
        if self.stack.len() == MOST_VALUES {
            return Err(TOO_LARGE);
        }
        self.stack.push(value);
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Result<Value, NotRead> {
        self.stack.pop().ok_or(DAMAGED)
    }

    pub(super) fn mark(&mut self) -> Result<(), NotRead> {
        if self.marks.len() == MOST_VALUES {
            return Err(TOO_LARGE);
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    pub(super) fn pop_to_mark(&mut self) -> Result<Vec<Value>, NotRead> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or(DAMAGED)?;
        Ok(self.stack.split_off(mark))
    }

    pub(super) fn remember(&mut self, place: u64) -> Result<(), NotRead> {
        if self.memo.len() == MOST_REMEMBERED {
            return Err(TOO_LARGE);
        }
        self.memo.insert(place, self.stack.last().ok_or(DAMAGED)?.clone());
        Ok(())
    }

    pub(super) fn new_dict(&mut self) -> Result<Value, NotRead> {
        if self.dicts.len() == MOST_VALUES {
            return Err(TOO_LARGE);
        }
        self.dicts.push(Dict::new());
        Ok(Value::Dict(self.dicts.len() - 1))
    }

    /// Sets keys and values, which alternate, in the value on top of the stack.
    pub(super) fn set(&mut self, items: &[Value]) -> Result<(), NotRead> {
        let Some(Value::Dict(dict)) = self.stack.last() else { return Ok(()) };
        for pair in items.chunks_exact(2) {
            let Value::Text(key) = &pair[0] else { continue };
            self.entries += 1;
            if self.entries > MOST_VALUES {
                return Err(TOO_LARGE);
            }
            self.dicts[*dict].push((key.clone(), pair[1].clone()));
        }
        Ok(())
    }

    pub(super) fn import(&mut self, module: &str, name: &str) -> Result<(), NotRead> {
        let found = import(module, name).ok_or_else(|| NotRead::Unsafe(format!("{module}.{name}")))?;
        self.push(Value::Import(found))
    }

    /// Calls what is allowed to be called: on paper only.
    pub(super) fn call(&mut self, callee: &Value, arguments: &Value) -> Result<(), NotRead> {
        let result = match callee {
            Value::Import(Import::OrderedDict) => self.new_dict()?,
            Value::Import(import) => call(*import, arguments),
            _ => return Err(NotRead::Unsafe("something computed".to_owned())),
        };
        self.push(result)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], NotRead> {
        let mut bytes = [0; N];
        self.take(N as u64)?;
        self.input.read_exact(&mut bytes).map_err(|_| NotRead::Refused("pickle-truncated"))?;
        Ok(bytes)
    }

    pub(super) fn text(&mut self, length: u64) -> Result<Vec<u8>, NotRead> {
        self.take(length)?;
        let mut bytes = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(NotRead::Refused("pickle-truncated")) }
    }

    pub(super) fn line(&mut self) -> Result<String, NotRead> {
        let mut line = Vec::new();
        (&mut self.input).take(self.left).read_until(b'\n', &mut line)?;
        self.take(line.len() as u64)?;
        line.pop().filter(|end| *end == b'\n').ok_or(NotRead::Refused("pickle-truncated"))?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    fn take(&mut self, length: u64) -> Result<(), NotRead> {
        self.left = self.left.checked_sub(length).ok_or(TOO_LARGE)?;
        Ok(())
    }
}
