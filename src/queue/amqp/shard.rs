//! Which of the task queues an object belongs to.

use crate::domain::task::ObjectId;

/// The shard of an object, from 0 to `shards - 1`: always the same for the same object, so that its
/// tasks meet in one queue. Services that publish themselves compute it too, and processes of two
/// versions run side by side: the function must never change.
///
/// It is the finaliser of SplitMix64 over the objectId as an unsigned 64-bit number, modulo `shards`.
pub(super) fn shard(object: ObjectId, shards: u16) -> u16 {
    let mut mixed = object.0.cast_unsigned();
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The remainder is below a u16; zero shards are refused with the settings.
    u16::try_from(mixed % u64::from(shards.max(1))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_never_change() {
        let of = |object, shards| shard(ObjectId(object), shards);
        assert_eq!(of(199_990_246, 1), 0);
        let eight: Vec<u16> = [1, 2, 3, 1000, 199_990_246, 199_990_247, i64::MAX]
            .map(|object| of(object, 8))
            .to_vec();
        assert_eq!(eight, [5, 2, 0, 7, 2, 2, 5]);
    }

    #[test]
    fn shards_are_even() {
        for (shards, step) in [(2, 1), (3, 2), (8, 8), (16, 1000)] {
            let mut counts = vec![0_u32; usize::from(shards)];
            for n in 0..10_000 {
                counts[usize::from(shard(ObjectId(199_000_000 + n * step), shards))] += 1;
            }
            let fair = 10_000 / u32::from(shards);
            assert!(counts.iter().all(|&n| n.abs_diff(fair) < fair / 4), "{shards}: {counts:?}");
        }
    }
}
