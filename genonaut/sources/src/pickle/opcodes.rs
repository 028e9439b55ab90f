//! What each opcode of a pickle (protocols 0 to 5) does to the stack; see Python's `pickletools`.

use std::io::BufRead;

use super::machine::{DAMAGED, Machine};
use super::value::Value;
use crate::not_read::NotRead;

impl<R: BufRead> Machine<R> {
    pub(super) fn step(&mut self, opcode: u8) -> Result<(), NotRead> {
        match opcode {
            // PROTO, FRAME, READONLY_BUFFER
            0x80 => self.bytes::<1>().map(drop),
            0x95 => self.bytes::<8>().map(drop),
            0x98 => Ok(()),
            b'c' | b'i' | b'o' | b'R' | b'b' | 0x81..=0x84 | 0x92 | 0x93 => self.apply(opcode),
            b'P' | b'Q' => self.persistent(opcode),
            b'p' | b'q' | b'r' | b'g' | b'h' | b'j' | 0x94 => self.recall(opcode),
            b'S' | b'V' | b'T' | b'U' | b'X' | 0x8c | 0x8d => self.words(opcode),
            b'B' | b'C' | 0x8e | 0x96 => self.raw(opcode),
            b'I' | b'L' | b'F' | b'G' | b'K' | b'M' | b'J' | 0x8a | 0x8b => self.number(opcode),
            b'N' | 0x88 | 0x89 | b']' | 0x8f => self.push(Value::Other),
            _ => self.gather(opcode),
        }
    }

    /// Marks, tuples, dicts, lists, sets.
    fn gather(&mut self, opcode: u8) -> Result<(), NotRead> {
        match opcode {
            b'(' => self.mark(),
            b')' => self.push(Value::tuple(Vec::new())),
            b't' => self.pop_to_mark().and_then(|items| self.push(Value::tuple(items))),
            0x85..=0x87 => self.pop_last(usize::from(opcode - 0x84)).and_then(|items| self.push(Value::tuple(items))),
            b'}' => self.new_dict().and_then(|dict| self.push(dict)),
            b'd' => self.pop_to_mark().and_then(|items| {
                let dict = self.new_dict()?;
                self.push(dict)?;
                self.set(&items)
            }),
            b's' => self.pop_last(2).and_then(|items| self.set(&items)),
            b'u' => self.pop_to_mark().and_then(|items| self.set(&items)),
            b'l' | 0x91 => self.pop_to_mark().and_then(|_| self.push(Value::Other)),
            b'a' => self.pop().map(drop),
            b'e' | b'1' | 0x90 => self.pop_to_mark().map(drop),
            b'0' if self.marks.last() == Some(&self.stack.len()) => self.pop_to_mark().map(drop),
            b'0' => self.pop().map(drop),
            b'2' => self.stack.last().cloned().ok_or(DAMAGED).and_then(|value| self.push(value)),
            _ => Err(DAMAGED),
        }
    }

    /// Everything that would run code: imports, calls, and states that are handed to objects.
    fn apply(&mut self, opcode: u8) -> Result<(), NotRead> {
        match opcode {
            b'c' => self.import_by_lines(),
            b'i' => {
                let arguments = Value::tuple(self.pop_to_mark()?);
                self.import_by_lines()?;
                self.call_top(&arguments)
            }
            b'o' => {
                let mut items = self.pop_to_mark()?.into_iter();
                let callee = items.next().ok_or(DAMAGED)?;
                self.call(&callee, &Value::tuple(items.collect()))
            }
            b'R' | 0x81 => self.pop().and_then(|arguments| self.call_top(&arguments)),
            0x92 => {
                self.pop()?;
                self.pop().and_then(|arguments| self.call_top(&arguments))
            }
            0x93 => match self.pop_last(2)?.as_slice() {
                [Value::Text(module), Value::Text(name)] => self.import(module, name),
                _ => Err(NotRead::Unsafe("something computed".to_owned())),
            },
            b'b' => self.pop().and_then(|_| match self.stack.last() {
                Some(Value::Import(_)) | None => Err(NotRead::Unsafe("a change of a class".to_owned())),
                Some(_) => Ok(()),
            }),
            _ => Err(NotRead::Unsafe("an extension".to_owned())),
        }
    }

    fn import_by_lines(&mut self) -> Result<(), NotRead> {
        let (module, name) = (self.line()?, self.line()?);
        self.import(&module, &name)
    }

    fn call_top(&mut self, arguments: &Value) -> Result<(), NotRead> {
        let callee = self.pop()?;
        self.call(&callee, arguments)
    }

    /// `("storage", type, key, device, numbers)`: tensors' data, which stands outside of the pickle.
    fn persistent(&mut self, opcode: u8) -> Result<(), NotRead> {
        if opcode == b'P' {
            self.line()?;
            return self.push(Value::Other);
        }
        let storage = match self.pop()?.items() {
            [_, Value::Import(super::allowed::Import::Storage(dtype)), ..] => Value::Storage(dtype),
            _ => Value::Other,
        };
        self.push(storage)
    }

    fn recall(&mut self, opcode: u8) -> Result<(), NotRead> {
        let place = match opcode {
            b'p' | b'g' => self.line()?.trim().parse().map_err(|_| DAMAGED)?,
            b'q' | b'h' => self.little::<1>()?,
            b'r' | b'j' => self.little::<4>()?,
            _ => self.memo.len() as u64,
        };
        match opcode {
            b'g' | b'h' | b'j' => self.memo.get(&place).cloned().ok_or(DAMAGED).and_then(|value| self.push(value)),
            _ => self.remember(place),
        }
    }

    fn words(&mut self, opcode: u8) -> Result<(), NotRead> {
        let text = match opcode {
            b'S' => self.line()?.trim_matches(['\'', '"']).to_owned(),
            b'V' => self.line()?,
            _ => {
                let length = self.length(opcode)?;
                String::from_utf8_lossy(&self.text(length)?).into_owned()
            }
        };
        // What an escape stands for could be the name of an import.
        let is_plain = !matches!(opcode, b'S' | b'V') || !text.contains('\\');
        self.push(if is_plain { Value::Text(text.into()) } else { Value::Other })
    }

    fn raw(&mut self, opcode: u8) -> Result<(), NotRead> {
        let length = self.length(opcode)?;
        self.text(length)?;
        self.push(Value::Other)
    }

    fn length(&mut self, opcode: u8) -> Result<u64, NotRead> {
        match opcode {
            b'U' | b'C' | 0x8c => self.little::<1>(),
            0x8d | 0x8e | 0x96 => self.little::<8>(),
            _ => self.little::<4>(),
        }
    }

    fn number(&mut self, opcode: u8) -> Result<(), NotRead> {
        let number = match opcode {
            b'I' | b'L' | b'F' => self.line()?.trim().trim_end_matches('L').parse().ok(),
            b'G' => self.bytes::<8>().map(|_| None)?,
            b'K' => Some(self.little::<1>()? as i64),
            b'M' => Some(self.little::<2>()? as i64),
            b'J' => Some(i64::from(i32::from_le_bytes(self.bytes()?))),
            0x8a => self.little::<1>().and_then(|length| self.long(length))?,
            _ => self.little::<4>().and_then(|length| self.long(length))?,
        };
        self.push(number.map_or(Value::Other, Value::Number))
    }

    /// `None` for a number of more than eight bytes.
    fn long(&mut self, length: u64) -> Result<Option<i64>, NotRead> {
        let bytes = self.text(length)?;
        let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
        let mut digits = if negative { [0xff; 8] } else { [0; 8] };
        let Some(places) = digits.get_mut(..bytes.len()) else { return Ok(None) };
        places.copy_from_slice(&bytes);
        Ok(Some(i64::from_le_bytes(digits)))
    }

    fn little<const N: usize>(&mut self) -> Result<u64, NotRead> {
        let bytes = self.bytes::<N>()?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn pop_last(&mut self, count: usize) -> Result<Vec<Value>, NotRead> {
        let from = self.stack.len().checked_sub(count).ok_or(DAMAGED)?;
        Ok(self.stack.split_off(from))
    }
}
