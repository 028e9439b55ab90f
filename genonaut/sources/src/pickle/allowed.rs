//! What a pickle may call: the functions and types that tensors and their surroundings are made of.

/// An import that is allowed, as far as what it does matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    OrderedDict,
    /// `_rebuild_tensor(storage, offset, size, stride, …)`
    Tensor,
    /// `_rebuild_parameter(tensor, …)`
    Parameter,
    /// `Size(lengths)`
    Size,
    /// Storage of numbers of a type, spelled as safetensors spells it.
    Storage(&'static str),
    Harmless,
}

/// `None` for everything that is not known to be harmless.
pub fn import(module: &str, name: &str) -> Option<Import> {
    Some(match (module, name) {
        ("collections", "OrderedDict") => Import::OrderedDict,
        ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Import::Tensor,
        ("torch._utils", "_rebuild_parameter") => Import::Parameter,
        ("torch", "Size") => Import::Size,
        ("torch", "device") | ("torch.serialization", "_get_layout") => Import::Harmless,
        ("torch", _) => Import::Storage(storage(name)?),
        ("torch.storage", _) if is_class(name) && name.ends_with("ypedStorage") => Import::Storage("UNKNOWN"),
        ("numpy", "dtype" | "ndarray") | ("_codecs", "encode") => Import::Harmless,
        ("numpy.core.multiarray", "scalar" | "_reconstruct") => Import::Harmless,
        _ if is_callback(module) && is_class(name) => Import::Harmless,
        _ => return None,
    })
}

fn storage(name: &str) -> Option<&'static str> {
    Some(match name {
        "FloatStorage" => "F32",
        "HalfStorage" => "F16",
        "BFloat16Storage" => "BF16",
        "DoubleStorage" => "F64",
        "LongStorage" => "I64",
        "IntStorage" => "I32",
        "ShortStorage" => "I16",
        "CharStorage" => "I8",
        "ByteStorage" => "U8",
        "BoolStorage" => "BOOL",
        _ => return None,
    })
}

/// Training states of PyTorch Lightning, which early checkpoints carry.
fn is_callback(module: &str) -> bool {
    let rest = module.strip_prefix("pytorch_lightning.callbacks");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A dotted name would reach through a module into whatever that one imports.
fn is_class(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
