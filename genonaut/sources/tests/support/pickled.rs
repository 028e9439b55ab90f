//! PyTorch files: written opcode by opcode, and never loaded by anything.

pub type Row = (&'static str, &'static [u64]);

/// A zip archive of stored members, as PyTorch writes it.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut table) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let offset = bytes.len() as u32;
        let sizes =
            [crc32fast::hash(content), content.len() as u32, content.len() as u32].map(u32::to_le_bytes).concat();
        let name_length = (name.len() as u16).to_le_bytes();
        bytes.extend(
            [b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0", &*sizes, &name_length, &[0; 2], name.as_bytes(), content].concat(),
        );
        table.extend([b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0", &*sizes, &name_length, &[0; 12]].concat());
        table.extend([&offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let count = (members.len() as u16).to_le_bytes();
    let lengths = [table.len() as u32, bytes.len() as u32].map(u32::to_le_bytes).concat();
    [bytes, table, [b"PK\x05\x06\0\0\0\0", &count[..], &count, &lengths, &[0; 2]].concat()].concat()
}

pub fn torch(pickle: &[u8]) -> Vec<u8> {
    zip(&[("archive/data.pkl", pickle), ("archive/version", b"3\n"), ("archive/data/0", &[0; 64])])
}

pub fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn number(number: u64) -> Vec<u8> {
    match number {
        0..256 => vec![b'K', number as u8],
        256..65536 => [b"M", &(number as u16).to_le_bytes()[..]].concat(),
        _ => [b"J", &(number as i32).to_le_bytes()[..]].concat(),
    }
}

pub fn tensor(key: usize, shape: &[u64]) -> Vec<u8> {
    let tuple =
        |numbers: &[u64]| [b"(".to_vec(), numbers.iter().flat_map(|n| number(*n)).collect(), b"t".to_vec()].concat();
    let stride: Vec<u64> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
    let mut bytes = b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec();
    bytes.extend([text("storage"), b"ctorch\nHalfStorage\n".to_vec(), text(&key.to_string()), text("cpu")].concat());
    bytes.extend([number(shape.iter().product()), b"tQ".to_vec(), number(0), tuple(shape), tuple(&stride)].concat());
    bytes.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    bytes
}

pub fn state_dict(rows: &[Row]) -> Vec<u8> {
    let items = rows.iter().enumerate().flat_map(|(key, (name, shape))| [text(name), tensor(key, shape)].concat());
    [b"}(".to_vec(), items.collect(), b"u".to_vec()].concat()
}

/// What a training program writes: the tensors, and how far it got.
pub fn checkpoint(rows: &[Row]) -> Vec<u8> {
    let step = [text("global_step"), number(1000)].concat();
    [b"\x80\x02}(".to_vec(), text("state_dict"), state_dict(rows), step, b"u.".to_vec()].concat()
}

pub fn embedding() -> Vec<u8> {
    let vectors = [text("string_to_param"), b"}".to_vec(), text("*"), tensor(0, &[3, 768]), b"s".to_vec()].concat();
    let tokens = [text("string_to_token"), b"}".to_vec(), text("*"), number(265), b"s".to_vec()].concat();
    let name = [text("name"), text("mystyle"), text("step"), number(500), text("sd_checkpoint_name"), text("sd-v1-4")];
    [b"\x80\x02}(".to_vec(), tokens, vectors, name.concat(), b"u.".to_vec()].concat()
}
