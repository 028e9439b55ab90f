//! Cells that a spreadsheet would take for formulas stand behind an apostrophe, which is no part of them. Whatever is
//! written here is read as it was.

use std::borrow::Cow;

/// A cell as it is written. With `guard` an apostrophe comes before what a spreadsheet would take for a formula; what
/// looks as if it had one already gets one in any case.
pub fn write(cell: &str, guard: bool) -> Cow<'_, str> {
    match is_guarded(cell) || (guard && is_formula(cell)) {
        true => format!("'{cell}").into(),
        false => cell.into(),
    }
}

/// A cell without the apostrophe that guards it.
pub(super) fn read(cell: &str) -> &str {
    if is_guarded(cell) { &cell[1..] } else { cell }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn is_guarded(text: &str) -> bool {
    text.starts_with('\'') && is_formula(text.trim_start_matches('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_is_no_part_of_a_cell() {
        for (cell, plain, guarded) in [
            ("=1+1", "=1+1", "'=1+1"),
            ("-soft-", "-soft-", "'-soft-"),
            ("\tx", "\tx", "'\tx"),
            ("'=1", "''=1", "''=1"),
            ("''@", "'''@", "'''@"),
            ("'tis", "'tis", "'tis"),
            ("'", "'", "'"),
            ("a=b", "a=b", "a=b"),
            ("", "", ""),
        ] {
            assert_eq!((write(cell, false).as_ref(), write(cell, true).as_ref()), (plain, guarded), "{cell:?}");
            assert_eq!((read(plain), read(guarded)), (cell, cell), "{cell:?}");
        }
    }
}
