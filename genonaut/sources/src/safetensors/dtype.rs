//! The number types that the format knows.

/// Bits of one number; `None` for a type that the format does not know, and for any in lower case.
pub fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" => 8,
        "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        _ => return None,
    })
}

/// Bytes of a tensor of known type, rounded up; `None` if no computer holds it.
pub fn bytes(shape: &[u64], bits: u64) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    let numbers = shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length))?;
    Some(numbers.checked_mul(bits)?.div_ceil(8))
}
