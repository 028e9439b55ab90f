//! Which value of a setting somebody rates highest, where there is enough to say so. Pure.

use super::Count;

/// Rated pictures that a value, and all others together, must have before one is called the highest.
pub const ENOUGH: i32 = 3;
/// Stars that it must be ahead of all others together.
const AHEAD: f64 = 0.25;
/// So many pictures of the usual stars are thought to each value's own, so that few lucky ones do not win.
const CAUTION: f64 = 2.0;

/// The value that is rated highest among counts of one setting: it has `ENOUGH` rated pictures, so have the others
/// together, and it is a quarter of a star ahead of them.
pub fn best(counts: &[Count]) -> Option<&Count> {
    let (rated, stars) = sum(counts.iter());
    let usual = super::average(rated, stars)?;
    let careful =
        |count: &Count| (CAUTION * usual + f64::from(count.stars)) / (CAUTION + f64::from(count.rated_pictures));
    let known = counts.iter().filter(|count| count.rated_pictures >= ENOUGH);
    let best = known.max_by(|a, b| {
        careful(a)
            .total_cmp(&careful(b))
            .then(a.rated_pictures.cmp(&b.rated_pictures))
            .then_with(|| b.value.cmp(&a.value))
    })?;
    let (rated, stars) = sum(counts.iter().filter(|count| count.value != best.value));
    let others = super::average(rated, stars).filter(|_| rated >= f64::from(ENOUGH))?;
    (best.average_stars()? >= others + AHEAD).then_some(best)
}

/// Rated pictures and their stars.
fn sum<'a>(counts: impl Iterator<Item = &'a Count>) -> (f64, f64) {
    counts.fold((0.0, 0.0), |(rated, stars), count| {
        (rated + f64::from(count.rated_pictures), stars + f64::from(count.stars))
    })
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn count((value, rated_pictures, stars): (&str, i32, i32)) -> Count {
        let (value, setting) = (value.to_owned(), "weight".to_owned());
        let (checkpoint, lora, last_used) = (Uuid::nil(), Uuid::nil(), Utc::now());
        Count { checkpoint, lora, setting, value, pictures: rated_pictures, rated_pictures, stars, last_used }
    }

    fn highest(counts: &[(&str, i32, i32)]) -> Option<String> {
        let counts: Vec<_> = counts.iter().copied().map(count).collect();
        best(&counts).map(|best| best.value.clone())
    }

    #[test]
    fn the_highest_is_named_only_with_enough_on_both_sides() {
        for (counts, expected) in [
            (&[][..], None),
            (&[("0.6", 0, 0)], None),
            (&[("0.6", 9, 45)], None),
            (&[("0.6", 2, 10), ("1.0", 9, 9)], None),
            (&[("0.6", 3, 15), ("1.0", 2, 2)], None),
            (&[("0.6", 3, 15), ("1.0", 3, 9)], Some("0.6")),
            (&[("0.6", 3, 15), ("0.8", 2, 4), ("1.0", 1, 5)], Some("0.6")),
            (&[("0.6", 4, 17), ("1.0", 4, 16)], Some("0.6")),
            (&[("0.6", 5, 21), ("1.0", 5, 20)], None),
            // Three lucky ones against thirty good ones.
            (&[("0.6", 3, 14), ("0.8", 30, 138), ("1.0", 30, 90)], Some("0.8")),
        ] {
            assert_eq!(highest(counts).as_deref(), expected, "{counts:?}");
        }
    }

    fn counts() -> impl Strategy<Value = Vec<Count>> {
        let stars = prop::collection::vec(1..=5, 0..12);
        prop::collection::vec(stars, 0..6).prop_map(|values| {
            let value = |(at, stars): (usize, Vec<i32>)| {
                count((&at.to_string(), stars.len().try_into().unwrap_or_default(), stars.iter().sum()))
            };
            values.into_iter().enumerate().map(value).collect()
        })
    }

    proptest! {
        #[test]
        fn whatever_is_named_is_ahead_and_well_known(counts in counts()) {
            if let Some(best) = best(&counts) {
                prop_assert!(best.rated_pictures >= ENOUGH);
                let (rated, stars) = sum(counts.iter().filter(|count| count.value != best.value));
                prop_assert!(rated >= f64::from(ENOUGH));
                prop_assert!(best.average_stars().unwrap_or(0.0) >= stars / rated + AHEAD);
            }
        }

        #[test]
        fn the_order_of_the_counts_does_not_matter(counts in counts(), turn in 0_usize..6) {
            let mut turned = counts.clone();
            turned.rotate_left(if counts.is_empty() { 0 } else { turn % counts.len() });
            prop_assert_eq!(best(&counts), best(&turned));
        }

        #[test]
        fn nothing_better_from_as_many_pictures_is_passed_over(counts in counts()) {
            let Some(best) = best(&counts) else { return Ok(()) };
            for other in counts.iter().filter(|other| other.rated_pictures >= best.rated_pictures) {
                prop_assert!(other.average_stars() <= best.average_stars(), "{other:?} {best:?}");
            }
        }
    }
}
